"""What the reactors remember of a batch is written once, and reads back in the next."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

import domain.commands as c
from adapters.reactors.memory import Holdings, Subscribers, Ties, WaitingOrders
from adapters.reactors.tables import metadata
from domain.facts import Recorded
from domain.ids import NeedId, OrderId, Position
from projections.engine import open_reads
from services.dispatch_process import Waiting
from tests.support.a_town import AUNT_LI, EAST, LAMP, POTHOLE, ROADS, WATER
from tests.support.history import TEXT, History, resident


def anything(_category: str, _area: str) -> bool:
    return True


@pytest.fixture
def reads(tmp_path: Path) -> Iterator[Engine]:
    engine = open_reads(f"sqlite:///{tmp_path}/reads.db")
    metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def orders() -> tuple[OrderId, OrderId, Sequence[Recorded]]:
    """Two orders and the batch that tells of them."""
    history = History()
    first, second = history.new_order(), history.new_order()
    for order in (first, second):
        history.ask(c.PlaceOrder(order=order, category=LAMP, area=EAST, details=TEXT), resident(AUNT_LI))
    return first, second, history.read(0, 100)


Orders = tuple[OrderId, OrderId, Sequence[Recorded]]


def test_what_is_held_at_the_end_of_a_batch_is_held_at_the_next(reads: Engine, orders: Orders) -> None:
    first, second, batch = orders
    with reads.begin() as connection:
        holdings = Holdings(connection, batch)
        holdings.hold(first, WATER)
        holdings.hold(first, ROADS)  # passed on within the batch: only the last counts
        holdings.hold(second, WATER)
        holdings.write()
    with reads.begin() as connection:
        holdings = Holdings(connection, batch)
        assert holdings.held_by(ROADS) == [first]
        assert holdings.held_by(WATER) == [second]


def test_what_is_let_go_is_forgotten(reads: Engine, orders: Orders) -> None:
    first, _, batch = orders
    with reads.begin() as connection:
        holdings = Holdings(connection, batch)
        holdings.hold(first, WATER)
        holdings.write()
        assert holdings.release(first) == WATER
        assert holdings.release(first) is None
        holdings.write()
    with reads.begin() as connection:
        assert Holdings(connection, batch).held_by(WATER) == []


def test_who_asks_in_the_middle_of_a_batch_is_told_what_is_so_by_now(reads: Engine, orders: Orders) -> None:
    first, second, batch = orders
    with reads.begin() as connection:
        holdings = Holdings(connection, batch)
        holdings.hold(first, WATER)
        holdings.hold(second, WATER)
        holdings.release(second)
        assert holdings.held_by(WATER) == [first]


def test_who_is_leaving_is_remembered(reads: Engine, orders: Orders) -> None:
    *_, batch = orders
    with reads.begin() as connection:
        holdings = Holdings(connection, batch)
        assert holdings.leaving(WATER) is None
        holdings.set_leaving(WATER, 2)
        assert holdings.leaving(WATER) == 2
    with reads.begin() as connection:
        assert Holdings(connection, batch).leaving(WATER) == 2


def test_who_no_longer_takes_work_by_its_topic_is_forgotten(reads: Engine) -> None:
    with reads.begin() as connection:
        subscribers = Subscribers(connection)
        subscribers.add(WATER)
        subscribers.discard(WATER)
        subscribers.discard(WATER)
    with reads.begin() as connection:
        assert WATER not in Subscribers(connection)


def test_ties_to_needs_are_remembered_until_they_end(reads: Engine) -> None:
    hall, shade = NeedId("hall"), NeedId("shade")
    with reads.begin() as connection:
        ties = Ties(connection)
        ties.tie(hall, WATER, own=True)
        ties.tie(shade, WATER, own=False)
        ties.tie(shade, ROADS, own=False)
    with reads.begin() as connection:
        ties = Ties(connection)
        assert ties.of(WATER) == [(hall, True), (shade, False)]
        ties.untie(shade, WATER)
        assert ties.of(WATER) == [(hall, True)]
        assert ties.of(ROADS) == [(shade, False)]
        ties.untie(shade)
        assert ties.of(ROADS) == []


def test_what_was_left_from_before_may_be_put_anew(reads: Engine, orders: Orders) -> None:
    first, second, batch = orders
    calling, usual = (
        Waiting(order, Position(7), 1, LAMP, EAST, call=call)
        for order, call in ((first, True), (second, False))
    )
    with reads.begin() as connection:
        waiting = WaitingOrders(connection, batch)
        waiting.put(calling)
        waiting.put(usual)
        waiting.write()
    with reads.begin() as connection:
        waiting = WaitingOrders(connection, [])  # a batch that names none of them
        assert waiting.left(9, anything, calls=True) == [calling]
        assert waiting.left(9, anything, calls=False) == [usual]
        waiting.put(replace(calling, asked=WATER))
        waiting.write()
    with reads.begin() as connection:
        waiting = WaitingOrders(connection, [])
        assert waiting.left(9, anything, calls=True) == []
        assert waiting.coming() == {WATER: 1}


def test_those_left_are_found_by_what_fits_the_longest_waiting_first(reads: Engine, orders: Orders) -> None:
    first, second, batch = orders
    third = OrderId(UUID(int=3))
    with reads.begin() as connection:
        waiting = WaitingOrders(connection, batch)
        waiting.put(Waiting(second, Position(1), 1, LAMP, EAST))
        waiting.put(Waiting(first, Position(2), 1, LAMP, EAST))
        waiting.put(Waiting(third, Position(3), 1, POTHOLE, EAST))
        waiting.write()
        assert found(waiting.left(9, lambda category, _: category == LAMP, calls=False)) == [second, first]
        assert found(waiting.left(2, anything, calls=False)) == [second, first]
        assert found(waiting.left(1, lambda category, _: category == POTHOLE, calls=False)) == [third]
        waiting.put(Waiting(second, Position(1), 1, LAMP, EAST, asked=WATER))
        assert found(waiting.left(9, anything, calls=False)) == [first, third]


def found(waiting: Sequence[Waiting]) -> list[OrderId]:
    return [one.order for one in waiting]
