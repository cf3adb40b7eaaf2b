"""What is read from topics: records as Kafka has them, and the events in ours."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Self

from confluent_kafka import Message

from . import contract
from .expect import final_id, retrying_id

FINAL = frozenset({"succeeded", "unchanged", "failed", "denied", "planned", "expired", "cancelled", "superseded"})


@dataclass(frozen=True)
class Record:
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]

    @classmethod
    def of(cls, message: Message) -> Self:
        return cls(message.topic(), message.partition(), message.offset(), message.key(), message.value(),
                   tuple(message.headers() or ()))

    def problems(self) -> list[str]:
        """In what it breaks the contract."""
        return []

    @property
    def texts(self) -> dict[str, str | None]:
        """Headers as texts; of a repeated one the last."""
        return {name: None if value is None else value.decode() for name, value in self.headers}


class Event(Record):
    """What a result and a state have in common."""

    schema: str

    def problems(self) -> list[str]:
        found = contract.problems(contract.RESULT_HEADERS, self.texts)
        return found + contract.problems(self.schema, self.data) if self.value is not None else found

    @property
    def data(self) -> dict:
        return json.loads(self.value)

    @property
    def outcome(self) -> str:
        return self.data["outcome"]

    @property
    def code(self) -> str | None:
        return self.data.get("error", {}).get("code")

    @property
    def message(self) -> str:
        return self.data.get("error", {}).get("message", "")

    @property
    def is_final(self) -> bool:
        return self.outcome in FINAL

    @property
    def id(self) -> str:
        return self.texts["ce_id"]

    @property
    def request_id(self) -> str:
        return self.texts["ce_causationid"]

    @property
    def batch(self) -> str | None:
        return self.texts.get("ce_correlationid")

    @property
    def steps(self) -> list[str]:
        return [step["name"] for step in self.data["steps"]]

    @property
    def changed(self) -> list[str]:
        return [step["name"] for step in self.data["steps"] if step["changed"]]

    @property
    def calls(self) -> dict[str, int]:
        return self.data["calls"]

    def __str__(self) -> str:
        return f"{self.outcome} {self.data['request'].get('subject')} {self.code or ''} {self.message}"


class Result(Event):
    """A record of irsa.results."""

    schema = contract.RESULT

    def problems(self) -> list[str]:
        expected = {"ce_causationid": [self.data["request"]["id"]], "ce_id": self._possible_ids(),
                    "ce_type": [f"dev.irsa.iamserviceaccount.{self.outcome}.v1"]}
        return super().problems() + [f"{name} is {self.texts.get(name)}, not {' or '.join(values)}"
                                     for name, values in expected.items() if self.texts.get(name) not in values]

    def _possible_ids(self) -> list[str]:
        """Of the request itself and of its first replay: a result does not say which."""
        source, id = self.data["request"]["source"], self.data["request"]["id"]
        if self.is_final:
            return [final_id(source, id, replays) for replays in (0, 1)]
        return [retrying_id(source, id, self.data["attempt"], replays) for replays in (0, 1)]


class State(Event):
    """A record of irsa.state; one without a value is a tombstone."""

    schema = contract.STATE

    @property
    def subject(self) -> str:
        return self.key.decode()


class DeadLetter(Record):
    """A request that could not be done, with the reason in its headers."""

    def problems(self) -> list[str]:
        return contract.problems(contract.DEAD_LETTER, self.ours)

    @property
    def ours(self) -> dict[str, str | None]:
        """Our headers alone: those of a garbage record need not be text."""
        return {name: None if value is None else value.decode() for name, value in self.headers if is_ours(name)}

    @property
    def theirs(self) -> list[tuple[str, bytes | None]]:
        """The headers that the request came with, in their order."""
        return [(name, value) for name, value in self.headers if not is_ours(name)]

    @property
    def code(self) -> str:
        return self.ours["irsa_error_code"]

    @property
    def place(self) -> tuple[int, int]:
        """Partition and offset of the request."""
        return int(self.ours["__dlq.errors.partition"]), int(self.ours["__dlq.errors.offset"])


def is_ours(name: str) -> bool:
    """Is it a header that dead-lettering adds? irsa_replays comes with the request."""
    return name.startswith(("__dlq.errors.", "irsa_")) and name != "irsa_replays"
