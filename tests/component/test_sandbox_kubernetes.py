"""The sandbox's Kubernetes beyond what was asked of a real server: tokens, field ownership, patches, lists, namespaces."""

from __future__ import annotations

import base64
import datetime
from unittest import mock

import pytest
from sandbox_tools import ACCOUNT, APPLY, CLUSTER, REGION, Sandbox, eks_token, encode_token, key_of, owners

ROLE_ARN = "eks.amazonaws.com/role-arn"
NS = "/api/v1/namespaces"
ACCOUNTS = f"{NS}/default/serviceaccounts"
MERGE_PATCH, JSON_PATCH = "application/merge-patch+json", "application/json-patch+json"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    box = Sandbox(tmp_path_factory.mktemp("kubernetes"), "--cluster", f"{CLUSTER}:{REGION}:{ACCOUNT}",
                  "--cluster", f"twin:{REGION}:{ACCOUNT}", "--cluster", "beijing:cn-north-1:777788889999")
    yield box
    box.close()


@pytest.fixture
def kube(sandbox):
    sandbox.control("POST", "/reset")
    return sandbox.kube()


def metadata(answer, status: int = 200) -> dict:
    assert answer.status_code == status, answer.text
    return answer.json()["metadata"]


# ------------------------------------------------------------------------------------------------------- tokens


def test_a_token_that_botocore_made_is_accepted(kube):
    assert kube("GET", NS).status_code == 200


def test_a_token_of_the_partition_of_the_cluster_is_accepted(sandbox):
    kube = sandbox.kube("beijing", "777788889999", "cn-north-1")
    token = eks_token("beijing", "777788889999", "cn-north-1", suffix="amazonaws.com.cn")
    assert kube("GET", NS, token=token).status_code == 200
    assert kube("GET", NS, token=eks_token("beijing", "777788889999", "us-west-2")).status_code == 401


def test_a_temporary_key_s_token_is_of_the_session_that_sts_names(kube, sandbox):
    sandbox.control("PUT", "/permissions", {"roles": []})
    refused = kube("GET", NS, token=eks_token(CLUSTER, is_session=True))
    assert refused.status_code == 403
    assert f'User "arn:aws:sts::{ACCOUNT}:assumed-role/irsa-worker/irsa-sandbox" cannot' in refused.json()["message"]


def url_of(token: str) -> str:
    text = token.removeprefix("k8s-aws-v1.")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()


def sts(host: str = f"sts.{REGION}.amazonaws.com", scheme: str = "https", path: str = "/", query: str = "") -> str:
    return f"{scheme}://{host}{path}?Action=GetCallerIdentity&Version=2011-06-15{query}"


def made_at(minutes: int, **more) -> str:
    then = datetime.datetime.now(datetime.UTC).replace(tzinfo=None) + datetime.timedelta(minutes=minutes)
    with mock.patch("botocore.auth.get_current_datetime", lambda **_: then):
        return eks_token(CLUSTER, **more)


WRONG_TOKENS = {
    "of another cluster": lambda: eks_token("twin"),
    "of another account": lambda: eks_token(CLUSTER, "999988887777"),
    "signed with a wrong secret": lambda: eks_token(CLUSTER, secret="wrong"),
    "of sixteen minutes ago": lambda: made_at(-16),
    "of ten minutes to come": lambda: made_at(10),
    "that expires after a day": lambda: eks_token(CLUSTER, expires=86400),
    "of plain http": lambda: eks_token(CLUSTER, url=sts(scheme="http")),
    "of another host": lambda: eks_token(CLUSTER, url=sts("sts.us-west-2.example.com")),
    "of another region's host": lambda: eks_token(CLUSTER, url=sts("sts.eu-west-1.amazonaws.com")),
    "of another path": lambda: eks_token(CLUSTER, url=sts(path="/x")),
    "of another action": lambda: eks_token(CLUSTER, url=sts().replace("GetCallerIdentity", "GetSessionToken")),
    "with a key that is not known": lambda: eks_token(CLUSTER, url=sts(query="&More=1")),
    "with a key twice": lambda: encode_token(url_of(eks_token(CLUSTER)) + "&Version=2011-06-15"),
    "with padding": lambda: eks_token(CLUSTER) + "=",
    "without its prefix": lambda: eks_token(CLUSTER).removeprefix("k8s-aws-v1."),
    "over 4,096 bytes": lambda: eks_token(CLUSTER, url=sts(query="&X-Amz-User-Agent=" + "a" * 4000)),
    "of nothing": lambda: "k8s-aws-v1.",
}


