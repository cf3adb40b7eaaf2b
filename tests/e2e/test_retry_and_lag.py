"""What failed is mended and tried again; how far the workers have come is seen from outside."""

from __future__ import annotations

import json

from .waiting import wait_for


def test_a_dead_letter_is_retried_once_its_cause_is_gone_and_keeps_its_id(world, kafka, irsactl, worker):
    site = world.site("cluster-14", "mended")
    worker()
    [id] = kafka.enqueue([site.create("reader")])
    first = kafka.final(id)
    assert (first.outcome, first.code) == ("failed", "oidc_provider_missing")
    world.put_provider(world.clusters["cluster-14"])
    retried = irsactl("retry", id, "-o", "json").must()
    [row] = json.loads(retried.stdout)
    assert (row["id"], row["state"]) == (id, "retried")
    [hint] = [line for line in retried.stderr.splitlines() if "to see its outcome: irsactl " in line]
    [outcome] = json.loads(irsactl(*hint.partition("irsactl ")[2].split(), "-o", "json").must().stdout)
    assert outcome["outcome"] == "succeeded"  # and not the failure of before, which has the same id
    second = kafka.results.wait(lambda result: result.request_id == id and result.outcome == "succeeded", "the retry's result")
    assert second.id != first.id  # another final event, and not a repeat of the first
    [row] = json.loads(irsactl("retry", id, "-o", "json").must().stdout)
    assert row["state"] == "skipped" and "succeeded since" in row["reason"]


def test_the_workers_lag_is_seen_from_outside(world, kafka, irsactl, worker):
    world.put_provider(world.clusters["cluster-14"])
    site = world.site("cluster-14", "lagging")
    ids = kafka.enqueue([site.create(f"reader-{i}") for i in range(5)])

    def left() -> int:
        return sum(row["left"] for row in json.loads(irsactl("lag", "-o", "json").must().stdout))

    assert left() == 5
    worker()
    kafka.finals(ids)
    wait_for(lambda: left() == 0, "everything committed")
