"""irsactl's exit codes, which scripts rely on."""

from __future__ import annotations

import signal

import pytest
from real.processes import free_port

from .places import S3_READ
from .waiting import wait_for

POLICY = ["--attach-policy-arn", S3_READ]


def arguments(site, *more, name="reader"):
    return ["create", "iamserviceaccount", name, *site.flags, "--namespace", site.namespace, *POLICY, *more]


def test_0_when_every_request_ended_well(site):
    site.ctl(*arguments(site, "--wait=60s")).must(0)


def test_0_without_wait_as_soon_as_the_broker_has_it(site):
    done = site.ctl(*arguments(site)).must(0)
    assert "irsactl wait --batch" in done.stderr


def test_1_when_a_request_failed(site):
    failed = site.ctl("create", "iamserviceaccount", "reader", "--cluster", "nowhere", "--region", "us-west-2", *POLICY,
                      "--wait=60s").must(1)
    assert "cluster_not_found" in failed.stdout


@pytest.mark.parametrize("flags", [
    ["create", "iamserviceaccount", "--name", "a", "b", "--cluster", "c", "--region", "us-west-2", *POLICY],
    ["create", "iamserviceaccount", "a", "--region", "us-west-2", *POLICY],
    ["create", "iamserviceaccount", "a", "--cluster", "c", "--region", "us-west-2"],
    ["create", "iamserviceaccount", "-f", "-", "--cluster", "c"],
    ["create", "iamserviceaccount", "a", "--cluster", "c", "--region", "us-west-2", *POLICY, "--include", "*"],
    ["create", "iamserviceaccount", "a", "--cluster", "c", "--region", "us-west-2", *POLICY, "--no-such-flag"],
    ["create", "iamservice"],
    ["topics", "create", "--partitions", "0"],
], ids=["two names", "no cluster", "no policy", "a flag that the file would override", "a filter without a file",
        "an unknown flag", "an unknown command", "a number out of range"])
def test_2_when_the_command_line_is_wrong(site, flags):
    before = site.broker.requests.ends()
    refused = site.ctl(*flags, input="").must(2)
    assert refused.stdout == "" and refused.stderr.startswith("irsactl: ")
    assert site.broker.requests.ends() == before


def test_2_when_no_region_is_to_be_found(site):
    gone = {"AWS_REGION": None, "AWS_DEFAULT_REGION": None, "HOME": "/nonexistent"}
    refused = site.ctl("create", "iamserviceaccount", "a", "--cluster", "c", *POLICY, env=gone).must(2)
    assert "region" in refused.stderr


def test_3_when_a_value_breaks_a_rule(site):
    refused = site.ctl(*arguments(site, name="Not_A_Name")).must(3)
    assert "name" in refused.stderr


def test_4_when_no_broker_answers(site):
    nobody = {"IRSA_KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{free_port()}", "IRSA_BROKER_TIMEOUT": "2s"}
    refused = site.ctl(*arguments(site), env=nobody).must(4)
    assert refused.stdout == ""


def test_124_when_the_wait_is_over_before_the_results_are_there(world, irsactl):
    late = irsactl("create", "iamserviceaccount", "reader", "--cluster", "cluster-14", "--region", "us-west-2", *POLICY,
                   "--wait=500ms").must(124)
    assert "irsactl wait --batch" in late.stderr


def test_130_when_it_is_interrupted_while_it_waits(world, irsactl, kafka):
    waiting = irsactl.start("create", "iamserviceaccount", "reader", "--cluster", "cluster-14", "--region", "us-west-2",
                            *POLICY, "--wait=60s")
    try:
        wait_for(lambda: kafka.requests.poll(), "the request is enqueued")
        waiting.send_signal(signal.SIGINT)
        _, told = waiting.communicate(timeout=30)
    finally:
        waiting.kill()
    assert waiting.returncode == 130
    assert "irsactl wait --batch" in told
