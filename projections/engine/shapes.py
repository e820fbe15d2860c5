"""The shape that tables of one set have, and the one that this release gives them.

What is derived from the record is never altered: where its shape is another release's it is made anew.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Final

from sqlalchemy import Column, Connection, MetaData, Table, delete, insert, inspect, select
from sqlalchemy.schema import CreateTable

from projections.engine.columns import Code

metadata: Final = MetaData()
derived_shapes: Final = Table(
    "derived_shapes",
    metadata,
    Column("tables", Code, primary_key=True),
    Column("shape", Code, nullable=False),
)


def shape_of(connection: Connection, tables: MetaData) -> str:
    """A digest (hex) of the statements that make these tables."""
    sha = sha256()
    for table in sorted(tables.tables.values(), key=lambda table: table.name):
        sha.update(str(CreateTable(table).compile(dialect=connection.dialect)).encode())
    return sha.hexdigest()


def noted_shapes(connection: Connection) -> dict[str, str]:
    """The shape of each set of tables, as whoever made them noted; of none where nobody did."""
    if not inspect(connection).has_table(derived_shapes.name):
        return {}
    columns = derived_shapes.c
    return {row.tables: row.shape for row in connection.execute(select(columns.tables, columns.shape))}


def note_shapes(connection: Connection, shapes: Mapping[str, str]) -> None:
    """Note them, whether they were noted or not."""
    derived_shapes.create(connection, checkfirst=True)
    if not shapes:
        return
    connection.execute(delete(derived_shapes).where(derived_shapes.c.tables.in_(list(shapes))))
    connection.execute(
        insert(derived_shapes), [{"tables": name, "shape": shape} for name, shape in shapes.items()]
    )


def of_another_shape(connection: Connection, tables: Iterable[Table]) -> list[Table]:
    """Those that are there with other columns, or another key, than this release gives them."""
    looking = inspect(connection)
    present = set(looking.get_table_names())
    return [one for one in tables if one.name in present and _told(connection, one) != _meant(one)]


def is_missing(connection: Connection, table: Table) -> bool:
    """Whether it is not there."""
    return not inspect(connection).has_table(table.name)


def _told(connection: Connection, table: Table) -> set[tuple[str, bool, bool]]:
    looking = inspect(connection)
    keys = set(looking.get_pk_constraint(table.name)["constrained_columns"])
    return {
        (column["name"], column["nullable"] and column["name"] not in keys, column["name"] in keys)
        for column in looking.get_columns(table.name)
    }


def _meant(table: Table) -> set[tuple[str, bool, bool]]:
    return {
        (column.name, bool(column.nullable) and not column.primary_key, column.primary_key)
        for column in table.columns
    }
