"""Makes receipts and proofs of growth out of the sealed log; a few tiles are read for each."""

from typing import Any, Final

from eventsourcing.persistence import Notification

from adapters.sealed_log.broken import SealBroken
from adapters.sealed_log.log import SealedLog
from adapters.store.event_store import EventStore
from domain.events import OrderRated
from domain.ids import OrderId, StreamId
from services.audit.checkpoints import BadCheckpoint, parse
from services.audit.merkle import consistency, includes, inclusion
from services.audit.receipts import growth, receipt
from services.audit.tiles import TileSpoilt
from services.audit.verifying import leaf_of

RATED: Final = OrderRated.wire


class NoSuchEvent(LookupError):
    """The order has no such event."""


class NotSealedYet(LookupError):
    """The event is on record, and no checkpoint covers it yet."""


class NoCheckpoint(LookupError):
    """There is no checkpoint of that size."""

    def __init__(self, size: int | None = None) -> None:
        super().__init__(size)
        self.size = size


class SealUnfit(RuntimeError):
    """Seal or event are not as they were signed: a proof of them would prove nothing."""


class Proofs:
    """What one town can prove of its record."""

    def __init__(self, store: EventStore, sealed_log: SealedLog) -> None:
        self._store = store
        self._sealed_log = sealed_log

    def of_order(self, order: OrderId) -> dict[str, Any]:
        """A receipt for an order having been placed. Raises what `of` raises."""
        return self.of(self._events(order)[0])

    def of_rating(self, order: OrderId) -> dict[str, Any]:
        """A receipt for its latest rating. Raises what `of` raises."""
        return self.of(_last([one for one in self._events(order) if one.topic == RATED]))

    def of_position(self, order: OrderId, position: int) -> dict[str, Any]:
        """A receipt for any of its events. Raises what `of` raises."""
        return self.of(_last([one for one in self._events(order) if one.id == position]))

    def at(self, position: int) -> dict[str, Any]:
        """A receipt for whatever fact stands there. Raises what `of` raises."""
        return self.of(_last([one for one in self._store.read_stored(position - 1, 1) if one.id == position]))

    def of(self, event: Notification) -> dict[str, Any]:
        """A receipt against the newest checkpoint.

        Raises:
            NoSuchEvent, NotSealedYet, SealUnfit.
        """
        index = self._sealed_log.index_of(event.id)  # first: by then there is a checkpoint that covers it
        note = self._sealed_log.last_note()
        try:
            said = parse(note) if note is not None else None
            if note is None or said is None or (index is None and said.position < event.id):
                raise NotSealedYet
            if index is None:
                raise SealUnfit  # a checkpoint covers it, and it lies in no tile
            path = inclusion(index, said.size, self._sealed_log.tree().subtree)
            if includes(said.root, said.size, index, leaf_of(event), path):
                return receipt(event, index, path, note)
        except (TileSpoilt, IndexError, ValueError) as error:
            raise SealUnfit from error
        raise SealUnfit

    def growth(self, old: bytes, new: bytes) -> dict[str, Any]:
        """That the log of the first checkpoint is the beginning of the second's.

        Raises:
            NoCheckpoint: it has no such size, or the first is not the smaller. SealUnfit.
        """
        try:
            first, second, last = parse(old), parse(new), self._sealed_log.last()
        except (BadCheckpoint, SealBroken) as error:
            raise SealUnfit from error
        if last is None or not 0 < first.size <= second.size <= last.size:
            raise NoCheckpoint(first.size)
        try:
            path = consistency(first.size, second.size, self._sealed_log.tree().subtree)
        except TileSpoilt as error:
            raise SealUnfit from error
        return growth(old, new, path)

    def checkpoint(self, size: int | None = None) -> bytes:
        """The signed checkpoint of that size, or the newest. Raises NoCheckpoint."""
        note = self._sealed_log.last_note() if size is None else self._sealed_log.note(size)
        if note is None:
            raise NoCheckpoint(size)
        return note

    def _events(self, order: OrderId) -> list[Notification]:
        found = list(self._store.history_stored(StreamId(order)))
        if not found:
            raise NoSuchEvent
        return found


def _last(events: list[Notification]) -> Notification:
    if not events:
        raise NoSuchEvent
    return events[-1]
