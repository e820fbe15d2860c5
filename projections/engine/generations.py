"""Generations of a read model's tables. The live one has the plain names; others carry `__g<number>`.

So queries name what they always named, and a switch is a renaming in one transaction.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from sqlalchemy import Column, Connection, Integer, MetaData, Table, delete, insert, select
from sqlalchemy.schema import CreateIndex, CreateTable

from projections.engine.columns import Code
from projections.engine.database import named

metadata: Final = MetaData()
read_generations: Final = Table(
    "read_generations",
    metadata,
    Column("model", Code, primary_key=True),
    Column("live", Integer, nullable=False),
    Column("previous", Integer),  # the way back
)


class Generations(NamedTuple):
    """Which one queries see, and which they saw before."""

    live: int = 1
    previous: int | None = None

    @property
    def next(self) -> int:
        """The number of the one to build."""
        return max(self.live, self.previous or 0) + 1


class Names:
    """Turns statements about the live tables into the same about another generation's, indexes and all."""

    def __init__(self, metadata: MetaData, generation: int) -> None:
        # A number behind the version would be another version's table.
        known = re.compile(rf"\b({'|'.join(map(re.escape, metadata.tables))})(?!\d)")
        suffix = rf"\g<1>__g{generation}"

        @lru_cache(maxsize=256)
        def turned(statement: str) -> str:
            return known.sub(suffix, statement)

        self._turned = turned

    def __call__(self, statement: str) -> str:
        return self._turned(statement)


def named_of(model: str, generation: int) -> str:
    """What a generation that is not live goes by among places and parked facts."""
    return f"{model}__g{generation}"


def of_model(connection: Connection, model: str) -> Generations:
    """A model that was never switched has its first generation."""
    columns = read_generations.c
    row = connection.execute(
        select(columns.live, columns.previous).where(columns.model == model)
    ).one_or_none()
    return Generations() if row is None else Generations(*row)


def note(connection: Connection, model: str, generations: Generations) -> None:
    """Say which is live now."""
    forget(connection, model)
    connection.execute(insert(read_generations).values(model=model, **generations._asdict()))


def forget(connection: Connection, model: str) -> None:
    """As if it had never been switched."""
    connection.execute(delete(read_generations).where(read_generations.c.model == model))


def create_tables(connection: Connection, tables: MetaData, generation: int) -> None:
    """Empty tables of a generation that is not live; indexes come when they are full."""
    with named(connection, Names(tables, generation)):
        for table in tables.sorted_tables:
            connection.execute(CreateTable(table))


def create_indexes(connection: Connection, tables: MetaData, generation: int) -> None:
    """What its queries need to be quick."""
    with named(connection, Names(tables, generation)):
        for table in tables.sorted_tables:
            for index in sorted(table.indexes, key=lambda index: str(index.name)):
                connection.execute(CreateIndex(index))


def drop_tables(connection: Connection, tables: MetaData, generation: int) -> None:
    """They are gone, if they were there; never those that are live."""
    for name in tables.tables:
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}__g{generation}")


def swap_tables(connection: Connection, tables: MetaData, *, live: int, incoming: int) -> None:
    """The incoming generation takes the plain names; the live one gets its number."""
    for name in tables.tables:
        connection.exec_driver_sql(f"ALTER TABLE {name} RENAME TO {name}__g{live}")
        connection.exec_driver_sql(f"ALTER TABLE {name}__g{incoming} RENAME TO {name}")
