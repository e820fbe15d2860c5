"""How much lies in the topics and is not taken in yet (kafka-python: independent of those who take it)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Final

import msgspec
from kafka.errors import TopicAuthorizationFailedError

from adapters.bus.bystander import bystander, partitions_of
from adapters.bus.topics import KafkaAway, Provisioning, Topics, tracked_as
from adapters.settings import Settings
from adapters.standing import Unread

PATIENCE: Final = 3.0  # seconds to fetch the oldest message of a partition

Taken = Mapping[str, int]
"""`topic/<topic id>[partition]` → the last offset taken in."""


def command_lags(settings: Settings, taken: Taken) -> list[Unread]:
    """What the worker has still to take in, partition by partition. Raises KafkaAway."""
    topics = Topics(settings.prefix)

    def intake(present: Sequence[str]) -> list[str]:
        return [*topics.commands, *topics.own(present)]

    return _lags(settings, intake, {"": taken})[""]


def event_lags(settings: Settings, taken: Mapping[str, Taken]) -> dict[str, list[Unread]]:
    """What each read model has still to take in of the events topic. Raises KafkaAway."""
    return _lags(settings, lambda _: [Topics(settings.prefix).events], taken)


def _lags(
    settings: Settings, chosen: Callable[[Sequence[str]], list[str]], taken: Mapping[str, Taken]
) -> dict[str, list[Unread]]:
    with Provisioning(settings.kafka, settings.librdkafka) as provisioning:
        names = chosen(provisioning.present())
        ids = provisioning.ids(names)
    with bystander(settings, max_poll_records=1) as consumer:
        look = _Look(consumer, [one for name in names for one in partitions_of(consumer, name)], ids)
        return {who: look.of(theirs) for who, theirs in taken.items()}


class _Look:
    """The ends of some partitions at one moment; the oldest unread message is fetched where there is one."""

    def __init__(self, consumer: Any, partitions: Sequence[Any], ids: Mapping[str, str]) -> None:
        self._consumer = consumer
        self._names = {one: tracked_as(one.topic, ids[one.topic], one.partition) for one in partitions}
        self._begins: dict[Any, int] = consumer.beginning_offsets(partitions)
        self._ends: dict[Any, int] = consumer.end_offsets(partitions)
        self._oldest: dict[tuple[Any, int], datetime | None] = {}

    def of(self, taken: Taken) -> list[Unread]:
        return [self._unread(one, taken.get(name, -1)) for one, name in self._names.items()]

    def _unread(self, partition: Any, taken: int) -> Unread:
        following = max(taken + 1, self._begins[partition])
        behind = max(0, self._ends[partition] - following)
        since = self._since(partition, following) if behind else None
        name = f"{partition.topic}[{partition.partition}]"
        return Unread(name, self._ends[partition], taken, behind, since)

    def _since(self, partition: Any, offset: int) -> datetime | None:
        """None to who may count what is there and not read it."""
        if (partition, offset) not in self._oldest:
            try:
                self._oldest[partition, offset] = self._fetched(partition, offset)
            except TopicAuthorizationFailedError:
                self._oldest[partition, offset] = None
        return self._oldest[partition, offset]

    def _fetched(self, partition: Any, offset: int) -> datetime:
        self._consumer.assign([partition])
        self._consumer.seek(partition, offset)
        deadline = monotonic() + PATIENCE
        while monotonic() < deadline:
            for records in self._consumer.poll(timeout_ms=200).values():
                return _recorded(records[0])
        name = f"{partition.topic}[{partition.partition}]@{offset}"
        raise KafkaAway(
            f"Kafka没有给出{name}，请检查服务。 Kafka does not hand out {name}; check the broker."
        )


def _recorded(record: Any) -> datetime:
    """When it was recorded: an event says so itself, of a command it is the broker's clock."""
    meta: bytes | None = dict(record.headers).get("ce_meta")
    if meta is not None:
        return datetime.fromisoformat(msgspec.json.decode(meta)["recorded"])
    return datetime.fromtimestamp(record.timestamp / 1000, UTC)
