"""Who could take an order, and what each area waits for and has."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from json import loads as from_json
from typing import Any, Final, NamedTuple, Self

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, Row, func, select

from domain.events import OrderEvent
from domain.facts import Recorded
from domain.hours import Shift
from domain.ids import AreaPath, CategoryPath, OrderId, ProviderId, lineage
from domain.matching import Demand, Supplier
from domain.on_duty import Crew, Hand
from domain.provider import Standing
from domain.provider_events import Offer, ProviderEvent
from domain.stages import Duty, Stage, Urgency
from projections.engine import from_micros, lies_in, seen_by, snapshot
from projections.matching.model import Matching
from projections.matching.tables import listings, loads, orders, providers

_MODEL: Final = Matching().id
_SHIFTS: Final = TypeAdapter(tuple[Shift, ...])
_HANDS: Final = TypeAdapter(dict[str, Hand])
_CHUNK: Final = 5_000  # keys in one statement


@dataclass(frozen=True, slots=True)
class Named:
    """What a provider is called and how to reach it."""

    provider: ProviderId
    name_zh: str
    name_en: str
    kind: str  # a domain.stages.ProviderKind
    contact: str


@dataclass(frozen=True, slots=True)
class Sides:
    """One order's demand, and everybody who comes into question for it, at one moment of the model."""

    order: OrderId | None
    demand: Demand
    since: datetime | None  # it waits since then; None: it does not wait
    suppliers: tuple[Supplier, ...]
    names: dict[ProviderId, Named]
    seen: dict[str, int]  # how far the model had read, as a proposal notes it


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

    def sides_of(self, demand: Demand, *, also: Collection[ProviderId] = ()) -> Sides:
        """Who comes into question for such an order: listed for it, asked for, routed to, or has declined it.

        Args:
            also: more providers to look at, to learn why they are not among the candidates.
        """
        with snapshot(self._engine) as connection:
            return _sides(connection, [_Asked(None, demand)], also)[0]

    def sides_for(
        self,
        these: Sequence[OrderId],
        *,
        also: Collection[ProviderId] = (),
        under: Callable[[Demand], Demand] = lambda demand: demand,
    ) -> list[Sides]:
        """The same for orders, all at one moment; those that the model does not know (yet) are left out.

        Args:
            under: adds what the rules ask for.
        """
        with snapshot(self._engine) as connection:
            known = {row.order_id: row for row in _orders(connection, these)}
            asked = [_Asked.of(known[order], under) for order in these if order in known]
            return _sides(connection, asked, also)

    def named(self, these: Collection[ProviderId]) -> dict[ProviderId, Named]:
        """What providers are called and how to reach them; who is not registered is left out."""
        with self._engine.connect() as connection:
            return _suppliers(connection, list(these))[1]

    def openings(self, these: Collection[ProviderId]) -> set[tuple[CategoryPath, AreaPath]]:
        """For what, and where, those of these providers who take work and have room are listed."""
        spare = func.coalesce(loads.c.in_hand, 0) < providers.c.capacity
        rooms = providers.outerjoin(loads, loads.c.provider == providers.c.provider)
        statement = (
            select(listings.c.category, listings.c.area)
            .select_from(rooms.join(listings, listings.c.provider == providers.c.provider))
            .where(providers.c.standing == Standing.ACTIVE.value, spare)
        )
        found: set[tuple[CategoryPath, AreaPath]] = set()
        with self._engine.connect() as connection:
            for chunk in range(0, len(wanted := sorted(these)), _CHUNK):
                some = providers.c.provider.in_(wanted[chunk : chunk + _CHUNK])
                rows = connection.execute(statement.where(some))
                found |= {(CategoryPath(row.category), AreaPath(row.area)) for row in rows}
        return found

    def has_read(self, recorded: Recorded) -> bool:
        """Whether a fact about an order or a provider is in the rows; of no other is anything asked."""
        event = recorded.fact.event
        if isinstance(event, OrderEvent):
            place = select(orders.c.position).where(orders.c.order_id == recorded.fact.stream)
        elif isinstance(event, ProviderEvent):
            place = select(providers.c.position).where(providers.c.provider == event.provider)
        else:
            return True
        with self._engine.connect() as connection:
            return (connection.execute(place).scalar() or 0) >= recorded.position

    def is_call(self, order: OrderId) -> bool | None:
        """Whether it is a call (一键呼叫); None if the model does not know it (yet)."""
        urgency = select(orders.c.urgency).where(orders.c.order_id == order)
        with self._engine.connect() as connection:
            found = connection.execute(urgency).scalar()
        return None if found is None else found == Urgency.CALL.value

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


