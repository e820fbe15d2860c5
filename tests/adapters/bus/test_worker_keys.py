"""While keys cannot be had a batch waits, and the one prepared behind it does not pass it over."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pytest
from eventsourcing.persistence import OperationalError

from adapters.bus.topics import Topics
from adapters.bus.worker import Worker
from adapters.envelope import Decoder
from adapters.keys.owner import Owner
from adapters.keys.town_key import TownSealer
from adapters.open_orders import OpenOrders
from adapters.store.event_store import EventStore
from domain.ids import time_ordered_id
from projections.engine import open_reads
from projections.order_board import OrderBoardQueries
from services.handling import Handler
from tests.faults.simulator.broker import Message
from tests.support.a_bus import do_all, place
from tests.support.a_town import MONDAY
from tests.support.one_key import OneKey

SECRET = bytes(32)
TOPICS = Topics("sidan")
RESIDENTS = TOPICS.name("residents")


class AwayAtFirst(OneKey):
    """Its database does not answer the first time."""

    asked = 0

    def sealers(self, owners: Collection[Owner]) -> Mapping[Owner, TownSealer]:
        self.asked += 1
        if self.asked == 1:
            raise OperationalError("the connection is lost")
        return super().sealers(owners)


@pytest.fixture
def store() -> Iterator[EventStore]:
    store = EventStore("sqlite:///:memory:")
    yield store
    store.close()


@pytest.fixture
def worker(store: EventStore) -> Worker:
    any_number = OpenOrders(OrderBoardQueries(open_reads("sqlite://")), 0)
    decoder = Decoder(AwayAtFirst(SECRET), SECRET)
    ids = dict.fromkeys(TOPICS.commands, "1")
    worker = Worker(store, Handler(store), decoder, TOPICS, ids, open_orders=any_number)
    worker.offsets([(RESIDENTS, 0), (RESIDENTS, 1)])
    return worker


def message(partition: int, offset: int) -> Any:
    order = str(time_ordered_id(MONDAY, f"{partition} {offset}".encode()))
    return Message((RESIDENTS, partition, offset), None, place(order), (), MONDAY)


def came_in(store: EventStore) -> set[str]:
    return {one.fact.meta.intake for one in store.read(0, 100)}


def test_a_batch_whose_keys_are_away_is_not_passed_over_by_the_next(
    store: EventStore, worker: Worker
) -> None:
    first = worker.work([message(0, 0), message(1, 0)])
    following = worker.work([message(0, 1)])
    with pytest.raises(OperationalError):
        first.prepare()
    following.prepare()
    do_all(first)
    following.start()
    following.finish()
    assert came_in(store) == {f"{RESIDENTS}[{at}" for at in ("0]@0", "1]@0", "0]@1")}


def test_a_batch_whose_keys_are_away_is_taken_in_when_they_are_back(
    store: EventStore, worker: Worker
) -> None:
    work = worker.work([message(0, 0)])
    with pytest.raises(OperationalError):
        work.prepare()
    assert came_in(store) == set()
    do_all(work)
    assert came_in(store) == {f"{RESIDENTS}[0]@0"}
