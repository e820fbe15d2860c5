"""Whom each row of a table was sent to, in time order: what a history teaches about dispatching."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from adapters.tables.faults import TableFaulty
from adapters.tables.mapping import Mapping
from adapters.tables.messages import RowReader, column_getter
from adapters.tables.names import Names
from adapters.tables.reading import Row
from adapters.tables.table import Table, open_table
from domain.evidence import Features, Precedent, community_level

_BEFORE_ALL: Final = datetime.min.replace(tzinfo=UTC)


class _Unusable(Exception):
    """The row says too little; its words name the row and what it lacks, in both languages."""


@dataclass(slots=True)
class Dispatches:
    """A table's orders in time order, each with its row, the first being 0; and why the rest is left out."""

    rows: int = 0
    orders: list[tuple[int, Precedent]] = field(default_factory=list[tuple[int, Precedent]])
    unusable: list[str] = field(default_factory=list[str])


def dispatches_of(path: Path, mapping: Mapping) -> Dispatches:
    """Reads all of it. Rows that `submit` would park or call repeated are left out, each with a sentence.

    Rows of one moment keep their order, and a row left out keeps its place: in a file that is in time order a
    row's number is where it stands.

    Raises:
        TableFaulty: the table cannot be read, or has no column for units or items.
    """
    needed = {"provider", mapping.categories[-1]}
    table = open_table(path, mapping.model_copy(update={"required": mapping.required | needed}))
    found, reader = Dispatches(), _Reader(table)
    placed: list[tuple[datetime, Precedent | None]] = []
    moment = _BEFORE_ALL
    for number, row in enumerate(table.rows()):
        try:
            moment, precedent = reader.read(number, row)
        except _Unusable as why:
            found.unusable.append(str(why))
            precedent = None
        placed.append((moment, precedent))
    placed.sort(key=lambda one: one[0])
    found.rows = len(placed)
    found.orders = [(number, one) for number, (_, one) in enumerate(placed) if one is not None]
    if not found.rows:
        raise TableFaulty("empty_table", path=path)
    return found


class _Reader:
    """Turns rows into precedents, each id once."""

    def __init__(self, table: Table) -> None:
        mapping = table.mapping
        self._row = RowReader(table)
        self._names = Names(mapping)
        self._community = community_level(tuple(mapping.areas.values()))
        self._property = column_getter(table, "property")
        self._called: dict[str, str] = {}
        self._ids: set[str] = set()

    def read(self, number: int, row: Row | bytes) -> tuple[datetime, Precedent]:
        if isinstance(row, bytes):
            raise _Unusable(json.loads(row)[0])
        placed = self._row.created(row)
        if placed is None:
            raise _Unusable(
                f"第{number}行（首行为0）没有读得懂的时间 row {number} (from 0) has no time that can be read"
            )
        precedent = self._precedent(row)
        if not _readable(precedent):
            raise _Unusable(
                f"第{number}行（首行为0）有乱码 row {number} (from 0) is not in the table's encoding"
            )
        self._new(number, self._row.cell(row, "id"))
        return placed, precedent

    def _new(self, number: int, source: str) -> None:
        if not source:
            raise _Unusable(f"第{number}行（首行为0）没有编号 row {number} (from 0) has no id")
        if source in self._ids:
            raise _Unusable(
                f"第{number}行（首行为0）的编号前面已有 row {number} (from 0) has an id that came before"
            )
        self._ids.add(source)

    def _precedent(self, row: Row) -> Precedent:
        features = Features.of_paths(
            _cells(self._row.areas, row),
            _cells(self._row.categories, row),
            self._community,
            channel=self._row.cell(row, "channel"),
            property=self._property(row),
        )
        name = self._row.cell(row, "provider")
        if not name:
            return Precedent(features)
        provider = self._names.provider(name)
        return Precedent(features, provider, self._called.setdefault(provider, name))


def _cells(getters: list[Callable[[Row], str]], row: Row) -> list[str]:
    return [get(row) for get in getters]


def _readable(precedent: Precedent) -> bool:
    """Bytes that are not in the table's encoding have come through as surrogates."""
    said = precedent.features
    try:
        "".join((precedent.called, *(getattr(said, name) for name in said.__struct_fields__))).encode()
    except UnicodeEncodeError:
        return False
    return True
