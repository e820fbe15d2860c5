"""Rows of one table, read by key in one query and written in bulk, each once a batch."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from json import dumps
from operator import itemgetter
from typing import Any, Final, TypeVar

from sqlalchemy import BigInteger, Boolean, Column, Connection, Dialect, Integer, String, Table, Uuid
from sqlalchemy.types import TypeEngine

from projections.engine.arrays import Array, bigints, booleans, integers, texts, uuids
from projections.engine.columns import FIXED, HIGHEST, LASTING, SUM

Row = dict[str, Any]
_Item = TypeVar("_Item")
_CHUNK: Final = 5_000  # rows in one statement
_ARRAYS: Final[tuple[tuple[type[TypeEngine[Any]], Callable[[Sequence[Any]], Array]], ...]] = (
    (Uuid, uuids),
    (String, texts),
    (Boolean, booleans),
    (BigInteger, bigints),  # before Integer, of which it is a kind
    (Integer, integers),
)


class Sheet:
    """A table for bulk work, whose columns may be marked FIXED, LASTING, SUM or HIGHEST: see `columns`.

    In its rows a UUID is 32 hex digits, as SQLite stores it: hashing and converting UUID objects would cost
    half of the time of a batch. The statements go to the driver as text for the same reason.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self.columns = tuple(column.name for column in table.columns)
        self.key = tuple(column.name for column in table.primary_key)
        self._pick: Callable[[Mapping[str, Any]], tuple[Any, ...]] = itemgetter(*self.columns)
        self._dialects: dict[str, _Statements] = {}

    def load(self, connection: Connection, keys: Collection[str]) -> dict[str, Row]:
        """The rows whose (single-column) key is among these, by key."""
        say = self._statements(connection)
        found: dict[str, Row] = {}
        for chunk in _chunks(list(keys)):
            found_here = connection.exec_driver_sql(
                say.load, say.keys(self.table.columns[self.key[0]], chunk)
            )
            for values in found_here.fetchall():
                row = dict(zip(self.columns, values, strict=True))
                for name in say.uuids:
                    if row[name] is not None:
                        row[name] = row[name].hex
                found[row[self.key[0]]] = row
        return found

    def write(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Insert or update; every row names every column."""
        self._write(connection, [self._pick(row) for row in rows])

    def add(self, connection: Connection, sums: Mapping[tuple[str, ...], Sequence[int]]) -> None:
        """Add to the sums of each key. In key order, so that no two writers wait for each other."""
        self._write(connection, [(*key, *sums[key]) for key in sorted(sums)])

    def delete(self, connection: Connection, column: str, values: Collection[str]) -> None:
        """Delete the rows with one of these values in a column."""
        say = self._statements(connection)
        for chunk in _chunks(list(values)):
            connection.exec_driver_sql(say.delete(column), say.keys(self.table.columns[column], chunk))

    def _write(self, connection: Connection, rows: list[tuple[Any, ...]]) -> None:
        say = self._statements(connection)
        for chunk in _chunks(rows):
            connection.exec_driver_sql(say.write, say.values(chunk))

    def _statements(self, connection: Connection) -> "_Statements":
        dialect = connection.dialect
        known = self._dialects.get(dialect.name)
        if known is None:
            kind = _Postgres if dialect.name == "postgresql" else _Sqlite
            known = self._dialects[dialect.name] = kind(self.table, dialect)
        return known


@dataclass(frozen=True)
class _Statements:
    """What one dialect calls the bulk statements of a table, and how it wants their values.

    Names in them are those of our own tables; what comes from outside is always handed over as a value.
    """

    table: Table
    dialect: Dialect

    @cached_property
    def names(self) -> str:
        return ", ".join(column.name for column in self.table.columns)

    @cached_property
    def load(self) -> str:
        key = next(iter(self.table.primary_key))
        return f"SELECT {self.names} FROM {self.table.name} WHERE {self.among(key)}"  # noqa: S608

    @cached_property
    def write(self) -> str:
        return f"INSERT INTO {self.table.name} ({self.names}) {self.given} {self.update}"

    def delete(self, column: str) -> str:
        return f"DELETE FROM {self.table.name} WHERE {self.among(self.table.columns[column])}"  # noqa: S608

    @cached_property
    def update(self) -> str:
        """What happens to a row that is there already."""
        key = ", ".join(column.name for column in self.table.primary_key)
        changed = [c for c in self.table.columns if not c.primary_key and not c.info.get(FIXED)]
        if not changed:
            return f"ON CONFLICT ({key}) DO NOTHING"
        return f"ON CONFLICT ({key}) DO UPDATE SET " + ", ".join(self._new(column) for column in changed)

    def _new(self, column: Column[Any]) -> str:
        if column.info.get(SUM):
            return f"{column.name} = {self.table.name}.{column.name} + excluded.{column.name}"
        if column.info.get(HIGHEST):
            now, new = f"{self.table.name}.{column.name}", f"excluded.{column.name}"
            return f"{column.name} = CASE WHEN {new} > {now} THEN {new} ELSE {now} END"
        if column.info.get(LASTING):
            return f"{column.name} = coalesce(excluded.{column.name}, {self.table.name}.{column.name})"
        return f"{column.name} = excluded.{column.name}"

    @cached_property
    def uuids(self) -> tuple[str, ...]:
        """Columns the driver reads as UUID objects."""
        return ()

    @property
    def given(self) -> str:
        """The rows handed over."""
        raise NotImplementedError

    def among(self, column: Column[Any]) -> str:
        """Whether a column has one of the values handed over."""
        raise NotImplementedError

    def keys(self, column: Column[Any], keys: list[str]) -> tuple[Any, ...]:
        """Values of one column, as the driver wants them."""
        raise NotImplementedError

    def values(self, rows: list[tuple[Any, ...]]) -> Any:
        """Whole rows, as the driver wants them."""
        raise NotImplementedError


class _Sqlite(_Statements):
    """One prepared statement run for each row, all in C; keys come as one JSON list."""

    @property
    def given(self) -> str:
        return "VALUES (" + ", ".join("?" * len(self.table.columns)) + ")"

    def among(self, column: Column[Any]) -> str:
        return f"{column.name} IN (SELECT value FROM json_each(?))"  # noqa: S608

    def keys(self, column: Column[Any], keys: list[str]) -> tuple[Any, ...]:  # noqa: ARG002 - all are text
        return (dumps(keys),)

    def values(self, rows: list[tuple[Any, ...]]) -> Any:
        return rows


class _Postgres(_Statements):
    """One statement for all rows, each column an array."""

    @cached_property
    def uuids(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.table.columns if isinstance(column.type, Uuid))

    @property
    def given(self) -> str:
        arrays = ", ".join(self._array(column) for column in self.table.columns)
        return f"SELECT * FROM unnest({arrays})"  # noqa: S608

    @cached_property
    def load(self) -> str:
        """One lookup by the index for each key: the planner would read a table whole that is not large.

        OFFSET 0 keeps it from making one join of the two.
        """
        key = next(iter(self.table.primary_key))
        row = f"SELECT {self.names} FROM {self.table.name} WHERE {key.name} = wanted.key OFFSET 0"  # noqa: S608
        return f"SELECT row.* FROM unnest({self._array(key)}) AS wanted(key), LATERAL ({row}) AS row"  # noqa: S608

    def among(self, column: Column[Any]) -> str:
        return f"{column.name} = ANY({self._array(column)})"

    def _array(self, column: Column[Any]) -> str:
        if isinstance(column.type, String):
            return "%s::text[]"
        return f"%s::{column.type.compile(self.dialect)}[]"

    @cached_property
    def arrays(self) -> tuple[Callable[[Sequence[Any]], Array], ...]:
        """How each column is sent."""
        return tuple(_array_of(column.type) for column in self.table.columns)

    def keys(self, column: Column[Any], keys: list[str]) -> tuple[Any, ...]:
        return (_array_of(column.type)(keys),)

    def values(self, rows: list[tuple[Any, ...]]) -> Any:
        columns = zip(*rows, strict=True)
        return tuple([array(column) for array, column in zip(self.arrays, columns, strict=True)])


def _array_of(kind: TypeEngine[Any]) -> Callable[[Sequence[Any]], Array]:
    for known, array in _ARRAYS:
        if isinstance(kind, known):
            return array
    raise TypeError(f"no array of {kind} is known")


def _chunks(items: list[_Item]) -> Iterator[list[_Item]]:
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]
