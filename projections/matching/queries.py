"""Who could take an order, and what each area waits for and has."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from json import loads as from_json
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, Row, func, select

from domain.events import Offer
from domain.hours import Shift
from domain.ids import AreaPath, CategoryPath, OrderId, ProviderId, lineage
from domain.matching import Candidate, Demand, Excluded, Ranking, Supplier, rank
from domain.on_duty import Crew, Hand, Window, window_of
from domain.provider import Standing
from domain.rules import Rules
from domain.stages import Duty, Stage, Urgency
from projections.engine import from_micros, lies_in
from projections.matching.tables import listings, loads, orders, providers

_SHIFTS: Final = TypeAdapter(tuple[Shift, ...])
_HANDS: Final = TypeAdapter(dict[str, Hand])


@dataclass(frozen=True, slots=True)
class Named:
    """What a provider is called and how to reach it."""

    provider: ProviderId
    name_zh: str
    name_en: str
    kind: str  # a domain.stages.ProviderKind
    contact: str


@dataclass(frozen=True, slots=True)
class Match:
    """For one order: candidates, the best first; who was left out and why; what all of them are called."""

    order: OrderId | None
    candidates: tuple[Candidate, ...]
    excluded: tuple[Excluded, ...]
    names: dict[ProviderId, Named]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Orders of one category in one area that wait for somebody."""

    area: AreaPath
    category: CategoryPath
    stage: Stage  # placed, pooled or arbitration
    orders: int


@dataclass(frozen=True, slots=True)
class AreaSupply:
    """Who works in an area (named with just this area; those of wider areas come on top)."""

    area: AreaPath
    providers: int
    capacity: int
    in_hand: int


class MatchingQueries:
    """Questions to the matching model in one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def candidates(
        self,
        category: CategoryPath,
        area: AreaPath,
        *,
        now: datetime,
        rules: Rules,
        wanted: ProviderId | None = None,
        wanted_at: datetime | None = None,
        urgency: Urgency = Urgency.NORMAL,
        declined_by: Collection[ProviderId] = (),
        also: Collection[ProviderId] = (),
        limit: int | None = None,
    ) -> Match:
        """Who could take such an order.

        Args:
            now, rules: by which somebody has to be on duty, with the skills it needs.
            wanted: the provider the resident asked for; looked at even if it offers nothing of the kind.
            also: more providers to look at, to learn why they are not among the candidates.
            limit: how many candidates at most; all those left out are always named.
        """
        when = _window(category, urgency, wanted_at, now, rules)
        demand = Demand(category, area, wanted, frozenset(declined_by), rules.skills_for(category), when)
        with self._engine.connect() as connection:
            return _match(connection, None, demand, also, limit)

    def candidates_for(
        self,
        order: OrderId,
        *,
        now: datetime,
        rules: Rules,
        also: Collection[ProviderId] = (),
        limit: int | None = None,
    ) -> Match | None:
        """Who could take this order; None if the model does not know it (yet)."""
        with self._engine.connect() as connection:
            row = connection.execute(select(orders).where(orders.c.order_id == order)).one_or_none()
            if row is None:
                return None
            return _match(connection, order, _demand(row, now, rules), also, limit)

    def demand(self, *, area: AreaPath | None = None) -> list[Waiting]:
        """What waits, by area, category and stage."""
        columns = orders.c
        keys = (columns.area, columns.category, columns.stage)
        statement = (
            select(*keys, func.count())
            .where(columns.waiting_since.is_not(None))
            .group_by(*keys)
            .order_by(*keys)
        )
        if area:
            statement = statement.where(lies_in(columns.area, area))
        with self._engine.connect() as connection:
            return [
                Waiting(AreaPath(where), CategoryPath(what), Stage(stage), number)
                for where, what, stage, number in connection.execute(statement)
            ]

    def supply(self, *, area: AreaPath | None = None) -> list[AreaSupply]:
        """Who is active, by area: providers, how many orders they can have in hand, how many they have."""
        own = select(listings.c.area, listings.c.provider).distinct()
        if area:
            own = own.where(lies_in(listings.c.area, area))
        pairs = own.subquery()
        statement = (
            select(
                pairs.c.area,
                func.count(),
                func.sum(providers.c.capacity),
                func.coalesce(func.sum(loads.c.in_hand), 0),
            )
            .join(providers, providers.c.provider == pairs.c.provider)
            .outerjoin(loads, loads.c.provider == pairs.c.provider)
            .where(providers.c.standing == Standing.ACTIVE.value)
            .group_by(pairs.c.area)
            .order_by(pairs.c.area)
        )
        with self._engine.connect() as connection:
            return [
                AreaSupply(AreaPath(where), int(number), int(capacity), int(in_hand))
                for where, number, capacity, in_hand in connection.execute(statement)
            ]


def _demand(row: Row[Any], now: datetime, rules: Rules) -> Demand:
    """What an order asks for, from its row."""
    category = CategoryPath(row.category)
    wanted_at: int | None = row.wanted_at
    return Demand(
        category,
        AreaPath(row.area),
        row.wanted,
        frozenset(ProviderId(name) for name in row.declined_by.split()),
        rules.skills_for(category),
        _window(category, Urgency(row.urgency), from_micros(wanted_at), now, rules),
    )


def _window(
    category: CategoryPath, urgency: Urgency, wanted_at: datetime | None, now: datetime, rules: Rules
) -> Window:
    accept_hours, _ = rules.limits(category)
    return window_of(urgency, wanted_at, now, accept_hours, rules.zone)


def _match(
    connection: Connection,
    order: OrderId | None,
    demand: Demand,
    also: Collection[ProviderId],
    limit: int | None,
) -> Match:
    looked_at = _listed(connection, demand) | demand.declined_by | set(also)
    if demand.wanted:
        looked_at |= {demand.wanted}
    suppliers, names = _suppliers(connection, looked_at)
    ranking: Ranking = rank(demand, [suppliers.get(name, Supplier(name)) for name in looked_at])
    return Match(order, ranking.candidates[:limit], ranking.excluded, names)


def _listed(connection: Connection, demand: Demand) -> set[ProviderId]:
    statement = (
        select(listings.c.provider)
        .where(
            listings.c.category.in_(lineage(demand.category)[:-1]),
            listings.c.area.in_(lineage(demand.area)[:-1]),
        )
        .distinct()
    )
    return {ProviderId(name) for name in connection.execute(statement).scalars()}


def _suppliers(
    connection: Connection, looked_at: Collection[ProviderId]
) -> tuple[dict[ProviderId, Supplier], dict[ProviderId, Named]]:
    statement = (
        select(providers, func.coalesce(loads.c.in_hand, 0).label("in_hand"))
        .outerjoin(loads, loads.c.provider == providers.c.provider)
        .where(providers.c.provider.in_(sorted(looked_at)))
    )
    suppliers: dict[ProviderId, Supplier] = {}
    names: dict[ProviderId, Named] = {}
    for row in connection.execute(statement):
        offers = tuple(Offer(category=category, duty=Duty(duty)) for category, duty in from_json(row.offers))
        suppliers[row.provider] = Supplier(
            row.provider,
            Standing(row.standing),
            tuple(from_json(row.areas)),
            offers,
            row.capacity,
            int(row.in_hand),
            _crew(row),
        )
        names[row.provider] = Named(row.provider, row.name_zh, row.name_en, row.kind, row.contact)
    return suppliers, names


def _crew(row: Row[Any]) -> Crew:
    return Crew(
        _SHIFTS.validate_json(row.hours),
        tuple(from_json(row.skills)),
        tuple(_HANDS.validate_json(row.volunteers).values()),
    )
