"""Files with every field of iam.serviceAccounts, and with every well-known policy: what AWS and Kubernetes then hold."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import boto3
import pytest
import yaml

from .contract import SCHEMAS
from .wanted import INLINE, MANAGED, seen_account, seen_role, wanted_by

DATA = Path(__file__).parent / "data"
FILES = ["every-field.yaml", "well-known-policies.yaml"]
READS = {"GetRole", "GetRolePolicy", "ListAttachedRolePolicies", "ListRolePolicies", "get"}
ASKS_BY_MAKING = "CreateRole"
DOCUMENT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


class Filled:
    """A world in which one file has been provisioned, by nobody else's help than that of the two programs."""

    def __init__(self, world, irsactl, path: Path):
        self.world, self.irsactl, self.path = world, irsactl, path
        self.cluster = world.clusters["cluster-13"]
        self.wanted = wanted_by(path, self.cluster, world.issuers[self.cluster.id])
        self.results = self.run("create")

    def run(self, action: str, *flags: str) -> dict:
        """The file's results by "namespace/name"."""
        batch = f"{action}-{len(self.world.broker.results.all())}"
        self.irsactl(action, "iamserviceaccount", "-f", self.path, *flags, "--wait=60s", "--batch", batch).must()
        return self.world.broker.batch(batch)

    @property
    def roles(self) -> dict[str, dict]:
        """Those that are for a service account, by its name."""
        return {role["tags"]["irsa.dev/service-account"]: role
                for role in self.world.world.snapshot()["accounts"][self.cluster.account]["roles"]
                if "irsa.dev/service-account" in role["tags"]}

    @property
    def accounts(self) -> dict[str, dict]:
        return {f"{each['metadata']['namespace']}/{each['metadata']['name']}": each["metadata"]
                for each in self.world.world.snapshot()["clusters"][self.cluster.id]["serviceAccounts"]}


@pytest.fixture(params=FILES)
def filled(request, world, worker, irsactl):
    put_what_others_made(world)
    worker()
    return Filled(world, irsactl, DATA / request.param)


def put_what_others_made(world):
    """The policies that the file names; IAM takes no other."""
    account = world.clusters["cluster-13"].account
    world.world.put({"accounts": {account: {"policies": [
        {"policyName": "orders", "arn": f"arn:aws:iam::{account}:policy/orders", "policyDocument": DOCUMENT},
        {"policyName": "team-boundary", "path": "/bounds/", "policyDocument": DOCUMENT,
         "arn": f"arn:aws:iam::{account}:policy/bounds/team-boundary"}]}}})


def test_the_world_is_what_the_file_asks_for_and_neither_a_repeat_nor_an_update_changes_it(filled):
    agree(filled)
    before, counts = filled.world.world.snapshot(), counted(filled)
    repeat = filled.run("create")
    assert {id: result.outcome for id, result in repeat.items()} == dict.fromkeys(filled.wanted, "unchanged")
    assert not any(result.changed for result in repeat.values())
    # With roleOnly there is nothing to read that would tell of the role: IAM is asked to make it, and says that it is there.
    asks = {f"iam.{ASKS_BY_MAKING}": sum(not each.has_account for each in filled.wanted.values())}
    assert writes_of(sum((Counter(result.calls) for result in repeat.values()), Counter())) == Counter(asks)
    assert "calls" not in filled.world.supports or writes_of(counted(filled) - counts) == Counter(asks)
    assert filled.world.world.snapshot() == before
    update = filled.run("update")  # of roles of ours; it passes over the one that others keep
    assert {id: result.outcome for id, result in update.items()} == {
        id: "unchanged" for id, each in filled.wanted.items() if each.has_role}
    assert filled.world.world.snapshot() == before
    agree(filled)


def test_a_delete_of_the_file_leaves_what_others_made(filled):
    accounts = filled.world.world.snapshot()["accounts"][filled.cluster.account]
    results = filled.run("delete", "--approve")
    assert {id: result.outcome for id, result in results.items()} == dict.fromkeys(filled.wanted, "succeeded")
    assert (filled.roles, filled.accounts) == ({}, {})
    after = filled.world.world.snapshot()["accounts"][filled.cluster.account]
    assert (after["policies"], after["oidcProviders"]) == (accounts["policies"], accounts["oidcProviders"])