@pytest.mark.parametrize("which", WRONG_TOKENS)
def test_a_wrong_token_is_unauthorized(kube, which):
    answer = kube("GET", NS, token=WRONG_TOKENS[which]())
    assert (answer.status_code, answer.json()["message"]) == (401, "Unauthorized")


def test_a_token_of_fourteen_minutes_ago_is_accepted(kube):
    assert kube("GET", NS, token=made_at(-14)).status_code == 200


# ------------------------------------------------------------------------------------------------------- ownership


def test_a_post_owns_its_fields_by_update_and_a_conflict_says_so(kube):
    made = kube("POST", f"{ACCOUNTS}?fieldManager=eksctl", {"metadata": {"name": "x", "annotations": {ROLE_ARN: "a"}}})
    assert owners(made.json()) == {"eksctl": {"f:metadata": {"f:annotations": {".": {}, f"f:{ROLE_ARN}": {}}}}}
    refused = kube.apply("default", "x", "irsa", {"annotations": {ROLE_ARN: "b"}})
    assert refused.status_code == 409
    assert refused.json()["details"]["causes"] == [
        {"reason": "FieldManagerConflict", "message": 'conflict with "eksctl" using v1',
         "field": f".metadata.annotations.{ROLE_ARN}"}]


def test_the_user_agent_is_the_manager_of_a_write_that_names_none(kube):
    made = kube("POST", ACCOUNTS, {"metadata": {"name": "x", "labels": {"a": "b"}}}, **{"User-Agent": "kubectl/v1.35 (linux)"})
    assert list(owners(made.json())) == ["kubectl"]


def test_after_a_post_by_the_same_manager_an_apply_cannot_remove_a_field(kube):
    kube("POST", f"{ACCOUNTS}?fieldManager=irsa", {"metadata": {"name": "x", "annotations": {ROLE_ARN: "a"}}})
    kube.apply("default", "x", "irsa", {"annotations": {ROLE_ARN: "a"}})
    assert metadata(kube.apply("default", "x", "irsa"))["annotations"] == {ROLE_ARN: "a"}


def test_several_conflicts_are_told_by_their_owners(kube):
    kube.apply("default", "x", "helm", {"labels": {"a": "1"}, "annotations": {"b": "1"}})
    kube.apply("default", "x", "argo", {"labels": {"c": "1"}})
    refused = kube.apply("default", "x", "irsa", {"labels": {"a": "2", "c": "2"}, "annotations": {"b": "2"}}).json()
    assert refused["message"] == ('Apply failed with 3 conflicts: conflicts with "argo":\n- .metadata.labels.c\n'
                                  'conflicts with "helm":\n- .metadata.annotations.b\n- .metadata.labels.a')


def test_force_takes_the_named_fields_and_no_others(kube):
    kube.apply("default", "x", "helm", {"labels": {"a": "1", "b": "1"}})
    taken = kube.apply("default", "x", "irsa", {"labels": {"a": "2"}}, "&force=true").json()
    assert taken["metadata"]["labels"] == {"a": "2", "b": "1"}
    assert owners(taken) == {"helm": {"f:metadata": {"f:labels": {"f:b": {}}}}, "irsa": {"f:metadata": {"f:labels": {"f:a": {}}}}}


def test_a_smaller_apply_removes_what_is_no_longer_named(kube):
    kube.apply("default", "x", "irsa", {"labels": {"a": "1"}, "annotations": {"b": "1", "c": "1"}})
    left = metadata(kube.apply("default", "x", "irsa", {"annotations": {"b": "1"}}))
    assert ("labels" in left, left["annotations"]) == (False, {"b": "1"})


