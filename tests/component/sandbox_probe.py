"""The requests behind data/kubernetes-answers.txt: what a real kube-apiserver was asked, in this order.

Each answer there is the status and the body, shortened: a Status as it is, of an object kind, metadata (without
managedFields), status and secrets, unless the request says otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox_tools import APPLY, Kube

ADMIN, NOBODY, PLAIN, WRONG = "own", None, "plain-token", "wrong"
NAMESPACES, ACCOUNTS = "/api/v1/namespaces", "/api/v1/namespaces/t1/serviceaccounts"
ROLE_A, ROLE_B = "arn:aws:iam::111122223333:role/a", "arn:aws:iam::111122223333:role/b"
MERGE_PATCH, JSON_PATCH = "application/merge-patch+json", "application/json-patch+json"


def usual(body: dict) -> dict:
    if body.get("kind") == "Status":
        return body
    metadata = {key: value for key, value in body.get("metadata", {}).items() if key != "managedFields"}
    return {"kind": body.get("kind"), "metadata": metadata, "status": body.get("status"), "secrets": body.get("secrets")}


def owned(body: dict) -> dict:
    """Sorted by manager: the API server sorts by the second of the write, which a replay may cross."""
    entries = [{"manager": entry["manager"], "operation": entry["operation"], "f": entry["fieldsV1"]}
               for entry in body["metadata"].get("managedFields", [])]
    return {"annotations": body["metadata"].get("annotations"), "m": sorted(entries, key=lambda entry: entry["manager"])}


def listed(body: dict) -> dict:
    metadata = body["metadata"]
    return {"kind": body["kind"], "rv": metadata["resourceVersion"], "c": metadata.get("continue"),
            "r": metadata.get("remainingItemCount"), "n": [item["metadata"]["name"] for item in body["items"]]}


@dataclass
class Probe:
    title: str
    method: str
    path: str
    body: Any = None
    content_type: str = "application/json"
    token: str | None = ADMIN
    shorten: Callable[[dict], Any] = field(default=usual)

    def ask(self, kube: Kube) -> tuple[int, Any]:
        answer = kube(self.method, self.path, self.body, self.content_type, self.token)
        try:
            body = answer.json()
        except ValueError:
            return answer.status_code, answer.text.strip()
        return answer.status_code, self.shorten(body)


def sa(name: str, role: str | None = None, **metadata: Any) -> dict:
    annotations = {"annotations": {"eks.amazonaws.com/role-arn": role}} if role else {}
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name} | annotations | metadata}


def namespace(name: str, **more: Any) -> dict:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} | more


def apply(title: str, name: str, body: dict, query: str = "?fieldManager=ctl", folder: str = ACCOUNTS,
          content_type: str = APPLY, **more: Any) -> Probe:
    return Probe(title, "PATCH", f"{folder}/{name}{query}", body, content_type, **more)


def token_request(**spec: Any) -> dict:
    return {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}


def as_it_is(body: Any) -> Any:
    return body


def metadata_of(body: dict) -> dict:
    return body["metadata"]


OTHER_UID = "11111111-1111-1111-1111-111111111111"


def before_the_uid() -> list[Probe]:
    return [
        Probe("version", "GET", "/version", shorten=as_it_is),
        Probe("namespace create", "POST", NAMESPACES, namespace("t1")),
        Probe("namespace create again", "POST", NAMESPACES, namespace("t1")),
        apply("apply: creates", "x", sa("x", ROLE_A)),
        apply("apply: same again (no change: 200, same resourceVersion)", "x", sa("x", ROLE_A), shorten=metadata_of),
        apply("apply without fieldManager", "x", sa("x", ROLE_A), query=""),
        apply("apply by another manager, other value", "x", sa("x", ROLE_B), "?fieldManager=helm"),
        apply("same, force=true: managedFields", "x", sa("x", ROLE_B), "?fieldManager=helm&force=true",
              shorten=lambda body: body["metadata"]["managedFields"]),
        apply("first manager again, no force", "x", sa("x", ROLE_A)),
        apply("both managers apply the same value (shared)", "x", sa("x", ROLE_B), shorten=owned),
        apply("one manager drops it (other keeps it)", "x", sa("x"), shorten=owned),
        apply("last owner drops it (removed)", "x", sa("x"), "?fieldManager=helm", shorten=as_it_is),
        apply("apply: dry run", "dry", sa("dry", ROLE_A), "?fieldManager=ctl&dryRun=All"),
        Probe("dry run left nothing", "GET", f"{ACCOUNTS}/dry"),
        apply("apply with managedFields in the body", "x", sa("x", managedFields=[{"manager": "z", "operation": "Apply"}])),
        apply("apply with a wrong uid", "x", sa("x", uid=OTHER_UID)),
        apply("apply, uid given, object absent", "nope", sa("nope", uid=OTHER_UID)),
        apply("apply, resourceVersion given, stale", "x", sa("x", resourceVersion="1")),
        apply("apply in an absent namespace", "x", sa("x", ROLE_A), folder=f"{NAMESPACES}/none/serviceaccounts"),
        apply("apply, name in body differs", "x", sa("y", ROLE_A)),
        apply("apply, unknown field, fieldValidation=Strict", "x", sa("x") | {"bogus": 1},
              "?fieldManager=ctl&fieldValidation=Strict"),
        apply("apply, unknown field, default (Warn)", "x", sa("x") | {"bogus": 1}),
        apply("unsupported patch type", "x", {}, content_type="application/json"),
        apply("merge patch, resourceVersion stale", "x", {"metadata": {"resourceVersion": "1", "labels": {"a": "b"}}}, "",
              content_type=MERGE_PATCH),
        apply("json patch, test fails", "x", [{"op": "test", "path": "/metadata/name", "value": "q"}], "",
              content_type=JSON_PATCH),
        Probe("put, resourceVersion stale", "PUT", f"{ACCOUNTS}/x", sa("x", resourceVersion="1")),
        Probe("bad label value", "POST", ACCOUNTS, sa("l", labels={"a": "no spaces!"})),
        Probe("bad annotation key", "POST", ACCOUNTS, sa("l", annotations={"eks.amazonaws.com/role arn": "x"})),
        Probe("bad name", "POST", ACCOUNTS, sa("Upper_case")),
        Probe("annotations over 256 KiB", "POST", ACCOUNTS, sa("big", annotations={"a": "a" * 262145})),
        Probe("body is not JSON", "POST", ACCOUNTS, '{"apiVersion":'),
        Probe("wrong kind", "POST", ACCOUNTS, {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "l"}}),
        Probe("401: unknown token", "GET", f"{ACCOUNTS}/x", token=WRONG),
        Probe("no token (anonymous)", "GET", f"{ACCOUNTS}/x", token=NOBODY),
        Probe("anonymous /healthz", "GET", "/healthz", token=NOBODY),
        Probe("403: get", "GET", f"{ACCOUNTS}/x", token=PLAIN),
        apply("403: apply", "x", sa("x", ROLE_A), token=PLAIN),
        Probe("404: object", "GET", f"{ACCOUNTS}/none"),
        Probe("404: resource type", "GET", f"{NAMESPACES}/t1/serviceaccountz"),
        Probe("404: whole path", "GET", "/nope"),
        Probe("405", "PUT", ACCOUNTS, {}),
        Probe("TokenRequest", "POST", f"{ACCOUNTS}/x/token",
              token_request(audiences=["sts.amazonaws.com"], expirationSeconds=3600)),
        Probe("TokenRequest under 10 min", "POST", f"{ACCOUNTS}/x/token",
              token_request(audiences=["sts.amazonaws.com"], expirationSeconds=60)),
        Probe("TokenRequest, SA absent", "POST", f"{ACCOUNTS}/none/token", token_request()),
    ]


def after_the_uid(uid: str) -> list[Probe]:
    hold = sa("f", finalizers=["example.com/hold"])
    return [
        Probe("delete, wrong uid", "DELETE", f"{ACCOUNTS}/x",
              {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": OTHER_UID}}),
        Probe("delete, stale resourceVersion", "DELETE", f"{ACCOUNTS}/x", {"preconditions": {"resourceVersion": "1"}}),
        Probe("delete, right uid", "DELETE", f"{ACCOUNTS}/x",
              {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": uid}}),
        Probe("delete again", "DELETE", f"{ACCOUNTS}/x", {"preconditions": {"uid": uid}}),
        apply("finalizer: create", "f", hold),
        Probe("finalizer: delete (stays, deletionTimestamp)", "DELETE", f"{ACCOUNTS}/f"),
        apply("finalizer: apply on the deleting one", "f", sa("f", ROLE_A)),
        apply("finalizer: drop it (goes)", "f", {"metadata": {"finalizers": None}}, "", content_type=MERGE_PATCH),
        Probe("list, limit=2", "GET", f"{NAMESPACES}?limit=2", shorten=listed),
        Probe("list, bad continue", "GET", f"{NAMESPACES}?limit=2&continue=abc"),
        Probe("namespace delete", "DELETE", f"{NAMESPACES}/t1"),
        Probe("namespace, later (no controller manager: stays)", "GET", f"{NAMESPACES}/t1", shorten=lambda body: {
            "metadata": {"deletionTimestamp": body["metadata"]["deletionTimestamp"]},
            "spec": body["spec"], "status": body["status"]}),
        Probe("create in a Terminating namespace", "POST", ACCOUNTS, sa("late")),
        apply("apply-create in a Terminating namespace", "late", sa("late", ROLE_A)),
        Probe("namespace delete again", "DELETE", f"{NAMESPACES}/t1"),
        Probe("finalize it away (what the controller manager would do)", "PUT", f"{NAMESPACES}/t1/finalize",
              namespace("t1", spec={"finalizers": []})),
        Probe("gone", "GET", f"{NAMESPACES}/t1"),
        Probe("create in an absent namespace", "POST", ACCOUNTS, sa("late")),
    ]


def read_answers(text: str) -> dict[str, tuple[int, Any]]:
    """Title -> status and body of data/kubernetes-answers.txt."""
    answers = {}
    for part in text.split("\n## ")[1:]:
        title, _, rest = part.partition("\n")
        lines = rest.strip().splitlines()
        status = int(lines[0].split()[1])
        start = next(i for i, line in enumerate(lines) if line.startswith(("{", "[")) or i == len(lines) - 1)
        body = "\n".join(lines[start:])
        try:
            answers[title] = status, json.loads(body)
        except ValueError:
            answers[title] = status, body.strip()
    return answers
