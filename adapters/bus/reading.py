"""Events as they come from the topic, read back into recorded facts."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from adapters.store.wire import decode_lines
from domain.facts import Recorded
from domain.ids import Position

OURS: Final = frozenset({"ce_type", "ce_stream", "ce_version", "ce_position", "ce_meta"})
"""The headers that the relay gives each event, and nobody else has a reason to."""


def recorded_from(headers: Iterable[tuple[str, bytes | None]], data: bytes) -> Recorded:
    """The fact behind one message of the events topic: the same bytes that lie in the record.

    Raises:
        KeyError: the relay did not send this.
        MapperDeserialisationError: an event or a version that this release does not know.
    """
    found = {name: value for name, value in headers if value is not None}
    fact = decode_lines(
        found["ce_type"].decode(),
        found["ce_meta"],
        data,
        UUID(found["ce_stream"].decode()),
        int(found["ce_version"]),
    )
    return Recorded(Position(int(found["ce_position"])), fact)
