"""The library used as its manual shows: an aggregate with declared events, one repository, one save."""

from collections.abc import Mapping
from urllib.parse import urlsplit
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event


class PlainOrder(Aggregate):
    """The same five steps with the same texts, and no rules to speak of."""

    @event("Placed")
    def __init__(self, category: str, area: str, details: str, resident: str) -> None:
        self.category = category
        self.area = area
        self.details = details
        self.resident = resident
        self.stage = "placed"
        self.provider = ""

    @event("Dispatched")
    def dispatch(self, provider: str) -> None:
        self.provider = provider
        self.stage = "dispatched"

    @event("Accepted")
    def accept(self, provider: str) -> None:
        self.provider = provider
        self.stage = "accepted"

    @event("Completed")
    def complete(self, provider: str, result: str) -> None:
        self.provider, self.result = provider, result
        self.stage = "completed"

    @event("Rated")
    def rate(self, level: str) -> None:
        self.level = level
        self.stage = "rated"


class PlainOrders(Application[UUID]):
    """One save per command."""

    def place(self) -> UUID:
        order = PlainOrder("leak", "bench", "三楼卫生间漏水，请尽快来修", "r-1")
        self.save(order)
        return order.id

    def step(self, order_id: UUID, number: int) -> None:
        order: PlainOrder = self.repository.get(order_id)
        _STEPS[number](order)
        self.save(order)

    def place_all(self, count: int) -> list[UUID]:
        """Many new aggregates in one save."""
        orders = [PlainOrder("leak", "bench", "三楼卫生间漏水，请尽快来修", "r-1") for _ in range(count)]
        self.save(*orders)
        return [order.id for order in orders]

    def step_all(self, order_ids: list[UUID], number: int) -> None:
        """Many commands, each on its aggregate from the repository, in one save."""
        orders: list[PlainOrder] = [self.repository.get(order_id) for order_id in order_ids]
        for order in orders:
            _STEPS[number](order)
        self.save(*orders)


_STEPS = {
    1: lambda order: order.dispatch("water"),
    2: lambda order: order.accept("water"),
    3: lambda order: order.complete("water", "三楼卫生间漏水，请尽快来修"),
    4: lambda order: order.rate("satisfied"),
}


def plain_orders(url: str) -> PlainOrders:
    """The plain application on PostgreSQL, with the library's own defaults."""
    parts = urlsplit(url)
    environment: Mapping[str, str] = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": parts.path.lstrip("/"),
        "POSTGRES_HOST": parts.hostname or "",
        "POSTGRES_PORT": str(parts.port),
        "POSTGRES_USER": parts.username or "",
        "POSTGRES_PASSWORD": parts.password or "",
    }
    return PlainOrders(env=dict(environment))
