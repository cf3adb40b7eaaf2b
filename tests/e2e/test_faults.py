"""What goes wrong between us and the services, one fault at a time (only the simulated services can be told to fail)."""

from __future__ import annotations

from datetime import datetime

import pytest

from .records import Result

pytestmark = pytest.mark.needs("faults")


def fault(service, action, kind="status", **more):
    return {"service": service, "action": action, "kind": kind, **more}


def all_of(site, request) -> list[Result]:
    """Everything that is said of a request until it is final."""
    [id] = site.broker.enqueue([request])
    site.broker.final(id, 60)
    return site.broker.results_of(id)


def seconds_between(earlier: str, later: str) -> float:
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()


def test_throttling_is_told_as_retrying_and_then_it_succeeds(world, worker):
    """With a worker of its own: it holds the whole account back afterwards."""
    world.put_provider(world.clusters["cluster-14"])
    site = world.site("cluster-14", "throttled")
    worker()
    site.stage.faults(fault("iam", "CreateRole", times=4, status=400, code="Throttling"))
    *retrying, final = all_of(site, site.create("reader"))
    assert retrying, "four throttles in a row are more than one attempt waits for"
    assert {(each.outcome, each.code) for each in retrying} == {("retrying", "throttled")}
    assert all(each.data["error"]["retryable"] and each.data["nextRetryTime"] for each in retrying)
    assert final.outcome == "succeeded"
    assert site.is_pair("reader")
    assert site.broker.state(site.subject("reader")).outcome == "succeeded"


