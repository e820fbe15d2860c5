"""Does a command cost more when the record holds more orders? And does the worker's memory stay flat?"""

import os
import resource
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Final

from adapters.bootstrap import Node
from benchmarks.handling import BATCH
from benchmarks.load import STEPS, batches, decoded, open_town
from benchmarks.measuring import Row, at_most, in_turn
from tests.support.postgres import fresh_database

FEW: Final = 10_000
MANY: Final = int(os.environ.get("SIDAN_BENCH_ORDERS", "100000"))
ROUND: Final = 5_000  # commands
ROUNDS: Final = 5


def measure(server: str) -> Iterator[Row]:
    """Two records, one small and one large; the same commands on each in turn."""
    with (
        fresh_database(server) as small,
        fresh_database(server) as large,
        open_town(small) as few,
        open_town(large) as many,
    ):
        fews, manys = count(1), count(1)
        fill(few, FEW, fews)
        sizes = fill(many, MANY, manys)
        # The handler's cache fills up first: 50,000 orders.
        early, late = sizes[len(sizes) * 6 // 10], sizes[-1]
        yield at_most(
            f"memory of a worker after {MANY:,} orders",
            f"{late / 2**10:,.0f} MiB",
            f"after {MANY * 6 // 10:,}: {early / 2**10:,.0f} MiB",
            late / early,
            1.1,
        )
        rates = in_turn({"few": lambda: _handle(few, fews), "many": lambda: _handle(many, manys)}, ROUNDS)
        told, against = (
            f"{MANY:,} orders: {rates.rate('many'):,.0f}/s",
            f"{FEW:,} orders: {rates.rate('few'):,.0f}/s",
        )
        yield at_most("cost of a command as the record grows", told, against, rates.ratio("few", "many"), 1.2)


def fill(node: Node, orders: int, numbers: Iterator[int]) -> list[int]:
    """Returns the process's resident size, in KiB, after each batch."""
    sizes: list[int] = []
    for batch in batches(orders * STEPS, BATCH):
        node.handler.handle(decoded(node.decoder, batch, next(numbers)))
        sizes.append(_resident())
    return sizes


def _resident() -> int:
    """KiB held now; where the system does not say, the most that was ever held."""
    now = Path("/proc/self/statm")
    if now.is_file():
        return int(now.read_text().split()[1]) * resource.getpagesize() // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _handle(node: Node, numbers: Iterator[int]) -> int:
    for batch in batches(ROUND, BATCH):
        node.handler.handle(decoded(node.decoder, batch, next(numbers)))
    return ROUND
