"""Facts that a read model could not take in, kept aside with all that follow in their streams.

Only where they lie is kept: the record has the facts themselves, and `retry` reads them there.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import ClassVar, Final, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Uuid,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError

from domain.events import Event
from domain.facts import Actor, CommandKey, Fact, Meta, Recorded
from domain.ids import Position, StreamId
from domain.stages import Role
from projections.engine.columns import Code

MOST: Final = 1_000
"""Streams parked at once; with more it is the read model that is wrong, not the facts."""
BEHIND: Final = "behind"
"""Why a fact is parked that nothing is wrong with: one before it in its stream is."""
_LONGEST: Final = 200  # of an error's words

metadata: Final = MetaData()
parked_facts: Final = Table(
    "parked_facts",
    metadata,
    Column("model", Code, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("stream", Uuid(), nullable=False),
    Column("version", Integer, nullable=False),
    Column("event", Code, nullable=False),
    Column("why", String, nullable=False),
)


class Undecoded(Event):
    """Stands for an event that this release cannot read; no read model sees it."""

    wire: ClassVar[str] = "Undecoded"
    type: str
    why: str


class TooManyParked(RuntimeError):
    """So many streams fail that the read model itself must be at fault; it stops before the next."""

    code: Final = "too_many_parked"

    def __init__(self, model: str) -> None:
        super().__init__(
            f"读模型{model}已有{MOST}个对象受阻，请先修好它，再运行 sidan projections retry。"
            f" {MOST} subjects of {model} are parked; mend the read model, then run sidan projections retry."
        )


class Parked(NamedTuple):
    """How many orders (and other subjects) wait in a read model, with how many facts, from where."""

    subjects: int = 0
    facts: int = 0
    first: int | None = None  # the lowest log position
    why: str = ""  # of that one


class Waiting(NamedTuple):
    """One parked fact."""

    position: Position
    stream: UUID
    event: str
    why: str


def undecoded(position: int, stream: UUID, version: int, wire: str, why: str) -> Recorded:
    """A place in the log whose fact cannot be read."""
    return Recorded(
        Position(position), Fact(StreamId(stream), version, _NOBODY, Undecoded(type=wire, why=why))
    )


def is_poison(error: Exception) -> bool:
    """Whether a fact is to blame, and not a database that is away, full or without its tables."""
    if not isinstance(error, DBAPIError):
        return True
    if isinstance(
        error, ProgrammingError
    ):  # without a state it comes from the driver: a value it cannot send
        return getattr(error.orig, "sqlstate", None) is None
    return isinstance(error, DataError | IntegrityError)


def in_words(error: Exception) -> str:
    """The kind of error and its first line: more would show what a statement holds."""
    told = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    first = (str(told).strip().splitlines() or [""])[0]
    return f"{type(told).__name__}: {first}"[:_LONGEST]


def streams(connection: Connection, model: str) -> list[UUID]:
    """Those that wait, the one that began first before others."""
    columns = parked_facts.c
    first = func.min(columns.position)
    statement = select(columns.stream).where(columns.model == model).group_by(columns.stream).order_by(first)
    return list(connection.execute(statement).scalars())


def park(connection: Connection, model: str, facts: Iterable[tuple[Recorded, str]]) -> None:
    """Keep these aside, each with why."""
    rows = [
        {
            "model": model,
            "position": recorded.position,
            "stream": recorded.fact.stream,
            "version": recorded.fact.version,
            "event": _wire(recorded.fact.event),
            "why": why,
        }
        for recorded, why in facts
    ]
    if rows:
        connection.execute(insert(parked_facts), rows)


def of_stream(connection: Connection, model: str, stream: UUID) -> list[Waiting]:
    """What waits of one stream, in its order."""
    columns = parked_facts.c
    found = connection.execute(
        select(columns.position, columns.stream, columns.event, columns.why)
        .where(columns.model == model, columns.stream == stream)
        .order_by(columns.position)
    )
    return [Waiting(*row) for row in found]


def release(connection: Connection, model: str, positions: Sequence[int]) -> None:
    """They are in the rows now."""
    columns = parked_facts.c
    connection.execute(delete(parked_facts).where(columns.model == model, columns.position.in_(positions)))


def still(connection: Connection, model: str, position: int, why: str) -> None:
    """It failed again."""
    columns = parked_facts.c
    where = columns.model == model, columns.position == position
    connection.execute(update(parked_facts).where(*where).values(why=why))


def forget(connection: Connection, model: str) -> None:
    """Nothing waits any more: the model is emptied or gone."""
    connection.execute(delete(parked_facts).where(parked_facts.c.model == model))


def rename(connection: Connection, model: str, to: str) -> None:
    """The same rows go by another name now."""
    forget(connection, to)
    connection.execute(update(parked_facts).where(parked_facts.c.model == model).values(model=to))


def parked_counts(engine: Engine, models: Iterable[str]) -> Mapping[str, Parked]:
    """What waits in each of these read models (by `ReadModel.id`); nothing waiting is what health is."""
    columns = parked_facts.c
    statement = (
        select(
            columns.model,
            func.count(columns.stream.distinct()),
            func.count(),
            func.min(columns.position),
        )
        .group_by(columns.model)
        .order_by(columns.model)
    )
    with engine.connect() as connection:
        found = {row[0]: Parked(*row[1:]) for row in connection.execute(statement)}
        for model, parked in found.items():
            here = columns.model == model, columns.position == parked.first
            why = connection.execute(select(columns.why).where(*here)).scalar_one()
            found[model] = parked._replace(why=why)
    return {model: found.get(model, Parked()) for model in models}


def _wire(event: Event) -> str:
    return event.type if isinstance(event, Undecoded) else type(event).wire


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NOBODY: Final = Meta(
    subject="",
    actor=Actor(role=Role.SYSTEM, id="unknown"),
    via="",
    command="",
    cause=CommandKey("", ""),
    correlation="",
    recorded=_EPOCH,
    at=_EPOCH,
    rules=0,
    intake="",
)
