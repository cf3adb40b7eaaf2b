"""The requests of a run: creates, updates and deletes over a set of keys, and a reader of what becomes of them."""

from __future__ import annotations

import json
import random
import uuid

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

from e2e.broker import key_of, structured

from .ledger import Ledger

POLICIES = tuple(f"arn:aws:iam::aws:policy/{name}" for name in (
    "AmazonS3ReadOnlyAccess", "AmazonDynamoDBReadOnlyAccess", "AmazonSQSReadOnlyAccess"))
DELETES = 0.25
PER_KEY = 3  # requests of one key that are open at a time
SECONDS = 30


class Asker:
    """Enqueues, as many at a time as are wanted open; an idempotent producer, so that offsets have the order of asking."""

    def __init__(self, servers: str, topic: str, ledger: Ledger, dice: random.Random, keys: list[tuple[str, str, str]]):
        """keys: (cluster, region, service account)"""
        self.topic, self.ledger, self.dice, self.keys = topic, ledger, dice, keys
        self._producer = Producer({
            "bootstrap.servers": servers, "partitioner": "murmur2_random", "enable.idempotence": True, "linger.ms": 5,
            "message.timeout.ms": 0, "reconnect.backoff.max.ms": 500, "log_level": 0})
        self.refused: list[str] = []

    def top_up(self, open: int) -> None:
        self._producer.poll(0)
        for _ in range(open - self.ledger.open):
            cluster, region, name = self.dice.choice(self.keys)
            if self.ledger.open_of_key[name_of(cluster, region, name)] < PER_KEY:
                self._ask(cluster, region, name)

    def _ask(self, cluster: str, region: str, name: str) -> None:
        wanted = None if self.dice.random() < DELETES else tuple(
            self.dice.sample(POLICIES, self.dice.randint(1, len(POLICIES))))
        account: dict = {"metadata": {"name": name, "namespace": "chaos"}}
        if wanted is not None:
            account["attachPolicyARNs"] = list(wanted)
        data = {"action": "delete" if wanted is None else "create",
                "cluster": {"name": cluster, "region": region}, "serviceAccount": account}
        id = str(uuid.UUID(int=self.dice.getrandbits(128), version=4))
        self.ledger.ask(id, name_of(cluster, region, name), wanted)
        self._producer.produce(
            self.topic, json.dumps(structured(data, id)).encode(), key_of(data),
            headers=[("content-type", b"application/cloudevents+json")], on_delivery=self._delivered(id))

    def _delivered(self, id: str):
        def note(error, message) -> None:
            if error is not None:
                self.refused.append(f"{id}: {error}")
            else:
                self.ledger.enqueued(id, message.partition(), message.offset())
        return note

    def flush(self) -> None:
        self._producer.flush(SECONDS)

    def close(self) -> None:
        self.flush()
        del self._producer


class Listener:
    """Reads one topic from its beginning, over restarts of the broker."""

    def __init__(self, servers: str, topic: str):
        self._consumer = Consumer({
            "bootstrap.servers": servers, "group.id": "irsa-chaos-nobody", "enable.auto.commit": False,
            "fetch.wait.max.ms": 10, "reconnect.backoff.max.ms": 500, "log_level": 0})
        partitions = self._consumer.list_topics(topic, timeout=SECONDS).topics[topic].partitions
        self._consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions])

    def take(self, seconds: float) -> list:
        """Messages that have come; errors mend themselves or end in a missing result."""
        return [message for message in self._consumer.consume(2000, seconds) if message.error() is None]

    def close(self) -> None:
        self._consumer.close()


def name_of(cluster: str, region: str, name: str) -> str:
    return f"{region}/{cluster}/chaos/{name}"


def tell_results(ledger: Ledger, messages: list) -> None:
    for message in messages:
        headers = dict(message.headers())
        ledger.tell(headers["ce_causationid"].decode(), headers["ce_id"].decode(), json.loads(message.value())["outcome"])
