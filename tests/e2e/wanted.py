"""What a ClusterConfig file asks for, field by field, worked out by PyYAML and from the design alone.

The shapes are those of a world's snapshot. What only a worker can know - ids, times, marks - is left out on both sides.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import yaml

from . import expect
from .places import ROLE_ANNOTATION, Cluster

POLICIES = Path(__file__).resolve().parents[2] / "core/provision/policies"
MANAGED = {"imageBuilder": "AmazonEC2ContainerRegistryPowerUser", "ebsCSIController": "service-role/AmazonEBSCSIDriverPolicy"}
INLINE = ("autoScaler", "awsLoadBalancerController", "externalDNS", "certManager", "efsCSIController")
WORKERS_OWN = "irsa.dev/"


@dataclass(frozen=True)
class Wanted:
    """One entry of a file on its cluster."""

    entry: dict
    cluster: Cluster
    issuer: str
    cluster_tags: dict

    @property
    def name(self) -> str:
        return self.entry["metadata"]["name"]

    @property
    def namespace(self) -> str:
        return self.entry["metadata"].get("namespace", "default")

    @property
    def id(self) -> str:
        return f"{self.namespace}/{self.name}"

    @property
    def has_role(self) -> bool:
        return "attachRoleARN" not in self.entry

    @property
    def has_account(self) -> bool:
        return not self.entry.get("roleOnly", False)

    @property
    def role_name(self) -> str:
        return self.entry.get("roleName") or expect.default_role_name(
            self.cluster.region, self.cluster.name, self.namespace, self.name)

    @property
    def role_path(self) -> str:
        return "/" if "roleName" in self.entry else self.cluster.role_path

    @property
    def role_arn(self) -> str:
        return self.entry.get("attachRoleARN") or f"arn:aws:iam::{self.cluster.account}:role{self.role_path}{self.role_name}"

    @property
    def well_known(self) -> set[str]:
        return {key for key, is_on in self.entry.get("wellKnownPolicies", {}).items() if is_on}

    @property
    def tags(self) -> dict[str, str]:
        """The cluster's below the entry's own, of which the case does not tell keys apart."""
        own = self.entry.get("tags", {})
        keys = {key.casefold() for key in own}
        return {key: value for key, value in self.cluster_tags.items() if key.casefold() not in keys} | own | {
            "irsa.dev/cluster": self.cluster.arn, "irsa.dev/service-account": self.id, "irsa.dev/owner": "irsa"}

    @property
    def role(self) -> dict:
        provider = f"arn:aws:iam::{self.cluster.account}:oidc-provider/{self.issuer.removeprefix('https://')}"
        inline = {"irsa-inline": self.entry["attachPolicy"]} if "attachPolicy" in self.entry else {}
        boundary = self.entry.get("permissionsBoundary")
        return {
            "roleName": self.role_name, "path": self.role_path, "arn": self.role_arn, "tags": self.tags,
            "assumeRolePolicyDocument": expect.trust_policy(
                provider, self.issuer, self.namespace, self.name, self.entry.get("subjectPattern")),
            **({"permissionsBoundary": boundary} if boundary else {}),
            "attachedPolicies": sorted(self.entry.get("attachPolicyARNs", []) + [
                f"arn:aws:iam::aws:policy/{name}" for key, name in MANAGED.items() if key in self.well_known]),
            "inlinePolicies": inline | {f"irsa-{key}": document(key) for key in INLINE if key in self.well_known},
        }

    @property
    def account(self) -> dict:
        metadata = self.entry["metadata"]
        return {
            "name": self.name, "namespace": self.namespace,
            "labels": metadata.get("labels", {}) | {"app.kubernetes.io/managed-by": "irsa"},
            "annotations": metadata.get("annotations", {}) | {ROLE_ANNOTATION: self.role_arn},
        }


def document(key: str) -> dict:
    """The policy of a well-known key, in the partition of the tests' clusters."""
    return json.loads((POLICIES / f"{key}.json").read_text(encoding="utf-8").replace("${partition}", "aws"))


def wanted_by(path: Path, cluster: Cluster, issuer: str) -> dict[str, Wanted]:
    """The entries of a file by "namespace/name"."""
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    entries = [Wanted(entry, cluster, issuer, config["metadata"].get("tags", {}))
               for entry in config["iam"]["serviceAccounts"]]
    return {entry.id: entry for entry in entries}


def seen_role(role: dict) -> dict:
    """A role of a snapshot without its id, its description and the mark of the request that wrote it last."""
    return without(role, "roleId", "description") | {"tags": without(role["tags"], "irsa.dev/request")}


def seen_account(metadata: dict) -> dict:
    """A service account of a snapshot without what Kubernetes and the worker keep on it for themselves."""
    return {"name": metadata["name"], "namespace": metadata["namespace"], "labels": metadata["labels"],
            "annotations": without(metadata["annotations"], "irsa.dev/request", "irsa.dev/created")}


def without(pairs: dict, *keys: str) -> dict:
    return {key: value for key, value in pairs.items() if key not in keys}
