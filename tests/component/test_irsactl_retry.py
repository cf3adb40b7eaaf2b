"""irsactl retry: dead letters become requests again. The letters are made here by the words of the contract."""

from __future__ import annotations

import json

import pytest
from irsactl_tools import Broker, headers_of, irsactl

SOURCE = "urn:irsa:irsactl"
KEY = "us-west-2/cluster-13/apps/reader"


def data(name: str = "reader") -> dict:
    return {"action": "create", "cluster": {"name": "cluster-13", "region": "us-west-2"},
            "serviceAccount": {"metadata": {"name": name, "namespace": "apps"},
                               "attachPolicyARNs": ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]}}


def attributes(id: str, batch: str | None = None) -> dict[str, str]:
    found = {"content-type": "application/json", "ce_specversion": "1.0", "ce_id": id, "ce_source": SOURCE,
             "ce_type": "dev.irsa.iamserviceaccount.create.requested.v1"}
    return found | ({"ce_correlationid": batch} if batch else {})


def why(offset: int = 5, code: str = "access_denied", partition: int = 3) -> dict[str, str]:
    return {"__dlq.errors.topic": "irsa.requests", "__dlq.errors.partition": str(partition),
            "__dlq.errors.offset": str(offset), "__dlq.errors.group": "irsa-workers",
            "__dlq.errors.message": f"{code}: said so", "irsa_error_code": code, "irsa_attempts": "5"}


class Letters(Broker):
    def bury(self, id: str, name: str = "reader", batch: str | None = None, headers: dict | None = None, **reason) -> bytes:
        value = json.dumps(data(name)).encode()
        self.produce("dead-letters", value, key=f"us-west-2/cluster-13/apps/{name}",
                     headers=attributes(id, batch) | (headers or {}) | why(**reason))
        return value

    def settle(self, id: str, offset: int, outcome: str = "succeeded", name: str = "reader", partition: int = 3):
        subject = f"111122223333/us-west-2/cluster-13/apps/{name}"
        result = {"request": {"id": id, "source": SOURCE, "action": "create", "subject": subject, "topic": "irsa.requests",
                              "partition": partition, "offset": offset, "time": "2026-11-24T10:00:00.000Z"},
                  "outcome": outcome, "attempt": 1, "steps": [], "startedTime": "2026-11-24T10:00:00.000Z",
                  "finishedTime": "2026-11-24T10:00:01.000Z", "calls": {}, "worker": "w"}
        self.produce("results", json.dumps(result), key=f"us-west-2/cluster-13/apps/{name}",
                     headers={"content-type": "application/json", "ce_specversion": "1.0", "ce_id": f"r-{id}-{outcome}",
                              "ce_source": "urn:irsa:workers:irsa-workers",
                              "ce_type": f"dev.irsa.iamserviceaccount.{outcome}.v1"})

    def retried(self, *arguments: str, code: int = 0) -> dict[str, dict]:
        return {row["id"]: row for row in self.ctl("retry", "-o", "json", *arguments).must(code).json}


@pytest.fixture
def broker():
    return Letters()


def test_key_headers_and_bytes_are_those_of_the_request_and_the_replay_is_counted(broker):
    value = broker.bury("one", headers={"x-team": "payments"})
    broker.retried("--code", "access_denied")
    [record] = broker.read("requests")
    assert (record.key(), record.value()) == (KEY.encode(), value)
    assert headers_of(record) == attributes("one") | {"x-team": "payments", "irsa_replays": "1"}


def test_what_was_replayed_before_counts_on(broker):
    broker.bury("one", headers={"irsa_replays": "2"})
    broker.retried("one")
    assert headers_of(broker.read("requests")[0])["irsa_replays"] == "3"


def test_a_bare_message_keeps_the_id_that_it_had_from_its_coordinates(broker):
    value = json.dumps(data()).encode()
    broker.produce("dead-letters", value, key=KEY, headers=why(offset=17))
    assert list(broker.retried("irsa.requests-3-17")) == ["irsa.requests-3-17"]
    [record] = broker.read("requests")
    headers = headers_of(record)
    assert record.value() == value
    assert headers["ce_id"] == "irsa.requests-3-17" and headers["ce_source"] == "urn:irsa:kafka:irsa.requests"
    assert headers["ce_type"] == "dev.irsa.iamserviceaccount.create.requested.v1"


def test_a_structured_message_gets_no_other_attributes(broker):
    event = {"specversion": "1.0", "id": "s", "source": "urn:portal", "data": data(),
             "type": "dev.irsa.iamserviceaccount.create.requested.v1"}
    broker.produce("dead-letters", json.dumps(event), key=KEY,
                   headers={"content-type": "application/cloudevents+json"} | why())
    broker.retried("s")
    assert headers_of(broker.read("requests")[0]) == {"content-type": "application/cloudevents+json", "irsa_replays": "1"}


