"""What is asked of the whole record at once, by the database: rows come one after the other."""

from collections.abc import Generator, Iterator
from typing import Any, Final, LiteralString, NamedTuple, cast
from uuid import UUID

from adapters.store.event_store import EventStore
from adapters.store.recording import BatchRecorder, KeyRow
from domain.ids import Position

_KEYS: Final[LiteralString] = (
    "SELECT source, id, digest, position FROM command_keys ORDER BY position, source, id"
)
# In each stream: the place that its version should be, and where the version before lies in the log.
_STREAMS: Final[LiteralString] = """SELECT notification_id, originator_id, originator_version, place, before
    FROM (SELECT notification_id, originator_id, originator_version,
        row_number() OVER stream AS place, lag(notification_id) OVER stream AS before
        FROM stored_events
        WINDOW stream AS (PARTITION BY originator_id ORDER BY originator_version, notification_id)) AS found
    WHERE originator_version <> place OR before > notification_id ORDER BY notification_id"""


class Astray(NamedTuple):
    """A fact whose version is not the next of its stream, or that lies before the one it follows."""

    position: int
    stream: UUID
    version: int
    expected: int
    before: int | None  # where the version before lies


def keys_in_log_order(store: EventStore) -> Generator[KeyRow]:
    """Every command key, by the place of its command's first fact."""
    for source, id_, digest, position in _scan(store, _KEYS):
        yield KeyRow(source, id_, bytes(digest), Position(position))


def streams_astray(store: EventStore) -> Generator[Astray]:
    """The facts at which a stream has a gap, a double, or runs against the log; in log order."""
    for position, stream, version, expected, before in _scan(store, _STREAMS):
        uuid = stream if isinstance(stream, UUID) else UUID(stream)
        yield Astray(position, uuid, version, expected, before)


def _scan(store: EventStore, statement: LiteralString) -> Iterator[tuple[Any, ...]]:
    return cast("BatchRecorder", store.recorder).scan(statement)
