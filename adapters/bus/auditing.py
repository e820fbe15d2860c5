"""The auditor's own reader (kafka-python): what the events topic alone says, compared with the record."""

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from eventsourcing.persistence import PersistenceError

from adapters.bus.bystander import bystander, partitions_of
from adapters.bus.reading import recorded_from
from adapters.bus.relay import ASIDE
from adapters.bus.topics import KafkaAway, Topics
from adapters.settings import Settings
from adapters.store.event_store import EventStore
from domain.facts import Recorded
from domain.ids import stream_of
from services.audit.findings import Finding
from services.audit.merkle import leaf_hash
from services.audit.verifying import leaf_of

PATIENCE: Final = 10_000  # milliseconds without a message before the broker counts as away
PAGE: Final = 1000

Line = tuple[Recorded, bytes]
"""A fact and the leaf hash of what the message says of it."""
_COMPARISON: Final = {
    "topic_differs": (
        "主题与存储在位置{position}不一致",
        "The topic and the record differ at position {position}",
    ),
    "topic_lacks": ("主题缺少位置{position}的事件", "The topic lacks the event at position {position}"),
    "topic_stranger": (
        "主题中{position}不是中继发出的事件",
        "In the topic, {position} is no event that the relay sent",
    ),
    "record_lacks": (
        "存储没有主题中位置{position}的事件",
        "The record lacks the topic's event at position {position}",
    ),
}


def topic_lines(settings: Settings, strangers: list[dict[str, Any]]) -> Iterator[Line]:
    """Every event of the topic up to its present end, each once, each subject's in order.

    What is no event of ours is told in `strangers`.

    Raises:
        KafkaAway: the topic is missing or the broker does not answer.
    """
    with bystander(settings, consumer_timeout_ms=PATIENCE) as consumer:
        partitions = partitions_of(consumer, Topics(settings.prefix).events)
        ends: dict[Any, int] = consumer.end_offsets(partitions)
        for partition in partitions:  # one after the other, so that none has to wait for all
            yield from _partition(consumer, partition, ends[partition], strangers)


def one_subject(settings: Settings, store: EventStore, subject: str) -> tuple[list[Recorded], list[Finding]]:
    """A subject's facts as the topic has them, and where the record says something else."""
    stream = stream_of(subject)
    strangers: list[dict[str, Any]] = []
    lines = [line for line in topic_lines(settings, strangers) if line[0].fact.stream == stream]
    said: dict[int, bytes] = {recorded.position: digest for recorded, digest in lines}
    kept = {one.id: leaf_of(one) for one in store.history_stored(stream)}
    facts = [recorded for recorded, _ in lines]
    differing = _differences(said, kept)
    return facts, [
        Finding(one["code"], subject, stream, 0, one["position"], one["zh"], one["en"]) for one in differing
    ]


def compared(settings: Settings, store: EventStore, differing: list[dict[str, Any]]) -> Iterator[Recorded]:
    """Every fact of the topic; when all are read, what the record says differently is in `differing`.

    Holds 32 bytes for each event, since partitions come in any order.
    """
    said: dict[int, bytes] = {}
    for recorded, digest in topic_lines(settings, differing):
        said[recorded.position] = digest
        yield recorded
    kept: dict[int, bytes] = {}
    position = 0
    while stored := store.read_stored(position, PAGE):
        position = stored[-1].id
        for one in stored:
            if one.topic not in ASIDE:
                kept[one.id] = leaf_of(one)
    differing += _differences(said, kept)


def _partition(consumer: Any, partition: Any, end: int, strangers: list[dict[str, Any]]) -> Iterator[Line]:
    reached = 0  # the high-water mark: a relay that stopped in between says things twice
    for message in messages_of(consumer, partition, end):
        line = _line(message)
        if line is None:
            place = f"{partition.topic}[{partition.partition}]@{message.offset}"
            strangers.append(_difference("topic_stranger", place))
        elif line[0].position > reached:
            reached = line[0].position
            yield line


def messages_of(consumer: Any, partition: Any, end: int) -> Iterator[Any]:
    """Every message of a partition up to an offset. Raises KafkaAway: the broker does not hand them out."""
    if not end:
        return
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    while consumer.position(partition) < end:
        before = consumer.position(partition)
        for message in consumer:
            yield message
            if message.offset + 1 >= end:
                return
        if consumer.position(partition) == before:
            raise KafkaAway(
                "事件主题读不下去，请检查Kafka。 The events topic does not go on; check the broker."
            )


def _line(message: Any) -> Line | None:
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


def _differences(said: dict[int, bytes], kept: dict[int, bytes]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for position in sorted(said.keys() | kept.keys()):
        if position not in kept:
            code = "record_lacks"
        elif position not in said:
            code = "topic_lacks"
        elif said[position] != kept[position]:
            code = "topic_differs"
        else:
            continue
        found.append(_difference(code, position))
    return found


def _difference(code: str, place: int | str) -> dict[str, Any]:
    zh, en = (text.format(position=place) for text in _COMPARISON[code])
    return {"code": code, "position": place, "zh": zh + "。", "en": en + "."}
