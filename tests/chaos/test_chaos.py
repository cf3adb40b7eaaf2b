"""A short run of chaos.py, a test for each promise. The seed is in the report; IRSA_CHAOS_SEED makes a similar run again."""

from __future__ import annotations

import os
import random

import pytest

from .chaos import Plan, Report, run

KILLS = 30


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    seed = int(os.environ.get("IRSA_CHAOS_SEED") or random.SystemRandom().randrange(10**6))
    print(f"seed {seed}")
    report = run(Plan(seed, KILLS), tmp_path_factory.mktemp("chaos"), print)
    print(report.text)
    return report


def held(report: Report, *promises: str) -> None:
    broken = {promise: report.faults[promise] for promise in promises if promise in report.faults}
    assert not broken, report.text


def test_workers_and_broker_were_killed_under_load(report: Report):
    assert sum(report.kills.values()) == KILLS
    assert report.requests > KILLS
    assert report.finals >= report.requests


def test_no_request_is_lost_and_each_has_one_final_id(report: Report):
    held(report, "lost", "ids", "unacknowledged", "refused", "stranger")


def test_the_requests_of_a_key_are_done_in_their_order(report: Report):
    held(report, "order")


def test_the_world_is_the_one_that_the_last_request_of_each_key_asks_for(report: Report):
    held(report, "world", "outcome")


def test_the_state_of_each_key_is_that_of_its_last_request(report: Report):
    held(report, "state")


def test_every_offset_is_committed_in_the_end(report: Report):
    held(report, "uncommitted")


def test_no_more_is_done_again_than_was_in_hand(report: Report):
    held(report, "reruns")


def test_workers_end_only_when_they_are_made_to(report: Report):
    held(report, "worker")
