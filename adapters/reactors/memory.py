"""What reactors remember from batch to batch, read when a batch begins and written once at its end."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select

from adapters.reactors.tables import bus_providers, held_orders, leaving_providers, need_ties
from domain.events import OrderEvent
from domain.facts import Recorded
from domain.ids import NeedId, OrderId, ProviderId


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
