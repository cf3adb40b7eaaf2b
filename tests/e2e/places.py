"""Clusters of a world, and a namespace on one of them as a test's own place."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from . import expect
from .records import Result, State

if TYPE_CHECKING:
    from .programs import Worker
    from .stage import Stage

S3_READ = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
DYNAMODB_READ = "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"
ROLE_ANNOTATION = "eks.amazonaws.com/role-arn"


@dataclass(frozen=True)
class Cluster:
    name: str
    region: str
    account: str

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls(*text.split(":"))

    @property
    def id(self) -> str:
        return f"{self.region}/{self.name}"

    @property
    def arn(self) -> str:
        return f"arn:aws:eks:{self.region}:{self.account}:cluster/{self.name}"

    @property
    def role_path(self) -> str:
        return f"/irsa/{self.id}/"


class Site:
    """One namespace on one cluster: what is asked for there, and what is there."""

    def __init__(self, stage: Stage, cluster: Cluster, namespace: str, worker: Worker | None):
        self.stage = stage
        self.cluster = cluster
        self.namespace = namespace
        self.worker = worker
        self.broker = stage.broker
        self.ctl = stage.ctl()

    # --- asking -------------------------------------------------------------------------------------------------------

    @property
    def flags(self) -> list[str]:
        """irsactl's flags that lead here, but for the namespace."""
        return ["--cluster", self.cluster.name, "--region", self.cluster.region]

    def request(self, action: str, name: str | None = None, *, options: dict | None = None, metadata: dict | None = None,
                **fields: object) -> dict:
        """The data of a request; `fields` as in an entry of iam.serviceAccounts."""
        data: dict = {"action": action, "cluster": {"name": self.cluster.name, "region": self.cluster.region}}
        if name is not None:
            data["serviceAccount"] = {"metadata": {"name": name, "namespace": self.namespace} | (metadata or {}), **fields}
        return data | ({"options": options} if options else {})

    def create(self, name: str, **fields: object) -> dict:
        """A request to create; of one managed policy if nothing else is said."""
        if not {"attachPolicyARNs", "attachPolicy", "wellKnownPolicies", "attachRoleARN"} & fields.keys():
            fields["attachPolicyARNs"] = [S3_READ]
        return self.request("create", name, **fields)

    def delete(self, name: str, **fields: object) -> dict:
        return self.request("delete", name, **fields)

    def do(self, *requests: dict, seconds: float = 60) -> list[Result]:
        """Enqueue them, and the final result of each."""
        ids = self.broker.enqueue(requests)
        found = self.broker.finals(ids, seconds)
        return [found[id] for id in ids]

    def do_one(self, request: dict, seconds: float = 60) -> Result:
        return self.do(request, seconds=seconds)[0]

    def config(self, *accounts: dict, with_oidc: bool = True) -> str:
        """A ClusterConfig file; JSON is YAML."""
        return json.dumps({
            "apiVersion": "eksctl.io/v1alpha5", "kind": "ClusterConfig",
            "metadata": {"name": self.cluster.name, "region": self.cluster.region},
            "iam": {"withOIDC": with_oidc, "serviceAccounts": list(accounts)}}, indent=2)

    def entry(self, name: str, **fields: object) -> dict:
        """An entry of iam.serviceAccounts."""
        return {"metadata": {"name": name, "namespace": self.namespace}, **(fields or {"attachPolicyARNs": [S3_READ]})}

    # --- names --------------------------------------------------------------------------------------------------------

    def subject(self, name: str) -> str:
        return f"{self.cluster.account}/{self.cluster.id}/{self.namespace}/{name}"

    def role_name(self, name: str) -> str:
        return expect.default_role_name(self.cluster.region, self.cluster.name, self.namespace, name)

    def role_arn(self, name: str) -> str:
        return f"arn:aws:iam::{self.cluster.account}:role{self.cluster.role_path}{self.role_name(name)}"

    @property
    def issuer(self) -> str:
        return self.stage.issuers[self.cluster.id]

    @property
    def provider_arn(self) -> str:
        return f"arn:aws:iam::{self.cluster.account}:oidc-provider/{self.issuer.removeprefix('https://')}"

    def trust(self, name: str, pattern: str | None = None) -> dict:
        return expect.trust_policy(self.provider_arn, self.issuer, self.namespace, name, pattern)

    # --- looking ------------------------------------------------------------------------------------------------------

    def roles(self) -> dict[str, dict]:
        """Roles of ours for accounts of this namespace, by the account's name."""
        prefix = f"{self.namespace}/"
        return {role["tags"]["irsa.dev/service-account"].removeprefix(prefix): role
                for role in self.stage.world.snapshot()["accounts"][self.cluster.account]["roles"]
                if role["tags"].get("irsa.dev/cluster") == self.cluster.arn
                and role["tags"].get("irsa.dev/service-account", "").startswith(prefix)}

    def role_named(self, role_name: str) -> dict | None:
        return next((role for role in self.stage.world.snapshot()["accounts"][self.cluster.account]["roles"]
                     if role["roleName"] == role_name), None)

    def accounts(self) -> dict[str, dict]:
        """The metadata of the namespace's service accounts, by name."""
        return {each["metadata"]["name"]: each["metadata"]
                for each in self.stage.world.snapshot()["clusters"][self.cluster.id]["serviceAccounts"]
                if each["metadata"]["namespace"] == self.namespace}

    def state(self, name: str) -> State | None:
        return self.broker.state(self.subject(name))

    def is_pair(self, name: str) -> bool:
        """Is there a role for the account, and does the account name it?"""
        role, account = self.roles().get(name), self.accounts().get(name)
        return role is not None and account is not None and account["annotations"][ROLE_ANNOTATION] == role["arn"]
