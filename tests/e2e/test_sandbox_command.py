"""irsa-sandbox -- COMMAND: the whole path in one line, as somebody tries it who has just built it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from .expect import default_role_name, trust_policy
from .places import ROLE_ANNOTATION
from .programs import environment
from .stage import bin_dir_of

pytestmark = pytest.mark.needs("broker")

FILE = Path(__file__).resolve().parents[2] / "docs/demo/cluster-13.yaml"
SCRIPT = """
irsa-worker 2>worker.log & worker=$!
irsactl create iamserviceaccount -f "$FILE" --wait=60s -o jsonl >created
curl -fsS "$IRSA_SANDBOX_URL/world" >after-create
irsactl create iamserviceaccount -f "$FILE" --wait=60s -o jsonl >repeated
irsactl delete iamserviceaccount -f "$FILE" --approve --wait=60s -o jsonl >deleted
curl -fsS "$IRSA_SANDBOX_URL/world" >after-delete
kill -TERM $worker
wait $worker
"""


def run_in_sandbox(folder, script):
    bin_dir = bin_dir_of(os.environ)
    env = environment({"PATH": f"{bin_dir}:{os.environ['PATH']}", "FILE": str(FILE)})
    return subprocess.run([bin_dir / "irsa-sandbox", "--cluster", "cluster-13:us-west-2:111122223333", "--",
                           "bash", "-euc", script], env=env, cwd=folder, capture_output=True, text=True, timeout=90)


def test_the_whole_path_runs_in_one_command(tmp_path):
    done = run_in_sandbox(tmp_path, SCRIPT)
    assert done.returncode == 0, done.stderr

    def outcomes(name):
        return sorted(json.loads(line)["outcome"] for line in (tmp_path / name).read_text().splitlines())

    def world(name):
        found = json.loads((tmp_path / name).read_text())
        return found["accounts"]["111122223333"], found["clusters"]["us-west-2/cluster-13"]

    assert outcomes("created") == outcomes("deleted") == ["succeeded"] * 3
    assert outcomes("repeated") == ["unchanged"] * 3
    account, cluster = world("after-create")
    [provider] = account["oidcProviders"]
    roles = {role["tags"]["irsa.dev/service-account"]: role for role in account["roles"]}
    annotated = {f"{each['metadata']['namespace']}/{each['metadata']['name']}": each["metadata"]["annotations"][ROLE_ANNOTATION]
                 for each in cluster["serviceAccounts"]}
    assert annotated == {name: role["arn"] for name, role in roles.items()}
    assert len(roles) == 3
    for name, role in roles.items():
        place = name.split("/")
        assert role["roleName"] == default_role_name("us-west-2", "cluster-13", *place)
        assert role["assumeRolePolicyDocument"] == trust_policy(provider["arn"], cluster["issuer"], *place)
    account, after = world("after-delete")
    assert account["roles"] == [] and after["serviceAccounts"] == []
    assert after["namespaces"] == cluster["namespaces"]


def test_the_commands_status_is_the_sandboxs(tmp_path):
    assert run_in_sandbox(tmp_path, "exit 7").returncode == 7
