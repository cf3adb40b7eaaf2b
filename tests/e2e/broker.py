"""Kafka as others see it: an independent client that enqueues requests and reads what became of them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Producer, TopicPartition

from .records import DeadLetter, Record, Result, State
from .waiting import wait_for

R = TypeVar("R", bound=Record)
SECONDS = 30


class Tail(Generic[R]):
    """Everything that one topic holds from a start on; it grows as it is read.

    There is no group, so that reading disturbs nobody.
    """

    def __init__(self, servers: str, topic: str, kind: Callable[..., R]):
        self.topic = topic
        self.kind = kind
        self.records: list[R] = []
        self.problems: list[str] = []
        self._consumer = Consumer({
            "bootstrap.servers": servers, "group.id": "irsa-e2e-nobody", "enable.auto.commit": False,
            "fetch.wait.max.ms": 10, "topic.metadata.refresh.interval.ms": 1000})
        self._partitions: list[int] = []
        self._begin = self.ends()

    def ends(self) -> dict[int, int]:
        """The end offset of each partition; a topic that is not there has none."""
        found = self._consumer.list_topics(self.topic, timeout=SECONDS).topics[self.topic]
        if found.error is not None:
            if found.error.code() in (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC):
                return {}
            raise KafkaException(found.error)
        return {number: self._consumer.get_watermark_offsets(TopicPartition(self.topic, number), timeout=SECONDS)[1]
                for number in sorted(found.partitions)}

    def poll(self) -> list[R]:
        """Take what has come, without waiting for more; all that there is from the start on."""
        if not self._partitions and not self._attach():
            return self.records
        for message in self._consumer.consume(num_messages=10000, timeout=0.01):
            if message.error() is not None:
                raise KafkaException(message.error())
            record = self.kind(message)
            self.records.append(record)
            self.problems += [f"{record.topic}/{record.partition}/{record.offset}: {each}" for each in record.problems()]
        return self.records

    def _attach(self) -> bool:
        self._partitions = list(self.ends())
        if self._partitions:
            self._consumer.assign([TopicPartition(self.topic, number, self._begin.get(number, OFFSET_BEGINNING))
                                   for number in self._partitions])
        return bool(self._partitions)

    def all(self) -> list[R]:
        """Everything from the start to the end as it is now."""
        ends = self.ends()
        wait_for(lambda: self.poll() is not None and self._has_read(ends), f"{self.topic} is read to its end", SECONDS)
        return self.records

    def _has_read(self, ends: dict[int, int]) -> bool:
        positions = {place.partition: place.offset for place in self._consumer.position(
            [TopicPartition(self.topic, number) for number in ends])} if self._partitions else {}
        # Nothing read yet has no position; then the start is where we are.
        return all(end <= max(positions.get(number, -1), self._begin.get(number, 0)) for number, end in ends.items())

    def wait(self, fits: Callable[[R], bool], what: str, seconds: float = SECONDS) -> R:
        """The first record that fits, whether it is there already or still to come."""
        seen = 0

        def look() -> R | None:
            nonlocal seen
            records = self.poll()
            found = next((record for record in records[seen:] if fits(record)), None)
            seen = len(records)
            return found

        return wait_for(look, what, seconds, lambda: f"{self.topic} has {len(self.records)} records")

    def close(self) -> None:
        self._consumer.close()


class Broker:
    """The topics of one prefix from now on, and a producer that others might have written."""

    def __init__(self, servers: str, prefix: str):
        self.servers = servers
        self.prefix = prefix
        self.requests_topic = f"{prefix}.requests"
        self.requests = Tail(servers, self.requests_topic, Record.of)
        self.results = Tail(servers, f"{prefix}.results", Result.of)
        self.states = Tail(servers, f"{prefix}.state", State.of)
        self.dead_letters = Tail(servers, f"{prefix}.dead-letters", DeadLetter.of)
        self._producer = Producer({
            "bootstrap.servers": servers, "partitioner": "murmur2_random", "linger.ms": 0,
            "message.max.bytes": 8 * 1024 * 1024, "compression.type": "gzip"})

    @property
    def _tails(self) -> tuple[Tail, ...]:
        return self.requests, self.results, self.states, self.dead_letters

    def check_contract(self) -> None:
        """Whatever was read since the last look is as schemas/ and the design have it."""
        found = [problem for tail in self._tails for problem in tail.problems]
        for tail in self._tails:
            tail.problems.clear()
        assert not found, "\n".join([f"{len(found)} breaches of the contract on the wire:", *found[:10]])

    def close(self) -> None:
        self._producer.flush(SECONDS)
        del self._producer  # a client that outlives its broker complains for ever
        for tail in self._tails:
            tail.close()

    # --- enqueue ------------------------------------------------------------------------------------------------------

    def produce(self, values: Sequence[bytes | None], *, keys: Sequence[str | bytes | None] | None = None,
                headers: Sequence[Sequence[tuple[str, bytes | None]]] | None = None,
                partition: int = -1) -> list[tuple[int, int]]:
        """Raw records, acknowledged; partition and offset of each."""
        places: dict[int, tuple[int, int]] = {}
        refused: list[str] = []

        def delivered(number: int) -> Callable[..., None]:
            def note(error: KafkaError | None, message: object) -> None:
                if error is not None:
                    refused.append(str(error))
                else:
                    places[number] = (message.partition(), message.offset())
            return note

        for number, value in enumerate(values):
            self._producer.produce(
                self.requests_topic, value=value, key=keys[number] if keys else None, partition=partition,
                headers=list(headers[number]) if headers else None, on_delivery=delivered(number))
        left = self._producer.flush(SECONDS)
        assert not left and not refused, f"{left} records without an answer, refused: {refused}"
        return [places[number] for number in range(len(values))]

    def produce_one(self, value: bytes | None, key: str | bytes | None = None,
                    headers: Iterable[tuple[str, bytes | None]] = (), partition: int = -1) -> tuple[int, int]:
        return self.produce([value], keys=[key], headers=[list(headers)], partition=partition)[0]

    def enqueue(self, requests: Sequence[dict], partition: int = -1, **extensions: str) -> list[str]:
        """Requests as structured CloudEvents, each where its key belongs if nothing else is said; their ids."""
        ids = [str(uuid.uuid4()) for _ in requests]
        self.produce([json.dumps(structured(data, id, **extensions)).encode()
                      for id, data in zip(ids, requests, strict=True)],
                     keys=[key_of(data) for data in requests],
                     headers=[[("content-type", b"application/cloudevents+json; charset=UTF-8")]] * len(requests),
                     partition=partition)
        return ids

    def bare_id(self, place: tuple[int, int]) -> str:
        return f"{self.requests_topic}-{place[0]}-{place[1]}"

    # --- what became of it --------------------------------------------------------------------------------------------

    def finals(self, ids: Iterable[str], seconds: float = 60) -> dict[str, Result]:
        """The final result of each request; the first in its partition counts."""
        wanted = list(ids)
        found: dict[str, Result] = {}
        seen = 0

        def look() -> bool:
            nonlocal seen
            records = self.results.poll()
            for record in records[seen:]:
                if record.is_final:
                    found.setdefault(record.request_id, record)
            seen = len(records)
            return all(id in found for id in wanted)

        wait_for(look, f"{len(wanted)} requests have final results", seconds,
                 lambda: f"without one: {[id for id in wanted if id not in found][:5]}")
        return {id: found[id] for id in wanted}

    def final(self, id: str, seconds: float = 60) -> Result:
        return self.finals([id], seconds)[id]

    def final_ids(self) -> dict[str, set[str]]:
        """The ids of every request's final results; who tells one again tells it under the same id."""
        found: dict[str, set[str]] = {}
        for record in self.results.all():
            if record.is_final:
                found.setdefault(record.request_id, set()).add(record.id)
        return found

    def results_of(self, id: str) -> list[Result]:
        """All that has been said of a request, in order."""
        return [record for record in self.results.all() if record.request_id == id]

    def batch(self, name: str) -> dict[str, Result]:
        """The final results of a batch by "namespace/name"; of an associate-oidc by "region/cluster"."""
        return {"/".join(record.data["request"]["subject"].split("/")[-2:]): record
                for record in self.results.all() if record.batch == name and record.is_final}

    def state(self, subject: str) -> State | None:
        """The latest record of a key in irsa.state; one without a value after a delete; None: there never was one."""
        return next((record for record in reversed(self.states.all()) if record.subject == subject), None)

    def dead_letter(self, place: tuple[int, int], seconds: float = SECONDS) -> DeadLetter:
        return self.dead_letters.wait(lambda letter: letter.place == place, f"a dead letter of {place}", seconds)


def structured(data: dict, id: str, **extensions: str) -> dict:
    """A JSON CloudEvent round a request."""
    return {"specversion": "1.0", "id": id, "source": "urn:irsa:e2e", "datacontenttype": "application/json",
            "type": f"dev.irsa.iamserviceaccount.{data['action']}.requested.v1", "data": data, **extensions}


def key_of(data: dict) -> str:
    """The key of a request's record (design 3)."""
    cluster = f"{data['cluster']['region']}/{data['cluster']['name']}"
    if "serviceAccount" not in data:
        return cluster
    metadata = data["serviceAccount"]["metadata"]
    return f"{cluster}/{metadata.get('namespace', 'default')}/{metadata['name']}"
