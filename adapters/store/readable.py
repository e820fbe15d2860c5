"""The record for read models: what this release cannot decode comes marked as such, and stops nobody."""

from collections.abc import Sequence
from uuid import NAMESPACE_OID, UUID, uuid5

from eventsourcing.persistence import MapperDeserialisationError, Notification

from adapters.store.event_store import EventStore
from adapters.store.wire import decode
from domain.facts import Recorded
from domain.ids import Position
from projections.engine import undecoded


class ReadableLog:
    """A log in which every place can be read."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    def read(self, after: int, limit: int) -> Sequence[Recorded]:
        """Up to `limit` facts behind a position, oldest first."""
        try:
            return self._store.read(after, limit)
        except MapperDeserialisationError:
            return [_read(one) for one in self._store.read_stored(after, limit)]

    def head(self) -> int:
        """The last position; 0 while it is empty."""
        return self._store.head()


def _read(stored: Notification) -> Recorded:
    stream, version = stored.originator_id, stored.originator_version
    if not isinstance(stream, UUID):  # put there by hand
        return undecoded(stored.id, uuid5(NAMESPACE_OID, stream), version, stored.topic, "no stream")
    try:
        return Recorded(Position(stored.id), decode(stored.topic, stored.state, stream, version))
    except MapperDeserialisationError as error:
        return undecoded(stored.id, stream, version, stored.topic, str(error))
