"""The AWS accounts of the real tier, as seen and filled from outside with boto3; moto and its front play them."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Iterable
from pathlib import Path

import boto3
from botocore.client import BaseClient
from botocore.config import Config

from .aws_front import admin_key
from .kube_cluster import KubeCluster
from .processes import Child, answers, listening_socket, local_http

TESTS = Path(__file__).resolve().parent.parent
WORKER_KEY = "AKIAIRSAWORKER000001"


class AwsAccounts:
    """IAM, STS and EKS on one origin: every account that a cluster is in, and any other that a test names."""

    def __init__(self, workdir: Path, clusters: Iterable[KubeCluster]):
        self.workdir = workdir
        self.clusters = list(clusters)
        self.worker_account = self.clusters[0].account
        self.worker_secret = secrets.token_urlsafe(30)
        self.regions = {cluster.account: cluster.region for cluster in self.clusters}
        self._admin_secret = secrets.token_urlsafe(30)
        self._session = boto3.session.Session()
        self._clients: dict[tuple[str, str], BaseClient] = {}
        self.url = ""
        self.child: Child

    def start(self) -> None:
        """Begin to start; clients can connect at once and wait for their first answer."""
        self.workdir.mkdir(parents=True)
        config = self.workdir / "config.json"
        config.touch(mode=0o600)
        config.write_text(json.dumps({
            "keys": {WORKER_KEY: {"secret": self.worker_secret, "account": self.worker_account}},
            "adminSecret": self._admin_secret,
            "clusters": {cluster.id: {"accountID": cluster.account, "arn": cluster.arn, "endpoint": cluster.endpoint,
                                      "issuer": cluster.issuer, "ca": cluster.ca_pem, "version": "1.35"}
                         for cluster in self.clusters}}))
        with listening_socket() as listener:
            self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            self.child = Child("moto and its front", [
                sys.executable, "-m", "real.aws_front", "--config", config, "--fd", str(listener.fileno()),
            ], self.workdir / "log", env={"PYTHONPATH": str(TESTS)}, pass_fds=[listener.fileno()])

    def wait_ready(self, seconds: float = 30) -> None:
        self.child.wait_ready(lambda: answers(self.url), seconds)

    def stop(self) -> None:
        self.child.stop()

    def reset(self) -> None:
        local_http().post(f"{self.url}/moto-api/reset", timeout=30).raise_for_status()
        self.regions = {cluster.account: cluster.region for cluster in self.clusters}

    def client(self, service: str, account: str) -> BaseClient:
        """boto3 as an administrator of one account. Making one costs more than using it a hundred times."""
        if (service, account) not in self._clients:
            region = self.regions.get(account, self.clusters[0].region)
            self._clients[service, account] = self._session.client(
                service, region_name=region, endpoint_url=self.url, aws_access_key_id=admin_key(account),
                aws_secret_access_key=self._admin_secret, config=Config(retries={"total_max_attempts": 1}))
        return self._clients[service, account]

    def snapshot(self) -> dict:
        return {account: self._account_snapshot(account) for account in sorted(self.regions)}

    def _account_snapshot(self, account: str) -> dict:
        iam = self.client("iam", account)
        details = iam.get_account_authorization_details(Filter=["Role", "LocalManagedPolicy"])
        arns = [item["Arn"] for item in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]]
        return {
            "roles": sorted(map(role_document, details["RoleDetailList"]), key=lambda role: role["roleName"]),
            "policies": sorted(map(policy_document, details["Policies"]), key=lambda policy: policy["arn"]),
            "oidcProviders": [provider_document(arn, iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn))
                              for arn in sorted(arns)],
        }

    def put(self, account: str, document: dict) -> None:
        """Make or change what stands in the document, as somebody else in that account would."""
        self.regions.setdefault(account, self.clusters[0].region)
        iam = self.client("iam", account)
        gone = document.get("delete", {})
        for name in gone.get("roles", []):
            delete_role(iam, name)
        for arn in gone.get("oidcProviders", []):
            iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
        for policy in document.get("policies", []):
            put_policy(iam, account, policy)
        for provider in document.get("oidcProviders", []):
            put_provider(iam, account, provider)
        for role in document.get("roles", []):
            put_role(iam, role)


def put_policy(iam: BaseClient, account: str, policy: dict) -> None:
    name, path, text = policy["policyName"], policy.get("path", "/"), json.dumps(policy["policyDocument"])
    try:
        iam.create_policy(PolicyName=name, Path=path, PolicyDocument=text)
    except iam.exceptions.EntityAlreadyExistsException:
        arn = f"arn:{iam.meta.partition}:iam::{account}:policy{path}{name}"
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=text, SetAsDefault=True)


def put_provider(iam: BaseClient, account: str, provider: dict) -> None:
    """Make a provider, or give one that exists exactly the parts that `provider` has."""
    host = provider["url"].removeprefix("https://")
    arn = f"arn:{iam.meta.partition}:iam::{account}:oidc-provider/{host}"
    try:
        found = provider_document(arn, iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn))
    except iam.exceptions.NoSuchEntityException:
        found = {"clientIDs": [], "tags": {}}
    else:
        iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)  # moto removes no client by itself
    iam.create_open_id_connect_provider(Url=f"https://{host}", ClientIDList=provider.get("clientIDs", found["clientIDs"]),
                                        Tags=tag_list(provider.get("tags", found["tags"])))


def delete_role(iam: BaseClient, name: str) -> None:
    """With all that has to go before it, as the console does."""
    for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
    for policy_name in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy_name)
    iam.delete_role(RoleName=name)


def put_role(iam: BaseClient, role: dict) -> None:
    """Make a role, or give one that exists exactly the parts that `role` has; a boundary of None is taken away."""
    name = role["roleName"]
    boundary = {"PermissionsBoundary": role["permissionsBoundary"]} if role.get("permissionsBoundary") else {}
    try:
        iam.get_role(RoleName=name)
    except iam.exceptions.NoSuchEntityException:
        iam.create_role(RoleName=name, Path=role.get("path", "/"), Tags=tag_list(role.get("tags", {})),
                        AssumeRolePolicyDocument=json.dumps(role["assumeRolePolicyDocument"]), **boundary)
    else:
        change_role(iam, role)
    found = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    wanted = role.get("attachedPolicies", [policy["PolicyArn"] for policy in found])
    for policy in found:
        if policy["PolicyArn"] not in wanted:
            iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
    for arn in wanted:
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    if "inlinePolicies" in role:
        for policy_name in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            if policy_name not in role["inlinePolicies"]:
                iam.delete_role_policy(RoleName=name, PolicyName=policy_name)
        for policy_name, document in role["inlinePolicies"].items():
            iam.put_role_policy(RoleName=name, PolicyName=policy_name, PolicyDocument=json.dumps(document))


def change_role(iam: BaseClient, role: dict) -> None:
    name = role["roleName"]
    if "assumeRolePolicyDocument" in role:
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(role["assumeRolePolicyDocument"]))
    if role.get("permissionsBoundary"):
        iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=role["permissionsBoundary"])
    elif "permissionsBoundary" in role:
        iam.delete_role_permissions_boundary(RoleName=name)
    if "tags" in role:
        found = {tag["Key"] for tag in iam.list_role_tags(RoleName=name)["Tags"]}
        if gone := sorted(found - role["tags"].keys()):
            iam.untag_role(RoleName=name, TagKeys=gone)
        if role["tags"]:
            iam.tag_role(RoleName=name, Tags=tag_list(role["tags"]))


def tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def tag_map(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def role_document(role: dict) -> dict:
    boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return {
        "roleName": role["RoleName"], "path": role["Path"], "arn": role["Arn"], "roleId": role["RoleId"],
        "assumeRolePolicyDocument": role["AssumeRolePolicyDocument"],
        **({"permissionsBoundary": boundary} if boundary else {}),
        "tags": tag_map(role.get("Tags", [])),
        "attachedPolicies": sorted(policy["PolicyArn"] for policy in role["AttachedManagedPolicies"]),
        "inlinePolicies": {policy["PolicyName"]: policy["PolicyDocument"] for policy in role["RolePolicyList"]},
    }


def policy_document(policy: dict) -> dict:
    current = next(version for version in policy["PolicyVersionList"] if version["IsDefaultVersion"])
    return {"policyName": policy["Arn"].rpartition("/")[2], "path": policy["Path"], "arn": policy["Arn"],
            "policyDocument": current["Document"]}


def provider_document(arn: str, provider: dict) -> dict:
    return {"arn": arn, "url": provider["Url"], "clientIDs": provider["ClientIDList"],
            "tags": tag_map(provider.get("Tags", []))}