class _Asked(NamedTuple):
    order: OrderId | None
    demand: Demand
    since: datetime | None = None

    @classmethod
    def of(cls, row: Row[Any], under: Callable[[Demand], Demand]) -> Self:
        wanted_at: int | None = row.wanted_at
        demand = Demand(
            category=CategoryPath(row.category),
            area=AreaPath(row.area),
            channel=row.channel,
            wanted=row.wanted,
            declined_by=frozenset(ProviderId(name) for name in row.declined_by.split()),
            urgency=Urgency(row.urgency),
            wanted_at=from_micros(wanted_at),
        )
        return cls(OrderId(row.order_id), under(demand), from_micros(row.waiting_since))


def _sides(connection: Connection, asked: Sequence[_Asked], also: Collection[ProviderId]) -> list[Sides]:
    """Everything is read once; a provider is one object, for however many orders it comes into question."""
    listed = _listings(connection, [one.demand for one in asked])
    looked_at = [sorted({*_listed(one.demand, listed), *also}) for one in asked]
    suppliers, names = _suppliers(connection, sorted({name for here in looked_at for name in here}))
    seen = seen_by(connection, _MODEL, Matching.name)
    return [
        Sides(
            one.order,
            one.demand,
            one.since,
            tuple([suppliers.get(name) or Supplier(name) for name in here]),
            names,
            seen,
        )
        for one, here in zip(asked, looked_at, strict=True)
    ]


def _orders(connection: Connection, these: Sequence[OrderId]) -> Iterable[Row[Any]]:
    for chunk in range(0, len(these), _CHUNK):
        named = these[chunk : chunk + _CHUNK]
        yield from connection.execute(select(orders).where(orders.c.order_id.in_(named)))


def _listings(
    connection: Connection, demands: Sequence[Demand]
) -> Mapping[tuple[str, str], Sequence[ProviderId]]:
    """Who is listed under each category in each area that any of the demands lies in."""
    categories = sorted({path for one in demands for path in lineage(one.category)[:-1]})
    areas = sorted({path for one in demands for path in lineage(one.area)[:-1]})
    found: defaultdict[tuple[str, str], list[ProviderId]] = defaultdict(list)
    columns = listings.c
    for chunk in range(0, len(categories), _CHUNK):
        some = columns.category.in_(categories[chunk : chunk + _CHUNK])
        for row in connection.execute(select(listings).where(some, columns.area.in_(areas))):
            found[row.category, row.area].append(ProviderId(row.provider))
    return found


def _listed(demand: Demand, listed: Mapping[tuple[str, str], Sequence[ProviderId]]) -> set[ProviderId]:
    found = set(demand.declined_by)
    found.update(named for named in (demand.wanted, demand.routed) if named)
    for category in lineage(demand.category)[:-1]:
        for area in lineage(demand.area)[:-1]:
            found.update(listed.get((category, area), ()))
    return found


def _suppliers(
    connection: Connection, looked_at: Sequence[ProviderId]
) -> tuple[dict[ProviderId, Supplier], dict[ProviderId, Named]]:
    statement = select(
        providers,
        func.coalesce(loads.c.in_hand, 0).label("in_hand"),
        func.coalesce(loads.c.last_given, 0).label("last_given"),
    ).outerjoin(loads, loads.c.provider == providers.c.provider)
    suppliers: dict[ProviderId, Supplier] = {}
    names: dict[ProviderId, Named] = {}
    for chunk in range(0, len(looked_at), _CHUNK):
        some = providers.c.provider.in_(looked_at[chunk : chunk + _CHUNK])
        for row in connection.execute(statement.where(some)):
            suppliers[row.provider] = _supplier(row)
            names[row.provider] = Named(row.provider, row.name_zh, row.name_en, row.kind, row.contact)
    return suppliers, names


def _supplier(row: Row[Any]) -> Supplier:
    offers = tuple(Offer(category=category, duty=Duty(duty)) for category, duty in from_json(row.offers))
    return Supplier(
        row.provider,
        Standing(row.standing),
        tuple(from_json(row.areas)),
        offers,
        row.capacity,
        int(row.in_hand),
        int(row.last_given),
        _crew(row),
    )


def _crew(row: Row[Any]) -> Crew:
    return Crew(
        _SHIFTS.validate_json(row.hours),
        tuple(from_json(row.skills)),
        tuple(_HANDS.validate_json(row.volunteers).values()),
    )
