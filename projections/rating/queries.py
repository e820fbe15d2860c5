"""How providers, categories and areas stand with the public. The moment `now` always comes in."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, Table, func, select

from domain.ids import AreaPath, CategoryPath, ProviderId
from domain.matching import Done
from domain.stages import Level
from projections.engine import lies_in, seen_by, snapshot, to_micros
from projections.rating.model import Rating
from projections.rating.rates import RESOLUTION, RESPONSE, SATISFACTION, Rate
from projections.rating.tables import LEVELS, NOBODY, SECONDER_LEVELS, SUMS, orders, sums

_MODEL: Final = Rating().id


class By(StrEnum):
    """What the figures are grouped by."""

    PROVIDER = "provider"
    CATEGORY = "category"
    AREA = "area"


@dataclass(frozen=True, slots=True)
class RatingRow:
    """The figures of one provider, category or area; of all of them in a total."""

    key: str  # "-" where no provider had it: answered or closed by the community itself
    completed: int  # each round for itself
    levels: Mapping[Level, int]  # the residents' own ratings
    rated: int
    bad: int  # of the rated: 差评, by the rules of that day
    imported_ratings: int  # of the rated: given in another system
    unrated: int  # 未评: completed or answered and not rated; never counted as satisfied
    seconder_levels: Mapping[Level, int]
    seconder_bad: int
    in_time: int
    late: int
    overdue: int  # in hand now and past its time to finish
    accepted: int
    claimed: int
    declined: int
    reopened: int
    answered: int  # 直接答复
    not_accepted: int  # 不予受理
    duplicate: int  # 重复件
    withdrawn: int  # 撤单
    response: Rate
    resolution: Rate
    satisfaction: Rate


@dataclass(frozen=True, slots=True)
class RatingReport:
    """Rows by key, and their total."""

    by: By
    rows: tuple[RatingRow, ...]
    total: RatingRow

    def best_first(self, *, least: int = 1) -> list[RatingRow]:
        """By satisfaction, of those rated at least so often; the more often rated first where equal."""
        rated = [row for row in self.rows if row.rated >= least and row.key != NOBODY]
        return sorted(rated, key=lambda row: (-(row.satisfaction.value or 0), -row.rated, row.key))


@dataclass(frozen=True, slots=True)
class Records:
    """How providers have done, at one moment of the model."""

    done: dict[ProviderId, Done]
    seen: dict[str, int]  # how far the model had read, as a proposal notes it


class RatingQueries:
    """Questions to the rating model in one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def records(self, providers: Collection[ProviderId] | None = None) -> Records:
        """How these providers have done all over town, or all; who has done nothing yet is left out."""
        counted = (*LEVELS.values(), "bad", "in_time", "late")
        totals = (func.sum(sums.c[name]) for name in counted)
        statement = select(sums.c.provider, *totals).group_by(sums.c.provider)
        if providers is not None:
            statement = statement.where(sums.c.provider.in_(sorted(providers)))
        with snapshot(self._engine) as connection:
            rows = connection.execute(statement).all()
            done = {ProviderId(row[0]): _done(*map(int, row[1:])) for row in rows}
            return Records(done, seen_by(connection, _MODEL, Rating.name))

    def report(
        self,
        by: By,
        now: datetime,
        *,
        area: AreaPath | None = None,
        category: CategoryPath | None = None,
        provider: ProviderId | None = None,
    ) -> RatingReport:
        """The figures grouped, of all or of one area (with all in it), category (likewise) or provider."""

        def chosen(table: Table) -> list[ColumnElement[bool]]:
            conditions: list[ColumnElement[bool]] = []
            if area:
                conditions.append(lies_in(table.c.area, area))
            if category:
                conditions.append(lies_in(table.c.category, category))
            if provider:
                conditions.append(table.c.provider == provider)
            return conditions

        with self._engine.connect() as connection:
            figures = _summed(connection, by, chosen(sums))
            silent = _past(connection, by, "accept_by", now, chosen(orders))
            overdue = _past(connection, by, "due_at", now, chosen(orders))
        keys = sorted(figures.keys() | silent.keys() | overdue.keys())
        nothing = dict.fromkeys(SUMS, 0)
        rows = [_row(key, figures.get(key, nothing), silent.get(key, 0), overdue.get(key, 0)) for key in keys]
        everything = {name: sum(one[name] for one in figures.values()) for name in SUMS}
        total = _row("", everything, sum(silent.values()), sum(overdue.values()))
        return RatingReport(by, tuple(row for row in rows if _says_something(row)), total)


def _done(*counted: int) -> Done:
    *levels, bad, in_time, late = counted
    return Done(sum(levels), bad, in_time, late)


def _summed(
    connection: Connection, by: By, conditions: Iterable[ColumnElement[bool]]
) -> dict[str, dict[str, int]]:
    key = sums.c[by.value]
    statement = select(key, *(func.sum(sums.c[name]) for name in SUMS)).where(*conditions).group_by(key)
    return {
        row[0]: {name: int(number) for name, number in zip(SUMS, row[1:], strict=True)}
        for row in connection.execute(statement)
    }


def _past(
    connection: Connection, by: By, limit: str, now: datetime, conditions: Iterable[ColumnElement[bool]]
) -> dict[str, int]:
    """How many orders are past a time limit that still runs."""
    key = orders.c[by.value]
    statement = select(key, func.count()).where(orders.c[limit] < to_micros(now), *conditions).group_by(key)
    return {row[0]: row[1] for row in connection.execute(statement)}


def _row(key: str, figures: Mapping[str, int], silent: int, overdue: int) -> RatingRow:
    """`silent`: offers past their time to accept and still unanswered."""
    levels = {level: figures[name] for level, name in LEVELS.items()}
    rated = sum(levels.values())
    same: dict[str, Any] = {name: figures[name] for name in SUMS if name in RatingRow.__slots__}
    same |= {name: figures[name] for name in ("bad", "unrated")}
    due = figures["responded"] + figures["missed"] + silent
    return RatingRow(
        key=key,
        levels=levels,
        rated=rated,
        seconder_levels={level: figures[name] for level, name in SECONDER_LEVELS.items()},
        overdue=overdue,
        response=Rate(RESPONSE.code, figures["responded_in_time"], due),
        resolution=Rate(RESOLUTION.code, figures["resolved"], figures["stated"]),
        satisfaction=Rate(SATISFACTION.code, rated - figures["bad"], rated),
        **same,
    )


def _says_something(row: RatingRow) -> bool:
    numbers = (getattr(row, name) for name in RatingRow.__slots__)
    return any(number for number in numbers if isinstance(number, int)) or row.response.denominator > 0
