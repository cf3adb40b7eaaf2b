"""The policies of wellKnownPolicies against what their add-ons ask for, AWS's own models, and IAM's limit for a role.

What an add-on asks for is written down here action by action, as its project published it for the version that
docs/provisioning.md names: a fact of theirs, not read from our files. To move to a newer version, change the table on that
page, the actions here, and then the file.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import botocore.session
import pytest

ROOT = Path(__file__).resolve().parents[2]
POLICIES = ROOT / "core/provision/policies"
INLINE_LIMIT = 10240  # of all inline policies of a role together, white space left out
ROOM = 2048           # that a role with every one of them still has for an attachPolicy of its own

# Of each inline policy the actions, under what they may depend on: "" is nothing, else the kind of resource and the keys
# of the conditions.
OWNED, NEW = "aws:ResourceTag/elbv2.k8s.aws/cluster", "aws:RequestTag/elbv2.k8s.aws/cluster"
NEEDS = {
    "autoScaler": {"": """
        autoscaling: DescribeAutoScalingGroups DescribeAutoScalingInstances DescribeLaunchConfigurations
                     DescribeScalingActivities DescribeTags SetDesiredCapacity TerminateInstanceInAutoScalingGroup
        ec2: DescribeImages DescribeInstanceTypes DescribeLaunchTemplateVersions GetInstanceTypesFromInstanceRequirements
        eks: DescribeNodegroup"""},
    "awsLoadBalancerController": {
        "": """
            ec2: DescribeAccountAttributes DescribeAddresses DescribeAvailabilityZones DescribeCoipPools DescribeInstances
                 DescribeInternetGateways DescribeIpamPools DescribeNetworkInterfaces DescribeRouteTables
                 DescribeSecurityGroups DescribeSubnets DescribeTags DescribeVpcPeeringConnections DescribeVpcs
                 GetCoipPoolUsage GetSecurityGroupsForVpc
                 AuthorizeSecurityGroupIngress CreateSecurityGroup RevokeSecurityGroupIngress
            elasticloadbalancing: DescribeCapacityReservation DescribeListenerAttributes DescribeListenerCertificates
                 DescribeListeners DescribeLoadBalancerAttributes DescribeLoadBalancers DescribeRules DescribeSSLPolicies
                 DescribeTags DescribeTargetGroupAttributes DescribeTargetGroups DescribeTargetHealth DescribeTrustStores
                 AddListenerCertificates CreateListener CreateRule DeleteListener DeleteRule ModifyListener ModifyRule
                 RemoveListenerCertificates SetRulePriorities SetWebAcl
            acm: DescribeCertificate ListCertificates
            cognito-idp: DescribeUserPoolClient
            iam: GetServerCertificate ListServerCertificates
            shield: CreateProtection DeleteProtection DescribeProtection GetSubscriptionState
            waf-regional: AssociateWebACL DisassociateWebACL GetWebACL GetWebACLForResource
            wafv2: AssociateWebACL DisassociateWebACL GetWebACL GetWebACLForResource""",
        "targetgroup": "elasticloadbalancing: DeregisterTargets RegisterTargets",
        "listener": "elasticloadbalancing: AddTags RemoveTags",
        "listener-rule": "elasticloadbalancing: AddTags RemoveTags",
        "iam:AWSServiceName": "iam: CreateServiceLinkedRole",
        OWNED: """
            ec2: AuthorizeSecurityGroupIngress DeleteSecurityGroup RevokeSecurityGroupIngress
            elasticloadbalancing: DeleteLoadBalancer DeleteTargetGroup ModifyCapacityReservation ModifyIpPools
                 ModifyListenerAttributes ModifyLoadBalancerAttributes ModifyTargetGroup ModifyTargetGroupAttributes
                 SetIpAddressType SetSecurityGroups SetSubnets""",
        NEW: "elasticloadbalancing: CreateLoadBalancer CreateTargetGroup",
        f"security-group {NEW} ec2:CreateAction": "ec2: CreateTags",
        f"security-group {NEW} {OWNED}": "ec2: CreateTags DeleteTags",
        f"loadbalancer {NEW} {OWNED}": "elasticloadbalancing: AddTags RemoveTags",
        f"targetgroup {NEW} {OWNED}": "elasticloadbalancing: AddTags RemoveTags",
        f"loadbalancer {NEW} elasticloadbalancing:CreateAction": "elasticloadbalancing: AddTags",
        f"targetgroup {NEW} elasticloadbalancing:CreateAction": "elasticloadbalancing: AddTags",
    },
    "externalDNS": {
        "hostedzone": "route53: ChangeResourceRecordSets",
        "": "route53: ListHostedZones ListResourceRecordSets ListTagsForResource ListTagsForResources",
    },
    "certManager": {
        "change": "route53: GetChange",
        "hostedzone": "route53: ChangeResourceRecordSets",
        "": "route53: ListHostedZonesByName ListResourceRecordSets",
    },
    "efsCSIController": {
        "": """
            elasticfilesystem: DescribeAccessPoints DescribeFileSystems DescribeMountTargets
            ec2: DescribeAvailabilityZones""",
        "aws:RequestTag/efs.csi.aws.com/cluster": "elasticfilesystem: CreateAccessPoint TagResource",
        "aws:ResourceTag/efs.csi.aws.com/cluster": "elasticfilesystem: DeleteAccessPoint",
    },
}

# The names of botocore's models where they are not those of IAM.
SERVICES = {"elasticloadbalancing": "elbv2", "elasticfilesystem": "efs"}
PERMISSIONS_ONLY = {"elasticloadbalancing:SetWebAcl"}  # WAF asks about it; nobody can call it


def load(key: str, partition: str = "aws") -> dict:
    return json.loads((POLICIES / f"{key}.json").read_text(encoding="utf-8").replace("${partition}", partition))


def as_list(value: str | list) -> list:
    return [value] if isinstance(value, str) else value


def grants_of(document: dict) -> set[tuple[str, str]]:
    """Each action with what it depends on: the kind of resource and the keys of conditions."""
    found = set()
    for statement in document["Statement"]:
        assert statement["Effect"] == "Allow"
        keys = {key for test in statement.get("Condition", {}).values() for key in test}
        for resource in as_list(statement["Resource"]):
            kind = [] if resource == "*" else [re.match(r"[a-z-]+", resource.split(":")[5]).group()]
            found |= {(action, " ".join(sorted([*kind, *keys]))) for action in as_list(statement["Action"])}
    return found


def needs_of(key: str) -> set[tuple[str, str]]:
    found = set()
    for scope, text in NEEDS[key].items():
        service = ""
        for word in text.split():
            if word.endswith(":"):
                service = word
            else:
                found.add((service + word, " ".join(sorted(scope.split()))))
    return found


def test_every_document_has_its_needs_written_down():
    assert {path.stem for path in POLICIES.iterdir()} == NEEDS.keys()


@pytest.mark.parametrize("key", NEEDS)
def test_a_policy_allows_what_its_addon_asks_for_and_nothing_else(key):
    assert grants_of(load(key)) == needs_of(key)


@pytest.mark.parametrize("key", NEEDS)
def test_every_action_is_an_operation_that_aws_has(key):
    session = botocore.session.get_session()
    for action, _ in grants_of(load(key)):
        service, _, operation = action.partition(":")
        model = session.get_service_model(SERVICES.get(service, service))
        assert operation in model.operation_names or action in PERMISSIONS_ONLY, action


@pytest.mark.parametrize("partition", botocore.session.get_session().get_available_partitions())
def test_all_of_them_fit_into_one_role_in_every_partition(partition):
    documents = {key: json.dumps(load(key, partition), separators=(",", ":")) for key in NEEDS}
    assert not any("arn:aws:" in document for document in documents.values()) or partition == "aws"
    assert sum(map(len, documents.values())) <= INLINE_LIMIT - ROOM


def test_the_page_says_for_which_version_each_is_complete():
    page = (ROOT / "docs/provisioning.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (inline `irsa-\1`|managed `[\w/-]+`) \| ([^|]+) \|$", page, re.MULTILINE)
    schema = json.loads((ROOT / "schemas/request.v1.schema.json").read_text(encoding="utf-8"))["$defs"]["wellKnownPolicies"]
    assert [key for key, _, _ in rows] == list(schema["properties"])
    assert {key for key, made, _ in rows if made.startswith("inline")} == NEEDS.keys()
    assert all(re.search(r"\d", version) for _, made, version in rows if made.startswith("inline"))
