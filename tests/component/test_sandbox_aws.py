"""IAM, STS and EKS of the sandbox through boto3, an independent client: every action, and IAM's own words for errors."""

from __future__ import annotations

import datetime
import json
import re
from unittest import mock

import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from sandbox_tools import ACCOUNT, CLUSTER, REGION, Sandbox, key_of, names, wait_until

OTHER_ACCOUNT = "444455556666"
S3_READ = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
ISSUER = "oidc.example.com/id/ABC"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"
INLINE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    box = Sandbox(tmp_path_factory.mktemp("aws"), "--cluster", f"{CLUSTER}:{REGION}:{ACCOUNT}",
                  "--cluster", f"other:eu-west-1:{OTHER_ACCOUNT}", "--cluster", "beijing:cn-north-1:777788889999")
    yield box
    box.close()


@pytest.fixture
def iam(sandbox):
    sandbox.control("POST", "/reset")
    return sandbox.client("iam")


def trust(principal: dict | str = "", **statement) -> str:
    usual = {"Effect": "Allow", "Principal": principal or {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [usual | statement]})


def role(iam, name: str = "reader", **more) -> dict:
    return iam.create_role(RoleName=name, AssumeRolePolicyDocument=more.pop("trust", trust()), **more)["Role"]


def refused(call, *arguments, **named) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(*arguments, **named)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


# ------------------------------------------------------------------------------------------------------- STS and EKS


def test_the_caller_is_the_identity_of_the_account_whose_key_signed(sandbox):
    for account in (ACCOUNT, OTHER_ACCOUNT, "999900001111"):
        identity = sandbox.client("sts", account).get_caller_identity()
        assert identity["Account"] == account
        assert identity["Arn"] == f"arn:aws:iam::{account}:user/irsa-worker"


def test_a_cluster_of_another_partition_has_its_partition_in_every_arn(sandbox):
    assert sandbox.client("sts", "777788889999", "cn-north-1").get_caller_identity()["Arn"].startswith("arn:aws-cn:iam::")
    found = sandbox.client("eks", "777788889999", "cn-north-1").describe_cluster(name="beijing")["cluster"]
    assert found["arn"] == "arn:aws-cn:eks:cn-north-1:777788889999:cluster/beijing"
    assert found["identity"]["oidc"]["issuer"].startswith("https://oidc.eks.cn-north-1.amazonaws.com.cn/id/")


def test_the_caller_comes_as_json_when_that_is_accepted(sandbox):
    answer = signed(sandbox, "sts", headers={"Accept": "application/json"})
    assert answer.json()["GetCallerIdentityResponse"]["GetCallerIdentityResult"]["Account"] == ACCOUNT


def test_a_cluster_is_described(sandbox):
    found = sandbox.client("eks").describe_cluster(name=CLUSTER)["cluster"]
    assert found["arn"] == f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/{CLUSTER}"
    assert found["status"] == "ACTIVE"
    assert re.fullmatch(f"https://oidc.eks.{REGION}.amazonaws.com/id/[0-9A-F]{{32}}", found["identity"]["oidc"]["issuer"])
    assert sandbox.client("eks").list_clusters()["clusters"] == [CLUSTER]


def test_clusters_are_listed_by_pages_of_a_hundred_at_most(tmp_path):
    wanted = [f"cluster-{n}" for n in range(103)]
    box = Sandbox(tmp_path, *(word for name in wanted for word in ("--cluster", name)), "--cluster", "abroad:eu-west-1")
    eks = box.client("eks")
    assert len(eks.list_clusters()["clusters"]) == 100
    pages = list(eks.get_paginator("list_clusters").paginate(PaginationConfig={"PageSize": 40}))
    assert [len(page["clusters"]) for page in pages] == [40, 40, 23]
    assert [name for page in pages for name in page["clusters"]] == wanted
    assert refused(eks.list_clusters, maxResults=100, nextToken="made-up")[0] == "InvalidParameterException"
    box.close()


def test_a_cluster_of_another_account_or_region_is_not_found(sandbox):
    code, message = refused(sandbox.client("eks").describe_cluster, name="other")
    assert (code, message) == ("ResourceNotFoundException", "No cluster found for name: other.")
    assert refused(sandbox.client("eks", region="eu-west-1").describe_cluster, name=CLUSTER)[0] == "ResourceNotFoundException"


# ------------------------------------------------------------------------------------------------------- signatures


def signed(sandbox, service: str, region: str = REGION, account: str = ACCOUNT, secret: str | None = None,
           token: str | None = None, age: int = 0, headers: dict | None = None, spoil=None,
           body: str = "Action=GetCallerIdentity&Version=2011-06-15", key_id: str | None = None) -> requests.Response:
    """A call signed by botocore and then, if wanted, spoilt."""
    real_id, real_secret = key_of(account)
    request = AWSRequest("POST", sandbox.env["AWS_ENDPOINT_URL"] + "/", data=body, headers={
        "Content-Type": "application/x-www-form-urlencoded", **(headers or {})})
    auth = SigV4Auth(Credentials(key_id or real_id, secret or real_secret, token), service, region)
    then = datetime.datetime.now(datetime.UTC).replace(tzinfo=None) - datetime.timedelta(seconds=age)
    with mock.patch("botocore.auth.get_current_datetime", lambda **_: then):
        auth.add_auth(request)
    prepared = request.prepare()
    if spoil:
        spoil(prepared)
    return sandbox.http.post(prepared.url, data=prepared.body, headers=dict(prepared.headers))


