"""What an API server refuses for reasons of its own, on the simulated one and on the real one."""

from __future__ import annotations

import pytest

from .waiting import wait_for


def put_namespace(site, namespace):
    site.stage.world.put({"clusters": {site.cluster.id: {"namespaces": [namespace]}}})


def test_a_namespace_on_its_way_out_is_waited_for_and_then_made_anew(site):
    put_namespace(site, {"name": site.namespace, "terminating": True})
    [id] = site.broker.enqueue([site.create("reader")])
    retrying = site.broker.results.wait(lambda record: record.request_id == id, "a retry")
    assert (retrying.outcome, retrying.code, retrying.data["error"]["retryable"]) == ("retrying", "cluster_not_ready", True)
    assert site.accounts() == {}
    site.stage.world.put({"clusters": {site.cluster.id: {"delete": {"namespaces": [site.namespace]}}}})
    assert site.broker.final(id).outcome == "succeeded"
    assert site.is_pair("reader")


@pytest.mark.needs("real-kubernetes")
def test_what_an_admission_policy_denies_fails_with_its_words_and_says_what_it_left(site):
    cluster = site.stage.cloud.clusters[site.cluster.id]
    put_namespace(site, site.namespace)
    cluster.deny("team-label", "has(object.metadata.labels) && 'team' in object.metadata.labels", "who is it for?")
    try:
        wait_for(lambda: not cluster.would_take(site.namespace, {"name": "probe"}), "the policy is in force")
        denied = site.do_one(site.create("reader"))
        allowed = site.do_one(site.create("writer", metadata={"labels": {"team": "payments"}}))
    finally:
        cluster.allow("team-label")
    assert (denied.outcome, denied.code) == ("failed", "invalid")
    assert "team-label" in denied.data["error"]["message"] and "who is it for?" in denied.data["error"]["message"]
    assert [*site.accounts()] == ["writer"] and [*site.roles()] == ["reader", "writer"]
    assert denied.data["roleARN"] == site.role_arn("reader")
    assert allowed.outcome == "succeeded"
    wait_for(lambda: cluster.would_take(site.namespace, {"name": "probe"}), "the policy is gone")
    assert site.do_one(site.create("reader")).outcome == "succeeded"
    assert site.is_pair("reader")
