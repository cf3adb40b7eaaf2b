"""irsa-sandbox under the documents of docs/iam-permissions.md: what they do not name is denied, in the services' words."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from botocore.exceptions import ClientError

from sandbox_tools import ACCOUNT, CLUSTER, REGION, Sandbox

PAGE = Path(__file__).parents[2] / "docs/iam-permissions.md"
USER = f"arn:aws:iam::{ACCOUNT}:user/irsa-worker"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
READ = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


POLICY, BOUNDARY = map(json.loads, blocks("json"))
ROLE = yaml.safe_load(blocks("yaml")[0])


@pytest.fixture(scope="module")
def process(tmp_path_factory):
    box = Sandbox(tmp_path_factory.mktemp("permissions"))
    yield box
    box.close()


@pytest.fixture
def sandbox(process):
    process.control("POST", "/reset")
    process.control("PUT", "/permissions", {"policies": [POLICY], "roles": [ROLE]})
    return process


def refused(call, **arguments) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert caught.value.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException")
    return caught.value.response["Error"]["Message"]


def not_allowed(action: str, resource: str) -> str:
    return (f"User: {USER} is not authorized to perform: {action} on resource: {resource} "
            f"because no identity-based policy allows the {action} action")


def test_a_role_outside_the_path_is_denied_and_not_made(sandbox):
    iam = sandbox.client("iam")
    assert refused(iam.create_role, RoleName="x", Path="/else/", AssumeRolePolicyDocument=TRUST) == \
        not_allowed("iam:CreateRole", f"arn:aws:iam::{ACCOUNT}:role/else/x")
    iam.create_role(RoleName="x", Path="/irsa/a/b/", AssumeRolePolicyDocument=TRUST)
    assert [role["path"] for role in sandbox.world()["roles"]] == ["/irsa/a/b/"]


def test_a_role_that_is_not_there_is_denied_by_its_bare_name_and_found_absent_by_get_role(sandbox):
    iam = sandbox.client("iam")
    assert refused(iam.attach_role_policy, RoleName="gone", PolicyArn=READ) == \
        not_allowed("iam:AttachRolePolicy", "role gone")
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role(RoleName="gone")


def test_a_role_of_somebody_is_looked_at_but_not_touched(sandbox):
    iam = sandbox.client("iam")
    sandbox.control("PUT", "/world", {"accounts": {ACCOUNT: {"roles": [{"roleName": "theirs"}]}}})
    before = sandbox.world()
    arn = f"arn:aws:iam::{ACCOUNT}:role/theirs"
    for call, action, arguments in [
            (iam.update_assume_role_policy, "UpdateAssumeRolePolicy", {"PolicyDocument": TRUST}),
            (iam.tag_role, "TagRole", {"Tags": [{"Key": "a", "Value": "b"}]}),
            (iam.put_role_policy, "PutRolePolicy", {"PolicyName": "p", "PolicyDocument": "{}"}),
            (iam.delete_role, "DeleteRole", {})]:
        assert refused(call, RoleName="theirs", **arguments) == not_allowed(f"iam:{action}", arn)
    assert iam.get_role(RoleName="theirs")["Role"]["Arn"] == arn
    assert sandbox.world() == before


def test_tags_of_a_new_role_need_the_right_to_tag(sandbox):
    policy = json.loads(json.dumps(POLICY).replace('"iam:TagRole", ', ""))
    sandbox.control("PUT", "/permissions", {"policies": [policy]})
    tagged = {"RoleName": "x", "Path": "/irsa/", "AssumeRolePolicyDocument": TRUST}
    assert refused(sandbox.client("iam").create_role, **tagged, Tags=[{"Key": "a", "Value": "b"}]) == \
        not_allowed("iam:TagRole", f"arn:aws:iam::{ACCOUNT}:role/irsa/x")
    assert sandbox.world()["roles"] == []


def test_providers_of_others_than_eks_and_actions_that_are_not_named_are_denied(sandbox):
    iam = sandbox.client("iam")
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/idp.example.com"
    assert refused(iam.create_open_id_connect_provider, Url="https://idp.example.com", ClientIDList=["x"]) == \
        not_allowed("iam:CreateOpenIDConnectProvider", provider)
    assert refused(iam.delete_open_id_connect_provider, OpenIDConnectProviderArn=provider) == \
        not_allowed("iam:DeleteOpenIDConnectProvider", provider)
    assert refused(iam.list_roles) == not_allowed("iam:ListRoles", "*")
    assert refused(sandbox.client("eks").list_clusters) == \
        not_allowed("eks:ListClusters", f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/*")
    assert sandbox.client("sts").get_caller_identity()["Arn"] == USER


def test_the_boundary_policy_denies_explicitly(sandbox):
    sandbox.control("PUT", "/permissions", {"policies": [POLICY, BOUNDARY]})
    sandbox.control("PUT", "/world", {"accounts": {ACCOUNT: {"policies": [
        {"policyName": "boundary", "policyDocument": {"Version": "2012-10-17", "Statement": []}}]}}})
    iam, arn = sandbox.client("iam"), f"arn:aws:iam::{ACCOUNT}:role/irsa/x"
    made = {"RoleName": "x", "Path": "/irsa/", "AssumeRolePolicyDocument": TRUST}
    assert refused(iam.create_role, **made) == \
        f"User: {USER} is not authorized to perform: iam:CreateRole on resource: {arn} " \
        "with an explicit deny in an identity-based policy"
    iam.create_role(**made, PermissionsBoundary=f"arn:aws:iam::{ACCOUNT}:policy/boundary")
    iam.attach_role_policy(RoleName="x", PolicyArn=READ)


def test_kubernetes_denies_what_the_role_does_not_name(sandbox):
    kube = sandbox.kube()
    account = "/api/v1/namespaces/default/serviceaccounts/x"
    assert kube.apply("default", "x", "irsa").status_code == 201
    for method, path, words in [
            ("GET", "/api/v1/serviceaccounts", 'serviceaccounts is forbidden: User "%s" cannot list resource '
             '"serviceaccounts" in API group "" at the cluster scope'),
            ("POST", account + "/token", 'serviceaccounts "x" is forbidden: User "%s" cannot create resource '
             '"serviceaccounts/token" in API group "" in the namespace "default"'),
            ("DELETE", "/api/v1/namespaces/default", 'namespaces "default" is forbidden: User "%s" cannot delete '
             'resource "namespaces" in API group "" in the namespace "default"'),
            ("GET", "/api/v1/namespaces/default/secrets/x", 'secrets "x" is forbidden: User "%s" cannot get resource '
             '"secrets" in API group "" in the namespace "default"')]:
        answer = kube(method, path, {} if method == "POST" else None)
        assert (answer.status_code, answer.json()["message"]) == (403, words % USER)
    assert kube("GET", "/version").status_code == 200


def test_an_apply_that_makes_an_account_needs_create_too(sandbox):
    rules = [{"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["get", "patch"]}]
    sandbox.control("PUT", "/permissions", {"roles": [ROLE | {"rules": rules}]})
    answer = sandbox.kube().apply("default", "x", "irsa")
    assert (answer.status_code, answer.json()["reason"]) == (403, "Forbidden")
    assert sandbox.kube()("GET", "/api/v1/namespaces/default/serviceaccounts/x").status_code == 404


def test_a_role_counts_in_its_namespace_only(sandbox):
    role = ROLE | {"kind": "Role", "metadata": {"name": "x", "namespace": "default"}}
    sandbox.control("PUT", "/permissions", {"roles": [role]})
    assert sandbox.kube().apply("default", "x", "irsa").status_code == 201
    assert sandbox.kube().apply("kube-system", "x", "irsa").status_code == 403


def test_a_rule_with_names_is_for_those_names_only(sandbox):
    named = {"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["*"], "resourceNames": ["x"]}
    sandbox.control("PUT", "/permissions", {"roles": [ROLE | {"rules": [named]}]})
    kube = sandbox.kube()
    assert kube.apply("default", "x", "irsa").status_code == 201
    assert kube.apply("default", "y", "irsa").status_code == 403
    assert kube("GET", "/api/v1/namespaces/default/serviceaccounts").status_code == 403


@pytest.mark.parametrize(("document", "at", "words"), [
    ({"policy": []}, None, 'no "policy"'),
    ({"policies": [POLICY | {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {
        "DateLessThan": {}}}]}]}, "/policies/0/Statement/0/Condition", 'no condition operator "DateLessThan"'),
    ({"roles": [ROLE | {"rules": [{"apiGroups": [""], "resources": ["x"], "verbs": []}]}]},
     "/roles/0/rules/0/verbs", "empty"),
    ({"roles": [ROLE | {"aggregationRule": {}}]}, "/roles/0", "aggregationRule"),
    ({"roles": [ROLE | {"kind": "Role"}]}, "/roles/0", "metadata.namespace"),
])
def test_a_document_that_cannot_be_evaluated_is_refused_and_nothing_changes(sandbox, document, at, words):
    before = sandbox.control("GET", "/permissions")
    error = sandbox.control("PUT", "/permissions", document, status=400)["error"]
    assert error.get("at") == at
    assert words in error["message"]
    assert sandbox.control("GET", "/permissions") == before


def test_a_reset_goes_back_to_the_permissions_of_the_start(sandbox, tmp_path):
    sandbox.control("POST", "/reset")
    assert sandbox.control("GET", "/permissions") == {}
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps({"permissions": {"policies": [POLICY], "roles": [ROLE]}}), encoding="utf-8")
    box = Sandbox(tmp_path, "--settings", str(settings))
    try:
        box.control("PUT", "/permissions", {})
        box.client("iam").list_roles()
        box.control("POST", "/reset")
        assert box.control("GET", "/permissions") == {"policies": [POLICY], "roles": [ROLE]}
        refused(box.client("iam").list_roles)
        assert sandbox.kube(CLUSTER).token
    finally:
        box.close()
