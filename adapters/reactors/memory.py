"""What reactors remember from batch to batch, read when a batch begins and written once at its end."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, delete, func, insert, select

from adapters.reactors.looks import note_look
from adapters.reactors.tables import (
    bus_providers,
    held_orders,
    leaving_providers,
    need_ties,
    waiting_orders,
)
from domain.events import CommandRejected, OrderEvent
from domain.facts import Recorded
from domain.ids import NeedId, OrderId, ProviderId, stream_of
from services.dispatch_process import Waiting
from services.freeing import Fits


class Holdings:
    """Who has which open order; for the retirement process."""

    def __init__(self, connection: Connection, batch: Sequence[Recorded]) -> None:
        self._connection = connection
        orders = {one.fact.stream.hex for one in batch if isinstance(one.fact.event, OrderEvent)}
        columns = held_orders.c
        rows = connection.execute(
            select(columns.order_id, columns.provider).where(columns.order_id.in_(sorted(orders)))
        )
        self._written = {OrderId(UUID(row.order_id)): ProviderId(row.provider) for row in rows}
        self._now = dict(self._written)
        self._leaving = {
            ProviderId(row.provider): int(row.returning)
            for row in connection.execute(select(leaving_providers))
        }

    def hold(self, order: OrderId, provider: ProviderId) -> None:
        self._now[order] = provider

    def release(self, order: OrderId) -> ProviderId | None:
        return self._now.pop(order, None)

    def held_by(self, provider: ProviderId) -> Sequence[OrderId]:
        self.write()
        columns = held_orders.c
        rows = self._connection.execute(
            select(columns.order_id).where(columns.provider == provider).order_by(columns.order_id)
        )
        return [OrderId(UUID(row.order_id)) for row in rows]

    def set_leaving(self, provider: ProviderId, returning: int) -> None:
        self._connection.execute(insert(leaving_providers).values(provider=provider, returning=returning))
        self._leaving[provider] = returning

    def leaving(self, provider: ProviderId) -> int | None:
        return self._leaving.get(provider)

    def write(self) -> None:
        """Write what differs from what lies there."""
        gone = [order.hex for order, had in self._written.items() if self._now.get(order) != had]
        new = [
            {"order_id": order.hex, "provider": provider}
            for order, provider in self._now.items()
            if self._written.get(order) != provider
        ]
        if gone:
            self._connection.execute(delete(held_orders).where(held_orders.c.order_id.in_(gone)))
        if new:
            self._connection.execute(insert(held_orders), new)
        self._written = dict(self._now)


class WaitingOrders:
    """The orders that wait at the community; for auto-dispatch."""

    def __init__(self, connection: Connection, batch: Sequence[Recorded]) -> None:
        self._connection = connection
        named = {one.fact.stream.hex for one in batch if isinstance(one.fact.event, OrderEvent)}
        named |= {stream_of(one.subject).hex for one in _refusals(batch)}
        rows = connection.execute(select(waiting_orders).where(waiting_orders.c.order_id.in_(sorted(named))))
        self._written = {waiting.order: waiting for waiting in map(_waiting, rows)}
        calls = select(waiting_orders.c.order_id).where(waiting_orders.c.call.is_(True))
        self._called = connection.execute(calls.limit(1)).first() is not None
        self._now = dict(self._written)

    def put(self, waiting: Waiting) -> None:
        self._now[waiting.order] = waiting

    def get(self, order: OrderId) -> Waiting | None:
        return self._now.get(order)

    def drop(self, order: OrderId) -> None:
        self._now.pop(order, None)

    def left(self, most: int, fits: Fits, *, calls: bool) -> Sequence[Waiting]:
        self.write()
        columns = waiting_orders.c
        free = select(waiting_orders).where(columns.asked.is_(None), columns.call.is_(calls))
        rows = self._connection.execute(free.order_by(columns.since, columns.order_id))
        fitting = (row for row in rows if fits(row.category, row.area))
        found = [_waiting(row) for row in islice(fitting, most)]
        self._written |= {one.order: one for one in found}  # they may be put anew
        self._now = dict(self._written)
        return found

    def calls_wait(self) -> bool:
        """As of the beginning of the batch, or come since."""
        return self._called or any(one.call for one in self._now.values())

    def coming(self) -> Mapping[ProviderId, int]:
        self.write()
        columns = waiting_orders.c
        asked = select(columns.asked, func.count()).where(columns.asked != "").group_by(columns.asked)
        return {ProviderId(row[0]): row[1] for row in self._connection.execute(asked)}

    def looked(self, now: datetime) -> None:
        note_look(self._connection, now)

    def write(self) -> None:
        """Write what differs from what lies there."""
        gone = [order.hex for order, was in self._written.items() if self._now.get(order) != was]
        new = [
            {
                "order_id": order.hex,
                "since": one.since,
                "category": one.category,
                "area": one.area,
                "asked": one.asked,
                "call": one.call,
            }
            for order, one in self._now.items()
            if self._written.get(order) != one
        ]
        if gone:
            self._connection.execute(delete(waiting_orders).where(waiting_orders.c.order_id.in_(gone)))
        if new:
            self._connection.execute(insert(waiting_orders), new)
        self._written = dict(self._now)


class Ties:
    """Which open needs a provider has stated or taken up; for the needs process. Needs are few and rare."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def tie(self, need: NeedId, provider: ProviderId, *, own: bool) -> None:
        self._connection.execute(insert(need_ties).values(need=need, provider=provider, own=own))

    def untie(self, need: NeedId, provider: ProviderId | None = None) -> None:
        gone = delete(need_ties).where(need_ties.c.need == need)
        self._connection.execute(gone.where(need_ties.c.provider == provider) if provider else gone)

    def of(self, provider: ProviderId) -> Sequence[tuple[NeedId, bool]]:
        columns = need_ties.c
        rows = self._connection.execute(
            select(columns.need, columns.own).where(columns.provider == provider).order_by(columns.need)
        )
        return [(NeedId(row.need), bool(row.own)) for row in rows]


class Subscribers:
    """The providers that take their work from a topic of their own; for the work process."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known = set(connection.execute(select(bus_providers.c.provider)).scalars())

    def add(self, provider: ProviderId) -> None:
        if provider not in self._known:
            self._connection.execute(insert(bus_providers).values(provider=provider))
            self._known.add(provider)

    def discard(self, provider: ProviderId) -> None:
        if provider in self._known:
            self._connection.execute(delete(bus_providers).where(bus_providers.c.provider == provider))
            self._known.remove(provider)

    def __contains__(self, provider: object) -> bool:
        return provider in self._known

    def __iter__(self) -> Iterator[ProviderId]:
        return iter(sorted(self._known))


def _waiting(row: Row[Any]) -> Waiting:
    asked = None if row.asked is None else ProviderId(row.asked)
    return Waiting(OrderId(UUID(row.order_id)), row.since, row.category, row.area, asked, row.call)


def _refusals(batch: Sequence[Recorded]) -> Iterator[CommandRejected]:
    for one in batch:
        if isinstance(one.fact.event, CommandRejected):
            yield one.fact.event
