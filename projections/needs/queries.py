"""What either side asks of the needs list. The moment `now` always comes in."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from json import loads
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, exists, or_, select, tuple_

from domain.ids import NeedId, ProviderId, within
from domain.need import NeedStage
from domain.provider import Standing
from domain.sealed import Sealed
from projections.engine import from_micros, lies_in, read_cursor, to_micros, write_cursor
from projections.needs.tables import COMMUNITY, areas, needs, providers, takers
from projections.needs.views import NeedFilter, NeedPage, NeedRow, Side, Taker

MAX_PAGE: Final = 500
_COMMUNITY_NAMES: Final = ("社区", "the community")
_MOMENTS: Final = ("until", "stated_at", "closed_at")


class NeedsQueries:
    """Questions to the needs list in one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, need: NeedId) -> NeedRow | None:
        """One need, or None if the list does not know it (yet)."""
        found = self._rows(_WITH_OWNER.where(needs.c.need == need))
        return found[0] if found else None

    def page(
        self,
        which: NeedFilter = NeedFilter(),  # noqa: B008 - frozen
        *,
        cursor: str | None = None,
        limit: int = 50,
    ) -> NeedPage:
        """Needs, the newest first. A cursor stays good while needs change or new ones come.

        Args:
            limit: how many, at most 500.

        Raises:
            BadCursor: the cursor is not from an earlier page.
        """
        limit = max(1, min(limit, MAX_PAGE))
        statement = _WITH_OWNER.where(*_conditions(which)).limit(limit + 1)
        if cursor:
            statement = statement.where(tuple_(needs.c.stated_at, needs.c.need) < read_cursor(cursor))
        rows = self._rows(statement.order_by(needs.c.stated_at.desc(), needs.c.need.desc()))
        more = len(rows) > limit
        rows = rows[:limit]
        end = write_cursor(to_micros(rows[-1].stated_at), rows[-1].need) if more else None
        return NeedPage(tuple(rows), end)

    def for_provider(self, provider: ProviderId, now: datetime, *, limit: int = 50) -> tuple[NeedRow, ...]:
        """What a provider could take up where it works; what is of a category that it offers comes first."""
        with self._engine.connect() as connection:
            row = connection.execute(select(providers).where(providers.c.provider == provider)).one_or_none()
            if row is None or row.standing != Standing.ACTIVE:
                return ()
            held = select(takers.c.need).where(takers.c.provider == provider)
            statement = _WITH_OWNER.where(
                *_conditions(NeedFilter(open_at=now)),
                or_(needs.c.takers_wanted.is_(None), needs.c.takers < needs.c.takers_wanted),
                needs.c.owner != provider,
                needs.c.need.not_in(held),
                _meets(provider),
            )
            ordered = statement.order_by(needs.c.stated_at.desc(), needs.c.need.desc()).limit(MAX_PAGE)
            found = _read(connection, ordered)
        offered = loads(row.offers)
        found.sort(key=lambda need: not any(within(need.category or "", one) for one in offered))
        return tuple(found[:limit])

    def _rows(self, statement: Select[Any]) -> list[NeedRow]:
        with self._engine.connect() as connection:
            return _read(connection, statement)


_WITH_OWNER: Final = select(needs, providers.c.name_zh, providers.c.name_en).outerjoin(
    providers, providers.c.provider == needs.c.owner
)


def _conditions(which: NeedFilter) -> list[ColumnElement[bool]]:
    columns = needs.c
    conditions: list[ColumnElement[bool]] = []
    if which.area:
        conditions.append(lies_in(columns.area, which.area))
    if which.category:
        conditions.append(lies_in(columns.category, which.category))
    if which.side:
        ours = columns.owner == COMMUNITY
        conditions.append(ours if which.side is Side.COMMUNITY else ~ours)
    if which.owner:
        conditions.append(columns.owner == which.owner)
    if which.taker:
        conditions.append(columns.need.in_(select(takers.c.need).where(takers.c.provider == which.taker)))
    if which.open_at:
        conditions.append(columns.stage == NeedStage.OPEN.value)
        conditions.append(or_(columns.until.is_(None), columns.until > to_micros(which.open_at)))
    return conditions


def _meets(provider: ProviderId) -> ColumnElement[bool]:
    """Whether a need lies where a provider works, or is for all around it."""
    here, there = needs.c.area, areas.c.area
    near = or_(here == there, _below(here, there), _below(there, here))
    return exists().where(areas.c.provider == provider, near)


def _below(path: ColumnElement[str], root: ColumnElement[str]) -> ColumnElement[bool]:
    return and_(path > root + "/", path < root + "0")  # in ASCII "0" comes after "/"


def _read(connection: Connection, statement: Select[Any]) -> list[NeedRow]:
    rows = [dict(row) for row in connection.execute(statement).mappings()]
    taken = _takers(connection, [row["need"] for row in rows])
    return [_need(row, taken) for row in rows]


def _takers(connection: Connection, some: Sequence[str]) -> Mapping[str, list[Taker]]:
    """Who has taken up these needs, by need."""
    statement = (
        select(takers, providers.c.name_zh, providers.c.name_en)
        .outerjoin(providers, providers.c.provider == takers.c.provider)
        .where(takers.c.need.in_(some))
        .order_by(takers.c.since, takers.c.provider)
    )
    found: defaultdict[str, list[Taker]] = defaultdict(list)
    for row in connection.execute(statement).mappings():
        found[row["need"]].append(_taker(dict(row)))
    return found


def _taker(values: dict[str, Any]) -> Taker:
    del values["need"]
    values["name_zh"], values["name_en"] = _names(values["provider"], values)
    values["provider"] = values["provider"] or None
    values["since"] = from_micros(values["since"])
    values["note"] = None if values["note"] is None else Sealed(values["note"])
    return Taker(**values)


def _need(values: dict[str, Any], taken: Mapping[str, list[Taker]]) -> NeedRow:
    values["owner_zh"], values["owner_en"] = _names(values["owner"], values)
    values["owner"] = values["owner"] or None
    values["stage"] = NeedStage(values["stage"])
    for name in _MOMENTS:
        values[name] = from_micros(values[name])
    values["takers"] = tuple(taken.get(values["need"], ()))
    for name in ("name_zh", "name_en"):
        del values[name]
    return NeedRow(**values)


def _names(provider: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """A provider that this model has not met yet stands for itself."""
    if provider == COMMUNITY:
        return _COMMUNITY_NAMES
    return values["name_zh"] or provider, values["name_en"] or provider
