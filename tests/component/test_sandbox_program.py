"""irsa-sandbox as a program: flags, the command beside it, signals, the environment that it gives."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from sandbox_tools import ACCOUNT, CLUSTER, PROGRAM, REGION, Sandbox, wait_until

PROMISED = {"IRSA_KAFKA_BOOTSTRAP_SERVERS", "IRSA_KAFKA_SESSION_TIMEOUT_MS", "IRSA_KAFKA_FETCH_WAIT_MAX_MS", "IRSA_GUARDRAILS",
            "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "IRSA_SANDBOX_URL"}
SHOW_ENVIRONMENT = "import json, os; print(json.dumps(dict(os.environ)))"


def sandbox(*arguments: str, **more) -> subprocess.CompletedProcess:
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=60, **more)


def environment(*flags: str, env: dict | None = None) -> dict[str, str]:
    done = sandbox(*flags, "--", sys.executable, "-c", SHOW_ENVIRONMENT, env=env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# ------------------------------------------------------------------------------------------------------- the command


def test_a_command_has_the_environment_and_its_status_is_the_programs():
    assert PROMISED <= set(environment())
    assert sandbox("--", "sh", "-c", "exit 7").returncode == 7
    assert sandbox("--no-broker", "sh", "-c", "kill -9 $$").returncode == 128 + signal.SIGKILL
    done = sandbox("--", "no-such-command")
    assert (done.returncode, "no-such-command" in done.stderr) == (127, True)


def test_a_command_sees_nothing_of_the_callers_own_aws():
    own = os.environ | {"AWS_PROFILE": "production", "AWS_SESSION_TOKEN": "secret", "AWS_ENDPOINT_URL_IAM": "https://elsewhere"}
    seen = environment("--cluster", "a:eu-west-1:444455556666", env=own)
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_IAM"} & set(seen)
    assert (seen["AWS_REGION"], seen["AWS_ACCESS_KEY_ID"]) == ("eu-west-1", "AKIASBOX444455556666")


def test_a_command_reaches_all_services_with_boto3_as_it_is():
    script = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'], " \
             "boto3.client('eks').list_clusters()['clusters'], len(boto3.client('iam').list_roles()['Roles']))"
    done = sandbox("--", sys.executable, "-c", script)
    assert done.stdout == f"{ACCOUNT} ['{CLUSTER}'] 0\n", done.stderr


def test_without_a_broker_or_without_a_cloud_the_rest_is_there():
    no_broker, no_cloud = environment("--no-broker"), environment("--no-cloud")
    assert not any(name.startswith("IRSA_KAFKA_") for name in no_broker) and "AWS_ENDPOINT_URL" in no_broker
    assert "IRSA_KAFKA_BOOTSTRAP_SERVERS" in no_cloud and "IRSA_SANDBOX_URL" in no_cloud
    assert "AWS_ENDPOINT_URL" not in no_cloud


def test_without_a_cloud_the_guardrails_stay_the_callers_own():
    own = {name: value for name, value in os.environ.items() if name != "IRSA_GUARDRAILS"}
    assert "IRSA_GUARDRAILS" not in environment("--no-cloud", env=own)
    assert environment("--no-cloud", env=own | {"IRSA_GUARDRAILS": "/etc/rules.json"})["IRSA_GUARDRAILS"] == "/etc/rules.json"
    assert environment(env=own | {"IRSA_GUARDRAILS": "/etc/rules.json"})["IRSA_GUARDRAILS"] == "off"


def test_a_shell_that_reads_the_file_has_the_environment_and_nothing_of_its_own_aws(tmp_path):
    folder = tmp_path / "it's here"
    folder.mkdir()
    own = os.environ | {"AWS_PROFILE": "production", "AWS_SESSION_TOKEN": "secret", "TMPDIR": str(folder)}
    script = f'. "$0"; exec {sys.executable} -c "{SHOW_ENVIRONMENT}"'
    done = sandbox("--no-broker", "--tls", "--env-file", str(folder / "env"), "--", "sh", "-c",
                   'exec env AWS_PROFILE=production sh -c "$0" "$1"', script, str(folder / "env"), env=own)
    seen = json.loads(done.stdout)
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN"} & set(seen)
    assert seen["AWS_CA_BUNDLE"].startswith(str(folder)) and seen["AWS_ENDPOINT_URL"].startswith("https://")


def test_the_prefix_of_the_topics_is_passed_on():
    assert environment("--topics-prefix", "team-a")["IRSA_TOPICS_PREFIX"] == "team-a"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_passed_on_to_the_command(tmp_path, number):
    marks = tmp_path / "got"
    script = ("import signal, sys, pathlib, time\n"
              f"def got(number, _): pathlib.Path({str(marks)!r}).write_text(str(number)); sys.exit(5)\n"
              "for n in (signal.SIGTERM, signal.SIGINT): signal.signal(n, got)\n"
              f"pathlib.Path({str(marks)!r} + '.ready').touch(); time.sleep(60)\n")
    process = subprocess.Popen([PROGRAM, "--no-broker", "--", sys.executable, "-c", script])
    wait_until((tmp_path / "got.ready").exists, "the command runs")
    process.send_signal(number)
    assert (process.wait(20), marks.read_text()) == (5, str(int(number)))


def test_a_sandbox_that_is_killed_takes_its_command_along(tmp_path):
    pid_file = tmp_path / "pid"
    process = subprocess.Popen([PROGRAM, "--no-broker", "--", "sh", "-c", f"echo $$ > {pid_file}.new; mv {pid_file}.new {pid_file}; exec sleep 60"])
    wait_until(pid_file.exists, "the command runs")
    process.kill()
    process.wait()
    child = int(pid_file.read_text())
    wait_until(lambda: not is_running(child), "the command ends")


def is_running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


# ------------------------------------------------------------------------------------------------------- without one


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_without_a_command_it_prints_the_environment_and_runs_until_it_is_stopped(tmp_path, number):
    with (tmp_path / "out").open("w+") as out:
        process = subprocess.Popen([PROGRAM], stdout=out, text=True)
        wait_until(lambda: "IRSA_SANDBOX_URL" in (tmp_path / "out").read_text(), "the environment is printed")
        process.send_signal(number)
        assert process.wait(20) == 0
    printed = (tmp_path / "out").read_text()
    shell = subprocess.run(["sh", "-euc", f"{printed}\nenv"], capture_output=True, text=True, check=True).stdout
    assert PROMISED <= {line.partition("=")[0] for line in shell.splitlines()}


def test_the_environment_file_is_whole_when_it_is_there(tmp_path):
    box = Sandbox(tmp_path, broker=True)
    try:
        assert PROMISED <= set(box.env)
        assert box.control("GET", "/healthz")["status"] == "ok"
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith("env")] == ["env"]
    finally:
        box.close()


def test_it_is_ready_within_a_third_of_a_second_and_small(tmp_path):
    started = time.monotonic()
    box = Sandbox(tmp_path, broker=True)
    took = time.monotonic() - started
    try:
        status = open(f"/proc/{box.process.pid}/status", encoding="ascii").read()
        resident_kib = int(status.partition("VmRSS:")[2].split()[0])
        assert resident_kib < 40 * 1024
        assert took < 0.3 * float(os.environ.get("IRSA_SLOWNESS", "3"))
    finally:
        box.close()


def test_tls_is_had_on_the_aws_origin_too(tmp_path):
    box = Sandbox(tmp_path, "--tls")
    try:
        assert box.env["AWS_ENDPOINT_URL"].startswith("https://127.0.0.1:")
        assert box.client("sts").get_caller_identity()["Account"] == ACCOUNT
        ca_file = box.env["AWS_CA_BUNDLE"]
        assert os.path.exists(ca_file)
    finally:
        box.close()
    assert not os.path.exists(ca_file)


def test_ports_can_be_chosen(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    box = Sandbox(tmp_path, "--aws-port", str(port))
    try:
        assert box.env["AWS_ENDPOINT_URL"] == f"http://127.0.0.1:{port}"
        done = sandbox("--no-broker", "--aws-port", str(port), "true")
        assert (done.returncode, str(port) in done.stderr) == (1, True)
    finally:
        box.close()


def test_settings_are_what_a_reset_goes_back_to(tmp_path):
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps({"model": {"pageSize": 7}, "world": {"accounts": {ACCOUNT: {"roles": [{"roleName": "theirs"}]}}}}))
    box = Sandbox(tmp_path, "--settings", str(settings))
    try:
        assert [role["roleName"] for role in box.world()["roles"]] == ["theirs"]
        box.control("POST", "/model", {"pageSize": 1})
        box.control("POST", "/reset")
        assert box.control("GET", "/model")["pageSize"] == 7
    finally:
        box.close()


# ------------------------------------------------------------------------------------------------------- flags


def test_help_and_version():
    shown = sandbox("--help")
    assert (shown.returncode, shown.stderr) == (0, "")
    for flag in ("--cluster NAME[:REGION[:ACCOUNT]]", "--no-broker", "--no-cloud", "--tls", "--settings FILE", "--env-file FILE"):
        assert flag in shown.stdout
    assert sandbox("--version").stdout.startswith("irsa-sandbox ")


@pytest.mark.parametrize(("arguments", "text"), [
    (["--clutser", "a"], "did you mean --cluster?"),
    (["--cluster"], "needs a value"),
    (["--cluster", "a:b:c:d"], "NAME[:REGION[:ACCOUNT]]"),
    (["--cluster", "no spaces"], "no spaces"),
    (["--cluster", "a:nowhere"], "region"),
    (["--cluster", "a:us-west-2:12"], "12 digits"),
    (["--cluster", "a", "--cluster", "a"], "already"),
    (["--no-broker", "--no-cloud"], "nothing"),
    (["--no-cloud", "--tls"], "--tls"),
    (["--topics-prefix", "a b"], "--topics-prefix"),
    (["--partitions", "0"], "--partitions"),
    (["--aws-port", "70000"], "--aws-port"),
    (["--log-level", "loud"], "--log-level"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_a_wrong_flag_is_a_usage_error(arguments, text):
    done = sandbox(*arguments)
    assert done.returncode == 2
    assert text in done.stderr


@pytest.mark.parametrize(("settings", "text"), [
    ("{", "settings.json"), ('{"modle": {}}', "modle"), ('{"model": {"pageSize": -1}}', "pageSize")])
def test_settings_that_cannot_be_used_stop_the_start(tmp_path, settings, text):
    path = tmp_path / "settings.json"
    path.write_text(settings)
    done = sandbox("--no-broker", "--settings", str(path), "true")
    assert (done.returncode, text in done.stderr) == (1, True)


def test_a_client_of_another_region_finds_other_clusters(tmp_path):
    box = Sandbox(tmp_path, "--cluster", f"same:{REGION}", "--cluster", "same:eu-west-1")
    try:
        clusters = {region: box.client("eks", region=region).describe_cluster(name="same")["cluster"]["identity"]["oidc"]["issuer"]
                    for region in (REGION, "eu-west-1")}
        assert len(set(clusters.values())) == 2
    finally:
        box.close()
