"""The handler on a real record in a file: batches, memory, and how often it asks the record."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from adapters.store.event_store import EventStore
from domain.ids import StreamId
from domain.situation import State
from services.handling import Batch, Handler
from services.ports import Store, Writing
from services.requests import Status
from tests.support.a_town import ROADS, WATER
from tests.support.an_order import accept, dispatch, place, rate
from tests.support.at_the_door import codes, found_town, of, request, say, unreadable


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

    def load(self, subjects: Mapping[StreamId, str]) -> dict[StreamId, State]:
        self.loads.append(len(subjects))
        return self._store.load(subjects)

    @contextmanager
    def writing(self) -> Generator[Writing]:
        self.transactions += 1
        with self._store.writing() as writing:
            yield cast("Writing", _CountingWrites(writing, self))


class _CountingWrites:
    def __init__(self, writing: Writing, counting: Counting) -> None:
        self._writing = writing
        self._counting = counting

    def __getattr__(self, name: str) -> Any:
        return getattr(self._writing, name)

    def load(self, subjects: Mapping[StreamId, str]) -> dict[StreamId, State]:
        self._counting.reloads += len(subjects)
        return self._writing.load(subjects)


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
