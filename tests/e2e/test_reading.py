"""irsactl as a reader: get, results, wait; and the topics."""

from __future__ import annotations

import json

import pytest

from .places import S3_READ


@pytest.fixture
def made(site):
    """Two accounts that are there, one that failed; in one batch."""
    bad = site.create("bad")
    bad["cluster"]["name"] = "cluster-99"
    ids = site.broker.enqueue([site.create("a"), site.create("b"), bad], correlationid=site.namespace)
    site.broker.finals(ids)
    site.ids = ids
    return site


def test_get_shows_what_the_state_topic_says(made):
    found = made.ctl("get", "iamserviceaccount", "--cluster", made.cluster.name, "--namespace", made.namespace, "-o", "json")
    states = found.must().json
    assert [each["request"]["subject"] for each in states] == [made.subject("a"), made.subject("b")]
    assert [each["roleARN"] for each in states] == [made.role_arn("a"), made.role_arn("b")]
    table = made.ctl("get", "iamserviceaccount", "--namespace", made.namespace).must().stdout
    assert f"{made.namespace}/a" in table and made.role_arn("a") in table


def test_get_forgets_what_was_deleted(made):
    made.do_one(made.delete("a"))
    found = made.ctl("get", "iamserviceaccount", "--cluster", made.cluster.name, "--namespace", made.namespace, "-o", "jsonl")
    assert [each["request"]["subject"] for each in found.must().jsonl] == [made.subject("b")]


def test_results_shows_a_batch_or_some_of_its_outcomes(made):
    all_of_it = made.ctl("results", "--batch", made.namespace, "-o", "jsonl").must().jsonl
    assert sorted(each["outcome"] for each in all_of_it) == ["failed", "succeeded", "succeeded"]
    failed = made.ctl("results", "--batch", made.namespace, "--outcome", "failed", "-o", "jsonl").must().jsonl
    assert [each["error"]["code"] for each in failed] == ["cluster_not_found"]


def test_wait_finds_requests_that_were_enqueued_before_by_id_or_batch(made):
    ended = made.ctl("wait", *made.ids[:2], "-o", "json").must(0).json
    assert sorted(each["request"]["id"] for each in ended) == sorted(made.ids[:2])
    failed = made.ctl("wait", "--batch", made.namespace, "-o", "json").must(1).json
    assert sorted(each["request"]["id"] for each in failed) == sorted(made.ids)


def test_data_is_on_stdout_and_all_else_on_stderr(site):
    done = site.ctl("create", "iamserviceaccount", "reader", *site.flags, "--namespace", site.namespace,
                    "--attach-policy-arn", S3_READ, "--wait=60s", "-o", "jsonl").must()
    [result] = done.jsonl
    assert result["outcome"] == "succeeded"
    assert "1 succeeded" in done.stderr


def test_control_characters_of_others_are_stripped(site):
    """A name in an error message may hold what a terminal would obey."""
    request = site.create("reader", roleName="evil\x1b[31m")
    site.broker.finals(site.broker.enqueue([request], correlationid=f"evil-{site.namespace}"))
    shown = site.ctl("results", "--batch", f"evil-{site.namespace}").must().stdout
    assert "\x1b" not in shown and "invalid" in shown


@pytest.mark.needs("real-kafka")
def test_topics_are_made_with_the_settings_of_the_contract_and_then_left(world, irsactl):
    again = irsactl("topics", "create", "-o", "json").must().json
    assert {each["state"] for each in again} == {"exists"}
    checked = irsactl("topics", "check", "-o", "json").must(0).json
    assert {each["topic"].removeprefix(f"{world.broker.prefix}."): each["partitions"] for each in checked} == {
        "requests": 4, "results": 4, "state": 4, "dead-letters": 4, "control": 1}
    assert {each["state"] for each in checked} == {"ok"}


@pytest.mark.needs("real-kafka")
def test_without_topics_nothing_is_sent_and_the_way_out_is_told(world, irsactl):
    nowhere = {"IRSA_TOPICS_PREFIX": "never-made"}
    refused = irsactl("create", "iamserviceaccount", "a", "--cluster", "c", "--region", "us-west-2",
                      "--attach-policy-arn", S3_READ, env=nowhere).must(4)
    assert "topics create" in refused.stderr
    missing = irsactl("topics", "check", "-o", "json", env=nowhere).must(1).json
    assert json.dumps(missing).count("missing") == 5
