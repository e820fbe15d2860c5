"""Who does not accept a call in its minutes is called back, once, whatever is read or looked at twice."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import pytest

from domain.commands import RecallOrder
from domain.events import CommandRejected, OrderDispatched
from domain.facts import Recorded
from domain.ids import OrderId
from domain.model import Event
from domain.sealed import Sealed
from services.call_process import Called, CallProcess
from services.reactions import Message
from tests.support.a_town import MONDAY, ROADS, WATER, hours
from tests.support.an_order import ORDER, OTHER, accepted, declined, dispatched, recalled, seconded, withdrawn
from tests.support.recorded import recorded

BY: Final = dispatched().accept_by
BEFORE: Final = BY - hours(1 / 3600)


class Watched:
    """The calls in memory."""

    def __init__(self) -> None:
        self.calls: dict[OrderId, Called] = {}

    def put(self, called: Called) -> None:
        self.calls[called.order] = called

    def get(self, order: OrderId) -> Called | None:
        return self.calls.get(order)

    def drop(self, order: OrderId) -> None:
        self.calls.pop(order, None)

    def due(self, now: datetime, most: int) -> Sequence[Called]:
        over = [one for one in self.calls.values() if not one.asked and one.accept_by <= now]
        return sorted(over, key=lambda one: one.accept_by)[:most]


class Following:
    """The process, and what it says when time passes."""

    def __init__(self) -> None:
        self.watched = Watched()
        self._process = CallProcess(self.watched)
        self._position = 0

    def after(self, *events: Event | Recorded, order: OrderId = ORDER) -> "Following":
        for event in events:
            self._position += 1
            one = event if isinstance(event, Recorded) else recorded(event, self._position, order=order)
            assert not self._process.react(one)
        assert not self._process.conclude()
        return self

    def at(self, now: datetime) -> Sequence[Message]:
        return self._process.tick(now)


def called(**fields: object) -> OrderDispatched:
    return dispatched().model_copy(update={"call": True, **fields})


def test_a_call_is_called_back_when_its_time_is_over() -> None:
    following = Following().after(called())
    assert following.at(BEFORE) == []
    (message,) = following.at(BY)
    assert (message.topic, message.type, message.subject) == ("system", "RecallOrder", str(ORDER))
    assert (message.id, message.source, message.time) == ("call-1-1", "sidan/call", BY)
    assert message.correlation == "c1"
    command = RecallOrder.model_validate_json(message.data)
    assert (command.provider, command.accept_by) == (WATER, BY)
    assert isinstance(command.reason, Sealed)


def test_it_is_called_back_once() -> None:
    following = Following().after(called())
    assert len(following.at(BY)) == 1
    assert following.at(BY + hours(1)) == []


@pytest.mark.parametrize("end", [accepted(), declined(), recalled(), withdrawn()])
def test_what_was_answered_is_let_be(end: Event) -> None:
    following = Following().after(called(), end)
    assert following.at(BY) == []
    assert following.watched.calls == {}


def test_what_has_nothing_to_do_with_it_ends_no_call() -> None:
    assert len(Following().after(called(), seconded()).at(BY)) == 1


def test_no_other_order_is_watched() -> None:
    assert Following().after(dispatched()).at(BY) == []


def test_what_was_over_when_it_was_recorded_is_history() -> None:
    assert Following().after(recorded(called(), 1, at=BY)).at(BY) == []
    assert len(Following().after(recorded(called(), 1, at=BEFORE)).at(BY)) == 1


def test_the_next_one_has_its_own_time() -> None:
    following = Following().after(called())
    following.at(BY)
    following.after(recalled(), called(provider=ROADS, accept_by=BY + hours(1)))
    assert following.at(BY) == []
    (message,) = following.at(BY + hours(1))
    assert (message.id, RecallOrder.model_validate_json(message.data).provider) == ("call-3-1", ROADS)


def test_the_one_that_is_over_longest_goes_first() -> None:
    following = Following().after(called(accept_by=BY + hours(1))).after(called(), order=OTHER)
    assert [message.subject for message in following.at(BY + hours(1))] == [str(OTHER), str(ORDER)]


def refused(code: str, cause: str = "call-1-1") -> Recorded:
    event = CommandRejected(
        subject=str(ORDER), command="RecallOrder", code=code, reason_zh="", reason_en="", asked="{}"
    )
    return recorded(event, 9, source="sidan/call", cause=cause)


def test_where_the_clock_was_ahead_of_the_record_it_asks_again_under_another_id() -> None:
    following = Following().after(called())
    following.at(BY)
    (message,) = following.after(refused("date_in_future")).at(BY)
    assert (message.id, message.time) == ("call-9-1", BY)


@pytest.mark.parametrize(
    "refusal", [refused("offer_over"), refused("not_offered"), refused("date_in_future", "call-0-1")]
)
def test_where_the_order_has_moved_on_it_lets_it_be(refusal: Recorded) -> None:
    following = Following().after(called())
    following.at(BY)
    assert following.after(refusal).at(BY) == []


def test_the_time_of_day_is_nothing_to_it() -> None:
    assert Following().at(MONDAY) == []
