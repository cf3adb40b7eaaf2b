"""create iamserviceaccount by flags: eksctl's words, one by one."""

from __future__ import annotations

from .places import DYNAMODB_READ, ROLE_ANNOTATION, S3_READ

POLICY_FLAGS = ["--attach-policy-arn", S3_READ]


def create(site, *flags, code=0, namespace=True):
    """Run it, wait for it, and return the final results of its batch by namespace/name."""
    batch = f"{site.namespace}-{len(site.broker.requests.all())}"
    place = ["--namespace", site.namespace] if namespace else []
    site.ctl("create", "iamserviceaccount", *site.flags, *place, *flags, "--wait=60s", "--batch", batch).must(code)
    return site.broker.batch(batch)


def test_flags_alone_make_a_pair(site):
    results = create(site, "--name", "s3-reader", *POLICY_FLAGS)
    assert results[f"{site.namespace}/s3-reader"].outcome == "succeeded"
    assert site.is_pair("s3-reader")
    assert site.roles()["s3-reader"]["assumeRolePolicyDocument"] == site.trust("s3-reader")


def test_the_name_may_be_the_argument(site):
    create(site, "s3-reader", *POLICY_FLAGS)
    assert site.is_pair("s3-reader")


def test_approve_is_accepted(site):
    create(site, "s3-reader", *POLICY_FLAGS, "--approve")
    assert site.is_pair("s3-reader")


def test_several_policies_are_given_by_repeating_the_flag_or_with_commas(site):
    third = "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"
    create(site, "reader", "--attach-policy-arn", f"{S3_READ},{DYNAMODB_READ}", "--attach-policy-arn", third)
    assert sorted(site.roles()["reader"]["attachedPolicies"]) == sorted([S3_READ, DYNAMODB_READ, third])


def test_the_namespace_is_default_when_none_is_given(site):
    name = f"a-{site.namespace}"
    results = create(site, name, *POLICY_FLAGS, namespace=False)
    assert [*results] == [f"default/{name}"]
    site.namespace = "default"
    assert site.is_pair(name)


def test_a_missing_namespace_is_made_and_stays_after_delete(site):
    result = create(site, "reader", *POLICY_FLAGS)[f"{site.namespace}/reader"]
    assert "create-namespace" in result.changed
    site.ctl("delete", "iamserviceaccount", *site.flags, "--namespace", site.namespace, "reader", "--wait=60s").must()
    assert site.accounts() == {}
    assert site.namespace in site.stage.world.snapshot()["clusters"][site.cluster.id]["namespaces"]


def test_role_name_names_the_role_at_the_root(site):
    name = f"app-named-{site.namespace}"
    create(site, "reader", *POLICY_FLAGS, "--role-name", name)
    role = site.role_named(name)
    assert (role["path"], role["arn"]) == ("/", f"arn:aws:iam::{site.cluster.account}:role/{name}")
    assert site.accounts()["reader"]["annotations"][ROLE_ANNOTATION] == role["arn"]


def test_role_only_makes_the_role_and_leaves_kubernetes_alone(site):
    result = create(site, "reader", *POLICY_FLAGS, "--role-only")[f"{site.namespace}/reader"]
    assert site.roles()["reader"]["assumeRolePolicyDocument"] == site.trust("reader")
    assert site.accounts() == {}
    assert site.namespace not in site.stage.world.snapshot()["clusters"][site.cluster.id]["namespaces"]
    assert [call for call in result.calls if call.startswith("kubernetes.")] == []


def test_attach_role_arn_annotates_the_account_and_leaves_iam_alone(site):
    arn = f"arn:aws:iam::{site.cluster.account}:role/somebodys"
    result = create(site, "reader", "--attach-role-arn", arn)[f"{site.namespace}/reader"]
    assert site.accounts()["reader"]["annotations"][ROLE_ANNOTATION] == arn
    assert site.roles() == {}
    assert [call for call in result.calls if call.startswith("iam.")] == []


