"""The bytes of the record: `topic` is the event's wire name, `state` two JSON lines, meta then data.

These bytes are canonical: the relay sends them untouched and the audit log hashes them.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec
import pydantic_core
from eventsourcing.persistence import JSONTranscoder, Mapper, MapperDeserialisationError, StoredEvent

from domain.events import EVENTS
from domain.facts import Fact, Meta
from domain.ids import StreamId
from domain.model import Event

Upcast = Callable[[dict[str, Any]], dict[str, Any]]
UPCASTERS: Final[Mapping[tuple[str, int], Upcast]] = {}
"""(wire name, class version) → data of the next version. Empty while every event has its first version."""
# A test sees to it that no step is missing.

_write_meta: Final = msgspec.json.Encoder().encode
_read_meta: Final = msgspec.json.Decoder(Meta).decode


def encode(fact: Fact) -> bytes:
    """The state of a fact; what is absent is left out."""
    event = fact.event
    data = type(event).__pydantic_serializer__.to_json(event, exclude_none=True)
    return _write_meta(fact.meta) + b"\n" + data


def decode(topic: str, state: bytes, stream: UUID, version: int) -> Fact:
    """The fact behind stored bytes, brought up to today's version.

    Raises:
        MapperDeserialisationError: a wire name or a version that this release does not know, or spoilt bytes.
    """
    meta, _, data = state.partition(b"\n")
    return decode_lines(topic, meta, data, stream, version)


class _Dated(msgspec.Struct):
    recorded: datetime


_read_date: Final = msgspec.json.Decoder(_Dated).decode


def recorded_at(state: bytes) -> datetime:
    """When a fact was recorded, of whatever release; of one that does not even say that: long ago."""
    try:
        return _read_date(state.partition(b"\n")[0]).recorded
    except (ValueError, msgspec.MsgspecError):
        return datetime.fromtimestamp(0, UTC)


def decode_lines(topic: str, head: bytes, data: bytes, stream: UUID, version: int) -> Fact:
    """The same, where the two lines come apart. Raises what `decode` raises."""
    try:
        meta = _read_meta(head)
        event = _event(topic, meta.class_version, data)
    except (ValueError, msgspec.MsgspecError) as error:
        raise MapperDeserialisationError(f"{topic} {stream} version {version}: {error}") from error
    return Fact(StreamId(stream), version, meta, event)


def _event(topic: str, version: int, data: bytes) -> Event:
    event_class = EVENTS.get(topic)
    if event_class is None or version > event_class.class_version:
        raise ValueError(f"this release knows no {topic} of version {version}; read it with a newer one")
    if version < event_class.class_version:
        fields = pydantic_core.from_json(data)
        for step in range(version, event_class.class_version):
            fields = UPCASTERS[topic, step](fields)
        data = pydantic_core.to_json(fields)
    return event_class.__pydantic_validator__.validate_json(data)


class FactMapper(Mapper[UUID]):
    """The library's mapper, speaking our wire form. Wire names resolve through our own registry only."""

    def __init__(self) -> None:
        super().__init__(transcoder=JSONTranscoder())

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        fact: Fact = domain_event
        return StoredEvent(fact.stream, fact.version, fact.event.wire, encode(fact))

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        stream = stored_event.originator_id
        assert isinstance(stream, UUID)
        return decode(stored_event.topic, stored_event.state, stream, stored_event.originator_version)
