"""Whether a read model says what the record says: a shadow is replayed and compared, down to the row."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from sqlalchemy import Connection, MetaData, Table, select

from domain.facts import Recorded
from projections.engine.columns import SUM
from projections.engine.database import for_writing, open_reads, snapshot
from projections.engine.digest import digest_of, rows_of, said_of
from projections.engine.positions import LOG, Place, all_places
from projections.engine.projector import BATCH, Log, Projector

MOST_ROWS: Final = 200
"""Differing rows that are followed through the log to the first event at which one parts."""

Places = Mapping[str, Place]
Holds = Callable[[Places, Recorded], bool]
"""Whether a read model with these places has taken a fact in."""
Told = Callable[[int], None]
"""Hears how far in the log a replay has come."""
_Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Parting:
    """A row that says another thing than the record, and the first event after which it never agrees again.

    `position` is None where no event touches such a row.
    """

    table: str
    key: tuple[str, ...]
    position: int | None = None
    event: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """What the rows say and what a replay of the same facts says; and where they part, if they do."""

    digest: str
    shadow: str
    position: int
    parting: Parting | None = None

    @property
    def ok(self) -> bool:
        return self.digest == self.shadow


def in_log_order(places: Places, recorded: Recorded) -> bool:
    """Of a read model that is fed from the log."""
    return LOG in places and recorded.position <= places[LOG].position


def verify(
    projector: Projector, log: Log, *, holds: Holds = in_log_order, told: Told = lambda _: None
) -> Verified:
    """Replay what a read model holds into a shadow, in a file of its own, and compare their digests.

    It may be fed meanwhile: what is compared is one moment of it. Takes a replay; where they differ, two.
    """
    tables = projector.model.metadata
    with snapshot(projector.engine) as live:
        held = _Held(log, all_places(live, projector.id), holds)
        digest = digest_of(live, tables)
        with _shadow(projector) as shadow:
            for batch in held.batches(told):
                shadow.apply(batch)
            other = shadow.digest()
            if digest == other:
                return Verified(digest, other, held.end)
            with snapshot(shadow.engine) as beside:
                rows = _differing(live, beside, tables)
        with _shadow(projector) as shadow:
            return Verified(digest, other, held.end, _first_parting(shadow, held, rows))


@contextmanager
def _shadow(projector: Projector) -> Generator[Projector]:
    with TemporaryDirectory(prefix="sidan-shadow-") as folder:
        engine = open_reads(f"sqlite:///{Path(folder) / 'shadow.db'}")
        try:
            shadow = Projector(projector.model, engine)
            shadow.create()
            yield shadow
        finally:
            engine.dispose()


@dataclass(frozen=True, slots=True)
class _Held:
    """The facts that a read model has taken in."""

    log: Log
    places: Places
    holds: Holds

    @property
    def end(self) -> int:
        return max((place.position for place in self.places.values()), default=0)

    def batches(self, told: Told = lambda _: None) -> Iterator[list[Recorded]]:
        after = 0
        while after < self.end and (batch := self.log.read(after, BATCH)):
            after = batch[-1].position
            yield [recorded for recorded in batch if self.holds(self.places, recorded)]
            told(min(after, self.end))


# which rows differ


@dataclass(slots=True)
class _Row:
    """A row that differs: where it is, what the live one says (None: it is missing), and where they part."""

    table: Table
    key: _Values
    live: _Values | None
    now: _Values | None = None
    agrees: bool = field(init=False)
    parting: Recorded | None = None

    def __post_init__(self) -> None:
        self.agrees = self.live is None

    def look(self, connection: Connection) -> bool:
        """Read what the shadow says now; whether that is another thing than before."""
        before, self.now = self.now, self.read(connection)
        return before != self.now

    def read(self, connection: Connection) -> _Values | None:
        columns = self.table.columns
        where = [column == value for column, value in zip(self.table.primary_key, self.key, strict=True)]
        statement = select(*(columns[name] for name in said_of(self.table))).where(*where)
        found = connection.execute(statement).one_or_none()
        return None if found is None or _says_nothing(self.table, found) else tuple(found)

    def judge(self, recorded: Recorded) -> None:
        """The shadow's row has just changed by this fact."""
        now_agrees = self.now == self.live
        if now_agrees:
            self.parting = None
        elif self.agrees or self.parting is None:
            self.parting = recorded
        self.agrees = now_agrees


def _says_nothing(table: Table, row: Sequence[Any]) -> bool:
    """Sums that are all 0 say what a missing row says."""
    names = said_of(table)
    sums = [row[names.index(column.name)] for column in table.columns if column.info.get(SUM)]
    return bool(sums) and not any(sums)


def _differing(live: Connection, shadow: Connection, tables: MetaData) -> list[_Row]:
    """Rows that belong to one key first: sums may agree again by chance."""
    ordered = sorted(tables.tables.values(), key=lambda table: (_has_sums(table), table.name))
    found: list[_Row] = []
    for table in ordered:
        if found and _has_sums(table):
            break
        found += islice(_differing_in(live, shadow, table), MOST_ROWS - len(found))
    return found


def _has_sums(table: Table) -> bool:
    return any(column.info.get(SUM) for column in table.columns)


def _differing_in(live: Connection, shadow: Connection, table: Table) -> Iterator[_Row]:
    """Both in the order of the key, side by side."""
    names = said_of(table)
    places = [names.index(column.name) for column in table.primary_key]

    def key_of(row: _Values) -> _Values:
        return tuple(row[place] for place in places)

    ours, theirs = (iter(rows_of(connection, table)) for connection in (live, shadow))
    one, other = next(ours, None), next(theirs, None)
    while one is not None or other is not None:
        if other is None or (one is not None and key_of(one) < key_of(other)):
            assert one is not None
            yield _Row(table, key_of(one), one)
            one = next(ours, None)
        elif one is None or key_of(other) < key_of(one):
            yield _Row(table, key_of(other), None)
            other = next(theirs, None)
        else:
            if one != other:
                yield _Row(table, key_of(one), one)
            one, other = next(ours, None), next(theirs, None)


# where they part


def _first_parting(shadow: Projector, held: _Held, rows: Sequence[_Row]) -> Parting | None:
    """Replay once more; where a batch changes one of the rows, fact by fact."""
    with for_writing(shadow.engine).begin() as connection:
        for batch in held.batches():
            step = connection.begin_nested()
            shadow.fold(connection, batch)
            if not any(row.read(connection) != row.now for row in rows):
                step.commit()
                continue
            step.rollback()
            for recorded in batch:
                shadow.fold(connection, [recorded])
                for row in rows:
                    if row.look(connection):
                        row.judge(recorded)
    return min((_parting(row) for row in rows), key=_place_of, default=None)


def _parting(row: _Row) -> Parting:
    key = tuple(str(value) for value in row.key)
    if row.parting is None:
        return Parting(row.table.name, key)
    fact = row.parting.fact
    return Parting(row.table.name, key, row.parting.position, type(fact.event).wire, fact.meta.subject)


def _place_of(parting: Parting) -> float:
    return float("inf") if parting.position is None else parting.position
