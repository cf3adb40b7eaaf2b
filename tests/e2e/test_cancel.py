"""Requests that are called off: not begun, or not tried again; told like every other outcome."""

from __future__ import annotations

import pytest
from confluent_kafka.admin import AdminClient

from .expect import final_id
from .waiting import wait_for

SOURCE = "urn:irsa:e2e"  # of what the tests' own producer enqueues


def cancel(irsactl, *ids: str) -> None:
    irsactl("cancel", *ids, "--source", SOURCE).must()


def nothing_was_done(site, name: str) -> bool:
    return (name not in site.roles() and name not in site.accounts() and site.state(name) is None
            and site.broker.dead_letters.all() == [])


@pytest.fixture
def place(world):
    world.put_provider(world.clusters["cluster-14"])
    return world.site("cluster-14", "called-off")


def test_what_was_cancelled_before_a_worker_came_is_not_done(place, kafka, irsactl, worker):
    unwanted, wanted = kafka.enqueue([place.create("unwanted"), place.create("wanted")])
    cancel(irsactl, unwanted)
    started = worker()
    results = kafka.finals([unwanted, wanted])
    assert (results[unwanted].outcome, results[wanted].outcome) == ("cancelled", "succeeded")
    assert results[unwanted].calls == {} and results[unwanted].steps == []
    assert results[unwanted].id == final_id(SOURCE, unwanted, 0)
    assert nothing_was_done(place, "unwanted") and place.is_pair("wanted")
    [read] = started.events("control.read")
    assert read["cancels"] == 1


def test_another_worker_that_sees_the_history_again_does_not_do_it_either(place, kafka, irsactl, worker):
    unwanted, wanted = kafka.enqueue([place.create("unwanted"), place.create("wanted")])
    cancel(irsactl, unwanted)
    worker("--until-idle").wait_ended()
    worker("--until-idle", IRSA_KAFKA_GROUP_ID="another-group").wait_ended()
    said = [record for record in kafka.results_of(unwanted) if record.is_final]
    assert [record.outcome for record in said] == ["cancelled"] * 2 and len({record.id for record in said}) == 1
    assert nothing_was_done(place, "unwanted")


def test_a_batch_is_cancelled_and_enqueued_anew_it_is_done(place, kafka, irsactl, worker):
    names = [f"account-{number}" for number in range(20)]
    kafka.enqueue([place.create(name) for name in names], correlationid="nightly")
    [other] = kafka.enqueue([place.create("other")], correlationid="weekly")
    irsactl("cancel", "--batch", "nightly", "--sender", "the night shift").must()
    worker()
    irsactl("wait", "--batch", "nightly").must(1)
    assert {result.outcome for result in kafka.batch("nightly").values()} == {"cancelled"}
    assert kafka.final(other).outcome == "succeeded"
    assert [*place.roles()] == ["other"]
    again = kafka.enqueue([place.create(name) for name in names], correlationid="nightly")
    assert {result.outcome for result in kafka.finals(again).values()} == {"succeeded"}
    assert sorted(place.roles()) == sorted([*names, "other"])


def test_a_bare_message_is_cancelled_by_where_it_stands(place, kafka, irsactl, worker):
    bare = b'{"action": "delete", "cluster": {"name": "%s", "region": "%s"}, "serviceAccount": {"metadata": {"name": "reader"}}}'
    at = kafka.produce_one(bare % (place.cluster.name.encode(), place.cluster.region.encode()))
    irsactl("cancel", kafka.bare_id(at), "--source", f"urn:irsa:kafka:{kafka.requests_topic}").must()
    worker()
    assert kafka.final(kafka.bare_id(at)).outcome == "cancelled"


