"""What is not ours is never changed or deleted, and a refusal says whose it is."""

from __future__ import annotations

import json

from .places import DYNAMODB_READ, ROLE_ANNOTATION, S3_READ

OVERRIDE = {"overrideExistingServiceAccounts": True}
SOMEBODYS_TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}


def put_role(site, name, tags=None, **more):
    """A role that somebody else made, as it then is."""
    site.stage.put_roles(site.cluster.account, {"roleName": name, "assumeRolePolicyDocument": SOMEBODYS_TRUST,
                                                "tags": tags or {}, "attachedPolicies": [DYNAMODB_READ], **more})
    return site.role_named(name)


def put_account(site, name, **metadata):
    """An account that somebody else made, as it then is."""
    site.stage.put_accounts(site.cluster, {"name": name, "namespace": site.namespace, **metadata})
    return site.accounts()[name]


def refuse(site, request, *words):
    """The request is a conflict whose message has all the words."""
    result = site.do_one(request)
    assert (result.outcome, result.code) == ("failed", "conflict"), str(result)
    for word in words:
        assert word in result.message, str(result)
    return result


def test_a_persons_role_of_the_same_name_is_not_touched(site):
    before = put_role(site, site.role_name("reader"))
    refuse(site, site.create("reader"), site.role_name("reader"))
    assert site.role_named(site.role_name("reader")) == before
    assert site.accounts() == {}


def test_a_persons_role_is_not_deleted(site):
    before = put_role(site, site.role_name("reader"))
    result = site.do_one(site.delete("reader"))
    assert result.outcome in ("failed", "unchanged"), str(result)
    assert result.changed == []
    assert site.role_named(site.role_name("reader")) == before


def test_a_role_of_ours_for_another_account_is_not_shared(site):
    name = f"app-shared-{site.namespace}"
    assert site.do_one(site.create("first", roleName=name)).outcome == "succeeded"
    before = site.role_named(name)
    refuse(site, site.create("second", roleName=name), name)
    assert site.role_named(name) == before
    assert [*site.accounts()] == ["first"]


def test_a_role_of_another_installation_is_not_touched(site):
    tags = {"irsa.dev/cluster": site.cluster.arn, "irsa.dev/service-account": f"{site.namespace}/reader",
            "irsa.dev/owner": "somebody-else"}
    before = put_role(site, site.role_name("reader"), tags)
    refuse(site, site.create("reader"), "somebody-else")
    assert site.role_named(site.role_name("reader")) == before


def test_a_changed_role_name_is_a_conflict_that_names_the_old_role(site):
    assert site.do_one(site.create("reader")).outcome == "succeeded"
    refuse(site, site.create("reader", roleName=f"other-{site.namespace}"), site.role_name("reader"))
    assert site.is_pair("reader")
    assert site.role_named(f"other-{site.namespace}") is None


def test_a_persons_account_is_refused_before_anything_is_written(site):
    before = put_account(site, "reader", labels={"team": "theirs"})
    result = refuse(site, site.create("reader"), "overrideExistingServiceAccounts")
    assert site.accounts()["reader"] == before
    assert site.roles() == {}
    assert not any(call.startswith("iam.Create") for call in result.calls)


def test_override_annotates_a_persons_account_and_leaves_the_rest_of_it(site):
    put_account(site, "reader", labels={"team": "theirs"}, annotations={"theirs": "stays"})
    assert site.do_one(site.create("reader", options=OVERRIDE)).outcome == "succeeded"
    account = site.accounts()["reader"]
    assert account["labels"]["team"] == "theirs"
    assert account["annotations"]["theirs"] == "stays"
    assert account["annotations"][ROLE_ANNOTATION] == site.roles()["reader"]["arn"]


def test_delete_releases_a_persons_account_and_deletes_the_role(site):
    before = put_account(site, "reader", labels={"team": "theirs"}, annotations={"theirs": "stays"})
    site.do_one(site.create("reader", options=OVERRIDE))
    result = site.do_one(site.delete("reader"))
    assert result.outcome == "succeeded"
    assert "release-service-account" in result.changed
    after = site.accounts()["reader"]
    assert (after["uid"], after["labels"], after["annotations"]) == (
        before["uid"], before["labels"], before["annotations"])
    assert site.roles() == {}