def test_lists_are_owned_item_by_item(kube):
    kube.apply("default", "x", "one", {"finalizers": ["example.com/a"]}, secrets=[{"name": "s1"}])
    both = kube.apply("default", "x", "two", {"finalizers": ["example.com/b"]}, secrets=[{"name": "s2"}]).json()
    assert both["metadata"]["finalizers"] == ["example.com/a", "example.com/b"]
    assert both["secrets"] == [{"name": "s1"}, {"name": "s2"}]
    assert owners(both)["two"] == {"f:metadata": {"f:finalizers": {'v:"example.com/b"': {}}},
                                   "f:secrets": {'k:{"name":"s2"}': {}}}
    left = kube.apply("default", "x", "one").json()
    assert (left["metadata"]["finalizers"], left["secrets"]) == (["example.com/b"], [{"name": "s2"}])


def test_what_is_owned_as_a_whole_is_replaced_as_a_whole(kube):
    kube.apply("default", "x", "one", imagePullSecrets=[{"name": "a"}], automountServiceAccountToken=False)
    refused = kube.apply("default", "x", "two", imagePullSecrets=[{"name": "b"}])
    assert refused.json()["details"]["causes"][0]["field"] == ".imagePullSecrets"
    taken = kube.apply("default", "x", "two", query="&force=true", imagePullSecrets=[{"name": "b"}]).json()
    assert (taken["imagePullSecrets"], taken["automountServiceAccountToken"]) == ([{"name": "b"}], False)


def test_a_merge_patch_takes_what_it_changes(kube):
    kube.apply("default", "x", "helm", {"labels": {"a": "1", "b": "1"}})
    changed = kube("PATCH", f"{ACCOUNTS}/x?fieldManager=me", {"metadata": {"labels": {"a": "2", "b": None, "c": "3"}}}, MERGE_PATCH)
    assert metadata(changed)["labels"] == {"a": "2", "c": "3"}
    assert owners(changed.json()) == {"me": {"f:metadata": {"f:labels": {"f:a": {}, "f:c": {}}}}}


def test_a_json_patch_is_carried_out(kube):
    kube.apply("default", "x", "helm", {"labels": {"a": "1"}})
    changed = kube("PATCH", f"{ACCOUNTS}/x", [
        {"op": "test", "path": "/metadata/labels/a", "value": "1"},
        {"op": "add", "path": "/metadata/annotations", "value": {}},
        {"op": "add", "path": "/metadata/annotations/eks.amazonaws.com~1role-arn", "value": "r"},
        {"op": "move", "from": "/metadata/labels/a", "path": "/metadata/labels/b"}], JSON_PATCH)
    assert (metadata(changed)["labels"], metadata(changed)["annotations"]) == ({"b": "1"}, {ROLE_ARN: "r"})


def test_a_put_that_leaves_out_a_field_removes_it_whoever_owns_it(kube):
    kube.apply("default", "x", "helm", {"labels": {"a": "1"}})
    put = kube("PUT", f"{ACCOUNTS}/x?fieldManager=me", {"metadata": {"name": "x", "annotations": {"b": "1"}}})
    assert ("labels" in metadata(put), metadata(put)["annotations"]) == (False, {"b": "1"})
    assert list(owners(put.json())) == ["me"]


def test_a_write_that_changes_nothing_keeps_version_and_time(kube):
    made = kube.apply("default", "x", "irsa", {"labels": {"a": "1"}}).json()
    for again in (kube.apply("default", "x", "irsa", {"labels": {"a": "1"}}),
                  kube("PATCH", f"{ACCOUNTS}/x", {"metadata": {"labels": {"a": "1"}}}, MERGE_PATCH)):
        assert again.json() == made


# ------------------------------------------------------------------------------------------------------- preconditions


def test_an_apply_with_version_one_can_only_create(kube):
    assert kube.apply("default", "x", "irsa", {"resourceVersion": "1"}).status_code == 201
    assert kube.apply("default", "x", "irsa", {"resourceVersion": "1"}).status_code == 409


def test_an_apply_with_the_found_uid_and_version_changes_that_object(kube):
    made = metadata(kube.apply("default", "x", "irsa"), 201)
    known = {"uid": made["uid"], "resourceVersion": made["resourceVersion"]}
    assert metadata(kube.apply("default", "x", "irsa", known | {"labels": {"a": "b"}}))["labels"] == {"a": "b"}
    assert kube.apply("default", "x", "irsa", known | {"labels": {"a": "c"}}).status_code == 409