def agree(filled):
    """The file, the world, the results, the state and boto3 say the same."""
    wanted = filled.wanted.values()
    roles, accounts = filled.roles, filled.accounts
    assert {id: seen_role(role) for id, role in roles.items()} == {each.id: each.role for each in wanted if each.has_role}
    assert {id: seen_account(account) for id, account in accounts.items()} == {
        each.id: each.account for each in wanted if each.has_account}
    assert filled.results.keys() == filled.wanted.keys()
    iam = iam_of(filled.world.world.env)
    for each in wanted:
        result, state = filled.results[each.id].data, state_of(filled, each)
        assert result["outcome"] == "succeeded"
        assert result["roleARN"] == state["roleARN"] == each.role_arn
        if each.has_role:
            assert result["roleID"] == state["roleID"] == roles[each.id]["roleId"]
            assert seen_role(role_by_boto3(iam, each.role_name)) == each.role
        if each.has_account:
            assert result["serviceAccountUID"] == state["serviceAccountUID"] == accounts[each.id]["uid"]


def state_of(filled, wanted):
    """What irsa.state says of it, which has the entry as it was applied."""
    state = filled.world.broker.state(f"{filled.cluster.account}/{filled.cluster.id}/{wanted.id}").data
    assert state["observed"] == "present"
    spec = state["spec"]["serviceAccount"]
    asked = {key: value for key, value in wanted.entry.items() if key != "status"}
    assert spec["metadata"] == asked["metadata"] | {"namespace": wanted.namespace}
    for field in asked.keys() - {"metadata", "tags", "wellKnownPolicies", "roleOnly"}:
        assert spec[field] == asked[field], field
    assert {key for key, is_on in spec.get("wellKnownPolicies", {}).items() if is_on} == wanted.well_known
    assert spec.get("roleOnly", False) == asked.get("roleOnly", False)
    return state


def counted(filled):
    """The calls that the services have seen, where they count them."""
    return Counter(filled.world.cloud.calls()["counts"]) if "calls" in filled.world.supports else Counter()


def writes_of(calls):
    """Those that are no reads, by the names that the services have for them."""
    return Counter({call: count for call, count in calls.items() if call.partition(".")[2] not in READS})


def iam_of(env):
    """botocore's own IAM client with the worker's credentials."""
    return boto3.client("iam", endpoint_url=env["AWS_ENDPOINT_URL"], region_name=env["AWS_REGION"],
                        aws_access_key_id=env["AWS_ACCESS_KEY_ID"], aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"])


def role_by_boto3(iam, name):
    """A role as the worker's rights let it be seen, in the shape of a snapshot."""
    role = iam.get_role(RoleName=name)["Role"]
    boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return {
        "roleName": role["RoleName"], "path": role["Path"], "arn": role["Arn"],
        "assumeRolePolicyDocument": role["AssumeRolePolicyDocument"],
        **({"permissionsBoundary": boundary} if boundary else {}),
        "tags": {tag["Key"]: tag["Value"] for tag in role["Tags"]},
        "attachedPolicies": sorted(policy["PolicyArn"] for policy in
                                   iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]),
        "inlinePolicies": {policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
                           for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]},
    }


def test_the_files_have_every_field_that_a_request_can_have():
    """A field that is added to the contract must be added here as well."""
    definitions = json.loads((SCHEMAS / "request.v1.schema.json").read_text(encoding="utf-8"))["$defs"]
    entries = [entry for name in FILES
               for entry in yaml.safe_load((DATA / name).read_text(encoding="utf-8"))["iam"]["serviceAccounts"]]
    assert {key for entry in entries for key in entry} == definitions["serviceAccount"]["properties"].keys() | {"status"}
    assert {key for entry in entries for key in entry["metadata"]} == definitions["metadata"]["properties"].keys()
    keys = {key for entry in entries for key, is_on in entry.get("wellKnownPolicies", {}).items() if is_on}
    assert keys == definitions["wellKnownPolicies"]["properties"].keys() == {*MANAGED, *INLINE}
