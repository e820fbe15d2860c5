"""What a match costs: for one order as the town grows, for a whole round, at the door, and what is left."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from sqlalchemy import select

from adapters.bootstrap import Node
from adapters.bus.topics import DOORS
from adapters.reactors.memory import WaitingOrders
from benchmarks.a_city import City, capacity, dispatched, open_city, take_in
from benchmarks.load import Line
from benchmarks.measuring import Contender, Row, at_most, in_turn
from domain.facts import Recorded
from domain.ids import OrderId
from domain.rules import DispatchSetting
from domain.stages import AutoDispatch
from projections.engine.database import for_writing
from projections.matching.tables import orders
from services.dispatch_process import DispatchProcess, Waiting
from services.requests import Request, Unreadable
from tests.support.postgres import fresh_database

SMALL: Final = City(districts=1, offers=0.1, places=20)
LARGE: Final = City(districts=100, offers=0.1, places=20)
TOWN: Final = City(districts=1, offers=0.3, places=10)
LIVED: Final = 2_000  # orders in the first district, and as many in those around
AROUND: Final = 5  # districts
ASKED: Final = 50  # orders
WAITING: Final = 10_000
ROUNDS: Final = 7
SECONDS: Final = 5.0  # for a round, on 2 cores
ADDED: Final = 0.02  # seconds, for a dispatcher who waits
NOON: Final = datetime(2026, 6, 1, 4, tzinfo=UTC)  # a Monday, by the town's clock


def measure(server: str) -> Iterator[Row]:
    """On both databases one order, in a town and in one a hundred times as large; the rest on SQLite."""
    with TemporaryDirectory() as folder, ExitStack() as databases:
        yield from _growth("SQLite", lambda name: f"sqlite:///{Path(folder) / name}.db")
        yield from _growth("PostgreSQL", lambda _: databases.enter_context(fresh_database(server)))
        with open_city(f"sqlite:///{Path(folder) / 'town'}.db", TOWN) as node:
            take_in(node, TOWN.lived(2 * LIVED))
            take_in(node, TOWN.placed(WAITING))
            yield from _at_the_door(node)
            yield from _rounds(node)


def _growth(where: str, url: Callable[[str], str]) -> Iterator[Row]:
    with open_city(url("small"), SMALL) as small, open_city(url("large"), LARGE) as large:
        contenders: dict[str, Contender] = {}
        for name, node, city in (("few", small, SMALL), ("many", large, LARGE)):
            take_in(node, city.lived(LIVED))
            take_in(node, city.lived(LIVED, min(AROUND, city.districts)))
            take_in(node, city.placed(ASKED))
            waiting = _waiting(node)
            contenders[f"{name} proposal"] = _each(waiting, node.matcher.proposal)
            contenders[f"{name} match"] = _each(waiting, node.matcher.match)
        rates = in_turn(contenders, ROUNDS)
        for what, called in (("proposal", "the proposal"), ("match", "candidates and reasons")):
            yield at_most(
                f"{called} for one order, {where}",
                f"100,000 providers: {_ms(rates.rate(f'many {what}'))}",
                f"1,000 providers: {_ms(rates.rate(f'few {what}'))}",
                rates.ratio(f"few {what}", f"many {what}"),
                2.0,
            )


def _each(these: Sequence[OrderId], ask: Callable[[OrderId, datetime], object]) -> Contender:
    def contender() -> int:
        return sum(ask(order, NOON) is not None for order in these)

    return contender


def _at_the_door(node: Node) -> Iterator[Row]:
    """A round of one order; a dispatcher's command held against what the engine proposes."""
    waiting = _waiting(node)
    turn, given = cycle(waiting), iter(waiting)

    def times(run: Callable[[OrderId], object], these: Iterator[OrderId]) -> Contender:
        def contender() -> int:
            for _ in range(ASKED):
                run(next(these))
            return ASKED

        return contender

    contenders = {
        "round": times(lambda order: node.matcher.hold_round([order], NOON, {}), turn),
        "proposal": times(lambda order: node.matcher.proposal(order, NOON), turn),
        "held": times(lambda order: node.ask(_request(node, dispatched(str(order), TOWN))), given),
        "bare": times(lambda order: node.desk.ask(_request(node, dispatched(str(order), TOWN))), given),
    }
    rates = in_turn(contenders, ROUNDS)
    ms = {name: _ms(rates.rate(name)) for name in contenders}
    against = f"its proposal alone: {ms['proposal']}"
    yield at_most("a round of one order", ms["round"], against, rates.ratio("proposal", "round"), 1.5)
    added = 1 / rates.rate("held") - 1 / rates.rate("bare")
    told = f"{ms['held']}, without asking the engine {ms['bare']}"
    yield at_most("a dispatch at the door", told, f"{ADDED * 1000:.0f} ms more", added / ADDED, 1.0)


