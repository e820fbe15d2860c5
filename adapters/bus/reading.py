"""Events as they come from the topic, read back into recorded facts."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from adapters.store.wire import decode
from domain.facts import Recorded
from domain.ids import Position

OURS: Final = frozenset({"ce_type", "ce_stream", "ce_version", "ce_position", "ce_meta"})
"""The headers that the relay gives each event, and nobody else has a reason to."""


def recorded_from(headers: Iterable[tuple[str, bytes | str | None]], data: bytes) -> Recorded:
    """The fact behind one message of the events topic: the same bytes that lie in the record.

    Raises:
        KeyError: the relay did not send this.
        MapperDeserialisationError: an event or a version that this release does not know.
    """
    found = dict(headers)
    text = {name: _text(found[name]) for name in OURS}
    state = text["ce_meta"].encode() + b"\n" + data
    fact = decode(text["ce_type"], state, UUID(text["ce_stream"]), int(text["ce_version"]))
    return Recorded(Position(int(text["ce_position"])), fact)


def _text(value: bytes | str | None) -> str:
    return value.decode() if isinstance(value, bytes) else value or ""
