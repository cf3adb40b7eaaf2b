"""The broker dies in the middle of the work and comes back: what it acknowledged is there, and nothing is lost or out of order."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaException

from .stage import PARTITIONS
from .test_rebalances import check_order, check_world, enqueue_until_under_way
from .waiting import wait_for

pytestmark = pytest.mark.needs("real-kafka")

__all__ = ["slow"]


def restart(stage, kafka):
    """Until every partition has its leader again, which is some time after the broker is there."""
    def has_leaders():
        try:
            return all(len(tail.ends()) == PARTITIONS
                       for tail in (kafka.requests, kafka.results, kafka.states, kafka.dead_letters))
        except KafkaException:
            return False

    stage.world.broker.kill()
    stage.world.broker.start()
    stage.world.broker.wait_ready()
    wait_for(has_leaders, "partitions have leaders")


def test_a_broker_that_is_killed_under_load_and_comes_back_costs_nothing_but_time(slow, worker, kafka, group):
    site = slow.site("cluster-14", "broker-crash")
    running = [worker(), worker()]
    group.wait_shared(2, PARTITIONS)
    requests, ids = enqueue_until_under_way(site, 1)
    restart(slow, kafka)
    assert all(each.is_running for each in running)
    more = enqueue_until_under_way(site, 2)
    requests, ids = requests + more[0], ids + more[1]
    check_order(kafka, requests, ids)
    final_ids = kafka.final_ids()
    assert {id: len(final_ids[id]) for id in ids} == dict.fromkeys(ids, 1)
    check_world(site, requests)
    group.wait_committed_all()
    for each in running:
        each.stop(0)
