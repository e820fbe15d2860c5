"""Bytes in → durable in PostgreSQL, against the same transactions without logic and against the library."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from adapters.bootstrap import Node
from adapters.desk import in_stride
from benchmarks.ceiling import Ready, ready_made, write
from benchmarks.load import STEPS, Line, batches, decoded, life, open_town
from benchmarks.measuring import Row, at_least, in_turn
from benchmarks.plain import PlainOrders, plain_orders
from services.requests import Outcome
from tests.support.postgres import fresh_database

BATCH = 500
COMMANDS = 10_000  # a round of each contender
PLAIN = 500
ROUNDS = 5
LIGHT = 500


def measure(server: str) -> Iterator[Row]:
    """Four databases on one server, contenders in turn."""
    with (
        fresh_database(server) as ours,
        fresh_database(server) as scratch,
        fresh_database(server) as bare,
        fresh_database(server) as library,
        open_town(ours) as node,
        open_town(scratch) as draft,
        open_town(bare) as target,
        plain_orders(library) as plain,
    ):
        yield from _under_load(node, draft, target, plain)
        yield from _light(node, plain)


def _under_load(node: Node, draft: Node, target: Node, plain: PlainOrders) -> Iterator[Row]:
    lines = [list(batches(COMMANDS, BATCH)) for _ in range(ROUNDS + 1)]
    numbers = count(1)
    drafts = count(1)
    rows = iter([ready_made(draft, batches(COMMANDS, BATCH), drafts) for _ in range(ROUNDS + 1)])
    work = iter(lines)
    ceiling_numbers = count(1)

    def ours() -> int:
        decoding = (decoded(node.decoder, batch, next(numbers)) for batch in next(work))
        return sum(_recorded(outcomes) for outcomes in in_stride(node.handler, decoding))

    def ceiling() -> int:
        return sum(_write(target, batch, next(ceiling_numbers)) for batch in next(rows))

    rates = in_turn(
        {
            "ours": ours,
            "ceiling": ceiling,
            "one save a command": lambda: _one_by_one(plain),
            "one save a batch": lambda: _library_batches(plain),
        },
        ROUNDS,
    )
    mine = f"{rates.rate('ours'):,.0f}/s"
    for against, goal in (("ceiling", 0.5), ("one save a command", 30.0), ("one save a batch", 8.0)):
        told = f"{against}: {rates.rate(against):,.0f}/s"
        yield at_least(f"commands in batches of {BATCH}", mine, told, rates.ratio("ours", against), goal)


def _recorded(outcomes: list[Outcome]) -> int:
    assert all(outcome.status == "recorded" for outcome in outcomes)
    return len(outcomes)


def _write(target: Node, batch: Ready, number: int) -> int:
    write(target.store, batch, number)
    return len(batch.rows)


def _one_by_one(plain: PlainOrders) -> int:
    for _ in range(PLAIN // STEPS):
        order = plain.place()
        for step in range(1, STEPS):
            plain.step(order, step)
    return PLAIN


def _library_batches(plain: PlainOrders) -> int:
    orders = plain.place_all(BATCH)
    for step in range(1, STEPS):
        plain.step_all(orders, step)
    return BATCH * STEPS


@dataclass(frozen=True, slots=True)
class _One:
    node: Node
    numbers: Iterator[int]

    def ask(self, one: Line) -> None:
        intake = decoded(self.node.decoder, [one], next(self.numbers)).intake[0]
        assert self.node.desk.ask(intake).status == "recorded"


def _light(node: Node, plain: PlainOrders) -> Iterator[Row]:
    """One client, one command at a time."""
    client = _One(node, count(1_000_000))

    def ours() -> int:
        for _ in range(LIGHT // STEPS):
            for one in life():
                client.ask(one)
        return LIGHT

    rates = in_turn({"ours": ours, "library": lambda: _one_by_one(plain)}, ROUNDS)
    mine, other = f"{rates.rate('ours'):,.0f}/s", f"one save a command: {rates.rate('library'):,.0f}/s"
    yield at_least("one client, one command at a time", mine, other, rates.ratio("ours", "library"), 1.0)
