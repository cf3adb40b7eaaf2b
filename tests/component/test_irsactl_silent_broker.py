"""A broker that answers and then gives nothing more: who reads to an end says so after its timeout and waits no longer."""

from __future__ import annotations

import pytest
from confluent_kafka import Producer
from irsactl_tools import irsactl
from sandbox_tools import Sandbox

NOT_LEADER = 6
MANY = [NOT_LEADER] * 256  # librdkafka asks again some times a second, so that these last for minutes


@pytest.fixture(scope="module")
def silent(tmp_path_factory) -> dict[str, str]:
    """The environment of a broker with a record in each topic, and every fetch refused."""
    sandbox = Sandbox(tmp_path_factory.mktemp("silent"), broker=True)
    producer = Producer({"bootstrap.servers": sandbox.env["IRSA_KAFKA_BOOTSTRAP_SERVERS"]})
    for topic in ("results", "state", "dead-letters"):
        producer.produce(f"irsa.{topic}", b"{}", partition=0)
    assert producer.flush(10) == 0
    sandbox.control("POST", "/broker", {"errors": {"api": "Fetch", "codes": MANY}})
    yield sandbox.env | {"IRSA_BROKER_TIMEOUT": "1s"}
    sandbox.close()


@pytest.mark.parametrize(("topic", "command"), [("results", ["results"]), ("results", ["results", "-o", "json"]),
                                                ("state", ["get", "iamserviceaccount"]), ("dead-letters", ["retry", "--key", "*"])])
def test_what_reads_to_an_end_does_not_wait_for_ever(silent, topic, command):
    said = irsactl(*command, env=silent).must(4)
    assert f"reading irsa.{topic}: the brokers have said nothing for 1 s" in said.err