def test_deleting_an_account_with_somebodys_role_leaves_the_role(site):
    name = f"somebodys-{site.namespace}"
    arn = f"arn:aws:iam::{site.cluster.account}:role/{name}"
    site.stage.put_roles(site.cluster.account, {"roleName": name, "assumeRolePolicyDocument": site.trust("reader")})
    before = site.role_named(name)
    create(site, "reader", "--attach-role-arn", arn)
    site.ctl("delete", "iamserviceaccount", *site.flags, "--namespace", site.namespace, "reader",
             "--attach-role-arn", arn, "--wait=60s").must()
    assert site.accounts() == {}
    assert site.role_named(name) == before


def test_tags_go_to_the_role_beside_ours(site):
    create(site, "reader", *POLICY_FLAGS, "--tags", "team=checkout,cost-center=4711")
    tags = site.roles()["reader"]["tags"]
    assert tags | {"team": "checkout", "cost-center": "4711"} == tags
    assert {key for key in tags if not key.startswith("irsa.dev/")} == {"team", "cost-center"}


def test_subject_pattern_stands_under_string_like(site):
    create(site, "workers", *POLICY_FLAGS, "--subject-pattern", "worker-*")
    assert site.roles()["workers"]["assumeRolePolicyDocument"] == site.trust("workers", "worker-*")


def test_the_clusters_account_may_be_given(site):
    results = create(site, "reader", *POLICY_FLAGS, "--account-id", site.cluster.account)
    assert results[f"{site.namespace}/reader"].data["request"]["subject"] == site.subject("reader")
    assert site.is_pair("reader")


def test_what_is_asked_for_in_another_account_is_not_done_in_ours(site):
    [result] = create(site, "reader", *POLICY_FLAGS, "--account-id", "999988887777", code=1).values()
    assert (result.outcome, result.changed) == ("failed", [])
    assert site.roles() == {} and site.accounts() == {}


def test_with_oidc_makes_the_provider_on_a_cluster_that_has_none(world, worker):
    site = world.site("cluster-15", "apps")
    worker()
    refused = create(site, "reader", *POLICY_FLAGS, code=1)["apps/reader"]
    assert (refused.outcome, refused.code) == ("failed", "oidc_provider_missing")
    assert site.roles() == {} and site.accounts() == {}
    made = create(site, "reader", *POLICY_FLAGS, "--with-oidc")["apps/reader"]
    assert made.outcome == "succeeded"
    assert "create-oidc-provider" in made.changed
    assert site.is_pair("reader")


def test_a_repeat_with_other_policies_changes_the_role_in_place(site):
    create(site, "reader", *POLICY_FLAGS)
    before = site.roles()["reader"]
    result = create(site, "reader", "--attach-policy-arn", DYNAMODB_READ)[f"{site.namespace}/reader"]
    after = site.roles()["reader"]
    assert result.outcome == "succeeded"
    assert {"attach-policy", "detach-policy"} <= set(result.changed)
    assert after["attachedPolicies"] == [DYNAMODB_READ]
    assert after["roleId"] == before["roleId"]
    assert "pods-need-restart" not in result.data.get("notes", []), "the role is the same one"


def test_update_changes_only_what_is_given_and_keeps_the_role(site):
    create(site, "reader", *POLICY_FLAGS, "--tags", "team=checkout")
    before = site.roles()["reader"]
    site.ctl("update", "iamserviceaccount", *site.flags, "--namespace", site.namespace, "reader",
             "--attach-policy-arn", DYNAMODB_READ, "--wait=60s").must()
    after = site.roles()["reader"]
    assert after["attachedPolicies"] == [DYNAMODB_READ]
    assert after["tags"]["team"] == "checkout"
    assert (after["roleId"], after["assumeRolePolicyDocument"]) == (before["roleId"], before["assumeRolePolicyDocument"])


def test_update_of_what_is_not_there_is_not_found(site):
    result = site.do_one(site.request("update", "nobody", attachPolicyARNs=[S3_READ]))
    assert (result.outcome, result.code) == ("failed", "not_found")
    assert site.roles() == {}


def test_delete_removes_role_and_account(site):
    create(site, "reader", *POLICY_FLAGS)
    site.ctl("delete", "iamserviceaccount", *site.flags, "--namespace", site.namespace, "--name", "reader",
             "--wait=60s").must()
    assert site.roles() == {} and site.accounts() == {}
    assert site.state("reader").value is None


def test_delete_of_what_is_gone_is_unchanged(site):
    assert site.do_one(site.delete("nobody")).outcome == "unchanged"
