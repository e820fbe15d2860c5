"""Two fillings of one read model side by side: which rows the one has and the other has not."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, MetaData, Table

from projections.engine.columns import Moment, from_micros
from projections.engine.digest import rows_of, said_of

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RowPair:
    """A row that differs; None on the side where it is not."""

    table: str  # without the version
    key: tuple[Any, ...]
    before: Values | None
    after: Values | None


def differing(before: Connection, after: Connection, tables: MetaData) -> Iterator[RowPair]:
    """Every row that is not the same on both, table by table in the order of the key.

    What no digest counts is left out: sealed texts, log positions and sums that are all 0. Both have to sort
    alike, so both are of one kind of database. Memory holds no more than two rows.
    """
    for table in sorted(tables.tables.values(), key=lambda table: table.name):
        yield from _differing_in(before, after, table)


def _differing_in(before: Connection, after: Connection, table: Table) -> Iterator[RowPair]:
    names = said_of(table)
    places = [names.index(column.name) for column in table.primary_key]

    def key_of(row: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(row[place] for place in places)

    def pair(key: tuple[Any, ...], one: tuple[Any, ...] | None, other: tuple[Any, ...] | None) -> RowPair:
        return RowPair(table.name.rpartition("_v")[0], key, _values(table, one), _values(table, other))

    ones, others = rows_of(before, table), rows_of(after, table)
    one, other = next(ones, None), next(others, None)
    while one is not None or other is not None:
        if other is None or (one is not None and key_of(one) < key_of(other)):
            assert one is not None
            yield pair(key_of(one), one, None)
            one = next(ones, None)
        elif one is None or key_of(other) < key_of(one):
            yield pair(key_of(other), None, other)
            other = next(others, None)
        else:
            if one != other:
                yield pair(key_of(one), one, other)
            one, other = next(ones, None), next(others, None)


def _values(table: Table, row: tuple[Any, ...] | None) -> Values | None:
    """By column, moments as such."""
    if row is None:
        return None
    return {
        name: from_micros(value) if table.columns[name].type is Moment else value
        for name, value in zip(said_of(table), row, strict=True)
    }
