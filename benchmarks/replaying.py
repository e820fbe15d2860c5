"""How fast the whole record is decided again, against reading and decoding the same log and no more."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from adapters.apart import PAGE, auditor_over
from adapters.bootstrap import Node
from adapters.cli.audit.checking import replay_all
from adapters.moment import Moment
from benchmarks.load import batches, decoded, open_town
from benchmarks.measuring import Row, at_least, in_turn
from projections.engine import BATCH
from services.audit.lives import HELD
from tests.support.postgres import fresh_database

FACTS: Final = 500_000  # of 150,000 half the time would go into starting processes
ALONE: Final = 100_000  # facts that one process decides again
ROUNDS: Final = 3
FEW: Final = 200  # subjects in memory, fewer than orders are in flight at once: each page is loaded anew


def measure(server: str) -> Iterator[Row]:
    """On both databases, with all orders in flight in memory and with few."""
    with fresh_database(server) as url, open_town(url) as node:
        yield from _rows(node, "PostgreSQL")
    with TemporaryDirectory() as folder, open_town(f"sqlite:///{Path(folder) / 'bench.db'}") as node:
        yield from _rows(node, "SQLite")


def _rows(node: Node, where: str) -> Iterator[Row]:
    for number, batch in enumerate(batches(FACTS, BATCH), start=1):
        node.handler.handle(decoded(node.decoder, batch, number))
    rates = in_turn(
        {
            "read": lambda: _read(node),
            "all": lambda: replay_all(node, Moment(), {}, None).auditor.facts,
            "replayed": lambda: _replayed(node, HELD),
            "few": lambda: _replayed(node, FEW),
        },
        ROUNDS,
    )
    ceiling = f"read and decoded only: {rates.rate('read'):,.0f}/s"
    for name, what, goal in (
        ("all", "replay --all", 0.3),
        ("replayed", "the same by one process", 0.2),
        ("few", f"the same, {FEW} subjects in memory", 0.2),
    ):
        told = f"{rates.rate(name):,.0f} facts/s"
        yield at_least(f"{what}, {where}", told, ceiling, rates.ratio(name, "read"), goal)


def _read(node: Node) -> int:
    after = read = 0
    while batch := node.store.read(after, PAGE):
        after, read = batch[-1].position, read + len(batch)
    return read


def _replayed(node: Node, held: int) -> int:
    auditor = auditor_over(node.store, held)
    after = 0
    while auditor.facts < ALONE:
        page = node.store.read(after, PAGE)
        after = page[-1].position
        assert not auditor.take_page(page)
    return auditor.facts