@pytest.mark.parametrize(("arguments", "ids"), [
    (["a", "c"], {"a", "c"}),
    (["--batch", "nightly"], {"b"}),
    (["--code", "quota"], {"c"}),
    (["--code", "quota,access_denied"], {"a", "b", "c"}),
    (["--key", "us-west-2/cluster-13/apps/b*"], {"b"}),
    (["--key", "*/a", "--code", "quota"], set()),
    (["--since", "1h"], {"a", "b", "c"}),
    (["--key", "*"], {"a", "b", "c"}),
])
def test_which_are_meant(broker, arguments, ids):
    broker.bury("a", "a")
    broker.bury("b", "b", batch="nightly")
    broker.bury("c", "c", code="quota")
    assert set(broker.retried(*arguments)) == ids
    assert {headers_of(record)["ce_id"] for record in broker.read("requests")} == ids


def test_a_dry_run_shows_and_sends_nothing(broker):
    broker.bury("one")
    assert broker.retried("--dry-run")["one"]["state"] == "planned"
    assert broker.read("requests") == []


def test_of_several_letters_of_one_request_the_newest_goes(broker):
    broker.bury("one", offset=5)
    broker.bury("one", offset=9, headers={"irsa_replays": "1"})
    assert broker.retried("one")["one"]["replays"] == 1
    [record] = broker.read("requests")
    assert headers_of(record)["irsa_replays"] == "2"


def test_letters_of_a_key_go_in_their_order(broker):
    for i in range(5):
        broker.bury(f"id-{i}", offset=i)
    broker.retried("--key", "*")
    assert [headers_of(record)["ce_id"] for record in broker.read("requests")] == [f"id-{i}" for i in range(5)]


@pytest.mark.parametrize(("later", "reason"), [
    ({"id": "newer", "offset": 9}, "later request"),
    ({"id": "newer", "offset": 9, "outcome": "unchanged"}, "later request"),
    ({"id": "one", "offset": 9}, "succeeded since"),
])
def test_what_is_overtaken_is_left_out_unless_forced(broker, later, reason):
    broker.bury("one", offset=5)
    broker.settle(**later)
    row = broker.retried("one")["one"]
    assert row["state"] == "skipped" and reason in row["reason"]
    assert broker.read("requests") == []
    assert broker.retried("one", "--force")["one"]["state"] == "retried"
    assert len(broker.read("requests")) == 1


@pytest.mark.parametrize("other", [
    {"id": "older", "offset": 4}, {"id": "newer", "offset": 9, "outcome": "failed"}, {"id": "newer", "offset": 9, "name": "b"},
    {"id": "elsewhere", "offset": 9, "partition": 2},
], ids=["earlier", "failed too", "of another account", "in another partition"])
def test_what_is_not_overtaken_goes(broker, other):
    broker.bury("one", offset=5)
    broker.settle(**other)
    assert broker.retried("one")["one"]["state"] == "retried"


def test_what_cannot_be_read_is_left_out_and_goes_as_it_is_when_forced(broker):
    broker.produce("dead-letters", b"\x00garbage", headers=why(code="schema", offset=8))
    assert broker.retried("--code", "schema")["irsa.requests-3-8"]["state"] == "skipped"
    broker.retried("--code", "schema", "--force")
    [record] = broker.read("requests")
    assert record.value() == b"\x00garbage" and headers_of(record) == {"irsa_replays": "1"}


def test_what_is_there_in_part_only_is_never_sent(broker):
    broker.bury("one", headers={"irsa_truncated": "2000000"})
    assert broker.retried("one", "--force")["one"]["state"] == "skipped"
    assert broker.read("requests") == []


def test_records_that_are_no_dead_letters_are_passed_over(broker):
    broker.produce("dead-letters", b"somebody else's")
    broker.bury("one")
    assert set(broker.retried("--key", "*")) == {"one"}


def test_without_a_choice_it_asks_which(broker):
    said = broker.ctl("retry").must(2)
    assert "--batch" in said.err and "--dry-run" in said.err


def test_the_table_and_the_sum(broker):
    broker.bury("one", "a")
    broker.bury("two", "b", headers={"irsa_truncated": "2000000"})
    said = broker.ctl("retry", "--key", "*").must()
    assert said.out.splitlines()[0].split() == ["REQUEST", "ID", "CODE", "STATE", "DETAIL"]
    assert "1 retried" in said.err and "1 skipped" in said.err
    assert "no dead letters fit" in broker.ctl("retry", "three").must().err


def test_a_glob_that_cannot_be_read_is_a_usage_error(broker):
    assert "--key" in broker.ctl("retry", "--key", "[a").must(2).err


def test_without_a_broker_it_says_so():
    said = irsactl("retry", "x", "-X", "bootstrap.servers=127.0.0.1:1", env={"IRSA_BROKER_TIMEOUT": "1s"})
    assert said.code == 4 and "127.0.0.1:1" in said.err
