"""Tiles and checkpoints in two tables beside the record: 100 million events are some 400,000 tiles."""

from bisect import bisect_left
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from struct import pack, unpack
from typing import Any, Final

from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    TypeDecorator,
    cast,
    delete,
    event,
    func,
    insert,
    inspect,
    select,
)
from sqlalchemy.sql.expression import ColumnElement

from adapters.sealed_log.broken import SealBroken
from projections.engine import open_reads
from projections.engine.database import for_writing, lock_tables, make_durable
from services.audit.checkpoints import BadCheckpoint, Checkpoint, parse
from services.audit.merkle import HASH
from services.audit.tiles import WIDTH, Place, ReadTile, TiledTree

_SEALING: Final = 0x51DA8  # the advisory lock under which the log is sealed
_AT_ONCE: Final = 500  # checkpoints read in one go
_PLACE: Final = 8  # bytes of a position


class _Bytes(TypeDecorator[bytes]):
    """Whatever lies there comes as bytes: SQLite takes any value in any column."""

    impl = LargeBinary
    cache_ok = True

    def column_expression(self, column: ColumnElement[bytes]) -> ColumnElement[bytes]:
        return cast(column, LargeBinary)


_tables: Final = MetaData()
log_tiles: Final = Table(
    "log_tiles",
    _tables,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column(
        "first", BigInteger, nullable=False
    ),  # of level 0: where in the record its first leaf lies; else 0
    Column("hashes", _Bytes, nullable=False),  # up to 256, 32 bytes each
    Column("positions", _Bytes, nullable=False),  # of level 0: 8 bytes each, big-endian
    Index("log_tiles_first", "level", "first"),
)
# Numbers that grow are where PostgreSQL's compression is slowest: it took as long as reading what is sealed,
# and saved 5 bytes an event.
event.listen(
    log_tiles,
    "after_create",
    DDL("ALTER TABLE log_tiles ALTER COLUMN positions SET STORAGE EXTERNAL").execute_if(dialect="postgresql"),
)
log_checkpoints: Final = Table(
    "log_checkpoints",
    _tables,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("note", _Bytes, nullable=False),
)
SEAL_TABLES: Final = frozenset(_tables.tables)


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile of leaves, as it lies there."""

    first: int  # the place by which it is looked for
    hashes: Sequence[bytes]
    positions: Sequence[int]  # where in the record each leaf's event lies

    @property
    def is_sound(self) -> bool:
        """Whether it is as a tile is written; it may still say the wrong thing."""
        even = all(len(one) == HASH for one in self.hashes)
        whole = 0 < len(self.hashes) == len(self.positions) <= WIDTH
        return even and whole and self.first == self.positions[0]


class SealedLog:
    """What is sealed of one town's record."""

    def __init__(self, store: str) -> None:
        """`store` is the record's URL. Connects when first asked."""
        self._engine: Engine = open_reads(store, pool_pre_ping=True)
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", _wait_for_the_disk)
        self._there = False

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def create(self) -> None:
        """Create the tables that are missing."""
        with for_writing(self._engine).begin() as connection:
            lock_tables(connection)
            _tables.create_all(connection)
        self._there = True

    def exists(self) -> bool:
        """Whether anything was ever to be sealed here."""
        self._there = self._there or inspect(self._engine).has_table(log_checkpoints.name)
        return self._there

    @contextmanager
    def sealing(self) -> Generator[Connection]:
        """A transaction in which nobody else seals; durable when it is over."""
        with for_writing(self._engine).begin() as connection:
            make_durable(connection)
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (_SEALING,))
            yield connection

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """A transaction that only reads."""
        with self._engine.begin() as connection:
            yield connection

    def last_note(self) -> bytes | None:
        """The newest checkpoint; None before there is any."""
        if not self.exists():
            return None
        with self.reading() as connection:
            return newest(connection)

    def last(self) -> Checkpoint | None:
        """What the newest checkpoint says. Raises SealBroken where it cannot be read."""
        note = self.last_note()
        try:
            return parse(note) if note is not None else None
        except BadCheckpoint as bad:
            raise SealBroken("seal_unreadable", str(bad)) from bad

    def note(self, size: int) -> bytes | None:
        """The checkpoint of exactly that size."""
        if not self.exists():
            return None
        with self.reading() as connection:
            wanted = select(log_checkpoints.c.note).where(log_checkpoints.c.size == size)
            return _bytes(connection.scalar(wanted))

    def notes(self, after: int = 0, limit: int = _AT_ONCE) -> list[tuple[int, bytes]]:
        """(size, checkpoint) behind that size, the smallest first."""
        if not self.exists():
            return []
        table = log_checkpoints
        with self.reading() as connection:
            wanted = select(table.c.size, table.c.note).where(table.c.size > after)
            rows = connection.execute(wanted.order_by(table.c.size).limit(limit)).all()
        return [(row.size, bytes(row.note)) for row in rows]

    def tree(self) -> TiledTree:
        """The tree as its tiles lie there; each is read in a transaction of its own, since they only grow."""

        def read(level: int, number: int) -> Sequence[bytes]:
            with self.reading() as connection:
                return tiles_in(connection)(level, number)

        return TiledTree(read)

    def tiles(self, first: int, count: int) -> Mapping[int, Tile]:
        """Tiles of leaves by number, as far as they are there."""
        with self.reading() as connection:
            return tiles_of(connection, range(first, first + count))

    def reach(self, below: int) -> int:
        """Up to which number there are tiles of leaves; those that are not below that one do not count."""
        number = log_tiles.c.number
        last = select(func.max(number)).where(log_tiles.c.level == 0, number.between(0, below - 1))
        with self.reading() as connection:
            found = connection.scalar(last)
        return found + 1 if found is not None else 0

    def stray(self, end: int) -> int | None:
        """The first tile of leaves that is none of the first `end`."""
        number = log_tiles.c.number
        other = select(func.min(number)).where(log_tiles.c.level == 0, ~number.between(0, end - 1))
        with self.reading() as connection:
            return connection.scalar(other)

    def index_of(self, position: int) -> int | None:
        """Which leaf the event at that place in the record is; None if it is not sealed."""
        if not self.exists():
            return None
        table = log_tiles
        before = (table.c.level == 0) & (table.c.first <= position)
        wanted = select(table.c.number).where(before).order_by(table.c.first.desc()).limit(1)
        with self.reading() as connection:
            number = connection.scalar(wanted)
            tile = leaves_in(connection, number) if number is not None else None
        if number is None or tile is None:
            return None
        place = bisect_left(tile.positions, position)
        found = place < len(tile.positions) and tile.positions[place] == position
        return number * WIDTH + place if found else None


