"""The sandbox's Kubernetes answers what a real kube-apiserver answered, request by request, word for word."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from sandbox_probe import after_the_uid, before_the_uid, owned, read_answers
from sandbox_tools import CLUSTER, REGION, Sandbox

ANSWERS = Path(__file__).parent / "data" / "kubernetes-answers.txt"
# What the sandbox does not do: it signs no service account tokens.
NOT_DONE = {"TokenRequest": 501}

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
VERSION = re.compile(r'("resourceVersion": |"rv": |in record \()"?\d+"?')
CONTINUE = re.compile(r'"c": "[A-Za-z0-9_-]+"')


def masked(body: Any) -> Any:
    """Without what differs from run to run: uids, times, versions, continue tokens."""
    text = json.dumps(body)
    for pattern, mask in ((UUID, "<uid>"), (TIME, "<time>"), (CONTINUE, '"c": "<token>"')):
        text = pattern.sub(mask, text)
    return json.loads(VERSION.sub(lambda match: match[1] + ('"<version>"' if match[1][0] == '"' else "<version>"), text))


@pytest.fixture(scope="module")
def asked(tmp_path_factory) -> dict[str, tuple[int, Any]]:
    """Title -> what the sandbox answered, all asked of one cluster in the order of the file."""
    sandbox = Sandbox(tmp_path_factory.mktemp("answers"))
    try:
        sandbox.control("PUT", "/world", {"clusters": {f"{REGION}/{CLUSTER}": {"tokens": {"plain-token": {"user": "plain"}}}}})
        kube = sandbox.kube()
        answers = {probe.title: probe.ask(kube) for probe in before_the_uid()}
        uid = kube("GET", "/api/v1/namespaces/t1/serviceaccounts/x").json()["metadata"]["uid"]
        return answers | {probe.title: probe.ask(kube) for probe in after_the_uid(uid)}
    finally:
        sandbox.close()


EXPECTED = read_answers(ANSWERS.read_text(encoding="utf-8"))


@pytest.mark.parametrize("title", EXPECTED)
def test_the_answer_is_that_of_a_real_api_server(asked, title):
    status, body = asked[title]
    if title in NOT_DONE:
        assert status == NOT_DONE[title]
        return
    wanted_status, wanted = EXPECTED[title]
    assert (status, masked(body)) == (wanted_status, masked(wanted))


def test_every_request_behind_the_answers_is_asked(asked):
    assert set(asked) == set(EXPECTED)


def test_an_apply_that_changes_nothing_keeps_the_version(asked):
    created = asked["apply: creates"][1]["metadata"]
    again = asked["apply: same again (no change: 200, same resourceVersion)"][1]
    assert again["resourceVersion"] == created["resourceVersion"]
    assert again["uid"] == created["uid"]


def test_owners_are_compared_without_their_order():
    assert owned({"metadata": {}}) == {"annotations": None, "m": []}
