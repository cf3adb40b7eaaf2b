"""The group of workers as Kafka's own admin client sees it: who is in it, where it stands, and other tools' hands on that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient, MemberDescription

from .waiting import wait_for

if TYPE_CHECKING:
    from .broker import Broker

SECONDS = 30


class Group:
    """The members that work on one prefix's requests, and the offsets of that topic."""

    def __init__(self, broker: Broker, name: str = "irsa-workers"):
        self.broker = broker
        self.name = name

    @property
    def admin(self) -> AdminClient:
        """A new one each time: one that has seen its broker die does not find the way back to the coordinator."""
        return AdminClient({"bootstrap.servers": self.broker.servers})

    def describe(self):
        admin = self.admin  # named, since the request dies with it
        return admin.describe_consumer_groups([self.name], request_timeout=SECONDS)[self.name].result(SECONDS)

    @property
    def state(self) -> str:
        return self.describe().state.name

    def owners(self) -> dict[int, MemberDescription]:
        """Who has which partition of the request topic."""
        return {place.partition: member for member in self.describe().members
                for place in member.assignment.topic_partitions if place.topic == self.broker.requests_topic}

    def wait_shared(self, members: int, partitions: int, seconds: float = 60) -> dict[int, MemberDescription]:
        """So many members have all the partitions between them, each of them some."""
        def look() -> dict[int, MemberDescription] | None:
            owners = self.owners()
            found = {member.member_id for member in owners.values()}
            return owners if len(owners) == partitions and len(found) == members else None

        return wait_for(look, f"{members} members have {partitions} partitions between them", seconds, self.owners)

    def wait_state(self, name: str, seconds: float = 30) -> None:
        wait_for(lambda: self.state == name, f"the group is {name}", seconds, lambda: self.state)

    # --- offsets ------------------------------------------------------------------------------------------------------

    def committed(self) -> dict[int, TopicPartition]:
        """What is committed, with its metadata, of each partition of the request topic that has a commit."""
        asked = [ConsumerGroupTopicPartitions(self.name)]
        admin = self.admin
        found = admin.list_consumer_group_offsets(asked, request_timeout=SECONDS)[self.name].result(SECONDS)
        return {place.partition: place for place in found.topic_partitions
                if place.topic == self.broker.requests_topic and place.offset >= 0}

    def alter(self, offsets: Mapping[int, int], metadata: str = "") -> None:
        """Commit other offsets in the group's name, as tools that reset offsets do; the group must be empty."""
        places = [TopicPartition(self.broker.requests_topic, number, offset, metadata) for number, offset in offsets.items()]
        wanted = [ConsumerGroupTopicPartitions(self.name, places)]
        admin = self.admin
        done = admin.alter_consumer_group_offsets(wanted, request_timeout=SECONDS)[self.name].result(SECONDS)
        refused = [place for place in done.topic_partitions if place.error is not None]
        assert not refused, refused

    def wait_committed_all(self, seconds: float = 30) -> None:
        """Every partition that holds something is committed to its end."""
        def lag() -> dict[int, tuple[int, int | None]]:
            committed = self.committed()
            return {number: (end, committed[number].offset if number in committed else None)
                    for number, end in self.broker.requests.ends().items()
                    if end > (committed[number].offset if number in committed else 0)}

        wait_for(lambda: not lag(), "everything is committed", seconds, lambda: f"end and committed: {lag()}")
