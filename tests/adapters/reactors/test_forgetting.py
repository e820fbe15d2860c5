"""What the processes that erase remember of a batch is written once, and reads back in the next."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import pytest
from sqlalchemy import Engine

from adapters.reactors.forgetting import KeptLetters, OrdersOf, RestingOrders, letters_due, retention_due
from adapters.reactors.tables import metadata
from domain.ids import CategoryPath, OrderId, Position
from projections.engine import open_reads
from services.letters_process import Kept
from services.retention_process import Resting
from tests.support.a_town import AUNT_LI, LAMP, MONDAY, POTHOLE, UNCLE_WANG, days
from tests.support.an_order import ORDER, OTHER, completed
from tests.support.recorded import recorded

TEN: Final = MONDAY + days(10)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def reads(request: pytest.FixtureRequest) -> Iterator[Engine]:
    url = "sqlite://" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    engine = open_reads(url)
    metadata.create_all(engine)
    yield engine
    engine.dispose()


def resting(order: OrderId = ORDER, category: CategoryPath = POTHOLE, due: datetime | None = TEN) -> Resting:
    return Resting(order, category, MONDAY, due, Position(3), "c3")


def test_who_placed_and_who_rated_is_remembered_once(reads: Engine) -> None:
    with reads.begin() as connection:
        orders = OrdersOf(connection)
        orders.note(AUNT_LI, ORDER, own=True)
        orders.note(UNCLE_WANG, ORDER, own=False)
        orders.note(AUNT_LI, OTHER, own=False)
        orders.write()
    with reads.begin() as connection:
        orders = OrdersOf(connection)
        orders.note(AUNT_LI, ORDER, own=False)  # who rates their own order still owns it
        assert orders.of(AUNT_LI) == [(ORDER, True), (OTHER, False)]
        assert orders.of(UNCLE_WANG) == [(ORDER, False)]


def test_what_rests_is_due_in_time_the_longest_over_first(reads: Engine) -> None:
    batch = [recorded(completed())]
    with reads.begin() as connection:
        noted = RestingOrders(connection, batch)
        noted.put(resting())
        noted.put(resting(OTHER, LAMP, TEN - days(1)))
        noted.write()
        assert not retention_due(connection, TEN - days(2))
        assert retention_due(connection, TEN - days(1))
    with reads.begin() as connection:
        noted = RestingOrders(connection, [])
        assert [one.order for one in noted.due(TEN, 10)] == [OTHER, ORDER]
        assert [one.order for one in noted.due(TEN, 1)] == [OTHER]
        assert RestingOrders(connection, batch).get(ORDER) == resting()


def letter(number: int) -> Kept:
    return Kept(Position(number), f"http/{number}", TEN, TEN + days(number), "c")


def test_letters_whose_time_is_over_are_taken_once_the_oldest_first(reads: Engine) -> None:
    with reads.begin() as connection:
        noted = KeptLetters(connection)
        for number in (3, 1, 2):
            noted.put(letter(number))
        noted.write()
        assert not letters_due(connection, TEN)
        assert letters_due(connection, TEN + days(1))
    with reads.begin() as connection:
        noted = KeptLetters(connection)
        assert noted.take_due(TEN, 10) == []
        assert noted.take_due(TEN + days(9), 2) == [letter(1), letter(2)]
        assert noted.take_due(TEN + days(9), 2) == [letter(3)]
        assert not letters_due(connection, TEN + days(9))


def test_letters_end_sooner_by_other_rules_and_never_later(reads: Engine) -> None:
    with reads.begin() as connection:
        noted = KeptLetters(connection)
        noted.put(letter(1))
        noted.put(letter(5))
        noted.end_within(days(3))
        assert noted.take_due(TEN + days(2), 9) == [letter(1)]
        assert [one.due for one in noted.take_due(TEN + days(3), 9)] == [TEN + days(3)]


def test_what_is_kept_for_ever_is_never_due(reads: Engine) -> None:
    with reads.begin() as connection:
        noted = RestingOrders(connection, [])
        noted.put(resting(due=None))
        noted.write()
        assert not retention_due(connection, MONDAY + days(99_999))


def test_other_rules_move_what_lies_there_and_what_is_in_memory(reads: Engine) -> None:
    batch = [recorded(completed())]
    with reads.begin() as connection:
        noted = RestingOrders(connection, batch)
        noted.put(resting())
        noted.put(resting(OTHER, LAMP))
        noted.count_anew(lambda category: 5 if category == POTHOLE else None)
        assert noted.get(ORDER) == resting(due=MONDAY + days(5))
        assert noted.get(OTHER) == resting(OTHER, LAMP, None)
        noted.write()
    with reads.begin() as connection:
        noted = RestingOrders(connection, [])
        assert [one.due for one in noted.due(MONDAY + days(9), 10)] == [MONDAY + days(5)]
        noted.count_anew(lambda _: 7)
        assert [one.due for one in noted.due(TEN, 10)] == [MONDAY + days(7)] * 2