def test_what_irsactl_has_enqueued_it_calls_off_by_the_id_that_it_printed(place, kafka, irsactl, worker):
    flags = ["--cluster", place.cluster.name, "--region", place.cluster.region, "--namespace", place.namespace,
             "--attach-policy-arn", "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]
    [receipt] = irsactl("create", "iamserviceaccount", "reader", *flags, "-o", "json").must().json
    irsactl("cancel", receipt["id"]).must()
    started = worker()
    assert kafka.final(receipt["id"]).outcome == "cancelled"
    said = irsactl("results", "--outcome", "cancelled", "-o", "jsonl").must().jsonl
    assert [each["request"]["id"] for each in said] == [receipt["id"]]
    irsactl("cancel", "later", "--sender", "ops").must()
    heard = started.wait_for(lambda line: line["event"] == "cancel.heard", "cancel.heard")
    assert (heard["id"], heard["source"], heard["sender"]) == ("later", "urn:irsa:irsactl", "ops")


@pytest.mark.needs("faults")
def test_what_waits_for_its_retry_is_cancelled_and_its_result_says_what_it_left(place, world, kafka, irsactl, worker):
    world.faults({"service": "kubernetes", "action": "apply", "kind": "status", "status": 429, "retryAfter": 600, "times": 9})
    worker()
    [id] = kafka.enqueue([place.create("reader")])
    kafka.results.wait(lambda result: result.request_id == id and result.outcome == "retrying", "a first attempt")
    cancel(irsactl, id)
    result = kafka.final(id)
    assert result.outcome == "cancelled"
    assert "create-role" in result.changed and [*place.roles()] == ["reader"] and place.accounts() == {}
    world.end_of_test()
    [next_one] = kafka.enqueue([place.create("reader")])
    assert kafka.final(next_one).outcome == "succeeded"


@pytest.mark.needs("faults")
def test_what_runs_goes_on_and_what_waits_behind_it_does_not_begin(place, world, kafka, irsactl, worker):
    world.faults({"service": "iam", "action": "CreateRole", "kind": "delay", "delayMs": 6000})
    started = worker()
    running, behind = kafka.enqueue([place.create("reader"), place.delete("reader")], correlationid="both")
    wait_for(lambda: world.cloud.calls()["counts"].get("iam.CreateRole"), "it runs")
    irsactl("cancel", "--batch", "both").must()
    started.wait_for(lambda line: line["event"] == "cancel.heard", "cancel.heard")
    assert not [record for record in kafka.results.all() if record.is_final]
    results = kafka.finals([running, behind])
    assert (results[running].outcome, results[behind].outcome) == ("succeeded", "cancelled")
    assert place.is_pair("reader")


def make_topics(irsactl):
    irsactl("topics", "create", "--partitions", "4", "--replication-factor", "1").must()


def delete_control_topic(kafka) -> None:
    topic = f"{kafka.prefix}.control"
    admin = AdminClient({"bootstrap.servers": kafka.servers})
    [done] = admin.delete_topics([topic]).values()
    done.result(30)
    wait_for(lambda: topic not in admin.list_topics(timeout=10).topics, "the topic is gone")


@pytest.mark.needs("real-kafka")
def test_without_its_control_topic_a_worker_halts_until_there_is_one(place, kafka, irsactl, worker):
    delete_control_topic(kafka)
    assert "topics create" in irsactl("cancel", "x").must(4).stderr
    [id] = kafka.enqueue([place.create("reader")])
    started = worker()
    halted = started.wait_for(lambda line: line["event"] == "worker.halted", "worker.halted")
    assert halted["code"] == "config" and f"{kafka.prefix}.control" in halted["error"] and "topics create" in halted["error"]
    make_topics(irsactl)
    cancel(irsactl, id)
    started.wait_for(lambda line: line["event"] == "worker.resumed", "worker.resumed", 60)
    assert kafka.final(id).outcome == "cancelled"


@pytest.mark.needs("real-kafka")
def test_a_worker_whose_control_topic_is_deleted_halts_and_reads_the_next_one(place, kafka, irsactl, worker):
    started = worker()
    started.wait_for(lambda line: line["event"] == "control.read", "control.read")
    delete_control_topic(kafka)
    started.wait_for(lambda line: line["event"] == "worker.halted", "worker.halted", 90)
    make_topics(irsactl)
    [id] = kafka.enqueue([place.create("reader")])
    cancel(irsactl, id)
    started.wait_for(lambda line: line["event"] == "worker.resumed", "worker.resumed", 60)
    assert kafka.final(id).outcome == "cancelled"
