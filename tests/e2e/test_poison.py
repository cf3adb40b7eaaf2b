"""A worker that crashes is started anew; a request that it crashes with again and again is settled as a dead letter.

What kills is a fault that the test sends to the working process while a call of the request is held open, so that the request is
certainly in hand.
"""

from __future__ import annotations

import json
import os
import signal

import pytest

from .programs import Worker
from .stage import Stage
from .test_monitor import Monitor
from .waiting import wait_for

pytestmark = [pytest.mark.needs("faults"), pytest.mark.timeout(600)]

HELD_MS = 600_000  # longer than any test: a held call is ended by its caller's death
DEATHS_MAX = 3  # worker/engine/hands.h
SECONDS = 180  # a busy machine's broker may lose a request to join, which is made anew after two minutes


def hold(stage: Stage, cluster: str, times: int) -> None:
    """The next calls that look for a service account of that cluster are held open."""
    stage.faults({"service": "kubernetes", "action": "get", "cluster": stage.clusters[cluster].id, "kind": "delay",
                  "delayMs": HELD_MS, "times": times})


def wait_held(stage: Stage, program: Worker, *seen: int) -> None:
    """So many calls at least have come to each of the clusters, in the order in which they were to be held."""
    def look() -> bool:
        return all(fault["seen"] >= wanted
                   for fault, wanted in zip(stage.cloud.control("GET", "/faults"), seen, strict=False))

    wait_for(look, f"calls are held: {seen}", SECONDS, lambda: program.child.log_tail())


def kill_working(program: Worker, number: signal.Signals, restarts: int) -> None:
    """The process that works dies of it, and another takes its place."""
    os.kill(program.working_pid, number)
    program.wait_restarted(restarts)


def test_a_request_that_kills_the_worker_three_times_is_a_dead_letter_and_the_others_are_done(world, kafka, worker):
    for name in ("cluster-14", "cluster-15"):
        world.put_provider(world.clusters[name])
    deadly, good = world.site("cluster-15", "deadly"), world.site("cluster-14", "good")
    hold(world, "cluster-15", times=DEATHS_MAX)
    hold(world, "cluster-14", times=1)
    program = worker("--listen", "127.0.0.1:0")
    request = deadly.create("reader")
    [poison, innocent] = kafka.enqueue([request, good.create("at-work")])
    wait_held(world, program, 1, 1)  # both are in hand at the first death
    behind = kafka.enqueue([deadly.delete("reader"), *(good.create(f"behind-{number}") for number in range(8))])
    kafka.finals(behind[1:], SECONDS)  # done before a death: one that is killed before it is told is `unchanged` when it is run again
    for death in range(1, DEATHS_MAX + 1):
        wait_held(world, program, death)
        kill_working(program, signal.SIGSEGV, death)

    late = kafka.enqueue([good.create("late")])
    results = kafka.finals([poison, innocent, *behind, *late], SECONDS)
    assert (results[poison].outcome, results[poison].code) == ("failed", "internal")
    assert results[poison].data["attempt"] == DEATHS_MAX
    assert "died" in results[poison].message
    assert results[poison].calls == {}, "the last one has not tried it"
    assert results[innocent].outcome == "succeeded", "it was at work at one death, and is to blame for none"
    outcomes = [results[id].outcome for id in behind]
    assert outcomes == ["unchanged"] + ["succeeded"] * 8, "those behind it are done, also of its own key"
    assert results[late[0]].outcome == "succeeded"
    assert sorted(good.accounts()) == ["at-work", *(f"behind-{number}" for number in range(8)), "late"]
    assert deadly.accounts() == {}
    [letter] = kafka.dead_letters.all()
    assert (letter.code, letter.ours["irsa_attempts"]) == ("internal", str(DEATHS_MAX))
    assert json.loads(letter.value)["data"] == request, "its bytes are untouched, so that it can be replayed"

    assert [line["signal"] for line in program.events("child.died")] == [signal.SIGSEGV] * DEATHS_MAX
    assert len(program.events("request.poisoned")) == 1
    monitor = Monitor(program, latest=True)
    assert monitor.samples("irsa_restarts_total") == {(): DEATHS_MAX}
    assert monitor.samples("irsa_suspects") == {(): 1}
    program.stop(0)


def test_a_worker_that_others_kill_is_started_anew_and_blames_no_request(world, kafka, worker):
    """As when memory runs out: as often as would make a crash's request a dead letter."""
    world.put_provider(world.clusters["cluster-14"])
    site = world.site("cluster-14", "killed")
    hold(world, "cluster-14", times=DEATHS_MAX)
    program = worker()
    [id] = kafka.enqueue([site.create("reader")])
    for kill in range(1, DEATHS_MAX + 1):
        wait_held(world, program, kill)
        kill_working(program, signal.SIGKILL, kill)
    assert kafka.final(id, SECONDS).outcome == "succeeded"
    assert kafka.dead_letters.all() == []
    assert program.events("request.suspected") == []
    program.stop(0)


def test_a_worker_without_supervisor_ends_with_its_crash(world, kafka, worker):
    program = worker("--supervise=false")
    os.kill(program.child.pid, signal.SIGSEGV)
    assert program.wait_gone() == -signal.SIGSEGV
    assert program.events("child.started") == []
