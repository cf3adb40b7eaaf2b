"""A delete may name the role and the account that it means, by ids that no later one of the same name has."""

from __future__ import annotations

import pytest


@pytest.fixture
def made(site):
    """A pair, and what a reader of the results knows of it."""
    return site, ids_of(site.do_one(site.create("reader")))


@pytest.fixture
def remade(made):
    """A pair of the same names as one that somebody has seen before: those ids, and today's."""
    site, before = made
    assert site.do_one(site.delete("reader")).outcome == "succeeded"
    today = ids_of(site.do_one(site.create("reader")))
    assert not today.items() & before.items()
    return site, before, today


def ids_of(result):
    assert result.outcome == "succeeded", str(result)
    return {"roleID": result.data["roleID"], "uid": result.data["serviceAccountUID"]}


def delete(site, **expect):
    return site.do_one(site.delete("reader", options={"expect": expect}))


@pytest.mark.parametrize("named", [["roleID"], ["uid"], ["roleID", "uid"]])
def test_what_was_meant_is_deleted_and_a_repeat_finds_nothing(made, named):
    site, ids = made
    expect = {name: ids[name] for name in named}
    result = delete(site, **expect)
    assert (result.outcome, result.data["roleID"]) == ("succeeded", ids["roleID"]), str(result)
    assert (site.roles(), site.accounts()) == ({}, {})
    assert delete(site, **expect).outcome == "unchanged"


@pytest.mark.parametrize(("role", "account"), [("before", None), (None, "before"), ("before", "before"), ("before", "today"),
                                               ("today", "before")])
def test_a_pair_that_was_made_anew_is_not_touched(remade, role, account):
    site, before, today = remade
    known = {"before": before, "today": today}
    expect = {name: known[when][name] for name, when in (("roleID", role), ("uid", account)) if when is not None}
    world = site.roles(), site.accounts()
    result = delete(site, **expect)
    assert (result.outcome, result.code, result.changed) == ("failed", "conflict", []), str(result)
    # The message has what is there and what was expected of the part that differs.
    wrong = "uid" if account == "before" else "roleID"
    assert before[wrong] in result.message and today[wrong] in result.message
    assert not any(call.partition(".")[2].startswith(("Delete", "Detach", "delete", "apply")) for call in result.calls)
    assert (site.roles(), site.accounts()) == world
    assert site.is_pair("reader")


def test_a_new_role_under_the_account_that_was_meant_is_not_touched(remade):
    """Half of what was meant is gone; the other half is not taken with somebody's new role."""
    site, before, _ = remade
    assert site.do_one(site.delete("reader")).outcome == "succeeded"
    assert site.do_one(site.create("reader", roleOnly=True)).outcome == "succeeded"
    world = site.roles()
    result = delete(site, **before)
    assert (result.outcome, result.code) == ("failed", "conflict"), str(result)
    assert site.roles() == world
