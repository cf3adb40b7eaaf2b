"""Workers come and go, politely or not, and nothing is lost."""

from __future__ import annotations

import subprocess
from collections import Counter

from .places import DYNAMODB_READ
from .programs import environment
from .waiting import wait_for

COUNT = 200
FIRST = 80  # results that are there when it happens: offsets have been committed by then


def enqueue(site):
    """On two partitions, so that it happens in the middle of both, with offsets committed and others to come."""
    requests = [site.create(f"account-{n:03}") for n in range(COUNT)]
    return [id for partition in (0, 1) for id in site.broker.enqueue(requests[partition::2], partition)]


def final_count(broker):
    return sum(record.is_final for record in broker.results.poll())


def wait_for_the_middle(broker):
    wait_for(lambda: final_count(broker) >= FIRST, f"{FIRST} results are there", 60, lambda: final_count(broker))


def check_all_is_done(site, ids):
    """Every request has results under exactly one final id, and the world is as they say."""
    results = site.broker.finals(ids, 90)
    assert {result.outcome for result in results.values()} <= {"succeeded", "unchanged"}
    assert {id: len(found) for id, found in site.broker.final_ids().items()} == dict.fromkeys(ids, 1)
    roles, accounts = site.roles(), site.accounts()
    names = [f"account-{n:03}" for n in range(COUNT)]
    assert sorted(roles) == sorted(accounts) == names
    assert {name: account["annotations"]["eks.amazonaws.com/role-arn"] for name, account in accounts.items()} == {
        name: role["arn"] for name, role in roles.items()}
    assert all(site.state(name).data["observed"] == "present" for name in (names[0], names[-1]))
    assert site.broker.dead_letters.all() == []


def test_a_worker_that_is_killed_in_the_middle_loses_nothing(slow, worker, kafka):
    site = slow.site("cluster-14", "crash")
    first = worker()
    ids = enqueue(site)
    wait_for_the_middle(kafka)
    first.kill()
    done = {record.request_id for record in kafka.results.all() if record.is_final}
    assert len(done) < COUNT, "it was killed too late to show anything"
    worker()
    check_all_is_done(site, ids)


def test_a_worker_that_is_asked_to_end_finishes_what_it_runs_and_the_next_goes_on(slow, worker, kafka):
    site = slow.site("cluster-14", "drain")
    first = worker()
    ids = enqueue(site)
    wait_for_the_middle(kafka)
    first.stop(0)
    before = {record.request_id for record in kafka.results.all() if record.is_final}
    assert len(before) < COUNT, "it had finished before it was asked to end"
    second = worker()
    check_all_is_done(site, ids)
    counts = Counter(record.request_id for record in kafka.results.all() if record.is_final)
    assert set(counts.values()) == {1}, "what was finished in the drain is not run again"
    by_second = {record.request_id for record in kafka.results.all() if record.data["worker"] == second.name}
    assert by_second == set(ids) - before


def test_a_second_signal_abandons_what_runs_and_the_next_worker_repeats_it(slow, worker, kafka):
    site = slow.site("cluster-14", "abandon")
    first = worker()
    ids = enqueue(site)
    wait_for_the_middle(kafka)
    first.terminate()
    first.terminate()
    assert first.wait_gone(15) >= 0, "it was ended by the signal, not by itself"
    worker()
    check_all_is_done(site, ids)


def test_requests_that_waited_for_a_worker_are_done_from_the_beginning(world, worker):
    """A group that has never committed starts at the beginning, not at the end."""
    world.put_provider(world.clusters["cluster-14"])
    site = world.site("cluster-14", "waited")
    ids = site.broker.enqueue([site.create(f"account-{n}") for n in range(10)])
    worker()
    assert {result.outcome for result in site.broker.finals(ids).values()} == {"succeeded"}


def test_a_worker_that_shall_end_when_idle_ends_by_itself(world, worker):
    world.put_provider(world.clusters["cluster-14"])
    site = world.site("cluster-14", "idle")
    ids = site.broker.enqueue([site.create(f"account-{n}") for n in range(10)])
    worker("--until-idle").wait_ended(0, 30)
    done = {record.request_id for record in site.broker.results.all() if record.is_final}
    assert done == set(ids)


def test_a_history_that_is_run_again_tears_nothing_down(world, worker, kafka):
    """As after lost offsets: a group that knows nothing begins at the beginning."""
    world.put_provider(world.clusters["cluster-14"])
    site = world.site("cluster-14", "history")
    history = [site.create("reader"), site.delete("reader"), site.create("reader", attachPolicyARNs=[DYNAMODB_READ]),
               site.create("writer")]
    ids = kafka.enqueue(history)
    worker("--until-idle").wait_ended()
    before = world.world.snapshot()
    worker("--until-idle", IRSA_KAFKA_GROUP_ID="another-group").wait_ended()
    again = {record.request_id: record.outcome for record in kafka.results.all()
             if record.texts["ce_source"] == "urn:irsa:workers:another-group" and record.is_final}
    assert again == dict(zip(ids, ["superseded", "superseded", "unchanged", "unchanged"], strict=True))
    assert world.world.snapshot() == before
    assert site.state("reader").data["observed"] == "present"


def test_a_worker_without_standard_descriptors_works_and_drains(world, kafka):
    """Nothing else may get their numbers: not the descriptor of its signals, and no connection that would be logged to."""
    world.put_provider(world.clusters["cluster-14"])
    site = world.site("cluster-14", "closed")
    [id] = kafka.enqueue([site.create("reader")])
    bare = subprocess.Popen(["sh", "-c", 'exec "$0" <&- >&- 2>&-', world.bin_dir / "irsa-worker"],
                            env=environment(world.world.env))
    try:
        assert kafka.final(id, 60).outcome == "succeeded"
        bare.terminate()
        assert bare.wait(30) == 0
    finally:
        bare.kill()
        bare.wait()
