"""How many calls a request costs, counted by the services themselves (design 5)."""

from __future__ import annotations

from collections import Counter

import pytest

from .places import DYNAMODB_READ, S3_READ

pytestmark = pytest.mark.needs("calls")

INLINE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


@pytest.fixture
def known(site):
    """The cluster, the provider and the namespace are looked up once per process; here they have been."""
    assert site.do_one(site.create("first")).outcome == "succeeded"
    return site


def calls_of(site, request, outcome="succeeded"):
    """What the services saw while one request was done; and the result says the same."""
    before = Counter(site.stage.cloud.calls()["counts"])
    result = site.do_one(request)
    assert result.outcome == outcome, str(result)
    seen = Counter(site.stage.cloud.calls()["counts"]) - before
    assert dict(seen) == result.calls
    return dict(seen)


def test_a_first_create_is_three_calls_and_one_per_policy(known):
    request = known.create("reader", attachPolicyARNs=[S3_READ, DYNAMODB_READ], attachPolicy=INLINE)
    assert calls_of(known, request) == {
        "kubernetes.get": 1, "iam.CreateRole": 1, "iam.AttachRolePolicy": 2, "iam.PutRolePolicy": 1, "kubernetes.apply": 1}


def test_a_repeat_with_nothing_to_do_is_four_calls_and_one_per_inline_policy(known):
    request = known.create("reader", attachPolicyARNs=[S3_READ, DYNAMODB_READ], attachPolicy=INLINE)
    known.do_one(request)
    assert calls_of(known, request, "unchanged") == {
        "kubernetes.get": 1, "iam.GetRole": 1, "iam.ListAttachedRolePolicies": 1, "iam.ListRolePolicies": 1,
        "iam.GetRolePolicy": 1}


def test_a_delete_is_six_calls_and_one_per_policy(known):
    known.do_one(known.create("reader", attachPolicyARNs=[S3_READ, DYNAMODB_READ], attachPolicy=INLINE))
    seen = calls_of(known, known.delete("reader"))
    assert seen["iam.DetachRolePolicy"] == 2 and seen["iam.DeleteRolePolicy"] == 1
    assert sum(seen.values()) == 6 + 3, seen


def test_role_only_reads_nothing_of_kubernetes(known):
    assert calls_of(known, known.create("reader", roleOnly=True)) == {"iam.CreateRole": 1, "iam.AttachRolePolicy": 1}


def test_attach_role_arn_calls_no_iam(known):
    request = known.create("reader", attachRoleARN=f"arn:aws:iam::{known.cluster.account}:role/somebodys")
    assert calls_of(known, request) == {"kubernetes.get": 1, "kubernetes.apply": 1}


def test_a_dry_run_writes_nothing(known):
    seen = calls_of(known, known.create("reader", options={"dryRun": True}), "planned")
    assert seen.keys() <= {"kubernetes.get", "iam.GetRole", "iam.ListAttachedRolePolicies", "iam.ListRolePolicies"}


def test_a_hundred_requests_for_a_cold_cluster_look_it_up_once(world, worker, kafka):
    site = world.site("cluster-14", "cold")
    world.put_provider(site.cluster)
    ids = kafka.enqueue([site.create(f"account-{n}") for n in range(100)])
    worker()
    assert {result.outcome for result in kafka.finals(ids).values()} == {"succeeded"}
    counts = world.cloud.calls()["counts"]
    assert counts["eks.DescribeCluster"] == 1
    assert counts["iam.GetOpenIDConnectProvider"] == 1
    assert counts["iam.CreateRole"] == counts["kubernetes.apply"] == counts["iam.AttachRolePolicy"] == 100
