"""Whatever others change, the same create again restores what is ours and touches nothing else.

On the real parts others are boto3 and the Kubernetes API. Every change that there is has a row in
tests/support/repair_table.c; these are the ones that are worth a look from outside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from .differences import differences
from .places import DYNAMODB_READ, ROLE_ANNOTATION, S3_READ, Site

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
BOUNDARY = "arn:aws:iam::aws:policy/PowerUserAccess"
DENY_ALL = "arn:aws:iam::aws:policy/AWSDenyAll"
LISTING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}]}
ANYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
SOMEBODYS_TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
READS = ("iam.Get", "iam.List", "eks.Describe", "sts.Get", "kubernetes.get")

ROLE_MARK = "~role/tags/irsa.dev/request"
ACCOUNT_MARK = "~account/annotations/irsa.dev/request"
ALL_POLICIES = ["attach-policy", "attach-policy", "put-inline-policy"]


class Pair:
    """A role and a service account of ours, with something of everything, and what others may do to them."""

    def __init__(self, site: Site):
        self.site = site
        self.request = site.create(
            "reader", attachPolicyARNs=[S3_READ, DYNAMODB_READ], attachPolicy=LISTING, permissionsBoundary=BOUNDARY,
            tags={"team": "a"}, metadata={"labels": {"team": "a"}, "annotations": {"note": "x"}})
        result = site.do_one(self.request)
        assert result.outcome == "succeeded", str(result)
        self.role = site.roles()["reader"]
        self.words = {f"accounts/{site.cluster.account}/roles/{self.role['arn']}": "role",
                      f"clusters/{site.cluster.id}/serviceAccounts/{site.namespace}/reader/metadata": "account",
                      f"accounts/{site.cluster.account}/oidcProviders/{site.provider_arn}": "provider"}

    def on_role(self, **parts: object) -> dict:
        return {"accounts": {self.site.cluster.account: {"roles": [{"roleName": self.role["roleName"], **parts}]}}}

    def on_account(self, **metadata: object) -> dict:
        return {"clusters": {self.site.cluster.id: {"serviceAccounts": [{
            "metadata": {"name": "reader", "namespace": self.site.namespace, **metadata},
            "fieldManager": "kubectl-edit", "operation": "Update"}]}}}

    def without_tag(self, key: str) -> dict:
        return self.on_role(tags={name: value for name, value in self.role["tags"].items() if name != key})

    def delete_role(self) -> dict:
        return {"accounts": {self.site.cluster.account: {"delete": {"roles": [self.role["roleName"]]}}}}

    def delete_from_cluster(self, **names: list[str]) -> dict:
        return {"clusters": {self.site.cluster.id: {"delete": names}}}


@dataclass(frozen=True)
class Repair:
    name: str
    change: Callable[[Pair], dict]
    steps: list[str]
    leaves: set[str]
    foreign: tuple[str, ...] = ()


REPAIRS = [
    Repair("a-policy-detached", lambda pair: pair.on_role(attachedPolicies=[S3_READ]),
           ["tag-role", "attach-policy"], {ROLE_MARK}),
    Repair("a-policy-added", lambda pair: pair.on_role(attachedPolicies=[S3_READ, DYNAMODB_READ, ADMIN]),
           ["tag-role", "detach-policy"], {ROLE_MARK}),
    Repair("an-incident-response", lambda pair: pair.on_role(attachedPolicies=[S3_READ, DYNAMODB_READ, DENY_ALL]),
           [], {f"+role/attachedPolicies/{DENY_ALL}"}, (DENY_ALL,)),
    Repair("an-inline-policy-edited", lambda pair: pair.on_role(inlinePolicies={"irsa-inline": ANYTHING}),
           ["tag-role", "put-inline-policy"], {ROLE_MARK}),
    Repair("an-inline-policy-added",
           lambda pair: pair.on_role(inlinePolicies={"irsa-inline": LISTING, "by-hand": ANYTHING}),
           ["tag-role", "delete-inline-policy"], {ROLE_MARK}),
    Repair("the-trust-and-all-else-edited",
           lambda pair: pair.on_role(assumeRolePolicyDocument=SOMEBODYS_TRUST, permissionsBoundary=None,
                                     attachedPolicies=[ADMIN], inlinePolicies={}),
           ["update-trust-policy", "put-permissions-boundary", "tag-role", *ALL_POLICIES, "detach-policy"], {ROLE_MARK}),
    Repair("the-boundary-changed", lambda pair: pair.on_role(permissionsBoundary=ADMIN),
           ["put-permissions-boundary", "tag-role"], {ROLE_MARK}),
    Repair("a-tag-of-ours-lost", lambda pair: pair.without_tag("irsa.dev/cluster"), ["tag-role"], {ROLE_MARK}),
    Repair("a-persons-tag-added", lambda pair: pair.on_role(tags={**pair.role["tags"], "cost-center": "42"}),
           [], {"+role/tags/cost-center"}),
    Repair("the-role-deleted", Pair.delete_role, ["create-role", *ALL_POLICIES], {"~role/roleId", ROLE_MARK}),
    Repair("the-account-deleted",
           lambda pair: pair.delete_from_cluster(serviceAccounts=[f"{pair.site.namespace}/reader"]),
           ["apply-service-account"], {"~account/uid", ACCOUNT_MARK}),
    Repair("the-annotation-removed", lambda pair: pair.on_account(annotations={ROLE_ANNOTATION: None}),
           ["apply-service-account"], {ACCOUNT_MARK}),
    Repair("the-labels-removed",
           lambda pair: pair.on_account(labels={"app.kubernetes.io/managed-by": None, "team": None}),
           ["apply-service-account"], {ACCOUNT_MARK}),
    Repair("a-persons-label-added", lambda pair: pair.on_account(labels={"tier": "gold"}),
           [], {"+account/labels/tier", "+account/managedFields/Update by kubectl-edit"}),
    Repair("the-namespace-deleted", lambda pair: pair.delete_from_cluster(namespaces=[pair.site.namespace]),
           ["create-namespace", "apply-service-account"], {"~account/uid", ACCOUNT_MARK}),
]


def writes(calls: dict[str, int]) -> set[str]:
    return {call for call in calls if not call.startswith(READS)}


def check_repair(pair: Pair, before: dict, steps: list[str], leaves: set[str], foreign: tuple[str, ...] = ()) -> None:
    """The same create says what it mends, leaves the world as it was but for that, and has nothing to do a second time."""
    world = pair.site.stage.world
    result = pair.site.do_one(pair.request)
    assert (result.outcome, result.changed) == ("succeeded" if steps else "unchanged", steps), str(result)
    assert result.data.get("foreign", []) == list(foreign)
    mended = world.snapshot()
    assert differences(before, mended, pair.words) == leaves
    assert result.data["roleID"] == pair.site.roles()["reader"]["roleId"]
    assert result.data["serviceAccountUID"] == pair.site.accounts()["reader"]["uid"]
    again = pair.site.do_one(pair.request)
    assert (again.outcome, again.changed, writes(again.calls)) == ("unchanged", [], set()), str(again)
    assert differences(mended, world.snapshot(), pair.words) == set()


@pytest.mark.parametrize("repair", REPAIRS, ids=lambda repair: repair.name)
def test_what_others_change_is_put_back(site, repair):
    pair = Pair(site)
    before = site.stage.world.snapshot()
    site.stage.world.put(repair.change(pair))
    assert differences(before, site.stage.world.snapshot(), pair.words), "nothing was changed"
    check_repair(pair, before, repair.steps, repair.leaves, repair.foreign)


def test_a_role_that_a_person_made_anew_is_refused_and_stays(site):
    pair = Pair(site)
    site.stage.world.put(pair.delete_role())
    site.stage.world.put(pair.on_role(assumeRolePolicyDocument=SOMEBODYS_TRUST, tags={"owner": "somebody"}))
    before = site.stage.world.snapshot()
    result = site.do_one(pair.request)
    assert (result.outcome, result.code, writes(result.calls)) == ("failed", "conflict", set()), str(result)
    assert differences(before, site.stage.world.snapshot(), pair.words) == set()


def test_an_annotation_that_a_person_changed_is_theirs_until_the_request_overrides(site):
    pair = Pair(site)
    before = site.stage.world.snapshot()
    site.stage.world.put(pair.on_account(annotations={ROLE_ANNOTATION: f"{pair.role['arn']}-of-somebody"}))
    result = site.do_one(pair.request)
    assert (result.outcome, result.code, writes(result.calls)) == ("failed", "conflict", set()), str(result)
    assert "kubectl-edit" in result.message
    pair.request["options"] = {"overrideExistingServiceAccounts": True}
    check_repair(pair, before, ["apply-service-account"], {ACCOUNT_MARK})


def with_oidc(site: Site) -> Site:
    """Its creates make the provider."""
    create = site.create
    site.create = lambda name, **fields: create(name, options={"withOIDC": True}, **fields)
    return site


def provider_of(pair: Pair) -> dict:
    account = pair.site.stage.world.snapshot()["accounts"][pair.site.cluster.account]
    return next(provider for provider in account["oidcProviders"] if provider["arn"] == pair.site.provider_arn)


def test_what_a_worker_remembers_of_clusters_is_mended_by_one_that_comes_anew(world, worker):
    """One that runs on remembers clusters and their providers for five minutes."""
    first = worker()
    deleted, robbed, renewed = (Pair(with_oidc(world.site(f"cluster-{n}", "apps"))) for n in (13, 14, 15))
    good, account = provider_of(deleted), deleted.site.cluster.account
    world.world.put({"accounts": {account: {
        "delete": {"oidcProviders": [deleted.site.provider_arn]},
        "oidcProviders": [{"url": robbed.site.issuer, "clientIDs": ["theirs"]}]}}})
    if "sandbox" in world.supports:
        give_another_issuer(renewed)
    first.stop()
    worker()
    check_repair(robbed, world.world.snapshot(), ["add-audience"], {"+provider/clientIDs/sts.amazonaws.com"})
    check_repair(deleted, world.world.snapshot(), ["create-oidc-provider"], {"+provider"})
    assert provider_of(deleted) == good
    if "sandbox" in world.supports:
        check_another_issuer(renewed)


def give_another_issuer(pair: Pair) -> None:
    """The cluster was deleted and made anew: nothing of Kubernetes is there."""
    issuer = f"https://oidc.eks.{pair.site.cluster.region}.amazonaws.com/id/NEW"
    pair.site.stage.world.put({"clusters": {pair.site.cluster.id: {"issuer": issuer, "delete": {"namespaces": ["apps"]}}}})
    pair.site.stage.issuers[pair.site.cluster.id] = issuer


def check_another_issuer(pair: Pair) -> None:
    """The role trusts the new issuer; the provider of the old one is nobody's to delete and stays."""
    world = pair.site.stage.world
    before = world.snapshot()
    result = pair.site.do_one(pair.request)
    assert (result.outcome, result.data["issuer"]) == ("succeeded", pair.site.issuer), str(result)
    assert result.changed == ["create-oidc-provider", "create-namespace", "update-trust-policy", "tag-role",
                              "apply-service-account"]
    assert pair.site.roles()["reader"]["assumeRolePolicyDocument"] == pair.site.trust("reader")
    found = differences(before, world.snapshot(), pair.words)
    assert {path for path in found if "/assumeRolePolicyDocument/" not in path} == {
        f"+accounts/{pair.site.cluster.account}/oidcProviders/{pair.site.provider_arn}", ROLE_MARK,
        f"+clusters/{pair.site.cluster.id}/namespaces/apps", f"+clusters/{pair.site.cluster.id}/serviceAccounts/apps/reader"}
    assert pair.site.do_one(pair.request).outcome == "unchanged"