def test_a_dry_run_changes_nothing(kube):
    made = metadata(kube.apply("default", "x", "irsa"), 201)
    assert metadata(kube.apply("default", "x", "irsa", {"labels": {"a": "b"}}, "&dryRun=All"))["labels"] == {"a": "b"}
    assert kube("DELETE", f"{ACCOUNTS}/x?dryRun=All").status_code == 200
    assert metadata(kube("GET", f"{ACCOUNTS}/x")) == made


# ------------------------------------------------------------------------------------------------------- the rest


def test_unknown_fields_warn_or_are_refused_as_the_caller_wants(kube):
    warned = kube("POST", ACCOUNTS, {"metadata": {"name": "x"}, "bogus": 1})
    assert (warned.status_code, warned.headers["Warning"]) == (201, '299 - "unknown field \\"bogus\\""')
    refused = kube("POST", f"{ACCOUNTS}?fieldValidation=Strict", {"metadata": {"name": "y"}, "bogus": 1})
    assert refused.status_code == 400
    assert 'strict decoding error: unknown field "bogus"' in refused.json()["message"]


def test_lists_select_by_label_and_go_on_where_they_stopped(kube):
    for name in "abcde":
        kube.apply("default", name, "irsa", {"labels": {"odd": "yes" if name in "ace" else "no"}})
    kube("POST", NS, {"metadata": {"name": "more"}})
    kube.apply("more", "z", "irsa")
    names = lambda answer: [item["metadata"]["name"] for item in answer.json()["items"]]
    assert names(kube("GET", f"{ACCOUNTS}?labelSelector=odd%3Dyes")) == ["a", "c", "e"]
    assert names(kube("GET", f"{ACCOUNTS}?labelSelector=odd!%3Dyes")) == ["b", "d"]
    assert names(kube("GET", "/api/v1/serviceaccounts")) == ["a", "b", "c", "d", "e", "z"]
    seen, go_on = [], ""
    while go_on is not None:
        page = kube("GET", f"{ACCOUNTS}?limit=2&continue={go_on}")
        seen += names(page)
        go_on = page.json()["metadata"].get("continue")
    assert seen == ["a", "b", "c", "d", "e"]
    assert not any("kind" in item for item in page.json()["items"])


@pytest.mark.parametrize(("query", "selected"), [
    ("labelSelector=!odd", ["c"]), ("labelSelector=odd", ["a", "b"]), ("labelSelector=odd%3D%3Dyes", ["a"]),
    ("labelSelector=odd,odd!%3Dyes", ["b"]), ("fieldSelector=metadata.name%3Db", ["b"]),
    ("fieldSelector=metadata.name!%3Db,metadata.namespace%3Ddefault", ["a", "c"]),
    ("labelSelector=odd&fieldSelector=metadata.name%3Da", ["a"])])
def test_a_list_holds_what_its_selectors_select(kube, query, selected):
    for name, labels in (("a", {"odd": "yes"}), ("b", {"odd": "no"}), ("c", {})):
        kube.apply("default", name, "irsa", {"labels": labels})
    assert [item["metadata"]["name"] for item in kube("GET", f"{ACCOUNTS}?{query}").json()["items"]] == selected


@pytest.mark.parametrize(("query", "status"), [
    ("labelSelector=a+in+(b,c)", 400), ("labelSelector=a,", 400), ("labelSelector=%3Db", 400), ("fieldSelector=secrets%3Dx", 400),
    ("fieldSelector=metadata.name", 400), ("watch=true", 501)])
def test_a_list_that_would_be_another_than_was_asked_for_is_refused(kube, query, status):
    kube.apply("default", "x", "irsa")
    assert kube("GET", f"{ACCOUNTS}?{query}").status_code == status
    if status == 400:
        assert kube("DELETE", f"{ACCOUNTS}?{query}").status_code == status
        assert kube("GET", f"{ACCOUNTS}/x").status_code == 200


def nested(depth: int) -> list:
    value = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(("patch", "why"), [
    ([{"op": "add", "path": "/metadata/ownerReferences/0/x", "value": nested(24)},
      {"op": "add", "path": "/metadata/ownerReferences/0/x" + 24 * "/0" + "/-", "value": nested(24)}], "depth"),
    ([{"op": "copy", "from": "/metadata", "path": f"/metadata/x{n}"} for n in range(64)], "copies of copies")],
    ids=["depth", "copies"])
