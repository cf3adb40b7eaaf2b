"""Partitions change hands while they are worked on: no order is lost, and nothing that was settled is run again."""

from __future__ import annotations

from collections import Counter

import pytest

from .places import DYNAMODB_READ, S3_READ
from .stage import PARTITIONS
from .waiting import wait_for

pytestmark = pytest.mark.needs("real-kafka")

KEYS = 16
ROUNDS = 4


def wave(site, number):
    """For each of the keys some requests that must be done in their order; the last one is known by its policy."""
    requests = []
    for turn in range(ROUNDS):
        policy = DYNAMODB_READ if turn % 2 else S3_READ
        requests += [site.create(f"key-{key:02}", attachPolicyARNs=[policy]) if (turn + number) % 3 else
                     site.delete(f"key-{key:02}") for key in range(KEYS)]
    return requests


def finals_of(kafka):
    return [record for record in kafka.results.all() if record.is_final]


def check_order(kafka, requests, ids):
    """Each key's requests were done one after the other, in the order in which they were enqueued."""
    results = kafka.finals(ids, 90)
    by_key: dict[str, list] = {}
    for request, id in zip(requests, ids, strict=True):
        by_key.setdefault(request["serviceAccount"]["metadata"]["name"], []).append(results[id])
    for found in by_key.values():
        assert [result.offset for result in found] == sorted(result.offset for result in found)
        for before, after in zip(found, found[1:]):
            assert before.data["finishedTime"] <= after.data["startedTime"]
    return by_key


def check_each_once(kafka, ids):
    """Nobody was killed, so what had been settled was committed before it was given up: each has one final record."""
    counts = Counter(record.request_id for record in finals_of(kafka))
    assert {id: counts[id] for id in ids} == dict.fromkeys(ids, 1)


def check_world(site, requests):
    """The accounts and roles are what the last request of each key asked for."""
    last = {request["serviceAccount"]["metadata"]["name"]: request for request in requests}
    wanted = {name: request["serviceAccount"]["attachPolicyARNs"] for name, request in last.items()
              if request["action"] == "create"}
    assert {name: role["attachedPolicies"] for name, role in site.roles().items()} == wanted
    assert sorted(site.accounts()) == sorted(wanted)


def enqueue_until_under_way(site, number):
    """A wave of which some is settled and some is not."""
    before = len(finals_of(site.broker))
    requests = wave(site, number)
    ids = site.broker.enqueue(requests)
    wait_for(lambda: sum(record.is_final for record in site.broker.results.poll()) > before, "some of it is settled")
    assert len(finals_of(site.broker)) < before + len(ids), "it was all done before anything could happen"
    return requests, ids


def test_three_workers_come_and_go_and_every_request_is_settled_once_in_its_turn(slow, worker, kafka, group):
    site = slow.site("cluster-14", "rebalances")
    requests, ids, workers = [], [], [worker()]
    group.wait_shared(1, PARTITIONS)
    for members in (2, 3):
        more = enqueue_until_under_way(site, members)
        workers.append(worker())
        group.wait_shared(members, PARTITIONS)
        requests, ids = requests + more[0], ids + more[1]
    for members, leaving in ((2, workers[0]), (1, workers[1])):
        more = enqueue_until_under_way(site, members)
        leaving.stop(0)
        group.wait_shared(members, PARTITIONS)
        requests, ids = requests + more[0], ids + more[1]
    by_key = check_order(kafka, requests, ids)
    check_each_once(kafka, ids)
    check_world(site, requests)
    by_worker = {each.name: sum(record.data["worker"] == each.name for record in finals_of(kafka)) for each in workers}
    assert all(by_worker.values()), by_worker
    assert any(len({result.data["worker"] for result in found}) > 1 for found in by_key.values()), "no key changed hands"
    group.wait_committed_all()


def test_a_worker_that_is_killed_beside_others_leaves_its_keys_to_them_in_order(slow, worker, kafka, group):
    """What it had in hand may be told twice, under the same final id; nothing else is."""
    site = slow.site("cluster-14", "killed")
    first, _ = worker(), worker()
    group.wait_shared(2, PARTITIONS)
    requests, ids = enqueue_until_under_way(site, 1)
    first.kill()
    group.wait_shared(1, PARTITIONS)
    check_order(kafka, requests, ids)
    final_ids = kafka.final_ids()
    assert {id: len(final_ids[id]) for id in ids} == dict.fromkeys(ids, 1)
    check_world(site, requests)


@pytest.mark.needs("faults")
def test_a_worker_that_is_asked_to_end_while_it_gives_partitions_up_finishes_what_it_runs(slow, worker, kafka, group):
    """What it runs is held for some seconds, so that the others wait for it in the middle of the rebalance."""
    site = slow.site("cluster-14", "both")
    slow.faults({"service": "kubernetes", "action": "get", "kind": "delay", "delayMs": 4000, "times": 8})
    first = worker(IRSA_LOG_LEVEL="debug", IRSA_KAFKA_DEBUG="cgrp")
    group.wait_shared(1, PARTITIONS)
    requests = wave(site, 1)
    ids = kafka.enqueue(requests)
    wait_for(lambda: sum(fault["seen"] for fault in slow.cloud.control("GET", "/faults")) >= 8, "requests are held")
    second = worker()
    first.wait_for(lambda line: line["event"] == "kafka.logged" and "is rebalancing" in line["message"], "the rebalance")
    first.stop(0)
    group.wait_shared(1, PARTITIONS)
    check_order(kafka, requests, ids)
    check_each_once(kafka, ids)
    check_world(site, requests)
    by_worker = {each.name: sum(record.data["worker"] == each.name for record in finals_of(kafka))
                 for each in (first, second)}
    assert by_worker[first.name] >= 8 and by_worker[second.name] > 0, by_worker