def _request(node: Node, line: Line) -> Request | Unreadable:
    return node.decode(line.data, line.attributes, DOORS["imports"])


def _rounds(node: Node) -> Iterator[Row]:
    """All of a round; then all are full, and a batch tells of one who is not any longer."""
    waiting = _waiting(node)
    size = f"{len(waiting):,} orders × {len(TOWN.units[0]):,} providers"
    seconds, told = _timed(lambda: node.matcher.hold_round(waiting, NOON, {}))
    yield at_most(
        f"a round, read, ranked and solved, {size}", told, f"{SECONDS:.0f} s", seconds / SECONDS, 1.0
    )
    free = TOWN.units[0][-1]
    _leave(node)
    take_in(node, (capacity(unit, 0) for unit in TOWN.units[0]))
    take_in(node, [capacity(free, 5)])
    last = node.log.read(node.projectors[0].position() - 1, 1)
    batch, told = _timed(lambda: _react(node, last))
    against = f"the round over all of them: {seconds:.2f} s"
    yield at_most(
        f"a batch that frees one, {len(waiting):,} orders left", told, against, batch / seconds, 0.1
    )


def _react(node: Node, batch: Sequence[Recorded]) -> None:
    """What auto-dispatch does with a batch, over all that waits; what it would remember is thrown away."""
    rules = node.rules.model_copy(update={"dispatch": (DispatchSetting(mode=AutoDispatch.ON),)})
    with node.reads.connect() as connection:
        waiting = WaitingOrders(connection, batch)
        process = DispatchProcess(lambda: rules, waiting, node.queries.matching, node.matcher.hold_round)
        for recorded in batch:
            process.react(recorded)
        assert process.conclude()


def _leave(node: Node) -> None:
    """All that wait, as auto-dispatch remembers them."""
    with node.reads.connect() as connection:
        rows = connection.execute(select(orders).where(orders.c.waiting_since.is_not(None))).all()
    with for_writing(node.reads).begin() as connection:
        left = WaitingOrders(connection, [])
        for row in rows:
            left.put(Waiting(row.order_id, row.position, 1, row.category, row.area))
        left.write()


def _waiting(node: Node) -> list[OrderId]:
    """The longest waiting first."""
    waiting = select(orders.c.order_id).where(orders.c.waiting_since.is_not(None))
    with node.reads.connect() as connection:
        return [OrderId(one) for one in connection.execute(waiting.order_by(orders.c.position)).scalars()]


def _timed(run: Callable[[], object]) -> tuple[float, str]:
    """The median in seconds, and in words with the spread."""
    found: list[float] = []
    for _ in range(ROUNDS):
        started = perf_counter()
        run()
        found.append(perf_counter() - started)
    found.sort()
    middle = found[ROUNDS // 2]
    return middle, f"{middle:.2f} s ({found[0]:.2f} to {found[-1]:.2f})"


def _ms(rate: float) -> str:
    return f"{1000 / rate:.1f} ms"
