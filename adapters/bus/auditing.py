"""The auditor's own reader (kafka-python): what the events topic alone says."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

from eventsourcing.persistence import PersistenceError

from adapters.bus.bystander import SILENCE, bystander, messages_of, partitions_of, place_of
from adapters.bus.reading import recorded_from
from adapters.bus.topics import Topics
from adapters.settings import Settings
from domain.facts import Recorded
from services.audit.merkle import leaf_hash


class Said(NamedTuple):
    """One event as the topic has it."""

    position: int
    digest: bytes  # its leaf hash
    partition: str  # topic[number]
    offset: int
    passed_over: bool = False  # behind a later one, so that readers do not see it


def topic_facts(settings: Settings, strangers: list[Said]) -> Iterator[tuple[Recorded, Said]]:
    """Every fact of the topic up to its present end, each once, each subject's in order.

    What cannot be read as an event of ours is put into `strangers`, with position 0.

    Raises:
        KafkaAway: the topic is missing or the broker does not answer.
    """
    with bystander(settings, consumer_timeout_ms=SILENCE) as consumer:
        partitions = partitions_of(consumer, Topics(settings.prefix).events)
        ends: dict[Any, int] = consumer.end_offsets(partitions)
        for partition in partitions:  # one after the other, so that none has to wait for all
            yield from _partition(consumer, partition, ends[partition], strangers)


def _partition(
    consumer: Any, partition: Any, end: int, strangers: list[Said]
) -> Iterator[tuple[Recorded, Said]]:
    name, reached = place_of(partition), 0  # the high-water mark: a relay that stopped says things twice
    for message in messages_of(consumer, partition, end):
        line = _line(message)
        if line is None:
            strangers.append(Said(0, b"", name, message.offset))
            continue
        recorded, digest = line
        if recorded.position > reached:
            reached = recorded.position
            yield recorded, Said(reached, digest, name, message.offset)


def _line(message: Any) -> tuple[Recorded, bytes] | None:
    """None: the relay did not send this, or its bytes are spoilt."""
    headers: dict[str, bytes] = dict(message.headers)
    try:
        recorded = recorded_from(headers.items(), message.value)
    except (KeyError, ValueError, PersistenceError):
        return None
    return recorded, _digest_of(headers, message.value)


def digest_of_message(message: Any) -> tuple[int, bytes] | None:
    """Position and digest of what one message says; None: the relay did not send this."""
    headers: dict[str, bytes] = dict(message.headers)
    try:
        return int(headers["ce_position"]), _digest_of(headers, message.value)
    except (KeyError, ValueError, TypeError):
        return None


def _digest_of(headers: dict[str, bytes], data: bytes) -> bytes:
    state = headers["ce_meta"] + b"\n" + data
    stream, version = UUID(headers["ce_stream"].decode()), int(headers["ce_version"])
    return leaf_hash(stream, version, headers["ce_type"].decode(), state)
