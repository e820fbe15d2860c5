"""One number for all a read model says, so that two of them can be compared.

SHA-256 over the tables in name order: the table's name (without its version) and columns, then each row as a
JSON list, a line each, in the order of the primary key. In a row stand null, true, false, whole numbers and
text; UUIDs are text in lower case with hyphens, moments are microseconds since 1970. Left out are sealed
columns (a cipher gives other bytes each time), log positions (stores number differently), and rows whose
sums are all 0 (they say what a missing row says). So SQLite and PostgreSQL agree, and so do batches of any
size and partitions in any order.
"""

import hashlib
from collections.abc import Iterator
from json import dumps
from typing import Any, Final

from sqlalchemy import Connection, MetaData, Table, or_, select

from projections.engine.columns import KEPT_OUT, SUM

_AT_ONCE: Final = 2_000  # rows held in memory


def digest_of(connection: Connection, metadata: MetaData) -> str:
    """The digest in hex. Takes one pass over every row."""
    sha = hashlib.sha256()
    for table in sorted(metadata.tables.values(), key=lambda table: table.name):
        sha.update(_line([table.name.rpartition("_v")[0], *said_of(table)]))
        for row in rows_of(connection, table):
            sha.update(_line(list(row)))
    return sha.hexdigest()


def said_of(table: Table) -> list[str]:
    """The columns that count."""
    return [column.name for column in table.columns if not column.info.get(KEPT_OUT)]


def rows_of(connection: Connection, table: Table) -> Iterator[tuple[Any, ...]]:
    """What its rows say, in the order of the primary key; never more of them than fit in memory."""
    statement = select(*(table.columns[name] for name in said_of(table))).order_by(*table.primary_key)
    sums = [column for column in table.columns if column.info.get(SUM)]
    if sums:
        statement = statement.where(or_(*(column != 0 for column in sums)))
    options = {"yield_per": _AT_ONCE}
    for row in connection.execute(statement, execution_options=options):
        yield tuple(row)


def _line(values: list[Any]) -> bytes:
    return dumps(values, ensure_ascii=False, separators=(",", ":"), default=str).encode() + b"\n"
