"""How far each read model has read, partition by partition, kept in the transaction that writes its rows."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from projections.engine.columns import Code

LOG: Final = "log"
"""The partition of a read model that is fed from the store's own log."""

metadata: Final = MetaData()
read_positions: Final = Table(
    "read_positions",
    metadata,
    Column("model", Code, primary_key=True),
    Column("partition", Code, primary_key=True),  # `log`, or topic/<topic id>[n] on the bus
    Column("position", BigInteger, nullable=False),  # the last notification id that is in the rows
    Column("kafka_offset", BigInteger),  # the last offset read; resume at the next
)


class Place(NamedTuple):
    """The last log position in the rows and, on the bus, the last offset read."""

    position: int
    offset: int | None = None


class WrongFeed(Exception):
    """A read model follows the log or the bus, never both: it would count everything twice."""

    code: Final = "wrong_feed"

    def __init__(self, model: str, partition: str, others: list[str]) -> None:
        following = ", ".join(others)
        super().__init__(
            f"读模型{model}正在跟随{following}，不能再从{partition}读取；请先重建它。"
            f" The read model {model} follows {following} and cannot also read {partition}; rebuild it first."
        )


def lock_places(connection: Connection, model: str, partitions: Sequence[str]) -> dict[str, Place]:
    """The places of these partitions, locked until the transaction ends; noted at 0 where they are new.

    Raises:
        WrongFeed: the model is fed from the log and now from the bus, or the other way round.
    """
    found = _locked(connection, model, partitions)
    new = [partition for partition in partitions if partition not in found]
    if not new:
        return found
    known = all_places(connection, model)
    for partition in new:
        others = [name for name in known if (name == LOG) != (partition == LOG)]
        if others:
            raise WrongFeed(model, partition, others)
    _set(connection, model, dict.fromkeys(new, Place(0)), replace=False)
    return _locked(connection, model, partitions)


def _locked(connection: Connection, model: str, partitions: Sequence[str]) -> dict[str, Place]:
    columns = read_positions.c
    rows = connection.execute(
        select(columns.partition, columns.position, columns.kafka_offset)
        .where(columns.model == model, columns.partition.in_(partitions))
        .order_by(columns.partition)  # all who lock several lock them in one order
        .with_for_update()
    )
    return {row.partition: Place(row.position, row.kafka_offset) for row in rows}


def seen_by(connection: Connection, model: str, name: str) -> dict[str, int]:
    """How far it has read, as a proposal notes it: `name/log`, or `name/3` for partition 3 on the bus."""
    places = all_places(connection, model)
    return {f"{name}/{_number(partition)}": place.position for partition, place in sorted(places.items())}


def _number(partition: str) -> str:
    return partition if partition == LOG else partition.rpartition("[")[2].removesuffix("]")


def lock_model(connection: Connection, model: str) -> dict[str, Place]:
    """All its places, locked until the transaction ends: nobody feeds it meanwhile."""
    return _locked(connection, model, sorted(all_places(connection, model)))


def put_places(connection: Connection, model: str, places: Mapping[str, Place]) -> None:
    """Note these, whether they were there or not."""
    _set(connection, model, places, replace=True)


def rename_places(connection: Connection, model: str, to: str) -> None:
    """The same rows go by another name now."""
    forget_places(connection, to)
    connection.execute(update(read_positions).where(read_positions.c.model == model).values(model=to))


def move_places(connection: Connection, model: str, to: Mapping[str, Place]) -> None:
    """Note how far it has read; the rows are there and locked."""
    if not to:
        return
    columns = read_positions.c
    connection.execute(
        update(read_positions)
        .where(columns.model == model, columns.partition == bindparam("which"))
        .values(position=bindparam("reached"), kafka_offset=bindparam("last")),
        [
            {"which": partition, "reached": place.position, "last": place.offset}
            for partition, place in to.items()
        ],
    )


def all_places(connection: Connection, model: str) -> dict[str, Place]:
    """Every partition's place."""
    columns = read_positions.c
    rows = connection.execute(
        select(columns.partition, columns.position, columns.kafka_offset).where(columns.model == model)
    )
    return {row.partition: Place(row.position, row.kafka_offset) for row in rows}


def seed_places(
    connection: Connection, model: str, position: int, partitions: Mapping[str, int | None]
) -> None:
    """From now on the bus feeds it: every partition stands at one log position, and `log` is no more."""
    columns = read_positions.c
    connection.execute(delete(read_positions).where(columns.model == model, columns.partition == LOG))
    places = {name: Place(position, offset) for name, offset in partitions.items()}
    _set(connection, model, places, replace=True)


def forget_places(connection: Connection, model: str) -> None:
    """As if it had never read."""
    connection.execute(delete(read_positions).where(read_positions.c.model == model))


def _set(connection: Connection, model: str, places: Mapping[str, Place], *, replace: bool) -> None:
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    for partition, place in places.items():
        values = {"position": place.position, "kafka_offset": place.offset}
        statement = insert(read_positions).values(model=model, partition=partition, **values)
        key = [read_positions.c.model, read_positions.c.partition]
        connection.execute(
            statement.on_conflict_do_update(index_elements=key, set_=values)
            if replace
            else statement.on_conflict_do_nothing(index_elements=key)
        )
