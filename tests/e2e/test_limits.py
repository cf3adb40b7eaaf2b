"""An account that AWS throttles: its requests go at the pace that AWS takes, and delay nobody else's.

A worker has the credentials of one account, so a request for another one is told to be for the wrong worker. That takes an
executor as any other request does, and that is what it shows here: it does not wait behind the bulk.
"""

from __future__ import annotations

import pytest

from .places import S3_READ
from .test_monitor import Monitor
from .waiting import wait_for

pytestmark = [pytest.mark.needs("calls", "latency"), pytest.mark.timeout(180)]

BULK = 200
WRITES_PER_SECOND = 25
OTHER = "444455556666"


def throttled_calls(world) -> int:
    """IAM's throttles have status 400, and nothing else that is asked here has."""
    return sum(1 for call in world.cloud.calls()["log"] if call["service"] == "iam" and call["status"] == 400)


def test_a_throttled_bulk_ends_well_with_few_throttled_calls_and_delays_no_other_account(world, kafka, worker):
    world.put_provider(world.clusters["cluster-14"])
    site = world.site("cluster-14", "bulk")
    world.cloud.model({"latencyMs": {"iam": 20}, "rates": {"iam.write": WRITES_PER_SECOND}})
    program = worker("--listen", "127.0.0.1:0", IRSA_EXECUTORS_PER_CLUSTER="64")
    bulk = kafka.enqueue([site.create(f"sa-{i:03}", attachPolicyARNs=[S3_READ]) for i in range(BULK)])
    program.wait_for(lambda line: line["event"] == "account.throttled" and line["account"] == site.cluster.account,
                     "account.throttled")

    elsewhere = [site.create(f"other-{i}") for i in range(10)]
    for request in elsewhere:
        request["cluster"]["accountID"] = OTHER
    others = kafka.finals(kafka.enqueue(elsewhere), 10)
    assert {result.code for result in others.values()} == {"invalid"}
    done = {result.request_id for result in kafka.results.poll() if result.is_final} & set(bulk)
    assert len(done) < BULK / 2, "they were done while most of the bulk waited"

    monitor = Monitor(program)
    limits = wait_for(lambda: monitor.samples("irsa_account_limit_calls_per_second"), "the account's limits")
    assert set(limits) == {(site.cluster.account, "write")}

    assert {result.outcome for result in kafka.finals(bulk, 120).values()} == {"succeeded"}
    assert monitor.samples("irsa_account_limiter_wait_seconds_total")[(site.cluster.account,)] > 1
    # most of them at the start, of requests that ran already; without limits it is more than five for each request
    assert throttled_calls(world) < BULK
