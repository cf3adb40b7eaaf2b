"""A worker that stood still for longer than its session does nothing more with what has become somebody else's."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from .programs import Worker
from .stage import Stage
from .waiting import wait_for

SETTINGS = {"IRSA_KAFKA_SESSION_TIMEOUT_MS": "3000", "IRSA_KAFKA_HEARTBEAT_INTERVAL_MS": "300",
           "IRSA_EXECUTORS_PER_CLUSTER": "32"}
NAMES = [f"slow-{n}" for n in range(32)]


def calls(world: Stage) -> dict[str, int]:
    return world.cloud.calls()["counts"]


@pytest.mark.needs("calls", "real-kafka")
def test_a_worker_stopped_for_two_sessions_neither_calls_nor_tells_when_it_goes_on(
        world: Stage, worker: Callable[..., Worker]):
    site = world.site("cluster-13", "stalled")
    world.put_provider(site.cluster)
    world.cloud.model({"latencyMs": {"iam": 700, "kubernetes": 300}})
    first = worker(**SETTINGS)
    first.wait_for(lambda line: line["event"] == "partitions.assigned", "partitions.assigned")
    ids = site.broker.enqueue([site.create(name) for name in NAMES])
    wait_for(lambda: calls(world).get("iam.CreateRole", 0) == 32, "all are in the middle of their calls")
    os.kill(first.working_pid, signal.SIGSTOP)
    try:
        second = worker(**SETTINGS)
        finals = site.broker.finals(ids, 60)
        assert {each.data["worker"] for each in finals.values()} == {second.name}
        before = calls(world)
    finally:
        os.kill(first.working_pid, signal.SIGCONT)
    first.wait_for(lambda line: line["event"] == "partitions.revoked" and line["lost"] == 1, "its partitions are lost")
    first.wait_for(lambda line: line["event"] == "partitions.assigned" and line["count"] < 4, "it takes part again")
    assert calls(world) == before
    assert {each.data["worker"] for each in site.broker.results.all()} == {second.name}
