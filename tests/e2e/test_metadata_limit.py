"""A broker that takes less metadata with an offset than the window may need."""

from __future__ import annotations

import pytest
from real.kafka_broker import KafkaBroker

from .broker import Broker
from .groups import Group
from .stage import PARTITIONS
from .waiting import wait_for

pytestmark = pytest.mark.needs("real-kafka", "faults")

LIMIT = 64  # bytes; some 280 offsets
COUNT = 600


@pytest.fixture
def stingy(world, irsactl, tmp_path):
    """Topics on a broker of the test's own."""
    settings = tmp_path / "stingy.properties"
    settings.write_text(f"offset.metadata.max.bytes={LIMIT}\n")
    program = KafkaBroker(tmp_path / "kafka", {"KAFKA_EXTRA": str(settings)})
    program.start()
    try:
        program.wait_ready()
        servers = {"IRSA_KAFKA_BOOTSTRAP_SERVERS": program.bootstrap_servers}
        irsactl("topics", "create", "--partitions", str(PARTITIONS), "--replication-factor", "1", env=servers).must()
        broker = Broker(program.bootstrap_servers, world.world.env["IRSA_TOPICS_PREFIX"])
        yield broker
        broker.check_contract()
        broker.close()
    finally:
        program.kill()


def test_where_the_bitmap_is_refused_offsets_are_committed_without_it_and_less_is_taken_ahead(world, worker, stingy):
    world.put_provider(world.clusters["cluster-14"])
    site = world.site("cluster-14", "stingy")
    group = Group(stingy)
    settings = {"IRSA_KAFKA_BOOTSTRAP_SERVERS": stingy.servers, "IRSA_EXECUTORS_PER_CLUSTER": "64"}
    program = worker(**settings)
    stingy.finals(stingy.enqueue([site.create(f"before-{number}") for number in range(3)], 0))
    world.faults({"service": "iam", "action": "CreateRole", "kind": "delay", "delayMs": 600_000, "times": 1})
    [held] = stingy.enqueue([site.create("held")], 0)
    wait_for(lambda: world.cloud.control("GET", "/faults")[0]["seen"], "one request is held")
    stingy.produce([b"garbage"] * COUNT, partition=0)
    stingy.dead_letters.wait(lambda letter: letter.place == (0, 3 + COUNT), "the last one is settled")
    refused = program.wait_for(lambda line: line["event"] == "checkpoint.refused", "checkpoint.refused")
    assert refused["bytes"] > LIMIT and refused["window"] == 16384 // 2
    wait_for(lambda: group.committed()[0].offset == 3, "what is settled without a gap is committed")
    program.kill()
    world.cloud.calm()
    worker(**settings)
    assert stingy.final(held).outcome == "succeeded"
    group.wait_committed_all()
    final_ids = {}
    for record in stingy.results.all():
        final_ids.setdefault(record.request_id, set()).add(record.id)
    assert len(final_ids) == 3 + 1 + COUNT and {len(ids) for ids in final_ids.values()} == {1}
