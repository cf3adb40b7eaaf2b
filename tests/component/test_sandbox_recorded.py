"""The sandbox's Kubernetes answers what a real kube-apiserver answered: owners of fields after hundreds of writes in
pseudo-random order, and what bodies, options and paths are refused for, in the order of its checks."""

from __future__ import annotations

from pathlib import Path

import pytest
from kubernetes_recorded import ask_row, read_rows
from sandbox_tools import CLUSTER, REGION, Sandbox

DATA = Path(__file__).parent / "data"
FILES = ("kubernetes-ownership.jsonl", "kubernetes-refusals.jsonl")
ROWS = {file: read_rows(DATA / file) for file in FILES}

# title -> why the sandbox answers something else
DIFFERENT = {
    "apply: YAML": "bodies are JSON only",
    "create: a repeated key": "one strict reader of JSON, which takes no repeated key",
    "create: a label repeated": "one strict reader of JSON, which takes no repeated key",
    "create: a time that is none": "times of the server's own are not read",
    "create: kind is a number": "it is refused by its schema, in other words",
    "create: unknown members, also in lists": "what is inside of items of lists is not looked at",
    "apply: unknown member of a secret": "what is inside of items of lists is not looked at",
    "apply: a label that is an object": "Go's syntax of an object is not played",
    "get of a kind that is not played": "there are namespaces and service accounts only",
    "namespace with a finalizer of its own": "the finalizers of a namespace's spec are the server's",
    "namespace deleted that has a finalizer of its own": "the finalizers of a namespace's spec are the server's",
    "finalize: a finalizer stays": "the finalizers of a namespace's spec are the server's",
    "TokenRequest: audiences of another type": "no service account tokens are signed",
    "TokenRequest: another kind": "no service account tokens are signed",
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory) -> dict[str, dict]:
    """File and title -> what the sandbox answered; each file is asked of a new world."""
    found = {}
    sandbox = Sandbox(tmp_path_factory.mktemp("recorded"))
    tokens = {"admin": "own", "plain": "plain-token", "wrong": "wrong", None: None}
    try:
        kube = sandbox.kube()
        for file, rows in ROWS.items():
            sandbox.control("POST", "/reset")
            sandbox.control("PUT", "/world",
                            {"clusters": {f"{REGION}/{CLUSTER}": {"tokens": {"plain-token": {"user": "plain"}}}}})
            for row in rows:
                answer = ask_row(lambda method, path, body, content_type, token, agent: kube(
                    method, path, body, content_type, tokens[token], **{"User-Agent": agent}), row)
                found[file, row["title"]] = answer
        return found
    finally:
        sandbox.close()


@pytest.mark.parametrize("row", ROWS["kubernetes-refusals.jsonl"], ids=lambda row: row["title"])
def test_a_request_is_answered_as_by_a_real_api_server(answers, row):
    if row["title"] in DIFFERENT:
        pytest.skip(DIFFERENT[row["title"]])
    expected = {key: row[key] for key in ("status", "answer", "warnings") if key in row}
    assert answers["kubernetes-refusals.jsonl", row["title"]] == expected


def test_after_hundreds_of_writes_every_field_has_the_owners_that_it_has_on_a_real_api_server(answers):
    for row in ROWS["kubernetes-ownership.jsonl"]:
        expected = {key: row[key] for key in ("status", "answer", "warnings") if key in row}
        assert answers["kubernetes-ownership.jsonl", row["title"]] == expected, row["title"]


def test_what_is_different_is_recorded_too():
    assert set(DIFFERENT) <= {row["title"] for row in ROWS["kubernetes-refusals.jsonl"]}
    for rows in ROWS.values():
        assert len({row["title"] for row in rows}) == len(rows)
