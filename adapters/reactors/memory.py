"""What reactors remember from batch to batch, read when a batch begins and written once at its end."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, delete, func, insert, select

from adapters.reactors.looks import note_look
from adapters.reactors.notes import OrderNotes
from adapters.reactors.tables import (
    bus_providers,
    held_orders,
    leaving_providers,
    need_ties,
    waiting_orders,
)
from domain.facts import Recorded
from domain.ids import NeedId, OrderId, ProviderId
from services.dispatch_process import Waiting
from services.freeing import Fits


class Holdings(OrderNotes[ProviderId]):
    """Who has which open order; for the retirement process."""

    table = held_orders

    def __init__(self, connection: Connection, batch: Sequence[Recorded]) -> None:
        super().__init__(connection, batch)
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

    def _row(self, note: ProviderId) -> Mapping[str, Any]:
        return {"provider": note}

    def _note(self, row: Row[Any]) -> ProviderId:
        return ProviderId(row.provider)


class WaitingOrders(OrderNotes[Waiting]):
    """The orders that wait at the community; for auto-dispatch."""

    table = waiting_orders

    def __init__(self, connection: Connection, batch: Sequence[Recorded]) -> None:
        super().__init__(connection, batch)
        calls = select(waiting_orders.c.order_id).where(waiting_orders.c.call.is_(True))
        self._called = connection.execute(calls.limit(1)).first() is not None

    def put(self, waiting: Waiting) -> None:
        self._now[waiting.order] = waiting

    def left(self, most: int, fits: Fits, *, calls: bool) -> Sequence[Waiting]:
        self.write()
        columns = waiting_orders.c
        free = select(waiting_orders).where(columns.asked.is_(None), columns.call.is_(calls))
        rows = self._connection.execute(free.order_by(columns.since, columns.order_id))
        return self._found(islice((row for row in rows if fits(row.category, row.area)), most))

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

    def _row(self, note: Waiting) -> Mapping[str, Any]:
        return {
            "since": note.since,
            "version": note.version,
            "category": note.category,
            "area": note.area,
            "asked": note.asked,
            "call": note.call,
        }

    def _note(self, row: Row[Any]) -> Waiting:
        asked = None if row.asked is None else ProviderId(row.asked)
        order = OrderId(UUID(row.order_id))
        return Waiting(order, row.since, row.version, row.category, row.area, asked, row.call)


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
