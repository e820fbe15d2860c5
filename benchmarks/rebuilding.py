"""How fast a read model is rebuilt, against reading and decoding the same log and no more."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import Connection

from adapters.bootstrap import READ_MODELS, Node
from benchmarks.load import batches, decoded, open_town
from benchmarks.measuring import Contender, Row, at_least, in_turn
from domain.events import OrderDispatched
from domain.facts import Recorded
from projections.engine import BATCH, Projector, ReadModel, generations
from projections.engine.database import for_writing
from projections.engine.projector import REPLAY
from projections.order_board import OrderBoard
from tests.support.postgres import fresh_database

FACTS: Final = 25_000
ROUNDS: Final = 3
_numbers = count(100)  # generations that nobody sees


def measure(server: str) -> Iterator[Row]:
    """On both databases; the slowest read model to write, and all of them one after the other."""
    with fresh_database(server) as url, open_town(url) as node:
        yield from _rows(node, "PostgreSQL")
    with TemporaryDirectory() as folder, open_town(f"sqlite:///{Path(folder) / 'bench.db'}") as node:
        yield from _rows(node, "SQLite")


def _rows(node: Node, where: str) -> Iterator[Row]:
    for number, batch in enumerate(batches(FACTS, BATCH), start=1):
        node.handler.handle(decoded(node.decoder, batch, number))
    contenders: Mapping[str, Contender] = {
        "read": lambda: _read(node),
        **{model.name: lambda model=model: _rebuilt(node, model(), REPLAY) for model in READ_MODELS},
        "fed": lambda: _rebuilt(node, OrderBoard(), BATCH),
        "poisoned": lambda: _rebuilt(node, _stumbling(node), BATCH),
    }
    rates = in_turn(contenders, ROUNDS)
    ceiling = f"read and decoded only: {rates.rate('read'):,.0f}/s"
    for model in READ_MODELS:
        told = f"{rates.rate(model.name):,.0f} facts/s"
        yield at_least(
            f"rebuild of {model.name}, {where}", told, ceiling, rates.ratio(model.name, "read"), 0.3
        )
    told, whole = (f"{rates.rate(name):,.0f} facts/s" for name in ("poisoned", "fed"))
    ratio = rates.ratio("poisoned", "fed")
    yield at_least(f"order board with one order parked, {where}", told, f"none parked: {whole}", ratio, 0.95)


def _read(node: Node) -> int:
    after = read = 0
    while batch := node.store.read(after, REPLAY):
        after, read = batch[-1].position, read + len(batch)
    return read


def _rebuilt(node: Node, model: ReadModel, at_once: int) -> int:
    """What `rebuild` does before it verifies: the next generation from empty tables to the log's end."""
    number = next(_numbers)
    following = Projector(model, node.reads, number)
    following.create()
    read = following.fill_from(node.log, limit=at_once)
    with for_writing(node.reads).begin() as connection:
        generations.create_indexes(connection, model.metadata, number)
        generations.drop_tables(connection, model.metadata, number)
    return read


def _stumbling(node: Node) -> ReadModel:
    """An order board that fails on every event of one order behind its first."""
    poison = node.store.read_only(OrderDispatched, 0, 1)[0].fact.stream

    class Stumbling(OrderBoard):
        def apply(self, connection: Connection, batch: Sequence[Recorded]) -> None:
            if any(one.fact.stream == poison and one.fact.version > 1 for one in batch):
                raise KeyError("colour")
            super().apply(connection, batch)

    return Stumbling()
