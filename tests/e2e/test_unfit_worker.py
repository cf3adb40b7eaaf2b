"""A worker that cannot or must not work does nothing, and says why."""

from __future__ import annotations

import pytest

from .waiting import wait_for


def test_without_guardrails_it_does_not_start_and_says_why(world):
    refused = world.worker(IRSA_GUARDRAILS=None).wait_refused()
    assert "guardrails" in refused


def test_it_warns_that_guardrails_are_off(world, worker):
    assert [line["level"] for line in worker().events("guardrails.off")] == ["warn"]


@pytest.mark.parametrize(("arguments", "words"), [
    (["--executors", "0"], ["executors"]),
    (["--executers", "8"], ["--executers", "--executors"]),
    (["-X", "session.timeout.m=6000"], ["session.timeout.m"]),
    (["--settings", "/nonexistent.yaml"], ["/nonexistent.yaml"]),
    (["--topics-prefix", "a b"], ["topics.prefix"]),
    (["--policies-protected", ",".join(f"Deny{i}" for i in range(65))], ["policies.protected", "64"]),
    (["--policies-protected", "Deny[ALL"], ["policies.protected", "bracket"]),
], ids=["out of range", "unknown flag", "unknown Kafka setting", "no such file", "no topic's prefix",
        "too many patterns", "no pattern"])
def test_with_a_wrong_setting_it_does_not_start_and_names_it(world, arguments, words):
    refused = world.worker(*arguments).wait_refused()
    for word in words:
        assert word in refused


@pytest.mark.parametrize(("variable", "value"), [
    ("AWS_REGION", "us west 2"), ("AWS_CA_BUNDLE", "/nonexistent.pem"), ("IRSA_OWNER", "a\nb"), ("IRSA_ROLE_PATH", "no-slash"),
    ("IRSA_ROLE_PATH", "/a b/")])
def test_an_environment_that_no_request_could_be_done_with_is_refused_and_named(world, variable, value):
    refused = world.worker(**{variable: value}).wait_refused()
    assert variable.removeprefix("IRSA_").lower() in refused.lower()


@pytest.mark.parametrize("variable", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_a_credential_with_a_line_feed_behind_it_is_named(world, variable):
    unfit = world.worker(**{variable: f"{world.world.env.get(variable, 'x')}\n"})
    halted = unfit.wait_for(lambda line: line["event"] == "worker.halted", "worker.halted")
    assert halted["code"] == "credentials" and f"{variable} has a space, a line feed" in halted["error"]
    unfit.terminate()
    unfit.wait_gone()


@pytest.mark.needs("faults")
def test_it_ends_when_it_is_told_to_though_aws_does_not_answer(world):
    world.faults({"service": "sts", "action": "GetCallerIdentity", "kind": "delay", "delayMs": 60000, "times": 0})
    waiting = world.worker()
    wait_for(lambda: world.cloud.calls()["counts"].get("sts.GetCallerIdentity"), "STS is asked", 30)
    waiting.terminate()
    assert waiting.wait_gone(20) == 4
    assert "stopped before AWS said who we are" in waiting.log.read_text()


@pytest.mark.parametrize("bad", [{"AWS_SECRET_ACCESS_KEY": "wrong"}, {"AWS_ACCESS_KEY_ID": "AKIAWRONG0000000000X"}],
                         ids=["a wrong secret", "an unknown key"])
def test_with_bad_credentials_it_halts_and_dead_letters_nothing(world, kafka, worker, bad):
    """Credentials come from the environment, so the cure is another worker: it finds the request where it was."""
    world.put_provider(world.clusters["cluster-14"])
    site = world.site("cluster-14", "halt")
    [id] = kafka.enqueue([site.create("reader")])
    unfit = world.worker(**bad)
    halted = unfit.wait_for(lambda line: line["event"] == "worker.halted", "worker.halted")
    assert halted["code"] == "credentials"
    assert unfit.is_running
    assert kafka.results.all() == [] and kafka.dead_letters.all() == []
    unfit.terminate()
    unfit.wait_gone()
    assert kafka.results.all() == [] and kafka.dead_letters.all() == []
    worker()
    assert kafka.final(id).outcome == "succeeded"


@pytest.mark.needs("faults")
def test_a_request_whose_region_does_not_know_the_account_does_not_halt_it(world, kafka, worker):
    """EKS says of good credentials that they are none where a region is not enabled; STS knows better."""
    world.put_provider(world.clusters["cluster-14"])
    site = world.site("cluster-14", "closed")
    fit = worker()
    world.faults({"service": "eks", "action": "DescribeCluster", "kind": "status", "status": 403, "code": "UnrecognizedClientException"})
    [refused] = kafka.enqueue([site.create("reader")])
    error = kafka.final(refused).data["error"]
    assert (error["code"], error["service"], error["upstream"]) == ("access_denied", "eks", "UnrecognizedClientException")
    [done] = kafka.enqueue([site.create("writer")])
    assert kafka.final(done).outcome == "succeeded"
    assert fit.events("worker.halted") == []
