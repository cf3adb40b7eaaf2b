"""Members by name (KIP-345): a worker that is started anew under its name finds its partitions where it left them."""

from __future__ import annotations

import secrets

import pytest

from .groups import Group
from .stage import PARTITIONS
from .waiting import wait_for

pytestmark = pytest.mark.needs("real-kafka")

SESSION = {"IRSA_KAFKA_SESSION_TIMEOUT_MS": "120000"}  # a membership ends by what is done here, not by time


@pytest.fixture
def group(kafka):
    """One of the test's own, as its members outlive their workers."""
    return Group(kafka, f"named-{secrets.token_hex(4)}")


@pytest.fixture
def named(world, worker, group):
    """Starts workers by name on a cluster that has a provider."""
    world.put_provider(world.clusters["cluster-14"])
    return lambda name, *arguments: worker("--instance-id", name, *arguments, IRSA_KAFKA_GROUP_ID=group.name, **SESSION)


def owners_by_name(group):
    return {number: member.group_instance_id for number, member in group.owners().items()}


def names_in(group):
    return sorted(member.group_instance_id for member in group.describe().members)


def rebalances(program):
    return [line for line in program.events() if line["event"] in ("partitions.assigned", "partitions.revoked")]


def test_a_named_worker_that_ends_keeps_its_partitions_until_it_is_back(world, kafka, named, group):
    site = world.site("cluster-14", "named")
    first, other = named("one"), named("two")
    group.wait_shared(2, PARTITIONS)
    owned, seen = owners_by_name(group), rebalances(other)
    first.stop(0)
    assert names_in(group) == ["one", "two"]
    assert owners_by_name(group) == owned
    mine = [number for number, name in owned.items() if name == "one"]
    waiting = [id for number in mine for id in kafka.enqueue([site.create(f"waiting-{number}")], number)]
    theirs = [id for number in owned if number not in mine
              for id in kafka.enqueue([site.create(f"running-{number}")], number)]
    assert {result.data["worker"] for result in kafka.finals(theirs).values()} == {"two"}
    assert not {record.request_id for record in kafka.results.all()} & set(waiting), "nobody else has them"
    named("one")
    assert {result.data["worker"] for result in kafka.finals(waiting).values()} == {"one"}
    assert owners_by_name(group) == owned
    assert rebalances(other) == seen, "the other one was not disturbed"


def test_a_named_worker_that_is_told_to_leave_gives_its_partitions_to_the_others(world, kafka, named, group):
    site = world.site("cluster-14", "leaving")
    first, _ = named("one", "--leave"), named("two")
    group.wait_shared(2, PARTITIONS)
    first.stop(0)
    wait_for(lambda: names_in(group) == ["two"], "one has left")
    group.wait_shared(1, PARTITIONS)
    ids = [id for number in range(PARTITIONS) for id in kafka.enqueue([site.create(f"account-{number}")], number)]
    assert {result.data["worker"] for result in kafka.finals(ids).values()} == {"two"}


def test_of_two_workers_of_one_name_the_first_ends_and_says_why(world, kafka, named, group):
    site = world.site("cluster-14", "twins")
    first = named("twin")
    group.wait_shared(1, PARTITIONS)
    second = named("twin")
    assert first.wait_gone() == 4
    [failed] = first.events("worker.failed")
    assert failed["code"] == "conflict" and "instance" in failed["error"]
    group.wait_shared(1, PARTITIONS)
    ids = kafka.enqueue([site.create(f"account-{number}") for number in range(8)])
    assert {result.outcome for result in kafka.finals(ids).values()} == {"succeeded"}
    assert second.is_running
