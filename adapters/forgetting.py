"""Forgetting somebody, at the edges: what it would reach, what it has reached, and who destroys the keys."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import structlog
from eventsourcing.persistence import MapperDeserialisationError
from sqlalchemy import Engine

from adapters.reactors.forgetting import OrdersOf
from adapters.reactors.runner import Send
from adapters.store.event_store import EventStore
from domain.events import OrderErasureFinished, OrderTextsErased
from domain.facts import Recorded
from domain.ids import OrderId, ResidentId, StreamId, stream_of
from domain.order import Order
from domain.person_events import ErasureFinished, PersonErased
from domain.reached import Reached
from domain.stages import OPEN, Role
from services.erasing import Around, Keys, Reach, of_order, of_person, read, receipt
from services.reactions import KEYS, Message, NotYet

_ASKED: Final = (PersonErased, OrderTextsErased)
_FINISHED: Final = (ErasureFinished, OrderErasureFinished)

log: structlog.stdlib.BoundLogger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure of a person or of an order's texts."""

    subject: str
    erasure: int
    listed: str | None
    because: str | None
    asked: datetime
    role: Role
    actor: str
    position: int  # of what asked for it
    finished: datetime | None = None  # None: it is under way
    receipt: int | None = None  # the receipt's position
    reached: tuple[Reached, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What an erasure would reach now."""

    orders: int  # of the person's own
    open_orders: int  # of them; whoever works on these loses how to reach the resident
    reached: tuple[Reached, ...]


class Forgetting:
    """What is held of people, as far as the reactors have read."""

    def __init__(
        self,
        store: EventStore,
        reads: Engine,
        keys: Keys,
        around: Around,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._reads = reads
        self._keys = keys
        self._around = around
        self._clock = clock

    def of_person(self, person: ResidentId, listed: str | None) -> Preview:
        """What erasing somebody would reach."""
        with self._reads.connect() as connection:
            orders = OrdersOf(connection)
            own = [] if listed else [str(order) for order, is_own in orders.of(person) if is_own]
            reach = of_person(orders, self._keys, person, listed)
        states = self._store.load({order: stream_of(order) for order in own}).values()
        in_hand = sum(isinstance(state, Order) and state.stage in OPEN for state in states)
        return Preview(len(own), in_hand, self._receipt(reach))

    def of_order(self, order: OrderId) -> Preview:
        """What erasing the texts of one order would reach."""
        return Preview(1, 0, self._receipt(of_order(order)))

    def erasures(self, subject: str) -> list[Erasure]:
        """Every erasure of a person or an order so far, oldest first, with its receipt."""
        found: dict[int, Erasure] = {}
        for recorded in self._store.history(stream_of(subject)):
            event, meta = recorded.fact.event, recorded.fact.meta
            if isinstance(event, _ASKED):
                found[event.erasure] = Erasure(
                    subject,
                    event.erasure,
                    getattr(event, "listed", None),
                    getattr(event, "because", None),
                    meta.recorded,
                    meta.actor.role,
                    meta.actor.id,
                    recorded.position,
                )
            elif isinstance(event, _FINISHED):
                done = {"finished": meta.recorded, "receipt": recorded.position, "reached": event.reached}
                found[event.erasure] = replace(found[event.erasure], **done)
        return list(found.values())

    def _receipt(self, reach: Reach) -> tuple[Reached, ...]:
        return receipt(reach, self._store.history, self._around, self._clock(), self._store.head())


def readable(store: EventStore) -> Callable[[StreamId], Iterable[Recorded]]:
    """The record stream by stream, for a reactor, which waits where a later release wrote it."""

    def history(stream: StreamId) -> Iterable[Recorded]:
        try:
            return store.history(stream)
        except MapperDeserialisationError as error:
            raise NotYet(str(error)) from error

    return history


def carrying_out(keys: Keys, send: Send) -> Send:
    """Destroys the keys that messages name, then sends the other messages, which speak of it."""

    def sent(messages: Sequence[Message]) -> None:
        if causes := [message for message in messages if message.topic == KEYS]:
            gone = keys.destroy_all({number for message in causes for number in read(message.data)})
            log.info("keys.destroyed", causes=[message.id for message in causes], keys=gone)
        if others := [message for message in messages if message.topic != KEYS]:
            send(others)

    return sent
