"""What cannot be done ends in the dead letters with its bytes untouched, and the requests behind it go through."""

from __future__ import annotations

import json

import pytest

from .broker import key_of, structured
from .places import S3_READ


def bad_messages(site):
    """Name -> (value, code)."""
    good = json.dumps(site.create("x"))
    return {
        "garbage": (b"\x00\xff\xfe not JSON \x80", "schema"),
        "half a document": (good[:-10].encode(), "schema"),
        "a second document behind the first": (f"{good}{good}".encode(), "schema"),
        "an empty message": (b"", "schema"),
        "an unknown action": (good.replace('"create"', '"explode"').encode(), "schema"),
        "an unknown field": (good.replace('"attachPolicyARNs"', '"attachPolicyArns"').encode(), "schema"),
        "a key twice": (good.replace('"action": "create"', '"action": "delete", "action": "create"').encode(), "schema"),
        "a NUL in a name": (good.replace('"name": "x"', '"name": "x\\u0000y"').encode(), "schema"),
        "a bad name": (good.replace('"name": "x"', '"name": "X_Y"').encode(), "invalid"),
        "an ARN of another partition": (good.replace("arn:aws:", "arn:aws-cn:").encode(), "invalid"),
        "a message of 2 MB": (json.dumps(site.create("x", tags={"k": "v" * 2_000_000})).encode(), "too_large"),
        "too deep a nesting": (b'{"action":' + b"[" * 100 + b"]" * 100 + b"}", "too_large"),
    }


def test_each_bad_message_is_dead_lettered_and_the_ones_behind_it_are_done(site):
    """All in one partition, each followed by a good request."""
    cases = bad_messages(site)
    values, keys, headers = [], [], []
    for number, (value, _) in enumerate(cases.values()):
        values += [value, json.dumps(structured(site.create(f"good-{number}"), f"{site.namespace}-{number}")).encode()]
        keys += [f"key-{number}".encode(), None]
        headers += [[("x-team", b"\xff\x00raw"), ("x-none", None)], []]
    places = site.broker.produce(values, keys=keys, headers=headers, partition=1)
    assert all(partition == 1 for partition, _ in places)

    for number, (name, (value, code)) in enumerate(cases.items()):
        place = places[2 * number]
        letter = site.broker.dead_letter(place)
        assert letter.code == code, name
        assert letter.value == value, name
        assert letter.key == keys[2 * number], name
        assert letter.theirs == headers[2 * number], name
        assert letter.ours["__dlq.errors.topic"] == site.broker.requests_topic
        assert letter.ours["irsa_attempts"] == "1"
        result = site.broker.final(site.broker.bare_id(place))
        assert (result.outcome, result.code) == ("failed", code), name
        assert (result.data["request"]["partition"], result.data["request"]["offset"]) == place
        assert result.calls == {}, f"{name}: nothing is called for what cannot be read"

    goods = site.broker.finals(f"{site.namespace}-{number}" for number in range(len(cases)))
    assert {result.outcome for result in goods.values()} == {"succeeded"}
    assert sorted(site.accounts()) == sorted(f"good-{number}" for number in range(len(cases)))


def test_an_unknown_cluster_fails_for_good_and_says_so(site):
    request = site.create("reader")
    request["cluster"]["name"] = "cluster-99"
    [place] = site.broker.produce([json.dumps(request).encode()], keys=[key_of(request)])
    letter = site.broker.dead_letter(place)
    result = site.broker.final(site.broker.bare_id(place))
    assert (letter.code, result.outcome, result.code) == ("cluster_not_found", "failed", "cluster_not_found")
    assert "cluster-99" in result.message
    assert result.data["error"]["retryable"] is False
    assert result.data["attempt"] == 1, "a permanent error is not retried"
    state = site.broker.state(f"{site.cluster.account}/{key_of(request)}")
    assert (state.outcome, state.code) == ("failed", "cluster_not_found")


@pytest.mark.parametrize(("headers", "why"), [
    ([("ce_specversion", b"1.0"), ("ce_source", b"urn:x"), ("ce_type", b"dev.irsa.iamserviceaccount.create.requested.v1")],
     "no id"),
    ([("ce_specversion", b"1.0"), ("ce_id", b"1"), ("ce_source", b"urn:x"),
      ("ce_type", b"dev.irsa.iamserviceaccount.delete.requested.v1")], "the type says delete, the data create"),
    ([("ce_specversion", b"2.0"), ("ce_id", b"1"), ("ce_source", b"urn:x"),
      ("ce_type", b"dev.irsa.iamserviceaccount.create.requested.v1")], "another version"),
], ids=["no id", "type and data disagree", "another specversion"])
def test_an_event_that_contradicts_itself_is_refused(site, headers, why):
    data = site.create("reader")
    place = site.broker.produce_one(json.dumps(data).encode(), key_of(data), headers)
    letter = site.broker.dead_letter(place)
    assert letter.code == "schema", why
    assert letter.theirs == headers
    assert site.accounts() == {}


def test_an_invalid_request_names_the_place(site):
    request = site.create("reader", attachPolicyARNs=[S3_READ, "not-an-arn"])
    result = site.do_one(request)
    assert result.code == "invalid"
    assert "attachPolicyARNs[1]" in result.message and "not-an-arn" in result.message
    assert site.state("reader").outcome == "failed"


def test_a_request_with_bad_names_cannot_overwrite_the_state_of_an_account(site):
    """Its parts, put together, would be the key of another: region/cluster/namespace/name."""
    assert site.do_one(site.create("reader")).outcome == "succeeded"
    forged = {"action": "associate-oidc", "cluster": {
        "name": f"{site.cluster.name}/{site.namespace}/reader", "region": site.cluster.region,
        "accountID": site.cluster.account}}
    place = site.broker.produce_one(json.dumps(forged).encode(), key_of(forged))
    result = site.broker.final(site.broker.bare_id(place))
    assert (result.outcome, result.code) == ("failed", "invalid")
    state = site.state("reader")
    assert (state.outcome, state.data["request"]["action"]) == ("succeeded", "create")
