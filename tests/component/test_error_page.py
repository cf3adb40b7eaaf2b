"""The table of errors in docs/provisioning.md is complete: each error that botocore's models have for a call of ours is in it.

What the rows say is tested by provision_errors_component_test.c.
"""

import re
from pathlib import Path

import botocore.session
import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "provisioning.md"
UNUSED = {"UntagRole"}  # core/aws can, provisioning never does
SERVICES = {"iam": "any call to IAM", "sts": "any call to STS", "eks": "any call to EKS"}


def rows():
    """(calls, {(code, status), …}) of each row; a call is told in words: "AttachRolePolicy on a new role"."""
    lines = iter(PAGE.read_text().splitlines())
    for line in lines:
        if line.startswith("| call | error |"):
            break
    next(lines)
    for line in lines:
        if not line.startswith("|"):
            return
        calls, errors = line.strip("|").split(" | ")[:2]
        yield calls.strip().split(", "), {(code, int(status)) for code, status in re.findall(r"`(\w+)` (\d+)", errors)}


def calls_of_ours():
    """The operations that core/aws names."""
    source = "".join(path.read_text() for path in sorted((ROOT / "core" / "aws").glob("*.c")))
    words = set(re.findall(r'"([A-Z][A-Za-z]+)"', source))
    session = botocore.session.get_session()
    for service in SERVICES:
        model = session.get_service_model(service)
        for name in sorted(words & set(model.operation_names) - UNUSED):
            yield service, model.operation_model(name)


CALLS = list(calls_of_ours())


def test_the_calls_are_found():
    assert len([service for service, _ in CALLS if service == "iam"]) >= 18
    assert {"DescribeCluster", "GetCallerIdentity"} <= {operation.name for _, operation in CALLS}


@pytest.mark.parametrize(("service", "operation"), CALLS, ids=[operation.name for _, operation in CALLS])
def test_every_modelled_error_of_a_call_has_a_row(service, operation):
    told = set()
    for calls, errors in rows():
        if SERVICES[service] in calls or any(call.split()[0] == operation.name for call in calls):
            told |= errors
    modelled = {(shape.metadata["error"].get("code", shape.name), shape.metadata["error"]["httpStatusCode"])
                for shape in operation.error_shapes}
    assert told
    assert modelled - told == set()
