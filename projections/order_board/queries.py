"""What dispatchers, providers, residents and leaders ask of the board. The moment `now` always comes in."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Engine, Select, func, select, tuple_

from domain.ids import AreaPath, CategoryPath, OrderId, OrderNumber, ResidentId
from domain.stages import OPEN, Stage
from projections.engine import BadCursor, lies_in, read_cursor, to_micros, write_cursor
from projections.order_board.tables import TEXTS, counts, orders, texts
from projections.order_board.views import CategoryLoad, Filter, OrderRow, Page, order_row

MAX_PAGE: Final = 500


class OrderBoardQueries:
    """Questions to the order board in one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, order: OrderId) -> OrderRow | None:
        """One order, or None if the board does not know it (yet)."""
        found = self._rows(_WITH_TEXTS.where(orders.c.order_id == order))
        return found[0] if found else None

    def by_number(self, number: OrderNumber) -> list[OrderRow]:
        """The orders with a short number (单号): nearly always one, in a large town sometimes two."""
        return self._rows(
            _WITH_TEXTS.where(orders.c.number == number).order_by(orders.c.placed_at, orders.c.order_id)
        )

    def page(
        self,
        which: Filter = Filter(),  # noqa: B008 - frozen
        *,
        cursor: str | None = None,
        limit: int = 50,
        order: Literal["newest", "oldest"] = "newest",
    ) -> Page:
        """Orders by the time they were placed. A cursor stays good while orders move or new ones come.

        Args:
            limit: how many, at most 500.

        Raises:
            BadCursor: the cursor is not from an earlier page.
        """
        limit = max(1, min(limit, MAX_PAGE))
        place = tuple_(orders.c.placed_at, orders.c.order_id)
        statement = _WITH_TEXTS.where(*_conditions(which)).limit(limit + 1)
        if cursor:
            after = _after(cursor)
            statement = statement.where(place < after if order == "newest" else place > after)
        sort = (orders.c.placed_at, orders.c.order_id)
        statement = statement.order_by(*(column.desc() for column in sort) if order == "newest" else sort)
        rows = self._rows(statement)
        more = len(rows) > limit
        rows = rows[:limit]
        end = write_cursor(to_micros(rows[-1].placed_at), str(rows[-1].order_id)) if more else None
        return Page(tuple(rows), end)

    def count_by_stage(
        self, *, area: AreaPath | None = None, category: CategoryPath | None = None
    ) -> dict[Stage, int]:
        """How many orders stand at each stage, every stage named."""
        statement = (
            select(counts.c.stage, func.sum(counts.c.orders))
            .where(*_places(counts, area, category))
            .group_by(counts.c.stage)
        )
        with self._engine.connect() as connection:
            found = {stage: int(number) for stage, number in connection.execute(statement)}
        return {stage: found.get(stage, 0) for stage in Stage if stage is not Stage.NONE}

    def overdue(self, now: datetime, *, area: AreaPath | None = None) -> int:
        """How many open orders are past their time to accept or to finish."""
        statement = (
            select(func.count()).select_from(orders).where(*_conditions(Filter(area=area, overdue_at=now)))
        )
        with self._engine.connect() as connection:
            return connection.execute(statement).scalar_one()

    def open_of(self, residents: Collection[ResidentId]) -> dict[ResidentId, int]:
        """How many open orders each of these residents has; who has none is left out."""
        statement = (
            select(orders.c.resident, func.count())
            .where(orders.c.resident.in_(residents), orders.c.closed_at.is_(None))
            .group_by(orders.c.resident)
        )
        with self._engine.connect() as connection:
            return {who: int(number) for who, number in connection.execute(statement)}

    def known(self, some: Collection[OrderId]) -> set[OrderId]:
        """Those of these orders that the board knows."""
        statement = select(orders.c.order_id).where(orders.c.order_id.in_(some))
        with self._engine.connect() as connection:
            return set(connection.execute(statement).scalars())

    def busiest_categories(self, *, area: AreaPath | None = None, limit: int = 10) -> list[CategoryLoad]:
        """The categories with the most orders so far, the busiest first."""
        columns = counts.c
        is_open = columns.stage.in_(sorted(OPEN))
        total = func.sum(columns.orders)
        open_now = func.coalesce(func.sum(columns.orders).filter(is_open), 0)
        statement = (
            select(columns.category, total, open_now)
            .where(*_places(counts, area, None))
            .group_by(columns.category)
            .having(total > 0)
            .order_by(total.desc(), columns.category)
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return [
                CategoryLoad(CategoryPath(category), int(number), int(still))
                for category, number, still in connection.execute(statement)
            ]

    def _rows(self, statement: Select[Any]) -> list[OrderRow]:
        with self._engine.connect() as connection:
            return [order_row(dict(row)) for row in connection.execute(statement).mappings()]


_WITH_TEXTS: Final = select(orders, *(texts.c[name] for name in TEXTS)).outerjoin(
    texts, texts.c.order_id == orders.c.order_id
)


def _conditions(which: Filter) -> list[ColumnElement[bool]]:
    columns = orders.c
    conditions = _places(orders, which.area, which.category)
    if which.stages:
        conditions.append(columns.stage.in_(sorted(which.stages)))
    if which.provider:
        conditions.append(columns.provider == which.provider)
    if which.overdue_at:
        conditions.append(columns.deadline < to_micros(which.overdue_at))
    if which.seconded:
        conditions.append(columns.seconders > 0)
    return conditions


def _places(table: Any, area: AreaPath | None, category: CategoryPath | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if area:
        conditions.append(lies_in(table.c.area, area))
    if category:
        conditions.append(lies_in(table.c.category, category))
    return conditions


def _after(cursor: str) -> tuple[int, UUID]:
    moment, key = read_cursor(cursor)
    try:
        return moment, UUID(key)
    except ValueError as error:
        raise BadCursor from error
