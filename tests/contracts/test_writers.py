"""Several writers on one record: a decision holds at its place in the log."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import TypeVar

import pytest

from adapters.store.event_store import EventStore
from domain.commands import AdoptRules
from domain.events import OrderClaimed, OrderDispatched
from domain.facts import Read
from domain.ids import StreamId
from services.handling import Batch, Handler, Superseded
from tests.contracts.conftest import OpenStore
from tests.support import a_provider as unit
from tests.support.a_town import PARKS, ROADS, RULES, WATER, hours
from tests.support.an_order import (
    OPERATOR,
    ORDER,
    accept,
    claim,
    complete,
    decline,
    dispatch,
    place,
    pool,
    recall,
    withdraw,
)
from tests.support.at_the_door import codes, of, order_id, request, say, unreadable
from tests.support.given import TEN, Ask

T = TypeVar("T")


@pytest.fixture
def other(handler: Handler, open_store: OpenStore) -> Handler:
    """Another process's handler on the same record, with a cache of its own."""
    return Handler(open_store())


def test_what_another_wrote_meanwhile_is_decided_upon(handler: Handler, other: Handler) -> None:
    say(handler, place(), dispatch())
    say(other, recall(), dispatch(to=ROADS))
    assert codes(say(handler, accept(by=WATER))) == ["not_offered"]
    assert codes(say(other, accept(by=ROADS))) == ["recorded"]
    assert codes(say(handler, accept(by=ROADS))) == ["already"]


def test_a_refusal_too_is_decided_upon_what_another_wrote(handler: Handler, other: Handler) -> None:
    say(handler, place())
    assert codes(say(handler, accept(by=WATER))) == ["forbidden_step"]
    say(other, dispatch(to=WATER))
    assert codes(say(handler, accept(by=WATER))) == ["recorded"]


def test_an_order_that_another_placed_exists(handler: Handler, other: Handler) -> None:
    say(other, place())
    assert codes(say(handler, place())) == ["order_exists"]
    assert codes(say(Handler(handler._store), place(), of(2, place()))) == ["order_exists", "recorded"]


def test_what_a_decision_reads_is_checked_as_well(handler: Handler, other: Handler) -> None:
    say(handler, place())
    say(handler, dispatch(to=ROADS), recall())
    say(other, unit.retire())
    assert codes(say(handler, dispatch(to=WATER))) == ["provider_retired"]


def test_what_is_read_only_the_second_time_is_checked_too(handler: Handler, other: Handler) -> None:
    """At first the import is refused for its time, before it looks at its provider; then it is not."""
    say(handler, place(), dispatch(to=WATER), recall())
    early = replace(dispatch(to=WATER), from_imports=True)
    say(other, unit.retire())
    say(other, of(2, place()))
    refused = handler.handle(Batch([request(early, claimed=TEN - hours(1)), request(early, claimed=TEN)]))
    assert codes(refused) == ["out_of_order", "provider_retired"]


def test_new_rules_are_in_force_at_once(handler: Handler, other: Handler, store: EventStore) -> None:
    say(handler, place())
    say(other, Ask(AdoptRules(rules=RULES.model_copy(update={"finish_hours": 1})), OPERATOR))
    parked = handler.handle(Batch([unreadable()]))[0]
    assert store.read(parked.positions[0] - 1, 1)[0].fact.meta.rules == 2
    say(other, Ask(AdoptRules(rules=RULES), OPERATOR))
    dispatched = say(handler, dispatch())[0].events[0]
    assert isinstance(dispatched, OrderDispatched)
    assert dispatched.due_at == TEN + hours(48)


def test_what_was_read_is_on_the_record(handler: Handler, store: EventStore) -> None:
    say(handler, place())
    dispatched, again, refused = (
        out.positions[0] for out in say(handler, dispatch(), dispatch(), accept(by=ROADS))
    )
    reads = {one.position: one.fact.meta.reads for one in store.read(dispatched - 1, 10)}
    water = Read(subject=f"provider/{WATER}", version=1)
    assert reads[dispatched] == (water,)
    assert reads[again] == (Read(subject=str(ORDER), version=2), water)
    assert reads[refused] == (Read(subject=str(ORDER), version=2),)


def test_one_of_many_claims_wins(handler: Handler, open_store: OpenStore) -> None:
    say(handler, place(), pool())
    claims = [WATER, ROADS, PARKS]
    outcomes = at_once([lambda by=by: say(Handler(open_store()), claim(by=by)) for by in claims])
    assert sorted(codes([one for (one,) in outcomes])) == [
        "claimed_by_another",
        "claimed_by_another",
        "recorded",
    ]
    won = [one.events[0] for (one,) in outcomes if one.events[0].wire == "OrderClaimed"]
    assert isinstance(won[0], OrderClaimed)


def test_one_of_many_claims_in_a_batch_wins(handler: Handler) -> None:
    say(handler, place(), pool())
    outcomes = say(handler, claim(by=ROADS), claim(by=WATER), claim(by=ROADS), claim(by=PARKS))
    assert codes(outcomes) == ["recorded", "claimed_by_another", "already", "claimed_by_another"]


def test_writers_that_meet_on_the_same_orders_lose_nothing(handler: Handler, open_store: OpenStore) -> None:
    """Each of three sends every order on one step after the other; only one of each step can count."""
    orders = range(12)
    say(handler, *(of(number, place()) for number in orders))
    steps = [dispatch(), accept(), complete()]

    def push(writer: Handler) -> list[str]:
        return [
            code for step in steps for code in codes(say(writer, *(of(number, step) for number in orders)))
        ]

    writers = [Handler(open_store()) for _ in range(3)]
    told = [code for (*all_,) in at_once([lambda one=one: push(one) for one in writers]) for code in all_]
    assert told.count("recorded") == len(orders) * len(steps)
    assert set(told) <= {"recorded", "already", "forbidden_step", "dispatched_elsewhere"}
    for number in orders:
        events = [type(one.fact.event).__name__ for one in handler._store.history(StreamId(order_id(number)))]
        assert events == ["OrderPlaced", "OrderDispatched", "OrderAccepted", "OrderCompleted"]


def test_a_partition_taken_over_is_left_alone(handler: Handler, other: Handler, store: EventStore) -> None:
    mine, theirs = Batch([request(place())], {"p[0]": (-1, 0)}), Batch([request(place())], {"p[0]": (-1, 0)})
    other.handle(theirs)
    head = store.head()
    with pytest.raises(Superseded, match=r"p\[0\]"):
        handler.handle(mine)
    assert (store.head(), store.positions()) == (head, {"p[0]": 0})


def test_a_batch_whose_predecessor_is_missing_is_refused(handler: Handler) -> None:
    handler.handle(Batch([request(place())], {"p[0]": (-1, 4)}))
    with pytest.raises(Superseded):
        handler.handle(Batch([request(dispatch())], {"p[0]": (9, 10)}))
    assert codes(handler.handle(Batch([request(dispatch())], {"p[0]": (4, 5), "p[1]": (-1, 7)}))) == [
        "recorded"
    ]


def test_a_refused_step_leaves_no_trace_in_later_decisions(handler: Handler) -> None:
    outcomes = say(handler, place(), accept(), decline(), withdraw(), dispatch())
    assert codes(outcomes) == ["recorded", "forbidden_step", "not_offered", "recorded", "forbidden_step"]


def at_once(jobs: list[Callable[[], T]]) -> list[T]:
    """Run them in a thread each, all starting together."""
    start = Barrier(len(jobs))

    def run(job: Callable[[], T]) -> T:
        start.wait(10)
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool_:
        return list(pool_.map(run, jobs))
