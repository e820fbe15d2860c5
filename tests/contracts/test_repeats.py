"""The same command twice is recorded once, whoever hands it in again and whenever."""

from typing import cast

import pytest

from adapters.store.event_store import EventStore
from domain.events import CommandRejected, CommandRepeated, OrderPlaced
from domain.facts import Recorded
from services.handling import Batch, Handler, Superseded
from services.ports import Store
from services.requests import Request, Status
from tests.contracts.conftest import OpenStore
from tests.support.a_town import WATER
from tests.support.an_order import ORDER, accept, dispatch, place, withdraw
from tests.support.at_the_door import (
    LostAck,
    Unreliable,
    codes,
    found_town,
    of,
    request,
    say,
    unreadable,
)


def last(store: EventStore, count: int = 1) -> list[Recorded]:
    return list(store.read(0, 10_000))[-count:]


def test_a_repeat_points_at_the_first_answer(handler: Handler, store: EventStore) -> None:
    first = handler.handle(Batch([request(place(), "a")]))[0]
    again = handler.handle(Batch([request(place(), "a")]))[0]
    assert (again.status, again.code, again.first) == (Status.REPEATED, "repeated", first.positions[0])
    event = last(store)[0].fact.event
    assert isinstance(event, CommandRepeated)
    assert event.first == first.positions[0]
    assert len(list(store.history(last(store)[0].fact.stream))) == 1


def test_a_repeat_inside_one_batch_points_at_it_too(handler: Handler, store: EventStore) -> None:
    batch = [request(place(), "a"), request(place(), "a"), request(dispatch()), request(place(), "a")]
    first, second, third, fourth = handler.handle(Batch(batch))
    assert codes([first, second, third, fourth]) == ["recorded", "repeated", "recorded", "repeated"]
    assert second.first == fourth.first == first.positions[0]
    recorded = {one.position: one.fact.event for one in last(store, 4)}
    for repeat in (second, fourth):
        event = recorded[repeat.positions[0]]
        assert list(repeat.events) == [event]
        assert isinstance(event, CommandRepeated)
        assert event.first == first.positions[0]


def test_a_repeat_is_known_in_another_process(handler: Handler, open_store: OpenStore) -> None:
    first = handler.handle(Batch([request(place(), "a")]))[0]
    other = Handler(open_store())
    assert other.handle(Batch([request(place(), "a")]))[0].first == first.positions[0]


def test_other_content_under_a_used_key_is_refused(handler: Handler, store: EventStore) -> None:
    first = handler.handle(Batch([request(place(), "a")]))[0]
    refused, again = handler.handle(Batch([request(place(), "a", said="else"), request(place(), "a")]))
    assert refused.code == "id_reused"
    assert again.first == first.positions[0]  # the first content is still what counts


def test_other_content_under_a_used_key_is_refused_inside_one_batch(handler: Handler) -> None:
    outcomes = handler.handle(
        Batch([request(place(), "a"), request(place(), "a", said="else"), request(place(), "a")])
    )
    assert codes(outcomes) == ["recorded", "id_reused", "repeated"]


def test_a_refusal_is_an_answer_and_is_repeated_as_such(handler: Handler, store: EventStore) -> None:
    refused = handler.handle(Batch([request(withdraw(), "a")]))[0]
    assert refused.code == "unknown_order"
    say(handler, place())
    again = handler.handle(Batch([request(withdraw(), "a")]))[0]
    assert (again.code, again.first) == ("repeated", refused.positions[0])


def test_what_was_so_already_is_an_answer_too(handler: Handler) -> None:
    say(handler, place(), dispatch())
    already = handler.handle(Batch([request(dispatch(), "a")]))[0]
    assert (already.status, already.code, already.first) == (Status.REPEATED, "already", None)
    again = handler.handle(Batch([request(dispatch(), "a")]))[0]
    assert (again.code, again.first) == ("repeated", already.positions[0])


def test_what_was_parked_claims_no_key(handler: Handler) -> None:
    good = request(place(), "a")
    parked, recorded = handler.handle(Batch([unreadable(key=good.asked.key), good]))
    assert (parked.status, recorded.status) == (Status.PARKED, Status.RECORDED)


def a_bit_of_everything() -> list[Request]:
    return [request(place(), "a"), request(of(2, withdraw()), "b"), request(dispatch(), "c")]


def test_a_batch_whose_ack_was_lost_is_repeated_when_it_comes_again(store: EventStore) -> None:
    found_town(store)
    unreliable = Unreliable(store)
    handler = Handler(cast("Store", unreliable))
    batch = Batch([*a_bit_of_everything(), unreadable()])
    unreliable.losing = True
    for _ in range(2):  # each time it is recorded, and each time the handler cannot know
        with pytest.raises(LostAck):
            handler.handle(batch)
    unreliable.losing = False
    outcomes = handler.handle(batch)
    assert codes(outcomes) == ["repeated", "repeated", "repeated", "unreadable"]
    answers = {one.position: type(one.fact.event) for one in store.read(0, 1000)}
    assert [answers[outcome.first] for outcome in outcomes[:2] if outcome.first] == [
        OrderPlaced,
        CommandRejected,
    ]
    assert len(list(store.history(last(store)[0].fact.stream))) == 3  # the parked one, thrice in its stream


def test_with_progress_a_batch_whose_ack_was_lost_is_superseded(store: EventStore) -> None:
    found_town(store)
    unreliable = Unreliable(store)
    handler = Handler(cast("Store", unreliable))
    batch = Batch(a_bit_of_everything(), {"residents/x[0]": (-1, 2)})
    unreliable.losing = True
    with pytest.raises(LostAck):
        handler.handle(batch)
    unreliable.losing = False
    head = store.head()
    with pytest.raises(Superseded):
        handler.handle(batch)
    assert store.head() == head
    following = Batch([request(accept())], {"residents/x[0]": (2, 3)})
    assert codes(handler.handle(following)) == ["recorded"]
    assert store.positions() == {"residents/x[0]": 3}


def test_the_same_arrival_twice_in_one_batch(handler: Handler, store: EventStore) -> None:
    one = request(withdraw(), "a")
    assert codes(handler.handle(Batch([one, one]))) == ["unknown_order", "repeated"]
    versions = [recorded.fact.version for recorded in last(store, 2)]
    assert versions == [1, 2]


def test_facts_of_nobody_lie_apart_from_every_order(handler: Handler, store: EventStore) -> None:
    say(handler, place())
    handler.handle(Batch([request(accept(by=WATER)), unreadable(), request(dispatch()), request(dispatch())]))
    apart = [one.fact for one in store.read(0, 100) if not hasattr(one.fact.event, "area")][-3:]
    assert len({fact.stream for fact in apart}) == 3
    assert ORDER not in {fact.stream for fact in apart}
    assert all(fact.stream.version == 8 for fact in apart)
