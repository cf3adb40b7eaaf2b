"""irsactl cancel: words to the workers on the control topic, held against the schema by an independent judge."""

from __future__ import annotations

import getpass
import json
import socket

import pytest
from irsactl_tools import Broker, headers_of, irsactl
from test_schemas import FOLDERS, faults

ID = "0193a6c4-5d6e-7f80-9a1b-2c3d4e5f6071"
SOURCE = "urn:irsa:irsactl"


def words(broker: Broker) -> list[dict]:
    found = [json.loads(record.value()) for record in broker.read("control")]
    for word in found:
        assert faults(FOLDERS["control"], word) == set(), word
    return found


@pytest.fixture(scope="module")
def shared():
    return Broker()


@pytest.fixture
def broker():
    return Broker()


def test_a_request_is_named_by_its_id_and_the_source_of_the_settings(broker):
    broker.ctl("cancel", ID, "--sender", "ops").must()
    assert words(broker) == [{"cancel": {"id": ID, "source": SOURCE}, "sender": "ops"}]
    [record] = broker.read("control")
    assert record.key() is None and headers_of(record) == {"content-type": "application/json"}


@pytest.mark.parametrize(("arguments", "env"), [(["--source", "urn:portal"], {}), ([], {"IRSA_SOURCE": "urn:portal"})])
def test_requests_of_another_source(broker, arguments, env):
    broker.ctl("cancel", ID, "--sender", "ops", *arguments, env=env).must()
    assert words(broker) == [{"cancel": {"id": ID, "source": "urn:portal"}, "sender": "ops"}]


def test_a_batch_needs_no_ids(broker):
    said = broker.ctl("cancel", "--batch", "nightly", "--sender", "ops").must()
    assert words(broker) == [{"cancel": {"batch": "nightly"}, "sender": "ops"}]
    assert "irsactl wait --batch nightly" in said.err


def test_who_wants_it_is_user_and_host_if_nothing_is_said(broker):
    broker.ctl("cancel", "--batch", "nightly").must()
    assert words(broker)[0]["sender"] == f"{getpass.getuser()}@{socket.gethostname()}"


def test_many_ids_are_as_many_words_in_their_order(broker):
    """The topic has one partition; what this broker makes has several, and then the order is that of each of them."""
    broker.ctl("cancel", *(f"id-{number}" for number in range(2000)), "-o", "json").must()
    sent = [(record.partition(), int(json.loads(record.value())["cancel"]["id"].removeprefix("id-")))
            for record in broker.read("control")]
    assert sent == sorted(sent) and sorted(number for _, number in sent) == list(range(2000))


def test_the_topic_has_the_prefix_of_the_settings(broker):
    broker.host.list_topics("other.control", timeout=10)
    broker.ctl("cancel", ID, "--topics-prefix", "other").must()
    assert broker.read("control") == []


@pytest.mark.parametrize("arguments", [[ID, "second"], ["--batch", "nightly"]])
def test_a_dry_run_shows_and_sends_nothing_and_needs_no_broker(broker, arguments):
    said = broker.ctl("cancel", *arguments, "--dry-run", "-o", "json").must()
    assert {item["state"] for item in said.json} == {"planned"} and len(said.json) == (2 if ID in arguments else 1)
    assert "nothing was sent" in said.err and broker.read("control") == []
    assert irsactl("cancel", *arguments, "--dry-run", "-o", "json").must().json == said.json


def test_data_are_the_words_and_what_became_of_them(shared):
    assert shared.ctl("cancel", "a", "b", "--sender", "ops", "-o", "jsonl").must().jsonl == [
        {"cancel": {"id": id, "source": SOURCE}, "sender": "ops", "state": "sent"} for id in "ab"]
    assert shared.ctl("cancel", "--batch", "n", "--sender", "ops", "-o", "json").must().json == [
        {"cancel": {"batch": "n"}, "sender": "ops", "state": "sent"}]


def test_the_table_and_what_to_do_next(shared):
    said = shared.ctl("cancel", ID).must()
    heading, row = said.out.splitlines()
    assert heading.split() == ["WHAT", "NAME", "SOURCE", "STATE"]
    assert row.split() == ["request", ID, SOURCE, "sent"]
    assert f"irsactl wait {ID}" in said.err
    assert "--outcome cancelled" in shared.ctl("cancel", "a", "b").must().err


@pytest.mark.parametrize(("arguments", "said"), [
    ([], "--batch"),
    (["a", "--batch", "b"], "not both"),
    ([""], "cancel.id"),
    (["a\nb"], "cancel.id"),
    (["x" * 257], "cancel.id"),
    (["a", "--source", "urn:a b"], "cancel.source"),
    (["--batch", ""], "cancel.batch"),
    (["a", "--sender", ""], "sender"),
    (["a", "b\x7f"], "cancel.id"),
])
def test_what_breaks_a_rule_is_a_usage_error_and_nothing_is_sent(broker, arguments, said):
    assert said in broker.ctl("cancel", *arguments).must(2).err
    assert broker.read("control") == []


def test_without_a_broker_it_says_so():
    said = irsactl("cancel", ID, "-X", "bootstrap.servers=127.0.0.1:1", env={"IRSA_BROKER_TIMEOUT": "1s"}).must(4)
    assert "127.0.0.1:1" in said.err
    assert "bootstrap.servers" in irsactl("cancel", ID).must(2).err


def test_completion_and_help_know_it():
    assert "cancel" in irsactl("help").must().out
    script = irsactl("completion", "bash").must().out
    [flags] = [line for line in script.splitlines() if line.strip().startswith('"cancel")')]
    assert all(flag in flags for flag in ("--batch", "--sender", "--dry-run", "--source"))
