"""irsactl lag: how far the workers have come. What they commit is made here by the words of docs and headers, not by them."""

from __future__ import annotations

import base64

import pytest
from confluent_kafka import Consumer, TopicPartition
from irsactl_tools import Broker

TOPIC = "irsa.requests"


def crc32c(data: bytes) -> int:
    """Castagnoli's CRC (RFC 3720, appendix B.4), bit by bit."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def checkpoint(base: int, settled: set[int]) -> str:
    """irsa1 <base> <checksum> <bits>: bit i, least significant first, stands for offset base + 1 + i."""
    bits = sum(1 << offset - base - 1 for offset in settled)
    text = base64.b64encode(bits.to_bytes((bits.bit_length() + 7) // 8, "little")).decode()
    return f"irsa1 {base} {crc32c(f'{base} {text}'.encode()):08x} {text}"


@pytest.fixture
def broker():
    broker = Broker()
    for i in range(20):
        broker.host.produce(TOPIC, f"{i}", partition=0, timestamp=1_700_000_000_000 + i)
    broker.host.produce(TOPIC, "x", partition=1, timestamp=1_700_000_000_000)
    assert broker.host.flush(10) == 0
    return broker


def commit(broker: Broker, partition: int, offset: int, metadata: str = "", group: str = "irsa-workers"):
    consumer = Consumer({"bootstrap.servers": broker.servers, "group.id": group})
    consumer.commit(offsets=[TopicPartition(TOPIC, partition, offset, metadata)], asynchronous=False)
    consumer.close()


def lag(broker: Broker, *arguments: str) -> dict[int, dict]:
    return {row["partition"]: row for row in broker.ctl("lag", "-o", "json", *arguments).must().json}


def test_what_is_settled_ahead_is_not_left(broker):
    commit(broker, 0, 5, checkpoint(5, {6, 7, 12, 19}))
    row = lag(broker)[0]
    assert {name: row[name] for name in ("committed", "end", "left", "settledAhead")} == \
        {"committed": 5, "end": 20, "left": 11, "settledAhead": 4}
    assert "remark" not in row


def test_before_the_first_commit_everything_is_left(broker):
    rows = lag(broker)
    assert rows[0]["left"] == 20 and "committed" not in rows[0]
    assert rows[1]["left"] == 1
    assert rows[2] == {"partition": 2, "end": 0, "left": 0, "settledAhead": 0}


def test_the_oldest_is_the_first_that_is_left(broker):
    first = lag(broker)[0]["oldestMs"]
    commit(broker, 0, 20)
    commit(broker, 1, 1)
    rows = lag(broker)
    assert first > 30 * 86_400_000  # of November 2023
    assert "oldestMs" not in rows[0] and rows[0]["left"] == 0
    said = broker.ctl("lag").must()
    assert "0 requests left" in said.err and "oldest for" not in said.err


def test_the_age_is_of_the_record_at_the_committed_offset(broker):
    commit(broker, 0, 7)
    seven = lag(broker)[0]["oldestMs"]
    commit(broker, 0, 3)
    three = lag(broker)[0]["oldestMs"]
    assert three > seven - 10  # time went on between the two, and record 3 is 4 ms older


@pytest.mark.parametrize("metadata", ["irsa1 5 00000000 Aw==", "irsa9 5 1 2", "somebody else's"])
def test_damaged_metadata_are_told_and_count_as_none(broker, metadata):
    commit(broker, 0, 5, metadata)
    row = lag(broker)[0]
    assert row["left"] == 15 and row["settledAhead"] == 0 and row["remark"]


def test_of_another_group_if_it_is_named(broker):
    commit(broker, 0, 20, group="others")
    assert lag(broker, "--group", "others")[0]["left"] == 0
    assert lag(broker)[0]["left"] == 20


def test_the_table_has_a_row_for_each_partition_and_the_sum_is_told(broker):
    commit(broker, 0, 5, checkpoint(5, {6, 7}))
    said = broker.ctl("lag").must()
    heading, *rows = said.out.splitlines()
    assert heading.split()[:4] == ["PARTITION", "COMMITTED", "END", "LEFT"]
    assert rows[0].split()[:5] == ["0", "5", "20", "13", "2"]
    assert len(rows) == len(lag(broker))
    assert "14 requests left, the oldest for" in said.err


def test_looking_leaves_the_group_as_it_was(broker):
    commit(broker, 0, 5, checkpoint(5, {6}))
    assert lag(broker)[0]["committed"] == 5
    consumer = Consumer({"bootstrap.servers": broker.servers, "group.id": "irsa-workers"})
    [found] = consumer.committed([TopicPartition(TOPIC, 0)], timeout=10)
    consumer.close()
    assert (found.offset, found.metadata) == (5, checkpoint(5, {6}))