def code_of(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, re.search("<Code>(.*?)</Code>", answer.text)[1]


def test_a_call_without_a_signature_is_refused(sandbox):
    answer = sandbox.http.post(sandbox.env["AWS_ENDPOINT_URL"] + "/", data={"Action": "GetRole", "Version": "2010-05-08"})
    assert code_of(answer) == (403, "MissingAuthenticationToken")


def test_an_unsigned_call_of_eks_is_refused_in_json(sandbox):
    answer = sandbox.http.get(f"{sandbox.env['AWS_ENDPOINT_URL']}/clusters/{CLUSTER}")
    assert (answer.status_code, answer.headers["x-amzn-ErrorType"]) == (403, "MissingAuthenticationTokenException")
    assert answer.json() == {"message": "Request is missing Authentication Token"}


@pytest.mark.parametrize(("how", "code"), [
    ({"secret": "wrong"}, "SignatureDoesNotMatch"),
    ({"key_id": "AKIAUNKNOWNUNKNOWN12"}, "InvalidClientTokenId"),
    ({"token": "made-up"}, "InvalidClientTokenId"),
    ({"age": 600}, "SignatureDoesNotMatch"),
    ({"age": -600}, "SignatureDoesNotMatch"),
    ({"region": "cn-north-1"}, "SignatureDoesNotMatch"),
    ({"service": "s3"}, "SignatureDoesNotMatch"),
    ({"spoil": lambda request: request.headers.update({"Authorization": request.headers["Authorization"][:-90]})},
     "IncompleteSignature"),
    ({"spoil": lambda request: setattr(request, "body", request.body + "&More=1")}, "SignatureDoesNotMatch"),
    ({"spoil": lambda request: request.headers.update({"X-Amz-Date": "20200101T000000Z"})}, "SignatureDoesNotMatch"),
], ids=["wrong secret", "unknown key", "a session token with a long-term key", "ten minutes old", "ten minutes early",
        "region of another partition", "another service", "cut off", "another body", "another date"])
def test_a_wrong_signature_is_refused_by_its_own_code(sandbox, how, code):
    arguments = {"service": "sts"} | how
    assert code_of(signed(sandbox, **arguments)) == (403, code)


def test_a_signature_that_is_too_old_is_told_in_the_words_of_aws(sandbox):
    text = signed(sandbox, "sts", age=600).text
    assert re.search(r"Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 5 min.\)", text)


def test_temporary_keys_need_the_session_token_of_their_account(sandbox):
    token = f"irsa-sandbox/{ACCOUNT}/session-of-somebody"
    answer = signed(sandbox, "sts", key_id=f"ASIASBOX{ACCOUNT}", token=token)
    assert answer.status_code == 200
    assert f"<Arn>arn:aws:sts::{ACCOUNT}:assumed-role/irsa-worker/irsa-sandbox</Arn>" in answer.text
    assert code_of(signed(sandbox, "sts", key_id=f"ASIASBOX{ACCOUNT}")) == (403, "InvalidClientTokenId")
    assert code_of(signed(sandbox, "sts", key_id=f"ASIASBOX{ACCOUNT}", token="stale")) == (403, "InvalidClientTokenId")


def test_a_header_of_aws_that_is_not_signed_is_refused(sandbox):
    answer = signed(sandbox, "sts", spoil=lambda request: request.headers.update({"X-Amz-Target": "elsewhere"}))
    assert code_of(answer) == (403, "SignatureDoesNotMatch")
    assert "'x-amz-target' must be a 'SignedHeader'" in answer.text


def test_a_key_that_signs_wrongly_leaves_no_account_and_is_logged_with_its_own(sandbox):
    sandbox.control("POST", "/reset")
    assert code_of(signed(sandbox, "sts", account="123456789012", secret="wrong"))[1] == "SignatureDoesNotMatch"
    assert "123456789012" not in sandbox.control("GET", "/world")["accounts"]
    assert sandbox.control("GET", "/calls")["log"][0]["account"] == "123456789012"


def test_iam_takes_only_its_own_region_when_the_model_is_strict(sandbox, iam):
    iam.list_roles()
    sandbox.control("POST", "/model", {"strictRegions": True})
    assert refused(iam.list_roles) == ("SignatureDoesNotMatch", "Credential should be scoped to a valid region. ")
    sandbox.client("iam", region="us-east-1").list_roles()


def test_what_has_no_place_in_xml_is_not_echoed_in_it(sandbox):
    answer = signed(sandbox, "iam", region="us-east-1", body="Action=GetRole%01%FF&Version=2010-05-08")
    assert code_of(answer) == (400, "InvalidAction")
    assert "operation GetRole\ufffd\ufffd for" in answer.content.decode()


def test_an_unknown_action_or_version_is_refused(sandbox):
    answer = signed(sandbox, "iam", region="us-east-1", body="Action=MakeCoffee&Version=2010-05-08")
    assert code_of(answer) == (400, "InvalidAction")
    assert "Could not find operation MakeCoffee for version 2010-05-08" in answer.text


# ------------------------------------------------------------------------------------------------------- roles


def test_a_role_is_created_with_all_it_is_given(sandbox, iam):
    boundary = iam.create_policy(PolicyName="boundary", PolicyDocument=json.dumps(INLINE))["Policy"]["Arn"]
    made = role(iam, "Reader", Path="/irsa/x/", Description="reads < & \"things\"\n\u00e9", MaxSessionDuration=7200,
                PermissionsBoundary=boundary, Tags=[{"Key": "owner", "Value": "me"}])
    got = iam.get_role(RoleName="reader")["Role"]
    assert got["Arn"] == made["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/irsa/x/Reader"
    assert re.fullmatch("AROA[A-Z2-7]{17}", got["RoleId"])
    assert got["AssumeRolePolicyDocument"] == json.loads(trust())
    assert got["PermissionsBoundary"] == {"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": boundary}
    assert (got["Description"], got["MaxSessionDuration"]) == ("reads < & \"things\"\n\u00e9", 7200)
    assert got["Tags"] == [{"Key": "owner", "Value": "me"}]
    [shown] = sandbox.world()["roles"]
    assert (shown["roleName"], shown["permissionsBoundary"], shown["tags"]) == ("Reader", boundary, {"owner": "me"})


def test_a_role_name_is_one_per_account_whatever_its_case_and_path(iam):
    role(iam, "Reader", Path="/a/")
    assert refused(role, iam, "READER", Path="/b/") == ("EntityAlreadyExists", "Role with name READER already exists.")


def test_roles_are_listed_by_the_start_of_their_path(iam):
    for name, path in (("a", "/x/"), ("b", "/x/y//z/"), ("c", "/")):
        role(iam, name, Path=path)
    assert names(iam.list_roles(PathPrefix="/x/")["Roles"], "RoleName") == ["a", "b"]
    assert refused(iam.list_roles, PathPrefix="x/")[0] == "ValidationError"


def test_accounts_have_roles_of_their_own(sandbox, iam):
    role(iam)
    assert refused(sandbox.client("iam", OTHER_ACCOUNT).get_role, RoleName="reader")[0] == "NoSuchEntity"


def test_an_absent_role_is_no_such_entity_in_every_action(iam):
    name = {"RoleName": "nobody"}
    document, policy = {"PolicyDocument": trust()}, {"PolicyArn": S3_READ}
    for call, arguments in [
        (iam.get_role, {}), (iam.delete_role, {}), (iam.list_attached_role_policies, {}), (iam.list_role_policies, {}),
        (iam.list_role_tags, {}), (iam.list_instance_profiles_for_role, {}), (iam.update_assume_role_policy, document),
        (iam.attach_role_policy, policy), (iam.detach_role_policy, policy),
        (iam.put_role_policy, {"PolicyName": "p", "PolicyDocument": json.dumps(INLINE)}),
        (iam.get_role_policy, {"PolicyName": "p"}), (iam.delete_role_policy, {"PolicyName": "p"}),
        (iam.tag_role, {"Tags": [{"Key": "a", "Value": "b"}]}), (iam.untag_role, {"TagKeys": ["a"]}),
        (iam.put_role_permissions_boundary, {"PermissionsBoundary": S3_READ}), (iam.delete_role_permissions_boundary, {}),
    ]:
        assert refused(call, **name, **arguments) == ("NoSuchEntity", "The role with name nobody cannot be found.")


@pytest.mark.parametrize(("arguments", "text"), [
    ({"RoleName": "a" * 65}, "Member must have length less than or equal to 64"),
    ({"RoleName": "no spaces"}, "The specified value for roleName is invalid. It must contain only alphanumeric characters "
                                "and/or the following: +=,.@_-"),
    ({"Path": "no/slashes"}, "The specified value for path is invalid. It must begin and end with / and contain only "
                             "alphanumeric characters and/or / characters."),
    ({"Path": "//"}, "The specified value for path is invalid."),
    ({"Description": "d" * 1001}, "Member must have length less than or equal to 1000"),
    ({"Description": "値" * 300}, "'description' failed to satisfy constraint: Member must satisfy regular expression pattern"),
    ({"MaxSessionDuration": 60}, "Member must have value greater than or equal to 3600"),
    ({"Tags": [{"Key": "k" * 129, "Value": ""}]}, "Member must have length less than or equal to 128"),
    ({"Tags": [{"Key": "k", "Value": "v" * 257}]}, "Member must have length less than or equal to 256"),
    ({"Tags": [{"Key": "k!", "Value": ""}]}, "satisfy regular expression pattern"),
    ({"Tags": [{"Key": "k\ufffe", "Value": ""}]}, "satisfy regular expression pattern"),
    ({"Tags": [{"Key": "k", "Value": "\uffff"}]}, "satisfy regular expression pattern"),
    ({"Tags": [{"Key": f"k{n}", "Value": ""} for n in range(51)]}, "Member must have length less than or equal to 50"),
], ids=["long name", "bad name", "bad path", "path of two slashes", "long description", "description of other letters", "short session", "long tag key", "long tag value",
        "bad tag key", "tag key of no character", "tag value of no character", "too many tags"])
def test_a_parameter_that_breaks_its_rule_is_a_validation_error(sandbox, iam, arguments, text):
    code, message = refused(no_checks(sandbox).create_role, **{"RoleName": "reader", "AssumeRolePolicyDocument": trust()} | arguments)
    assert code == "ValidationError"
    assert text in message


def no_checks(sandbox):
    """A client that leaves judging to the service."""
    return sandbox.client("iam", parameter_validation=False)


def test_a_missing_parameter_is_a_validation_error(sandbox, iam):
    code, message = refused(no_checks(sandbox).get_role)
    assert code == "ValidationError"
    assert message == ("1 validation error detected: Value null at 'roleName' failed to satisfy constraint: "
                       "Member must not be null")


def test_two_broken_rules_are_told_together(sandbox, iam):
    code, message = refused(no_checks(sandbox).put_role_policy, RoleName="a" * 65, PolicyName="b" * 129,
                            PolicyDocument=json.dumps(INLINE))
    assert message.startswith("2 validation errors detected: Value '")


def test_a_trust_policy_is_replaced(iam):
    role(iam)
    wanted = trust({"AWS": ACCOUNT})
    iam.update_assume_role_policy(RoleName="reader", PolicyDocument=wanted)
    assert iam.get_role(RoleName="reader")["Role"]["AssumeRolePolicyDocument"] == json.loads(wanted)


def test_a_boundary_is_put_and_deleted(iam):
    role(iam)
    iam.put_role_permissions_boundary(RoleName="reader", PermissionsBoundary=S3_READ)
    assert iam.get_role(RoleName="reader")["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == S3_READ
    iam.delete_role_permissions_boundary(RoleName="reader")
    assert "PermissionsBoundary" not in iam.get_role(RoleName="reader")["Role"]
    absent = f"arn:aws:iam::{ACCOUNT}:policy/absent"
    assert refused(iam.put_role_permissions_boundary, RoleName="reader", PermissionsBoundary=absent) == (
        "NoSuchEntity", f"Scope ARN: {absent} does not exist or is not attachable.")


def test_a_role_is_deleted_when_nothing_hangs_on_it(iam):
    role(iam)
    iam.attach_role_policy(RoleName="reader", PolicyArn=S3_READ)
    iam.put_role_policy(RoleName="reader", PolicyName="p", PolicyDocument=json.dumps(INLINE))
    iam.create_instance_profile(InstanceProfileName="profile")
    iam.add_role_to_instance_profile(InstanceProfileName="profile", RoleName="reader")
    delete = lambda: refused(iam.delete_role, RoleName="reader")
    assert delete() == ("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.")
    [profile] = iam.list_instance_profiles_for_role(RoleName="reader")["InstanceProfiles"]
    assert profile["InstanceProfileName"] == "profile"
    iam.remove_role_from_instance_profile(InstanceProfileName="profile", RoleName="reader")
    iam.delete_instance_profile(InstanceProfileName="profile")
    assert delete() == ("DeleteConflict", "Cannot delete entity, must detach all policies first.")
    iam.detach_role_policy(RoleName="reader", PolicyArn=S3_READ)
    assert delete() == ("DeleteConflict", "Cannot delete entity, must delete policies first.")
    iam.delete_role_policy(RoleName="reader", PolicyName="p")
    iam.delete_role(RoleName="reader")
    assert delete()[0] == "NoSuchEntity"


def test_a_role_made_anew_has_another_id(iam):
    first = role(iam)["RoleId"]
    iam.delete_role(RoleName="reader")
    assert role(iam)["RoleId"] != first


def test_a_role_of_a_service_is_not_for_others_to_change(sandbox, iam):
    sandbox.control("PUT", "/world", {"accounts": {ACCOUNT: {"roles": [
        {"roleName": "AWSServiceRoleForX", "path": "/aws-service-role/x.amazonaws.com/"}]}}})
    code, message = refused(iam.attach_role_policy, RoleName="AWSServiceRoleForX", PolicyArn=S3_READ)
    assert code == "UnmodifiableEntity"
    assert message == ("Cannot perform the operation on the protected role 'AWSServiceRoleForX' - this role is only "
                       "modifiable by AWS")


def test_roles_are_listed_by_path_without_tags_and_boundary(iam):
    for name, path in (("a", "/irsa/x/"), ("b", "/irsa/x/"), ("c", "/irsa/y/")):
        role(iam, name, Path=path, Tags=[{"Key": "k", "Value": "v"}], PermissionsBoundary=S3_READ)
    listed = iam.list_roles(PathPrefix="/irsa/x/")["Roles"]
    assert names(listed, "RoleName") == ["a", "b"]
    assert not any("Tags" in one or "PermissionsBoundary" in one for one in listed)


# ------------------------------------------------------------------------------------------------------- policies on roles


def test_managed_policies_are_attached_listed_and_detached(iam):
    role(iam)
    for _ in range(2):
        iam.attach_role_policy(RoleName="reader", PolicyArn=S3_READ)
    assert iam.list_attached_role_policies(RoleName="reader")["AttachedPolicies"] == [
        {"PolicyName": "AmazonS3ReadOnlyAccess", "PolicyArn": S3_READ}]
    iam.detach_role_policy(RoleName="reader", PolicyArn=S3_READ)
    assert refused(iam.detach_role_policy, RoleName="reader", PolicyArn=S3_READ) == (
        "NoSuchEntity", f"Policy {S3_READ} was not found.")


@pytest.mark.parametrize(("arn", "code", "text"), [
    ("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAcces", "NoSuchEntity", "does not exist or is not attachable."),
    ("arn:aws:iam::aws:policy/AmazonEBSCSIDriverPolicy", "NoSuchEntity", "does not exist or is not attachable."),
    (f"arn:aws:iam::{ACCOUNT}:policy/absent", "NoSuchEntity", "does not exist or is not attachable."),
    ("arn:aws-cn:iam::aws:policy/AmazonS3ReadOnlyAccess", "NoSuchEntity", "does not exist or is not attachable."),
    ("this-is-no-arn-at-all-but-long", "InvalidInput", "ARN this-is-no-arn-at-all-but-long is not valid."),
    ("arn:aws:iam::aws:policy/aws-service-role/AmazonEKSServiceRolePolicy", "PolicyNotAttachable",
     "Cannot attach a Service Role Policy to a Customer Role."),
], ids=["misspelt", "path left out", "customer's, absent", "another partition", "no ARN", "of a service role"])
def test_a_policy_that_cannot_be_attached_says_why(iam, arn, code, text):
    role(iam)
    assert refused(iam.attach_role_policy, RoleName="reader", PolicyArn=arn)[0] == code
    assert text in refused(iam.attach_role_policy, RoleName="reader", PolicyArn=arn)[1]


def test_a_customer_policy_is_made_attached_and_deleted(iam):
    arn = iam.create_policy(PolicyName="Mine", Path="/team/", PolicyDocument=json.dumps(INLINE),
                            Tags=[{"Key": "a", "Value": "b"}])["Policy"]["Arn"]
    assert arn == f"arn:aws:iam::{ACCOUNT}:policy/team/Mine"
    assert refused(iam.create_policy, PolicyName="mine", PolicyDocument=json.dumps(INLINE))[0] == "EntityAlreadyExists"
    role(iam)
    iam.attach_role_policy(RoleName="reader", PolicyArn=arn)
    role(iam, "bounded", PermissionsBoundary=arn)
    found = iam.get_policy(PolicyArn=arn)["Policy"]
    assert (found["AttachmentCount"], found["PermissionsBoundaryUsageCount"]) == (1, 1)
    assert iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"] == INLINE
    assert refused(iam.delete_policy, PolicyArn=arn)[0] == "DeleteConflict"
    iam.detach_role_policy(RoleName="reader", PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)
    assert refused(iam.get_policy, PolicyArn=arn)[0] == "NoSuchEntity"


def test_policies_of_aws_are_known_by_name_with_path(iam):
    arn = "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"
    found = iam.get_policy(PolicyArn=arn)["Policy"]
    assert (found["PolicyName"], found["Path"]) == ("AmazonEBSCSIDriverPolicy", "/service-role/")


def test_inline_policies_are_put_read_replaced_and_deleted(iam):
    role(iam)
    for action in ("s3:GetObject", "s3:PutObject"):
        wanted = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": [action], "Resource": "arn:aws:s3:::b/*"}]}
        iam.put_role_policy(RoleName="reader", PolicyName="p", PolicyDocument=json.dumps(wanted))
        assert iam.get_role_policy(RoleName="reader", PolicyName="p")["PolicyDocument"] == wanted
    assert iam.list_role_policies(RoleName="reader")["PolicyNames"] == ["p"]
    iam.delete_role_policy(RoleName="reader", PolicyName="p")
    for call in (iam.get_role_policy, iam.delete_role_policy):
        assert refused(call, RoleName="reader", PolicyName="p") == (
            "NoSuchEntity", "The role policy with name p cannot be found.")


# ------------------------------------------------------------------------------------------------------- tags


def test_tags_are_unique_whatever_their_case(iam):
    role(iam, Tags=[{"Key": "Owner", "Value": "a"}])
    iam.tag_role(RoleName="reader", Tags=[{"Key": "OWNER", "Value": "b"}, {"Key": "more", "Value": ""}])
    assert iam.list_role_tags(RoleName="reader")["Tags"] == [{"Key": "Owner", "Value": "b"}, {"Key": "more", "Value": ""}]
    assert refused(iam.tag_role, RoleName="reader", Tags=[{"Key": "x", "Value": "1"}, {"Key": "X", "Value": "2"}]) == (
        "InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    iam.untag_role(RoleName="reader", TagKeys=["owner", "absent"])
    assert iam.list_role_tags(RoleName="reader")["Tags"] == [{"Key": "more", "Value": ""}]


def test_lengths_are_counted_in_characters(iam):
    longest = {"Key": "キ" * 128, "Value": "値" * 256}
    role(iam, Tags=[longest])
    assert iam.list_role_tags(RoleName="reader")["Tags"] == [longest]
    assert "less than or equal to 256" in refused(iam.tag_role, RoleName="reader", Tags=[{"Key": "a", "Value": "値" * 257}])[1]


def test_what_is_no_character_of_xml_is_shown_as_one_that_is(sandbox, iam):
    sandbox.control("PUT", "/world", {"accounts": {ACCOUNT: {"roles": [{"roleName": "odd", "tags": {"a\ufffe": "\uffffb"}}]}}})
    assert iam.list_role_tags(RoleName="odd")["Tags"] == [{"Key": "a\ufffd", "Value": "\ufffdb"}]


def test_tagging_without_tags_is_refused(sandbox, iam):
    role(iam)
    for action, name in (("TagRole", "tags"), ("UntagRole", "tagKeys")):
        answer = signed(sandbox, "iam", body=f"Action={action}&Version=2010-05-08&RoleName=reader")
        assert code_of(answer) == (400, "ValidationError")
        assert f"Value null at '{name}'" in answer.text


def test_tags_of_aws_are_not_for_others(iam):
    role(iam)
    assert refused(iam.tag_role, RoleName="reader", Tags=[{"Key": "aws:cloudformation", "Value": ""}])[0] == "InvalidInput"


def test_a_role_has_fifty_tags_at_most(iam):
    role(iam, Tags=[{"Key": f"k{n}", "Value": ""} for n in range(50)])
    assert refused(iam.tag_role, RoleName="reader", Tags=[{"Key": "one-more", "Value": ""}])[0] == "LimitExceeded"


# ------------------------------------------------------------------------------------------------------- providers


def provider(iam, **more):
    return iam.create_open_id_connect_provider(Url=f"https://{ISSUER}", ClientIDList=["sts.amazonaws.com"], **more)


def test_a_provider_is_made_read_changed_and_deleted(iam):
    made = provider(iam, Tags=[{"Key": "a", "Value": "b"}], ThumbprintList=["0" * 40])
    assert made["OpenIDConnectProviderArn"] == PROVIDER
    arn = {"OpenIDConnectProviderArn": PROVIDER}
    got = iam.get_open_id_connect_provider(**arn)
    assert (got["Url"], got["ClientIDList"], got["Tags"]) == (ISSUER, ["sts.amazonaws.com"], [{"Key": "a", "Value": "b"}])
    assert refused(provider, iam) == ("EntityAlreadyExists", f"Provider with url https://{ISSUER} already exists.")
    for _ in range(2):
        iam.add_client_id_to_open_id_connect_provider(**arn, ClientID="more")
    assert iam.get_open_id_connect_provider(**arn)["ClientIDList"] == ["more", "sts.amazonaws.com"]
    iam.remove_client_id_from_open_id_connect_provider(**arn, ClientID="more")
    assert iam.get_open_id_connect_provider(**arn)["ClientIDList"] == ["sts.amazonaws.com"]
    iam.tag_open_id_connect_provider(**arn, Tags=[{"Key": "c", "Value": "d"}])
    assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == [{"Arn": PROVIDER}]
    iam.delete_open_id_connect_provider(**arn)
    assert refused(iam.get_open_id_connect_provider, **arn) == (
        "NoSuchEntity", f"OpenIDConnect Provider not found for arn {PROVIDER}")


@pytest.mark.parametrize("url", ["http://example.com", "https://example.com:444/x", "https://example.com?x=y", "example.com"])
def test_the_url_of_a_provider_is_https_without_port_and_query(iam, url):
    assert refused(iam.create_open_id_connect_provider, Url=url)[0] == "ValidationError"


# ------------------------------------------------------------------------------------------------------- documents


@pytest.mark.parametrize(("document", "text"), [
    ("{", "This policy contains invalid Json"),
    (trust(Resource="*"), "Has prohibited field Resource"),
    (trust(Extra=1), "Unknown field Extra"),
    (trust(Action="s3:GetObject"), "AssumeRole policy may only specify STS AssumeRole actions."),
    (trust(Effect="Maybe"), "Syntax errors in policy."),
    ('{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}', "Missing required field Principal"),
    ('{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*"}]}', "Missing required field Action"),
    (trust({"AWS": f"arn:aws:iam::{ACCOUNT}:role/absent"}),
     f'Invalid principal in policy: "AWS":"arn:aws:iam::{ACCOUNT}:role/absent"'),
    (trust({"AWS": "somebody"}), 'Invalid principal in policy: "AWS":"somebody"'),
    (trust({"Federated": PROVIDER}), "Federated principals must be valid domain names or SAML metadata ARNs"),
    (trust({"Service": "nothing"}), 'Invalid principal in policy: "SERVICE":"nothing"'),
    (trust({"Person": "me"}), 'Invalid principal in policy: "Person"'),
    (trust(Condition={"StringMatches": {"a:b": "c"}}), "Invalid Condition type : StringMatches."),
    (trust(Condition={"StringEquals": "a:b"}), "Syntax errors in policy."),
], ids=["no JSON", "resource", "unknown field", "action of another service", "effect", "no principal", "no action",
        "absent role", "no ARN", "absent provider", "service", "kind of principal", "operator", "condition"])
def test_a_bad_trust_policy_is_malformed_in_the_words_of_iam(iam, document, text):
    assert refused(role, iam, trust=document) == ("MalformedPolicyDocument", text)


@pytest.mark.parametrize("principal", [
    {"AWS": "*"}, {"AWS": ACCOUNT}, {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, {"AWS": "arn:aws:iam::123456789012:role/elsewhere"},
    {"Federated": "accounts.google.com"}, {"Service": ["ec2.amazonaws.com", "eks.amazonaws.com"]}, "*",
    {"AWS": f"arn:aws:iam::{ACCOUNT}:user/irsa-worker"},
], ids=str)
def test_principals_that_exist_or_cannot_be_known_are_trusted(iam, principal):
    role(iam, trust=trust(principal))


def test_a_provider_and_a_role_that_exist_are_trusted(iam):
    provider(iam)
    role(iam, "a", trust=trust({"Federated": PROVIDER}, Action="sts:AssumeRoleWithWebIdentity",
                               Condition={"ForAnyValue:StringLikeIfExists": {f"{ISSUER}:sub": ["a", "b"]}}))
    role(iam, "b", trust=trust({"AWS": f"arn:aws:iam::{ACCOUNT}:role/a"}))


@pytest.mark.parametrize(("change", "text"), [
    ({"Action": None}, "Policy statement must contain actions."),
    ({"Resource": None}, "Policy statement must contain resources."),
    ({"Effect": None}, "Missing required field Effect"),
    ({"Principal": "*"}, "Policy document should not specify a principal."),
    ({"Action": "everything"}, "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."),
    ({"Resource": "bucket"}, 'Resource bucket must be in ARN format or "*".'),
    ({"Resource": "arn:awz:s3:::b"}, 'Partition "awz" is not valid for resource "arn:awz:s3:::b".'),
    ({"Sid": "not allowed!"}, "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular "
                              "expression [0-9A-Za-z]*"),
    ({"Resources": "*"}, "Unknown field Resources"),
], ids=str)
def test_a_bad_inline_policy_is_malformed_in_the_words_of_iam(iam, change, text):
    role(iam)
    statement = {key: value for key, value in (INLINE["Statement"][0] | change).items() if value is not None}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    assert refused(iam.put_role_policy, RoleName="reader", PolicyName="p", PolicyDocument=document) == (
        "MalformedPolicyDocument", text)


def test_statement_ids_are_unique(iam):
    role(iam)
    statement = INLINE["Statement"][0] | {"Sid": "One"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement, statement]})
    assert refused(iam.put_role_policy, RoleName="reader", PolicyName="p", PolicyDocument=document)[1] == (
        "Statement IDs (SID) in a single policy must be unique.")


# ------------------------------------------------------------------------------------------------------- quotas, pages, lag


def test_quotas_are_kept_and_named_in_the_error(sandbox, iam):
    sandbox.control("POST", "/model", {"quotas": {"rolesPerAccount": 1, "policiesPerRole": 1, "inlineLength": 200,
                                                  "trustLength": 300, "providersPerAccount": 1}})
    role(iam)
    provider(iam)
    iam.attach_role_policy(RoleName="reader", PolicyArn=S3_READ)
    long = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:Get" + "x" * 200], "Resource": "*"}]})
    assert refused(role, iam, "second") == ("LimitExceeded", "Cannot exceed quota for RolesPerAccount: 1")
    assert refused(iam.attach_role_policy, RoleName="reader", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess") == (
        "LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 1")
    assert refused(iam.put_role_policy, RoleName="reader", PolicyName="p", PolicyDocument=long) == (
        "LimitExceeded", "Maximum policy size of 200 bytes exceeded for role reader")
    assert refused(iam.update_assume_role_policy, RoleName="reader", PolicyDocument=trust({"AWS": [ACCOUNT] * 30})) == (
        "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 300")
    assert refused(iam.create_open_id_connect_provider, Url="https://second.example.com")[0] == "LimitExceeded"


def test_white_space_does_not_count_against_the_quota(sandbox, iam):
    role(iam)
    sandbox.control("POST", "/model", {"quotas": {"inlineLength": 200}})
    iam.put_role_policy(RoleName="reader", PolicyName="p", PolicyDocument=json.dumps(INLINE, indent=40))


def test_the_account_summary_has_use_and_quota(sandbox, iam):
    role(iam)
    sandbox.control("POST", "/model", {"quotas": {"rolesPerAccount": 7}})
    summary = iam.get_account_summary()["SummaryMap"]
    assert (summary["Roles"], summary["RolesQuota"]) == (1, 7)


def test_lists_come_in_pages_with_markers(sandbox, iam):
    sandbox.control("POST", "/model", {"pageSize": 2, "quotas": {"policiesPerRole": 20}})
    arns = [f"arn:aws:iam::aws:policy/{name}" for name in (
        "AdministratorAccess", "AmazonEC2FullAccess", "AmazonS3FullAccess", "AmazonS3ReadOnlyAccess", "AmazonSQSFullAccess")]
    role(iam, Tags=[{"Key": f"k{n}", "Value": ""} for n in range(5)])
    for n, arn in enumerate(arns):
        iam.attach_role_policy(RoleName="reader", PolicyArn=arn)
        iam.put_role_policy(RoleName="reader", PolicyName=f"p{n}", PolicyDocument=json.dumps(INLINE))
        role(iam, f"role{n}")
    first = iam.list_attached_role_policies(RoleName="reader")
    assert first["IsTruncated"] and len(first["AttachedPolicies"]) == 2
    for action, key, count in (("list_attached_role_policies", "AttachedPolicies", 5), ("list_role_policies", "PolicyNames", 5),
                               ("list_role_tags", "Tags", 5), ("list_roles", "Roles", 6)):
        arguments = {} if action == "list_roles" else {"RoleName": "reader"}
        pages = list(iam.get_paginator(action).paginate(**arguments))
        assert len(pages) == 3
        assert sum(len(page[key]) for page in pages) == count
    assert len(iam.list_roles(MaxItems=1)["Roles"]) == 1
    assert refused(iam.list_roles, Marker="made-up")[0] == "ValidationError"


def test_readers_lag_behind_writers(sandbox, iam):
    sandbox.control("POST", "/model", {"propagationMs": 600_000})
    provider(iam)
    role(iam)
    assert refused(iam.get_role, RoleName="reader")[0] == "NoSuchEntity"
    assert refused(iam.attach_role_policy, RoleName="reader", PolicyArn=S3_READ)[0] == "NoSuchEntity"
    assert refused(role, iam)[0] == "EntityAlreadyExists"
    assert refused(role, iam, "b", trust=trust({"AWS": f"arn:aws:iam::{ACCOUNT}:role/reader"}))[0] == "MalformedPolicyDocument"
    assert refused(role, iam, "c", trust=trust({"Federated": PROVIDER}))[0] == "MalformedPolicyDocument"


def test_the_world_shows_and_takes_what_is_now_while_readers_lag(sandbox, iam):
    role(iam)
    sandbox.control("POST", "/model", {"propagationMs": 600_000})
    iam.tag_role(RoleName="reader", Tags=[{"Key": "a", "Value": "b"}])
    role(iam, "new")
    assert {one["roleName"]: one["tags"] for one in sandbox.world()["roles"]} == {"reader": {"a": "b"}, "new": {}}
    assert "Tags" not in iam.get_role(RoleName="reader")["Role"]
    sandbox.control("PUT", "/world", {"accounts": {ACCOUNT: {"roles": [{"roleName": "reader", "tags": {"c": "d"}}]}}})
    assert iam.get_role(RoleName="reader")["Role"]["Tags"] == [{"Key": "c", "Value": "d"}]


def test_what_was_written_is_seen_when_the_lag_has_passed(sandbox, iam):
    role(iam)
    sandbox.control("POST", "/model", {"propagationMs": 150})
    iam.attach_role_policy(RoleName="reader", PolicyArn=S3_READ)
    assert iam.list_attached_role_policies(RoleName="reader")["AttachedPolicies"] == []
    attached = lambda: iam.list_attached_role_policies(RoleName="reader")["AttachedPolicies"]
    wait_until(lambda: names(attached(), "PolicyArn") == [S3_READ], "the policy is seen")
    iam.detach_role_policy(RoleName="reader", PolicyArn=S3_READ)
    assert refused(iam.delete_role, RoleName="reader")[0] == "DeleteConflict"
    wait_until(lambda: attached() == [], "the policy is gone")
    iam.delete_role(RoleName="reader")
