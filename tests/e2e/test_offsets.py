"""Offsets as Kafka really gives them: reset by other tools, deleted by retention, with the gaps of transactions."""

from __future__ import annotations

import json
import uuid

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from .broker import key_of, structured
from .places import DYNAMODB_READ
from .stage import PARTITIONS

pytestmark = pytest.mark.needs("real-kafka")


@pytest.fixture
def idle(world, worker):
    """Has a worker do what there is, and gives it back when it has ended."""
    world.put_provider(world.clusters["cluster-14"])
    return lambda: worker("--until-idle").wait_ended()


def outcomes_of(kafka, program):
    """What this worker said of each request."""
    return {record.request_id: record.outcome for record in kafka.results.all()
            if record.is_final and record.data["worker"] == program.name}


def test_offsets_that_are_set_back_to_the_beginning_tear_nothing_down(world, idle, kafka, group):
    site = world.site("cluster-14", "set-back")
    history = [site.create("reader"), site.delete("reader"), site.create("reader", attachPolicyARNs=[DYNAMODB_READ]),
               site.create("writer")]
    ids = kafka.enqueue(history)
    idle()
    before = world.world.snapshot()
    group.alter(dict.fromkeys(group.committed(), 0))
    again = outcomes_of(kafka, idle())
    assert again == dict(zip(ids, ["superseded", "superseded", "unchanged", "unchanged"], strict=True))
    assert world.world.snapshot() == before
    assert len({record.id for record in kafka.results.all() if record.is_final}) == len(ids), "the same final ids"


def test_offsets_beyond_the_end_are_told_and_it_begins_with_the_earliest_there_is(world, idle, kafka, group):
    site = world.site("cluster-14", "beyond")
    ids = [id for number in range(PARTITIONS) for id in kafka.enqueue([site.create(f"account-{number}")], number)]
    idle()
    group.alter({1: 1000, 2: 2000})
    program = idle()
    told = program.events("offset.out_of_range")
    assert sorted((line["partition"], line["offset"]) for line in told) == [(1, 1000), (2, 2000)]
    assert {line["level"] for line in told} == {"error"}
    assert outcomes_of(kafka, program) == {ids[1]: "unchanged", ids[2]: "unchanged"}, "the others were where they should be"
    assert {number: place.offset for number, place in group.committed().items()} == dict.fromkeys(range(PARTITIONS), 1)


def test_requests_that_retention_has_deleted_are_told_and_the_rest_is_done(world, idle, kafka, group):
    site = world.site("cluster-14", "retention")
    kafka.enqueue([site.create("first")], 0)
    idle()
    lost = kafka.enqueue([site.create(f"lost-{number}") for number in range(3)], 0)
    kept = kafka.enqueue([site.create("kept")], 0)
    admin = AdminClient({"bootstrap.servers": kafka.servers})
    for deleted in admin.delete_records([TopicPartition(kafka.requests_topic, 0, 4)]).values():
        deleted.result(30)
    program = idle()
    assert [(line["partition"], line["offset"]) for line in program.events("offset.out_of_range")] == [(0, 1)]
    assert outcomes_of(kafka, program) == {kept[0]: "succeeded"}
    assert not {record.request_id for record in kafka.results.all()} & set(lost)
    assert sorted(site.accounts()) == ["first", "kept"]
    assert group.committed()[0].offset == 5


@pytest.mark.parametrize("metadata", ["irsa1 1 00000000 AQ==", "irsa9 whatever", "{}", "\u00e9" * 2048])
def test_metadata_that_is_not_ours_means_replay_and_never_a_stop(world, idle, kafka, group, metadata):
    site = world.site("cluster-14", "metadata")
    ids = kafka.enqueue([site.create(f"account-{number}") for number in range(3)], 0)
    idle()
    group.alter({0: 1}, metadata)
    program = idle()
    assert [line["partition"] for line in program.events("checkpoint.ignored")] == [0]
    assert outcomes_of(kafka, program) == dict.fromkeys(ids[1:], "unchanged")
    assert group.committed()[0].offset == 3 and not group.committed()[0].metadata


class Transactions:
    """Another system's producer, all of whose requests are parts of transactions."""

    def __init__(self, kafka):
        self.topic = kafka.requests_topic
        self.producer = Producer({"bootstrap.servers": kafka.servers, "transactional.id": str(uuid.uuid4())})
        self.producer.init_transactions(30)

    def begin(self, requests, partition=0):
        self.producer.begin_transaction()
        ids = [str(uuid.uuid4()) for _ in requests]
        for id, request in zip(ids, requests, strict=True):
            self.producer.produce(self.topic, json.dumps(structured(request, id)), key=key_of(request), partition=partition,
                                  headers={"content-type": "application/cloudevents+json"})
        self.producer.flush(30)
        return ids

    def commit(self, requests):
        ids = self.begin(requests)
        self.producer.commit_transaction(30)
        return ids

    def abort(self, requests):
        ids = self.begin(requests)
        self.producer.abort_transaction(30)
        return ids


def left(irsactl):
    return sum(row["left"] for row in json.loads(irsactl("lag", "-o", "json").must().stdout))


def test_the_gaps_of_transactions_are_passed_and_what_was_aborted_is_not_done(world, worker, kafka, group, irsactl):
    """Each transaction leaves a control record behind, an offset that no consumer ever sees; the last ones of all, too."""
    world.put_provider(world.clusters["cluster-14"])
    site = world.site("cluster-14", "transactions")
    others = Transactions(kafka)
    done = others.commit([site.create(f"first-{number}") for number in range(3)])
    others.abort([site.create(f"aborted-{number}") for number in range(2)])
    done += others.commit([site.create("second")])
    others.abort([site.create("aborted-at-last")])
    program = worker()
    results = kafka.finals(done)
    assert {result.outcome for result in results.values()} == {"succeeded"}
    assert [result.data["request"]["offset"] for result in results.values()] == [0, 1, 2, 7]
    group.wait_committed_all()
    assert group.committed()[0].offset == kafka.requests.ends()[0] == 11
    assert left(irsactl) == 0

    waiting = others.begin([site.create("third"), site.create("fourth")])
    beside = kafka.enqueue([site.create("beside")], 1)
    assert kafka.finals(beside)[beside[0]].outcome == "succeeded"
    assert not {record.request_id for record in kafka.results.all()} & set(waiting), "it is not committed yet"
    others.producer.commit_transaction(30)
    assert {result.outcome for result in kafka.finals(waiting).values()} == {"succeeded"}
    group.wait_committed_all()
    assert left(irsactl) == 0
    program.stop(0)
    assert outcomes_of(kafka, worker("--until-idle").wait_ended()) == {}, "nothing is run again"
    assert sorted(site.accounts()) == ["beside", "first-0", "first-1", "first-2", "fourth", "second", "third"]