def test_override_takes_an_annotation_that_somebody_else_wrote(site):
    put_account(site, "reader", annotations={ROLE_ANNOTATION: f"arn:aws:iam::{site.cluster.account}:role/theirs"})
    refuse(site, site.create("reader"))
    assert site.do_one(site.create("reader", options=OVERRIDE)).outcome == "succeeded"
    assert site.is_pair("reader")


def test_override_works_by_flag(site):
    put_account(site, "reader", labels={"team": "theirs"})
    command = ["create", "iamserviceaccount", "reader", *site.flags, "--namespace", site.namespace,
               "--attach-policy-arn", S3_READ, "--wait=60s"]
    site.ctl(*command).must(1)
    site.ctl(*command, "--override-existing-serviceaccounts").must(0)
    assert site.is_pair("reader")


def test_a_persons_account_is_not_deleted(site):
    before = put_account(site, "reader", labels={"team": "theirs"})
    result = site.do_one(site.delete("reader"))
    assert result.changed == []
    assert site.accounts()["reader"] == before


def test_eksctls_account_is_recognised(site):
    put_account(site, "reader", labels={"app.kubernetes.io/managed-by": "eksctl"},
                annotations={ROLE_ANNOTATION: f"arn:aws:iam::{site.cluster.account}:role/eksctl-x"})
    before = site.accounts()["reader"]
    refuse(site, site.create("reader"), "eksctl")
    assert site.accounts()["reader"] == before
    assert site.roles() == {}


def test_eksctls_role_is_recognised(site):
    name = f"eksctl-{site.cluster.name}-addon-{site.namespace}-Role1-ABC"
    before = put_role(site, name, {"alpha.eksctl.io/iamserviceaccount-name": f"{site.namespace}/reader",
                                   "alpha.eksctl.io/cluster-name": site.cluster.name})
    refuse(site, site.create("reader", roleName=name), "eksctl")
    assert site.role_named(name) == before


def test_a_role_is_adopted_only_when_its_owner_has_offered_it(site):
    name = f"app-offered-{site.namespace}"
    put_role(site, name)
    request = site.create("reader", roleName=name, options={"adopt": True})
    refuse(site, request, name)
    put_role(site, name, {"irsa.dev/adopt": f"{site.cluster.arn}/{site.namespace}/reader"})
    before = site.role_named(name)
    assert site.do_one(request).outcome == "succeeded"
    after = site.role_named(name)
    assert after["roleId"] == before["roleId"]
    assert after["assumeRolePolicyDocument"] == site.trust("reader")
    assert after["attachedPolicies"] == [S3_READ]
    assert site.accounts()["reader"]["annotations"][ROLE_ANNOTATION] == after["arn"]


def test_what_an_incident_response_attached_stays_and_is_told(site):
    site.do_one(site.create("reader"))
    role = site.roles()["reader"]
    revoke = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2026-11-24T00:00:00Z"}}}]}
    site.stage.put_roles(site.cluster.account, {**role, "inlinePolicies": {"AWSRevokeOlderSessions": revoke}})
    result = site.do_one(site.create("reader"))
    assert site.roles()["reader"]["inlinePolicies"] == {"AWSRevokeOlderSessions": revoke}
    assert "AWSRevokeOlderSessions" in json.dumps(result.data["foreign"])


def test_what_was_changed_by_hand_is_mended(site):
    site.do_one(site.create("reader"))
    good = site.roles()["reader"]
    site.stage.put_roles(site.cluster.account, {
        **good, "attachedPolicies": [DYNAMODB_READ], "assumeRolePolicyDocument": SOMEBODYS_TRUST})
    result = site.do_one(site.create("reader"))
    mended = site.roles()["reader"]
    assert result.outcome == "succeeded"
    assert (mended["attachedPolicies"], mended["assumeRolePolicyDocument"]) == (
        good["attachedPolicies"], good["assumeRolePolicyDocument"])
    assert result.changed[0] == "update-trust-policy", "a tampered trust is mended first"
