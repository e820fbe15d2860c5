"""What is asked of the whole record: rows come one after the other, however many there are."""

from collections.abc import Generator, Iterator
from typing import Any, Final, LiteralString, NamedTuple, cast
from uuid import UUID

from eventsourcing.persistence import Notification

from adapters.store.event_store import EventStore
from adapters.store.recording import BatchRecorder, KeyRow
from domain.ids import Position

PAGE: Final = 1000  # rows read at once
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

# Without its keys a table takes several at one place, or at none: who reads it page by page misses some.
_SHARED: Final[LiteralString] = """SELECT count(*) FROM (SELECT notification_id FROM stored_events
    GROUP BY notification_id HAVING count(*) > 1 OR notification_id IS NULL) AS found"""


class Astray(NamedTuple):
    """A fact whose version is not the next of its stream, or that lies before the one it follows."""

    position: int
    stream: UUID | str
    version: object  # a number, unless who has SQLite put something else there
    expected: int
    before: int | None  # where the version before lies


def each(store: EventStore, after: int, last: int) -> Iterator[Notification]:
    """The rows behind a position, up to another."""
    while after < last and (page := store.read_stored(after, PAGE)):
        after = page[-1].id
        yield from (one for one in page if one.id <= last)


def keys_in_log_order(store: EventStore) -> Generator[KeyRow]:
    """Every command key, by the place of its command's first fact.

    SQLite takes any value in any column: a place that is no number is none, a digest that is no bytes empty.
    """
    for source, id_, digest, position in _scan(store, _KEYS):
        known = b"" if isinstance(digest, str | int | float) else bytes(digest)
        yield KeyRow(source, id_, known, Position(position if isinstance(position, int) else 0))


def streams_astray(store: EventStore) -> Generator[Astray]:
    """The facts at which a stream has a gap, a double, or runs against the log; in log order."""
    for position, stream, version, expected, before in _scan(store, _STREAMS):
        yield Astray(position, stream, version, expected, before)


def places_shared(store: EventStore) -> int:
    """How many places of the record hold more than one fact; no place at all counts as one."""
    ((found,),) = _scan(store, _SHARED)
    return cast("int", found)


def _scan(store: EventStore, statement: LiteralString) -> Iterator[tuple[Any, ...]]:
    return cast("BatchRecorder", store.recorder).scan(statement)
