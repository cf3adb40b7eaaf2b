"""The judge of the chaos runs sees what it is there for."""

from __future__ import annotations

from .ledger import Ledger, world_faults

KEY = "us-west-2/cluster-13/chaos/sa-1"
ARN = "arn:aws:iam::111122223333:role/r"
NAME = "eks.amazonaws.com/role-arn"


def ledger_of(*places: tuple[int, int] | None, told: tuple[str, ...] = ()) -> Ledger:
    """Requests r0, r1, … of one key at those places, told once each in that order."""
    ledger = Ledger()
    for number, place in enumerate(places):
        ledger.ask(f"r{number}", KEY, ("p",))
        if place is not None:
            ledger.enqueued(f"r{number}", *place)
    for id in told:
        ledger.tell(id, f"final-{id}", "succeeded")
    return ledger


def test_a_run_in_which_all_went_well_has_no_faults():
    ledger = ledger_of((0, 4), (0, 7), told=("r0", "r1", "r1"))
    assert (ledger.faults(), ledger.open, ledger.reruns) == ({}, 0, 1)


def test_a_request_without_a_result_is_lost():
    assert list(ledger_of((0, 4), (0, 7), told=("r0",)).faults()) == ["lost"]


def test_a_request_that_is_told_after_a_later_one_of_its_key_is_out_of_order():
    assert list(ledger_of((0, 4), (0, 7), told=("r1", "r0")).faults()) == ["order"]


def test_a_request_told_again_after_a_later_one_is_a_duplicate_and_no_disorder():
    ledger = ledger_of((0, 4), (0, 7), told=("r0", "r1", "r0"))
    assert (ledger.faults(), ledger.reruns) == ({}, 1)


def test_two_final_ids_of_one_request_are_a_fault():
    ledger = ledger_of((0, 4), told=("r0",))
    ledger.tell("r0", "another", "succeeded")
    assert list(ledger.faults()) == ["ids"]


def test_a_failure_is_a_fault_and_a_retry_is_no_result():
    ledger = ledger_of((0, 4))
    ledger.tell("r0", "a", "retrying")
    assert list(ledger.faults()) == ["lost"]
    ledger.tell("r0", "b", "failed")
    assert list(ledger.faults()) == ["outcome"]


def test_a_result_of_an_unknown_request_and_a_request_without_a_place_are_faults():
    ledger = ledger_of(None)
    ledger.tell("who", "x", "succeeded")
    assert sorted(ledger.faults()) == ["stranger", "unacknowledged"]


def world(policies: tuple[str, ...] = ("p",), named: str = ARN) -> tuple[dict, dict, str]:
    return {KEY: {"arn": ARN, "attachedPolicies": list(policies)}}, {KEY: {"annotations": {NAME: named}}}, NAME


def test_the_world_is_judged_by_the_request_with_the_highest_offset():
    ledger = ledger_of((0, 7), (0, 4))
    ledger.asked["r1"].wanted = None
    assert world_faults(ledger, *world()) == []
    ledger.asked["r0"].wanted = None
    assert len(world_faults(ledger, *world())) == 1
    assert world_faults(ledger, {}, {}, NAME) == []


def test_a_wrong_policy_a_wrong_annotation_and_a_thing_that_nobody_asked_for_are_faults():
    ledger = ledger_of((0, 4))
    assert len(world_faults(ledger, *world(("p", "q")))) == 1
    assert len(world_faults(ledger, *world(named="another"))) == 1
    assert len(world_faults(ledger, {}, {}, NAME)) == 1
    assert len(world_faults(Ledger(), *world())) == 1
