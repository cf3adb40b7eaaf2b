"""Order per service account, whatever happens around it."""

from __future__ import annotations

import pytest
from confluent_kafka.admin import AdminClient

from .broker import key_of
from .places import DYNAMODB_READ, S3_READ
from .waiting import wait_for

ROUNDS = 12


def alternating(site, name):
    """create, delete, create, … ending with a create that is known by its policy."""
    requests = []
    for _ in range(ROUNDS):
        requests += [site.create(name), site.delete(name)]
    return [*requests, site.create(name, attachPolicyARNs=[DYNAMODB_READ])]


def check_order(broker, ids, outcomes):
    """Each was done in its turn: results in the order of their requests, and each found what the one before left."""
    results = broker.finals(ids, 90)
    assert [results[id].outcome for id in ids] == outcomes
    assert [results[id].offset for id in ids] == sorted(results[id].offset for id in ids)
    for before, after in zip(ids, ids[1:]):
        assert results[before].data["finishedTime"] <= results[after].data["startedTime"]


def test_requests_for_one_account_are_done_one_after_the_other_among_many_others(site):
    mixed = []
    for turn, request in enumerate(alternating(site, "busy")):
        mixed += [request, site.create(f"other-{turn}")]
    ids = site.broker.enqueue(mixed)
    check_order(site.broker, ids[0::2], ["succeeded"] * (2 * ROUNDS + 1))
    assert {result.outcome for result in site.broker.finals(ids[1::2]).values()} == {"succeeded"}
    assert site.roles()["busy"]["attachedPolicies"] == [DYNAMODB_READ]
    assert sorted(site.accounts()) == sorted(["busy", *(f"other-{turn}" for turn in range(2 * ROUNDS + 1))])


def test_the_account_left_out_or_spelt_out_is_the_same_key(site):
    plain, spelt = site.create("reader"), site.create("reader", attachPolicyARNs=[DYNAMODB_READ])
    spelt["cluster"]["accountID"] = site.cluster.account
    ids = site.broker.enqueue([plain, spelt] * 6)
    results = site.broker.finals(ids)
    assert {result.data["request"]["subject"] for result in results.values()} == {site.subject("reader")}
    assert [results[id].offset for id in ids] == sorted(result.offset for result in results.values())
    assert site.roles()["reader"]["attachedPolicies"] == [DYNAMODB_READ]


def test_a_record_under_another_key_is_done_and_its_result_says_so(site):
    [place] = site.broker.produce([b'{"action": "create", "cluster": {"name": "%s", "region": "%s"}, "serviceAccount": '
                                   b'{"metadata": {"name": "reader", "namespace": "%s"}, "attachPolicyARNs": ["%s"]}}'
                                   % (site.cluster.name.encode(), site.cluster.region.encode(), site.namespace.encode(),
                                      S3_READ.encode())], keys=["another/key"])
    result = site.broker.final(site.broker.bare_id(place))
    assert (result.outcome, result.data["keyed"]) == ("succeeded", False)
    assert result.data["request"]["subject"] == site.subject("reader")
    assert site.is_pair("reader")


def members_with_partitions(broker, group="irsa-workers"):
    admin = AdminClient({"bootstrap.servers": broker.servers})
    described = admin.describe_consumer_groups([group], request_timeout=10)[group].result(30)
    return [member for member in described.members
            if any(place.topic == broker.requests_topic for place in member.assignment.topic_partitions)]


@pytest.mark.needs("real-kafka")
def test_two_workers_share_the_load_and_keep_the_order(world, worker, kafka):
    site = world.site("cluster-14", "shared")
    world.put_provider(site.cluster)
    both = [worker(), worker()]
    wait_for(lambda: len(members_with_partitions(kafka)) == 2, "each of two members has partitions", 60)
    mixed = []
    for turn, request in enumerate(alternating(site, "busy")):
        mixed += [request, *(site.create(f"other-{turn}-{n}") for n in range(6))]
    ids = kafka.enqueue(mixed)
    check_order(kafka, ids[0::7], ["succeeded"] * (2 * ROUNDS + 1))
    results = kafka.finals(ids)
    assert {result.outcome for result in results.values()} == {"succeeded"}
    by_worker = {each.name: [r for r in results.values() if r.data["worker"] == each.name] for each in both}
    assert all(len(done) >= len(ids) // 10 for done in by_worker.values()), {k: len(v) for k, v in by_worker.items()}
    owners = {}
    for result in results.values():
        owners.setdefault(result.data["request"]["partition"], set()).add(result.data["worker"])
    assert all(len(names) == 1 for names in owners.values()), "no partition had two owners, as nobody came or went"
    assert len([r for r in kafka.results.all() if r.is_final]) == len(ids), "nothing was done twice"
    assert {key_of(request) for request in mixed} >= {f"{site.cluster.id}/shared/busy"}
    assert all(site.is_pair(name) for name in ("busy", "other-0-0"))
    assert len(site.accounts()) == 1 + 6 * (2 * ROUNDS + 1)
