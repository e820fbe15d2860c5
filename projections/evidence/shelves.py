"""What the evidence learns, each object a row: read when it is first asked for, written when it changed."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from typing import Any, TypeVar

from sqlalchemy import Connection, select

from domain.evidence import Memory, Shelf, Wanted
from projections.engine import Sheet
from projections.evidence import tables

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
_OBJECTS = Sheet(tables.objects)


class Rows(Memory):
    """The shelves of one transaction. Nothing outlives it, so nothing here can be ahead of the rows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._shelves: dict[str, _Shelf[Any, Any]] = {}
        super().__init__(self._shelf)

    def load(self, wanted: Iterable[Wanted]) -> None:
        missing: defaultdict[str, set[Hashable]] = defaultdict(set)
        for shelf, key in wanted:
            if key not in shelf:
                missing[shelf.sort].add(key)
        shelves = ((self._shelves[sort], keys) for sort, keys in missing.items())
        labels = {shelf.label(key): (shelf, key) for shelf, keys in shelves for key in keys}
        rows = _OBJECTS.load(self._connection, labels)
        for label, (shelf, key) in labels.items():
            row = rows.get(label)
            shelf.take_in(key, row["object"] if row else None)

    def write(self) -> None:
        """Put what changed into the rows."""
        written: dict[str, str] = {}
        gone: list[str] = []
        for shelf in self._shelves.values():
            for key in shelf.changed:
                value = shelf[key]
                if value is None:
                    gone.append(shelf.label(key))
                else:
                    written[shelf.label(key)] = shelf.written(value)
            shelf.changed.clear()
        _OBJECTS.write(
            self._connection, ({"label": label, "object": written[label]} for label in sorted(written))
        )
        _OBJECTS.delete(self._connection, "label", sorted(gone))

    def _shelf(self, sort: str, kind: Any) -> "_Shelf[Any, Any]":
        shelf = self._shelves[sort] = _Shelf[Any, Any](sort, kind, self._connection)
        return shelf


class _Shelf(Shelf[K, V]):
    """One of them. What was looked for and is not there is remembered too."""

    def __init__(self, sort: str, kind: Any, connection: Connection) -> None:
        super().__init__(sort, kind)
        self._connection = connection
        self.changed: set[K] = set()

    def __missing__(self, key: K) -> V | None:
        label = self.label(key)
        row = _OBJECTS.load(self._connection, [label]).get(label)
        return self.take_in(key, row["object"] if row else None)

    def __setitem__(self, key: K, value: V | None) -> None:
        super().__setitem__(key, value)
        self.changed.add(key)

    def every(self) -> Iterator[tuple[K, V]]:
        columns = tables.objects.c
        first, behind = f"{self.sort} ", f"{self.sort}!"  # in ASCII "!" comes after " "
        mine = select(columns.label, columns.object).where(columns.label >= first, columns.label < behind)
        for label, text in self._connection.execute(mine):
            key = self.key(label)
            if key not in self:
                self.take_in(key, text)
        return super().every()
