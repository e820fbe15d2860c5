"""The handler on a real record in a file: batches, memory, and how often it asks the record."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from adapters.desk import in_stride
from adapters.store.event_store import EventStore
from domain.situation import State
from services.handling import Batch, Handler
from services.ports import Store, Subjects, Writing
from services.requests import Status
from tests.support.a_town import ROADS, WATER
from tests.support.an_order import accept, complete, dispatch, place, rate, withdraw
from tests.support.at_the_door import (
    LostAck,
    Passing,
    Unreliable,
    codes,
    found_town,
    of,
    request,
    say,
    unreadable,
)
from tests.support.given import Ask


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    store = EventStore(f"sqlite:///{tmp_path}/record.db")
    found_town(store)
    yield store
    store.close()


class Counting:
    """The record, counting what is asked of it."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self.loads: list[int] = []
        self.transactions = 0
        self.reloads = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def load(self, subjects: Subjects) -> dict[str, State]:
        self.loads.append(len(subjects))
        return self._store.load(subjects)

    def writing(self, *looking: Any) -> Writing:
        self.transactions += 1
        return cast("Writing", _CountingWrites(self._store.writing(*looking), self))


class _CountingWrites(Passing):
    def __init__(self, writing: Writing, counting: Counting) -> None:
        super().__init__(writing)
        self._counting = counting

    def load(self, subjects: Subjects) -> dict[str, State]:
        self._counting.reloads += len(subjects)
        return self._passed.load(subjects)


@pytest.fixture
def counting(store: EventStore) -> Counting:
    return Counting(store)


@pytest.fixture
def handler(counting: Counting) -> Handler:
    return Handler(cast("Store", counting))


def test_an_empty_batch_asks_nothing(handler: Handler, counting: Counting) -> None:
    assert handler.handle(Batch([])) == []
    assert counting.transactions == 0


def test_progress_alone_is_recorded(handler: Handler, store: EventStore) -> None:
    assert handler.handle(Batch([], {"p[0]": (-1, 4)})) == []
    assert store.positions() == {"p[0]": 4}


def test_a_batch_is_one_transaction_and_one_load(handler: Handler, counting: Counting) -> None:
    say(handler, *(of(number, place()) for number in range(50)), *(of(n, dispatch()) for n in range(50)))
    assert (counting.transactions, counting.loads, counting.reloads) == (1, [2], 0)  # the rules and water


def test_orders_in_flight_are_not_loaded_again(handler: Handler, counting: Counting) -> None:
    say(handler, place(), dispatch())
    counting.loads.clear()
    assert codes(say(handler, accept())) == ["recorded"]
    assert (counting.loads, counting.reloads) == ([], 0)


def test_what_memory_has_no_room_for_is_loaded(store: EventStore, counting: Counting) -> None:
    handler = Handler(cast("Store", counting), cached=3)
    for number in range(10):
        say(handler, of(number, place()), of(number, dispatch()))
    assert len(handler._cache) == 3
    assert codes(say(handler, of(0, accept()))) == ["recorded"]
    assert counting.loads[-1] == 1


def test_strangers_fill_no_memory(handler: Handler) -> None:
    held = len(handler._cache)
    say(handler, *(of(number, rate()) for number in range(100)))
    assert len(handler._cache) <= held + 1  # the rules


def test_only_what_moved_on_is_loaded_under_the_lock(
    handler: Handler, counting: Counting, store: EventStore
) -> None:
    say(handler, *(of(number, place()) for number in range(10)))
    say(Handler(store), of(3, dispatch(to=ROADS)))
    outcomes = say(handler, *(of(number, dispatch(to=WATER)) for number in range(10)))
    assert codes(outcomes) == ["recorded"] * 3 + ["dispatched_elsewhere"] + ["recorded"] * 6
    assert counting.reloads == 1


def test_each_gets_its_own_outcome_in_order(handler: Handler) -> None:
    batch = [request(place()), unreadable(), request(of(2, accept())), request(dispatch())]
    outcomes = handler.handle(Batch(batch))
    assert [outcome.key for outcome in outcomes] == [one.asked.key for one in batch]
    assert [outcome.status for outcome in outcomes] == [
        Status.RECORDED,
        Status.PARKED,
        Status.REJECTED,
        Status.RECORDED,
    ]
    assert outcomes[2].reason_zh
    assert outcomes[2].reason_en
    positions = [outcome.positions[0] for outcome in outcomes]
    assert positions == sorted(positions)


def test_a_batch_of_the_unreadable_alone(handler: Handler) -> None:
    assert codes(handler.handle(Batch([unreadable(), unreadable()]))) == ["unreadable", "unreadable"]


def batch(*asks: Ask) -> Batch:
    return Batch([request(ask) for ask in asks])


def test_a_batch_is_decided_on_the_one_that_is_still_committing(handler: Handler, counting: Counting) -> None:
    first = handler.start(handler.prepare(batch(place(), dispatch())))
    second = handler.prepare(batch(accept()))
    assert codes(handler.finish(first)) == ["recorded", "recorded"]
    assert codes(handler.finish(handler.start(second))) == ["recorded"]
    assert counting.reloads == 0


def test_what_stood_on_a_batch_that_was_never_recorded_is_decided_again(
    handler: Handler, counting: Counting
) -> None:
    say(handler, place())
    never = handler.prepare(batch(dispatch()))
    standing_on_it = handler.prepare(batch(accept()))
    handler.drop(never)
    assert codes(handler.finish(handler.start(standing_on_it))) == ["forbidden_step"]
    assert counting.reloads == 2  # the order, and the rules that both were decided under


def test_what_stood_on_a_batch_that_came_otherwise_is_decided_again(
    handler: Handler, store: EventStore
) -> None:
    say(handler, place())
    first = handler.prepare(batch(dispatch(to=WATER)))
    second = handler.prepare(batch(accept(by=WATER)))
    say(Handler(store), dispatch(to=ROADS))  # of the same version as what is foreseen, and another state
    assert codes(handler.finish(handler.start(first))) == ["dispatched_elsewhere"]
    assert codes(handler.finish(handler.start(second))) == ["not_offered"]


def test_a_commit_that_fails_takes_what_stood_on_it_along(store: EventStore) -> None:
    unreliable = Unreliable(store)
    handler = Handler(cast("Store", unreliable))
    unreliable.losing = True
    first = handler.start(handler.prepare(batch(place())))
    second = handler.prepare(batch(withdraw()))
    with pytest.raises(LostAck):
        handler.finish(first)
    unreliable.losing = False
    assert len(handler._cache) == 0
    assert codes(handler.finish(handler.start(second))) == ["recorded"]  # the commit itself went through


def test_batches_in_stride_are_answered_in_order(handler: Handler) -> None:
    steps = [batch(place()), batch(dispatch()), batch(accept(), complete()), batch(accept())]
    answers = [codes(outcomes) for outcomes in in_stride(handler, steps)]
    assert answers == [["recorded"], ["recorded"], ["recorded", "recorded"], ["forbidden_step"]]
