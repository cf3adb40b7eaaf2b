"""What administrators do to topics while workers run: more partitions, the topic deleted and made anew."""

from __future__ import annotations

import os
import signal

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, NewPartitions

from .stage import PARTITIONS
from .waiting import wait_for

pytestmark = pytest.mark.needs("real-kafka")

SOON = {"IRSA_KAFKA_TOPIC_METADATA_REFRESH_INTERVAL_MS": "500"}  # the default is five minutes


@pytest.fixture
def site(world):
    world.put_provider(world.clusters["cluster-14"])
    return world.site("cluster-14", "topics")


def admin_of(kafka):
    return AdminClient({"bootstrap.servers": kafka.servers})


def topic_is_there(kafka, topic, partitions):
    try:
        admin = admin_of(kafka)
        found = admin.list_topics(topic, timeout=30).topics[topic]
    except KafkaException:
        return False
    return found.error is None and len(found.partitions) == partitions


def test_a_partition_that_is_added_is_worked_on_from_its_beginning(site, worker, kafka, group):
    worker(**SOON)
    group.wait_shared(1, PARTITIONS)
    admin = admin_of(kafka)
    admin.create_partitions([NewPartitions(kafka.requests_topic, PARTITIONS + 1)])[kafka.requests_topic].result(30)
    wait_for(lambda: topic_is_there(kafka, kafka.requests_topic, PARTITIONS + 1), "the partition is there")
    ids = [id for number in range(PARTITIONS + 1) for id in kafka.enqueue([site.create(f"account-{number}")], number)]
    results = kafka.finals(ids)
    assert {result.outcome for result in results.values()} == {"succeeded"}
    assert [results[id].data["request"]["partition"] for id in ids] == list(range(PARTITIONS + 1))
    group.wait_shared(1, PARTITIONS + 1)
    group.wait_committed_all()


def delete_requests(kafka):
    admin = admin_of(kafka)
    admin.delete_topics([kafka.requests_topic])[kafka.requests_topic].result(30)
    wait_for(lambda: not topic_is_there(kafka, kafka.requests_topic, PARTITIONS), "the topic is gone")


def make_again(kafka, irsactl):
    irsactl("topics", "create", "--partitions", str(PARTITIONS), "--replication-factor", "1").must()
    wait_for(lambda: topic_is_there(kafka, kafka.requests_topic, PARTITIONS), "the topic is there")


def test_a_request_topic_that_is_deleted_and_made_anew_is_worked_on_without_a_restart(site, worker, kafka, group, irsactl):
    """It stands still meanwhile, and so does not miss it: what was to be read next is beyond the end of the new one."""
    program = worker(IRSA_KAFKA_SESSION_TIMEOUT_MS="60000")
    first = [id for number in range(PARTITIONS)
             for id in kafka.enqueue([site.create(f"first-{number}-{turn}") for turn in range(3)], number)]
    kafka.finals(first)
    group.wait_committed_all()
    os.kill(program.working_pid, signal.SIGSTOP)
    try:
        delete_requests(kafka)
        make_again(kafka, irsactl)
    finally:
        os.kill(program.working_pid, signal.SIGCONT)
    again = [id for number in range(PARTITIONS) for id in kafka.enqueue([site.create(f"again-{number}")], number)]
    results = kafka.finals(again, 90)
    assert {result.outcome for result in results.values()} == {"succeeded"}
    assert {result.data["request"]["offset"] for result in results.values()} == {0}
    assert {line["partition"] for line in program.events("offset.out_of_range")} == set(range(PARTITIONS))
    group.wait_committed_all()
    program.stop(0)
