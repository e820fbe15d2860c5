"""What has rested long enough is asked to be erased, once, by the rules in force when it is due."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import pytest
from msgspec.structs import replace

from domain.commands import EraseOrder
from domain.events import CommandRejected, RulesAdopted
from domain.facts import Recorded
from domain.ids import OrderId
from domain.model import Event
from domain.reached import Because
from domain.rules import Retention, Rules
from domain.stages import Stage
from services.reactions import Message
from services.retention_process import Kept, Resting, RetentionProcess, due
from tests.support.a_person import order_erasure_finished, texts_erased
from tests.support.a_town import MONDAY, POTHOLE, days, hours, rules_with
from tests.support.an_order import (
    ORDER,
    OTHER,
    accepted,
    answered,
    completed,
    imported,
    marked_duplicate,
    not_accepted,
    placed,
    rated,
    reopened,
    withdrawn,
)
from tests.support.recorded import recorded

TEN: Final = MONDAY + days(10)


def keeping(count: int | None) -> Rules:
    return rules_with(retention=(Retention(category=POTHOLE, days=count),) if count else ())


class Noted:
    """What rests, in memory."""

    def __init__(self) -> None:
        self.orders: dict[OrderId, Resting] = {}

    def put(self, resting: Resting) -> None:
        self.orders[resting.order] = resting

    def get(self, order: OrderId) -> Resting | None:
        return self.orders.get(order)

    def drop(self, order: OrderId) -> None:
        self.orders.pop(order, None)

    def count_anew(self, kept: Kept) -> None:
        for one in list(self.orders.values()):
            self.put(replace(one, due=due(one.since, kept(one.category))))

    def due(self, now: datetime, most: int) -> Sequence[Resting]:
        over = [one for one in self.orders.values() if not one.asked and one.due and one.due <= now]
        return sorted(over, key=lambda one: (one.due, one.order))[:most]


class Following:
    """The process, and what it says when time passes."""

    def __init__(self, count: int | None = 10) -> None:
        self.noted = Noted()
        self.rules = keeping(count)
        self._process = RetentionProcess(lambda: self.rules, self.noted)
        self._position = 0

    def after(self, *events: Event | Recorded, order: OrderId = ORDER, at: datetime = MONDAY) -> "Following":
        for event in events:
            self._position += 1
            one = (
                event if isinstance(event, Recorded) else recorded(event, self._position, order=order, at=at)
            )
            assert not self._process.react(one)
        return self

    def adopt(self, count: int | None) -> "Following":
        self.rules = keeping(count)
        return self.after(RulesAdopted(version=2, rules=self.rules))

    def at(self, now: datetime) -> Sequence[Message]:
        return self._process.tick(now)


@pytest.mark.parametrize(
    "end",
    [completed(), answered(), not_accepted(), marked_duplicate(), withdrawn(), imported(Stage.COMPLETED)],
)
def test_however_it_was_closed_it_is_erased_when_its_days_are_over(end: Event) -> None:
    following = Following().after(end)
    assert following.at(TEN - hours(1)) == []
    (message,) = following.at(TEN + hours(1))
    assert (message.topic, message.type, message.subject) == ("system", "EraseOrder", str(ORDER))
    assert (message.id, message.source, message.time) == ("retention-1-1", "sidan/retention", TEN + hours(1))
    assert EraseOrder.model_validate_json(message.data).because is Because.RETENTION


def test_it_is_asked_for_once() -> None:
    following = Following().after(completed())
    assert len(following.at(TEN)) == 1
    assert following.at(TEN + days(1)) == []


def test_what_is_open_is_kept() -> None:
    assert Following().after(placed(), accepted(), imported(Stage.ACCEPTED)).at(TEN + days(999)) == []
    assert Following().after(completed(), reopened()).at(TEN + days(999)) == []


def test_what_nobody_limits_is_kept() -> None:
    assert Following(None).after(completed()).at(TEN + days(9_999)) == []


def test_a_rating_counts_anew() -> None:
    following = Following().after(completed()).after(rated(), at=MONDAY + days(4))
    assert following.at(TEN) == []
    assert [message.id for message in following.at(MONDAY + days(14))] == ["retention-2-1"]


def test_one_that_is_done_again_counts_from_then() -> None:
    following = Following().after(completed(), reopened()).after(completed(), at=MONDAY + days(4))
    assert following.at(TEN) == []
    assert len(following.at(MONDAY + days(14))) == 1


def test_what_is_erased_is_let_be_until_somebody_writes_again() -> None:
    following = Following().after(completed(), texts_erased(), order_erasure_finished())
    assert following.at(TEN) == []
    assert len(following.after(rated(), at=TEN).at(TEN + days(10))) == 1


@pytest.mark.parametrize(("count", "when"), [(5, MONDAY + days(5)), (30, MONDAY + days(30))])
def test_other_rules_apply_to_what_rests_already(count: int, when: datetime) -> None:
    following = Following().after(completed()).adopt(count)
    assert following.at(when - hours(1)) == []
    assert len(following.at(when)) == 1


def test_rules_that_set_no_limit_any_more_keep_it() -> None:
    assert Following().after(completed()).adopt(None).at(TEN + days(999)) == []
    assert len(Following(None).after(completed()).adopt(10).at(TEN)) == 1


def refused(code: str, cause: str = "retention-1-1") -> Recorded:
    event = CommandRejected(
        subject=str(ORDER), command="EraseOrder", code=code, reason_zh="", reason_en="", asked="{}"
    )
    return recorded(event, 9, source="sidan/retention", cause=cause)


@pytest.mark.parametrize("code", ["date_in_future", "kept_longer"])
def test_where_it_came_too_early_it_is_asked_for_again_in_time_under_another_id(code: str) -> None:
    following = Following().after(completed())
    following.at(TEN)
    following.rules = keeping(20)
    following.after(refused(code))
    assert following.at(TEN) == []
    assert [message.id for message in following.at(MONDAY + days(20))] == ["retention-9-1"]


@pytest.mark.parametrize("refusal", [refused("forbidden_step"), refused("kept_longer", "retention-0-1")])
def test_where_the_order_has_moved_on_it_lets_it_be(refusal: Recorded) -> None:
    following = Following().after(completed())
    following.at(TEN)
    assert following.after(refusal).at(TEN + days(99)) == []


def test_what_is_over_longest_goes_first() -> None:
    following = Following().after(completed(), at=MONDAY + days(1)).after(completed(), order=OTHER)
    assert [message.subject for message in following.at(TEN + days(9))] == [str(OTHER), str(ORDER)]