@pytest.mark.parametrize("kind", ["reset", "drop", "truncate"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_connection_that_breaks_at_create_role_converges(site, kind, when):
    """Also after its effect: the role is there, and it is ours by its tags."""
    site.stage.faults(fault("iam", "CreateRole", kind, when=when))
    final = all_of(site, site.create("reader"))[-1]
    assert final.outcome == "succeeded"
    assert site.is_pair("reader")
    assert [*site.roles()] == ["reader"]
    assert site.do_one(site.create("reader")).outcome == "unchanged"


@pytest.mark.parametrize(("service", "action"), [
    ("iam", "AttachRolePolicy"), ("kubernetes", "apply")])
@pytest.mark.parametrize("when", ["before", "after"])
def test_an_answer_of_500_is_tried_again(site, service, action, when):
    site.stage.faults(fault(service, action, status=500, times=2, when=when))
    final = all_of(site, site.create("reader"))[-1]
    assert final.outcome == "succeeded"
    assert site.is_pair("reader")


def test_attempts_are_bounded_and_then_it_is_a_dead_letter(world, worker, kafka):
    """With two attempts allowed, so that the back-off is short."""
    world.put_provider(world.clusters["cluster-14"])
    site = world.site("cluster-14", "bounded")
    worker(IRSA_ATTEMPTS="2")
    world.faults(fault("iam", "CreateRole", status=503, code="ServiceUnavailable", times=0))
    [id] = kafka.enqueue([site.create("reader")])
    final = kafka.final(id)
    *retrying, last = kafka.results_of(id)
    assert [each.outcome for each in retrying] == ["retrying"]
    assert (final.outcome, final.code, final.data["attempt"]) == ("failed", "unavailable", 2)
    letter = kafka.dead_letter((final.data["request"]["partition"], final.data["request"]["offset"]))
    assert (letter.code, letter.ours["irsa_attempts"]) == ("unavailable", "2")
    assert last.id == final.id
    assert site.state("reader").outcome == "failed"


DONE_BEFORE_THE_ACCOUNT = ["create-namespace", "create-role", "attach-policy"]


def test_a_failed_request_says_what_its_attempts_have_left(world, worker, kafka):
    """The last attempt finds the role there and writes nothing; what is left is the work of the first."""
    world.put_provider(world.clusters["cluster-14"])
    site = world.site("cluster-14", "left")
    worker(IRSA_ATTEMPTS="2")
    world.faults(fault("kubernetes", "apply", status=500, times=0))
    [id] = kafka.enqueue([site.create("reader")])
    final = kafka.final(id)
    retrying, _ = kafka.results_of(id)
    assert (final.outcome, final.data["attempt"], final.changed) == ("failed", 2, DONE_BEFORE_THE_ACCOUNT)
    assert (retrying.outcome, retrying.changed) == ("retrying", DONE_BEFORE_THE_ACCOUNT)
    assert (final.data["roleARN"], final.data["roleID"]) == (site.roles()["reader"]["arn"], site.roles()["reader"]["roleId"])
    assert site.state("reader").changed == DONE_BEFORE_THE_ACCOUNT
    assert "iam.AttachRolePolicy" not in final.calls, "calls are those of the attempt"


def test_a_request_that_succeeds_in_a_later_attempt_tells_the_steps_of_all(site):
    site.stage.faults(fault("kubernetes", "apply", status=503, times=3))
    retrying, final = all_of(site, site.create("reader"))
    assert (retrying.outcome, retrying.changed) == ("retrying", DONE_BEFORE_THE_ACCOUNT)
    assert (final.outcome, final.changed) == ("succeeded", [*DONE_BEFORE_THE_ACCOUNT, "apply-service-account"])


def test_a_last_attempt_that_finds_all_done_does_not_call_the_request_unchanged(site):
    """The account is made and the answer lost; the look after that fails as well."""
    site.stage.faults(fault("kubernetes", "apply", status=503, when="after"),
                      fault("kubernetes", "get", status=503, nth=2, times=3))
    retrying, final = all_of(site, site.create("reader"))
    assert (retrying.outcome, retrying.changed) == ("retrying", DONE_BEFORE_THE_ACCOUNT)
    assert (final.outcome, final.changed) == ("succeeded", DONE_BEFORE_THE_ACCOUNT)
    assert site.is_pair("reader")


def test_a_role_that_iam_does_not_know_everywhere_yet_is_waited_for(site):
    """IAM is eventually consistent; what this attempt has just made will be known."""
    site.stage.cloud.model({"propagationMs": 1500})
    [final] = all_of(site, site.create("reader"))
    assert (final.outcome, final.data["attempt"]) == ("succeeded", 1)
    assert site.is_pair("reader")
    assert all_of(site, site.create("reader"))[-1].outcome in ("unchanged", "succeeded")
    assert site.is_pair("reader")


def test_kubernetes_that_asks_to_come_later_is_obeyed(site):
    site.stage.faults(fault("kubernetes", "apply", status=429, retryAfter=2))
    results = all_of(site, site.create("reader"))
    assert results[-1].outcome == "succeeded"
    started = results[0].data["startedTime"]
    assert seconds_between(started, results[-1].data["finishedTime"]) >= 2
    assert site.is_pair("reader")


def test_an_api_server_that_hangs_delays_the_others_not_at_all(site):
    """More requests than one cluster may hold executors, all hanging; those of another cluster pass them by."""
    other = site.stage.shared("cluster-13")
    site.stage.faults(fault("kubernetes", "get", "delay", cluster=site.cluster.id, delayMs=12000, times=0))
    hanging = site.broker.enqueue([site.create(f"slow-{n}") for n in range(16)])
    quick = site.broker.enqueue([other.create(f"quick-{n}") for n in range(16)])
    found = site.broker.finals(quick)
    assert {result.outcome for result in found.values()} == {"succeeded"}
    assert not any(record.request_id in hanging for record in site.broker.results.poll() if record.is_final)
    site.stage.cloud.calm()
    assert {result.outcome for result in site.broker.finals(hanging, 90).values()} == {"succeeded"}


def test_while_one_request_waits_for_its_retry_others_go_on_but_not_those_of_its_key(site):
    site.stage.faults(fault("iam", "CreateRole", status=503, code="ServiceUnavailable", times=0))
    [waiting] = site.broker.enqueue([site.create("reader")])
    site.broker.results.wait(lambda record: record.request_id == waiting and record.outcome == "retrying", "a retry")
    behind, beside = site.broker.enqueue([site.delete("reader"), site.delete("other")])
    assert site.broker.final(beside).outcome == "unchanged"
    assert {each.outcome for each in site.broker.results_of(waiting)} == {"retrying"}
    assert site.broker.results_of(behind) == []
    site.stage.cloud.calm()
    results = site.broker.finals([waiting, behind])
    assert [results[id].outcome for id in (waiting, behind)] == ["succeeded", "succeeded"]
    assert results[waiting].data["finishedTime"] <= results[behind].data["startedTime"]
    assert site.accounts() == {}


def test_a_quota_is_a_dead_letter_at_once(site):
    site.stage.faults(fault("iam", "CreateRole", status=409, code="LimitExceeded", times=0))
    [final] = all_of(site, site.create("reader"))
    assert (final.outcome, final.code, final.data["attempt"]) == ("failed", "quota", 1)
    assert site.accounts() == {}