def _wait_for_the_disk(dbapi_connection: Any, _record: object) -> None:
    """A witness must never hold a checkpoint that a power cut took from us."""
    cursor = dbapi_connection.cursor()
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


def newest(connection: Connection) -> bytes | None:
    """The checkpoint of the largest size."""
    last = select(log_checkpoints.c.note).order_by(log_checkpoints.c.size.desc()).limit(1)
    return _bytes(connection.scalar(last))


def tiles_in(connection: Connection) -> ReadTile:
    """Reads the hashes of tiles in that transaction."""

    def read(level: int, number: int) -> Sequence[bytes]:
        wanted = select(log_tiles.c.hashes).where(log_tiles.c.level == level, log_tiles.c.number == number)
        found = _bytes(connection.scalar(wanted))
        return _apart(found) if found is not None else []

    return read


def leaves_in(connection: Connection, number: int) -> Tile | None:
    """A tile of leaves with their places in the record."""
    return tiles_of(connection, range(number, number + 1)).get(number)


def tiles_of(connection: Connection, numbers: range) -> Mapping[int, Tile]:
    """Several of them, by number."""
    table = log_tiles
    these = (table.c.level == 0) & table.c.number.between(numbers.start, numbers.stop - 1)
    wanted = select(table.c.number, table.c.first, table.c.hashes, table.c.positions).where(these)
    return {
        row.number: Tile(row.first, _apart(bytes(row.hashes)), _positions(bytes(row.positions)))
        for row in connection.execute(wanted)
    }


def write(
    connection: Connection, changed: Mapping[Place, Sequence[bytes]], positions: Mapping[int, Sequence[int]]
) -> None:
    """Put tiles in the place of those that were there; `positions` are those of level 0, by number."""
    table = log_tiles
    rows = [
        {
            "level": level,
            "number": number,
            "first": positions[number][0] if level == 0 else 0,
            "hashes": b"".join(hashes),
            "positions": _packed(positions[number]) if level == 0 else b"",
        }
        for (level, number), hashes in changed.items()
    ]
    for level in sorted({level for level, _ in changed}):
        first = min(number for at, number in changed if at == level)
        connection.execute(delete(table).where(table.c.level == level, table.c.number >= first))
    connection.execute(insert(table), rows)


def write_checkpoint(connection: Connection, size: int, note: bytes) -> None:
    """Keep a checkpoint."""
    connection.execute(insert(log_checkpoints).values(size=size, note=note))


def _bytes(value: bytes | memoryview | None) -> bytes | None:
    return bytes(value) if value is not None else None


def _apart(hashes: bytes) -> list[bytes]:
    return [hashes[at : at + HASH] for at in range(0, len(hashes), HASH)]


def _positions(packed: bytes) -> list[int]:
    """What does not come out even is left out: the tile then lacks something, which is told."""
    count = len(packed) // _PLACE
    return list(unpack(f">{count}Q", packed[: count * _PLACE]))


def _packed(positions: Sequence[int]) -> bytes:
    return pack(f">{len(positions)}Q", *positions)
