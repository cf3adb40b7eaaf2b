"""The file of the README goes all the way: made, found unchanged, and removed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .expect import default_role_name, trust_policy
from .places import DYNAMODB_READ, ROLE_ANNOTATION, S3_READ

FILE = Path(__file__).resolve().parents[2] / "docs/demo/cluster-13.yaml"
CLUSTER, REGION, ACCOUNT = "cluster-13", "us-west-2", "111122223333"
CLUSTER_ARN = f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/{CLUSTER}"
NAMES = ("backend-apps/cache-access", "backend-apps/s3-reader", "kube-system/cluster-autoscaler")
POLICIES = {
    "backend-apps/s3-reader": [S3_READ],
    "backend-apps/cache-access": [DYNAMODB_READ, "arn:aws:iam::aws:policy/AmazonElastiCacheFullAccess"],
    "kube-system/cluster-autoscaler": [],
}
INLINE = {"irsa-inline": {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Resource": "*", "Action": [
        "autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeAutoScalingInstances",
        "autoscaling:DescribeLaunchConfigurations", "autoscaling:DescribeTags", "autoscaling:SetDesiredCapacity",
        "autoscaling:TerminateInstanceInAutoScalingGroup"]}]}}
LABELS = {
    "backend-apps/s3-reader": {"team": "checkout"},
    "backend-apps/cache-access": {"team": "checkout", "tier": "cache"},
    "kube-system/cluster-autoscaler": {"team": "platform"},
}
TAGS = {
    "backend-apps/s3-reader": {"environment": "demo"},
    "backend-apps/cache-access": {"environment": "demo", "cost-center": "4711"},
    "kube-system/cluster-autoscaler": {"environment": "demo"},
}
MARK = re.compile(r"\S+\.requests/\d+/\d+/\d+")


class Demo:
    """One act of the demo, and all that is to be seen after it."""

    def __init__(self, stage, act: str, action: str, *flags: str):
        self.output = stage.ctl()(action, "iamserviceaccount", "-f", FILE, *flags, "--wait=60s", "--batch", act)
        self.results = stage.broker.batch(act)
        self.requests = {record.texts["ce_id"]: record for record in stage.broker.requests.all()}
        self.states = {name: stage.broker.state(subject(name)) for name in NAMES}
        self.problems = [problem for tail in (stage.broker.results, stage.broker.states) for problem in tail.problems]
        self.snapshot = stage.world.snapshot()
        self.iam = self.snapshot["accounts"][ACCOUNT]
        self.cluster = self.snapshot["clusters"][f"{REGION}/{CLUSTER}"]
        self.roles = {role["tags"]["irsa.dev/service-account"]: role for role in self.iam["roles"]}
        self.accounts = {f"{each['metadata']['namespace']}/{each['metadata']['name']}": each["metadata"]
                         for each in self.cluster["serviceAccounts"]}


def subject(name: str) -> str:
    return f"{ACCOUNT}/{REGION}/{CLUSTER}/{name}"


@pytest.fixture(scope="module")
def played(stage):
    """Create, create again, delete: played once, looked at by many tests."""
    stage.fresh()
    worker = stage.worker().wait_started()
    acts = {"created": Demo(stage, "created", "create"),
            "repeated": Demo(stage, "repeated", "create"),
            "deleted": Demo(stage, "deleted", "delete", "--approve")}
    worker.stop()
    return acts


@pytest.fixture
def created(played):
    return played["created"]


@pytest.fixture
def repeated(played):
    return played["repeated"]


@pytest.fixture
def deleted(played):
    return played["deleted"]


def test_all_that_was_said_is_as_the_contract_has_it(deleted):
    assert deleted.problems == []


def test_create_with_wait_ends_well(created):
    created.output.must(0)
    assert {name: result.outcome for name, result in created.results.items()} == dict.fromkeys(NAMES, "succeeded")


def test_the_table_names_every_account_and_its_role(created):
    for name, role in created.roles.items():
        assert role["arn"] in created.output.stdout
        assert name in created.output.stdout


def test_three_roles_are_made_under_their_path_and_nothing_else(created):
    assert sorted(created.roles) == list(NAMES)
    for name, role in created.roles.items():
        namespace, account = name.split("/")
        assert role["roleName"] == default_role_name(REGION, CLUSTER, namespace, account)
        assert role["path"] == f"/irsa/{REGION}/{CLUSTER}/"
        assert role["arn"] == f"arn:aws:iam::{ACCOUNT}:role{role['path']}{role['roleName']}"
        assert "permissionsBoundary" not in role


def test_each_role_trusts_exactly_its_own_service_account(created):
    provider = created.iam["oidcProviders"][0]["arn"]
    for name, role in created.roles.items():
        assert role["assumeRolePolicyDocument"] == trust_policy(provider, created.cluster["issuer"], *name.split("/"))


def test_each_role_carries_exactly_the_policies_of_the_file(created):
    for name, role in created.roles.items():
        assert sorted(role["attachedPolicies"]) == sorted(POLICIES[name])
    assert {name: role["inlinePolicies"] for name, role in created.roles.items()} == {
        "backend-apps/s3-reader": {}, "backend-apps/cache-access": {}, "kube-system/cluster-autoscaler": INLINE}


def test_each_role_is_tagged_with_what_owns_it_and_what_the_file_says(created):
    for name, role in created.roles.items():
        tags = dict(role["tags"])
        assert MARK.fullmatch(tags.pop("irsa.dev/request"))
        assert tags == TAGS[name] | {
            "irsa.dev/cluster": CLUSTER_ARN, "irsa.dev/service-account": name, "irsa.dev/owner": "irsa"}


def test_each_account_is_annotated_with_its_role_and_labelled(created):
    assert sorted(created.accounts) == list(NAMES)
    for name, account in created.accounts.items():
        assert account["annotations"][ROLE_ANNOTATION] == created.roles[name]["arn"]
        assert MARK.fullmatch(account["annotations"]["irsa.dev/request"])
        assert account["labels"] == LABELS[name] | {"app.kubernetes.io/managed-by": "irsa"}


def test_the_mark_of_role_and_account_is_the_coordinates_of_the_request(created):
    for name, result in created.results.items():
        request = result.data["request"]
        place = f"{request['topic']}/{request['partition']}/{request['offset']}/"
        assert created.roles[name]["tags"]["irsa.dev/request"].startswith(place)
        assert created.accounts[name]["annotations"]["irsa.dev/request"].startswith(place)


def test_the_provider_is_made_once_for_the_audience_of_sts(created):
    [provider] = created.iam["oidcProviders"]
    host = created.cluster["issuer"].removeprefix("https://")
    assert provider["arn"] == f"arn:aws:iam::{ACCOUNT}:oidc-provider/{host}"
    assert provider["clientIDs"] == ["sts.amazonaws.com"]
    makers = [name for name, result in created.results.items() if "create-oidc-provider" in result.changed]
    assert len(makers) == 1


def test_a_missing_namespace_is_made(created):
    assert {"backend-apps", "kube-system"} <= set(created.cluster["namespaces"])


def test_a_result_tells_steps_calls_ids_and_where_it_comes_from(created):
    for name, result in created.results.items():
        request = created.requests[result.request_id]
        data = result.data
        assert {"create-role", "apply-service-account"} <= set(result.changed)
        assert data["roleARN"] == created.roles[name]["arn"]
        assert data["roleID"] == created.roles[name]["roleId"]
        assert data["serviceAccountUID"] == created.accounts[name]["uid"]
        assert data["accountID"] == ACCOUNT
        assert data["issuer"].removeprefix("https://") == created.cluster["issuer"].removeprefix("https://")
        assert data["calls"]["iam.CreateRole"] == 1
        assert data["request"]["subject"] == result.texts["ce_subject"] == subject(name)
        assert (data["request"]["partition"], data["request"]["offset"]) == (request.partition, request.offset)
        assert data["request"]["action"] == "create"
        assert result.texts["ce_causationid"] == request.texts["ce_id"]
        assert result.texts["ce_correlationid"] == request.texts["ce_correlationid"] == "created"
        assert result.texts["ce_source"].startswith("urn:irsa:workers:")
        assert result.key == request.key == f"{REGION}/{CLUSTER}/{name}".encode()


def test_the_state_topic_has_the_latest_truth_of_each_account(created):
    for name, state in created.states.items():
        assert state.outcome == "succeeded"
        assert state.data["observed"] == "present"
        assert state.data["roleARN"] == created.roles[name]["arn"]
        namespace, account = name.split("/")
        metadata = state.data["spec"]["serviceAccount"]["metadata"]
        assert (metadata["namespace"], metadata["name"], metadata["labels"]) == (namespace, account, LABELS[name])
        assert state.data["spec"]["options"]["withOIDC"] is True


def test_a_second_run_finds_everything_unchanged(created, repeated):
    repeated.output.must(0)
    assert {name: result.outcome for name, result in repeated.results.items()} == dict.fromkeys(NAMES, "unchanged")
    assert all(result.changed == [] for result in repeated.results.values())
    assert repeated.snapshot == created.snapshot


def test_delete_with_approval_ends_well(deleted):
    deleted.output.must(0)
    assert {name: result.outcome for name, result in deleted.results.items()} == dict.fromkeys(NAMES, "succeeded")


def test_after_delete_roles_and_accounts_are_gone(deleted):
    assert deleted.iam["roles"] == []
    assert deleted.accounts == {}


def test_after_delete_the_namespaces_and_the_provider_stay(created, deleted):
    assert deleted.cluster["namespaces"] == created.cluster["namespaces"]
    assert deleted.iam["oidcProviders"] == created.iam["oidcProviders"]


def test_after_delete_the_state_is_a_tombstone(deleted):
    assert {name: state.value for name, state in deleted.states.items()} == dict.fromkeys(NAMES, None)