def test_a_patch_cannot_make_an_object_without_bounds(kube, sandbox, patch, why):
    kube("POST", ACCOUNTS, {"metadata": {"name": "x", "ownerReferences": [{"uid": "u"}]}})
    refused = kube("PATCH", f"{ACCOUNTS}/x", patch, "application/json-patch+json")
    assert (refused.status_code, refused.json()["reason"]) == (422, "Invalid"), why
    assert kube("GET", f"{ACCOUNTS}/x").status_code == 200
    sandbox.control("GET", "/world")


@pytest.mark.parametrize("metadata", [
    {"annotations": {f"a{n}": "" for n in range(16_384)}}, {"annotations": {f"a{n}": "" for n in range(10_000)}},
    {"ownerReferences": [{"uid": "u", "name": "x" * 1_600_000}]}], ids=["values", "values with their owners", "bytes"])
def test_an_object_that_is_too_large_is_refused_and_not_lost(kube, sandbox, metadata):
    refused = kube("POST", ACCOUNTS, {"metadata": {"name": "x"} | metadata})
    assert (refused.status_code, refused.json()["message"]) == (500, "etcdserver: request is too large")
    assert kube("GET", f"{ACCOUNTS}/x").status_code == 404
    sandbox.control("GET", "/world")


def test_a_name_can_be_generated(kube):
    made = metadata(kube("POST", ACCOUNTS, {"metadata": {"generateName": "job-"}}), 201)
    assert made["name"].startswith("job-") and len(made["name"]) == 9


def test_every_cluster_has_its_namespaces_and_no_others(kube):
    names = [item["metadata"]["name"] for item in kube("GET", NS).json()["items"]]
    assert names == ["default", "kube-node-lease", "kube-public", "kube-system"]


def test_a_namespace_is_a_label_and_can_be_applied(kube):
    refused = kube("POST", NS, {"metadata": {"name": "no.dots"}})
    assert refused.status_code == 422
    assert "a lowercase RFC 1123 label must consist of" in refused.json()["message"]
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "apps", "labels": {"team": "a"}}}
    made = kube("PATCH", f"{NS}/apps?fieldManager=irsa", body, APPLY)
    assert metadata(made, 201)["labels"] == {"kubernetes.io/metadata.name": "apps", "team": "a"}
    assert made.json()["status"] == {"phase": "Active"}


def test_clusters_have_objects_of_their_own(sandbox, kube):
    kube.apply("default", "x", "irsa")
    assert sandbox.kube("twin")("GET", f"{ACCOUNTS}/x").status_code == 404


@pytest.mark.parametrize(("change", "text"), [
    ({"labels": {"a/b/c": "d"}}, "a valid label key must consist of alphanumeric characters"),
    ({"labels": {"UPPER.example.com/a": "d"}}, "prefix part a lowercase RFC 1123 subdomain must consist of"),
    ({"labels": {"a": "d" * 64}}, "must be no more than 63 bytes"),
    ({"annotations": {"a" * 64: "d"}}, "name part must be no more than 63 bytes"),
    ({"annotations": {"/a": "d"}}, "prefix part must be non-empty"),
], ids=["two slashes", "capitals in the prefix of a label", "long value", "long key", "no prefix"])
def test_bad_metadata_is_invalid(kube, change, text):
    refused = kube.apply("default", "x", "irsa", change)
    assert (refused.status_code, refused.json()["reason"]) == (422, "Invalid")
    assert text in refused.json()["message"]


def test_static_tokens_stand_for_users_with_and_without_rights(sandbox, kube):
    sandbox.control("PUT", "/world", {"clusters": {f"{REGION}/{CLUSTER}": {"tokens": {
        "p": {"user": "plain"}, "a": {"user": "boss", "admin": True}}}}})
    assert kube("GET", NS, token="a").status_code == 200
    refused = kube("GET", NS, token="p")
    assert refused.json()["message"] == ('namespaces is forbidden: User "plain" cannot list resource "namespaces" in API '
                                         'group "" at the cluster scope')
    sandbox.control("PUT", "/world", {"clusters": {f"{REGION}/{CLUSTER}": {"tokens": {"a": None}}}})
    assert kube("GET", NS, token="a").status_code == 401


def test_secrets_stay_out_of_reach(kube):
    assert kube("GET", f"{NS}/default/secrets").status_code == 404
    assert key_of(ACCOUNT)[1] not in kube("GET", NS).text
