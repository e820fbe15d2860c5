"""Auto-dispatch decides each order that comes to wait once, in rounds, as far as the town's rules let it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

import pytest
from msgspec.structs import replace

from domain.commands import DispatchOrder, ProposeDispatch
from domain.events import CommandRejected, Event, OrderAmended, ProviderCapacityChanged, RulesAdopted
from domain.facts import Actor, Recorded
from domain.ids import OrderId, ProviderId
from domain.proposal import Proposal
from domain.rules import DispatchSetting, Rules
from domain.stages import AutoDispatch, Role, Urgency
from services.dispatch_process import DispatchProcess, Waiting
from services.freeing import Fits
from services.reactions import Message, NotYet
from tests.support.a_town import EAST, MEALS, MONDAY, PARKS, POTHOLE, ROADS, RULES, WATER
from tests.support.an_order import (
    ORDER,
    OTHER,
    a_proposal,
    accepted,
    completed,
    declined,
    dispatched,
    placed,
    pooled,
    recalled,
    reopened,
    withdrawn,
)
from tests.support.recorded import recorded

ON, PROPOSE, OFF = AutoDispatch.ON, AutoDispatch.PROPOSE, AutoDispatch.OFF
MACHINE: Final = Actor(role=Role.SYSTEM, id="sidan/retirement")


class Remembered:
    """A waiting list in memory."""

    def __init__(self) -> None:
        self.orders: dict[OrderId, Waiting] = {}
        self.last_look: datetime | None = None

    def put(self, waiting: Waiting) -> None:
        self.orders[waiting.order] = waiting

    def get(self, order: OrderId) -> Waiting | None:
        return self.orders.get(order)

    def drop(self, order: OrderId) -> None:
        self.orders.pop(order, None)

    def left(self, most: int, fits: Fits, *, calls: bool) -> Sequence[Waiting]:
        waiting = sorted(self.orders.values(), key=lambda one: one.since)
        left = [one for one in waiting if one.asked is None and one.call is calls]
        return [one for one in left if fits(one.category, one.area)][:most]

    def calls_wait(self) -> bool:
        return any(one.call for one in self.orders.values())

    def coming(self) -> Mapping[ProviderId, int]:
        asked = [one.asked for one in self.orders.values() if one.asked]
        return {provider: asked.count(provider) for provider in asked}

    def looked(self, now: datetime) -> None:
        self.last_look = now


class Town:
    """One process over a town that finds `winner` for every order of a round."""

    def __init__(self, mode: AutoDispatch, winner: ProviderId | None = WATER) -> None:
        self.rules: Rules = RULES.model_copy(
            update={"dispatch": (DispatchSetting(category=POTHOLE, mode=mode),)}
        )
        self.winner = winner
        self.waiting = Remembered()
        self.rounds: list[list[OrderId]] = []
        self.coming: list[Mapping[ProviderId, int]] = []
        self.read = self.known = True
        self.position = 6
        self.process = DispatchProcess(lambda: self.rules, self.waiting, self, self._round)
        self.calls: set[OrderId] = set()
        self.open_for: dict[ProviderId, tuple[str, str]] = {WATER: (POTHOLE, EAST)}

    def has_read(self, _: Recorded) -> bool:
        return self.read

    def is_call(self, order: OrderId) -> bool | None:
        return order in self.calls if self.known else None

    def openings(self, providers: Collection[ProviderId]) -> set[tuple[str, str]]:
        return {self.open_for[one] for one in providers if one in self.open_for}

    def _round(
        self, orders: Sequence[OrderId], at: datetime, coming: Mapping[ProviderId, int]
    ) -> Mapping[OrderId, Proposal]:
        assert at == MONDAY
        self.rounds.append(list(orders))
        self.coming.append(coming)
        return dict.fromkeys(orders, a_proposal(*([self.winner] if self.winner else [])))

    def hears(self, *events: Event | Recorded) -> list[Message]:
        """One batch."""
        said: list[Message] = []
        for event in events:
            self.position += 1
            fact = event if isinstance(event, Recorded) else recorded(event, self.position)
            said += self.process.react(fact)
        return said + list(self.process.conclude())


COMES_TO_THE_COMMUNITY = [
    placed(),
    declined(by=PARKS),
    reopened(),
    OrderAmended(category=POTHOLE, area=EAST, old_category=MEALS, old_area=EAST),
]


@pytest.mark.parametrize("event", COMES_TO_THE_COMMUNITY)
def test_off_does_nothing(event: Event) -> None:
    town = Town(OFF)
    assert town.hears(event) == []
    assert town.rounds == []


@pytest.mark.parametrize("event", COMES_TO_THE_COMMUNITY)
def test_on_sends_it_to_the_winner(event: Event) -> None:
    (message,) = Town(ON).hears(event)
    command = DispatchOrder.model_validate_json(message.data)
    assert (command.provider, command.proposal) == (WATER, a_proposal(WATER))
    assert (message.topic, message.type) == ("system", "DispatchOrder")
    assert (message.id, message.source, message.time) == ("auto-dispatch-7-1", "sidan/auto-dispatch", MONDAY)


@pytest.mark.parametrize(("mode", "kind"), [(ON, DispatchOrder), (PROPOSE, ProposeDispatch)])
def test_it_says_since_when_the_order_waits(
    mode: AutoDispatch, kind: type[DispatchOrder | ProposeDispatch]
) -> None:
    town = Town(mode)
    (message,) = town.hears(recorded(declined(by=PARKS), 7, version=5))
    assert kind.model_validate_json(message.data).since == 5


def test_propose_leaves_it_to_a_person() -> None:
    (message,) = Town(PROPOSE).hears(placed())
    assert ProposeDispatch.model_validate_json(message.data).proposal == a_proposal(WATER)


def test_what_comes_in_one_batch_is_one_round_the_oldest_first() -> None:
    town = Town(ON)
    said = town.hears(recorded(placed(), 7, order=OTHER), recorded(placed(), 8))
    assert town.rounds == [[OTHER, ORDER]]
    assert [message.id for message in said] == ["auto-dispatch-7-1", "auto-dispatch-8-2"]


def test_the_last_decline_goes_to_arbitration_and_is_left_to_people() -> None:
    assert Town(ON).hears(recorded(declined(declines=3), 7, part=(1, 2))) == []


@pytest.mark.parametrize("end", [dispatched(), pooled(), withdrawn()])
def test_what_no_longer_waits_at_the_end_of_the_batch_is_not_in_the_round(end: Event) -> None:
    town = Town(ON)
    assert town.hears(placed(), end) == []
    assert town.waiting.orders == {}


def test_what_a_dispatcher_took_back_is_theirs_to_place() -> None:
    assert Town(ON).hears(recalled()) == []


def test_what_comes_back_from_who_retires_is_dispatched_anew() -> None:
    assert len(Town(ON).hears(recorded(recalled(), 7, actor=MACHINE))) == 1


def test_more_details_alone_are_no_cause() -> None:
    details = OrderAmended(category=POTHOLE, area=EAST, old_category=POTHOLE, old_area=EAST)
    town = Town(PROPOSE)
    town.hears(placed())
    assert town.hears(details) == []


def test_reclassified_it_is_decided_anew_exactly_once() -> None:
    town = Town(PROPOSE)
    town.hears(placed())
    moved = OrderAmended(category=POTHOLE, area=EAST, old_category=MEALS, old_area=EAST)
    assert len(town.hears(moved)) == 1
    assert town.hears(completed(), accepted()) == []


def test_nobody_to_send_it_to_leaves_it_with_the_community_until_somebody_is_free() -> None:
    town = Town(ON, winner=None)
    assert town.hears(placed()) == []
    town.winner = WATER
    assert town.hears(accepted()) == []
    (message,) = town.hears(ProviderCapacityChanged(provider=WATER, capacity=2))
    assert DispatchOrder.model_validate_json(message.data).provider == WATER
    assert message.id == "auto-dispatch-9-1"


def test_what_is_on_its_way_is_counted_and_not_decided_again() -> None:
    town = Town(ON)
    town.hears(placed())
    assert town.hears(recorded(placed(), 8, order=OTHER), ProviderCapacityChanged(provider=WATER, capacity=2))
    assert town.rounds == [[ORDER], [OTHER]]
    assert town.coming == [{}, {WATER: 1}]
    town.hears(dispatched())
    town.hears(recorded(placed(), 12, order=OTHER))
    assert town.coming[-1] == {}


def refused(code: str) -> Recorded:
    event = CommandRejected(
        subject=str(ORDER), command="DispatchOrder", code=code, reason_zh="", reason_en="", asked="{}"
    )
    return recorded(event, 9, source="sidan/auto-dispatch")


def test_where_its_winner_has_gone_it_asks_again() -> None:
    town = Town(ON)
    town.hears(placed())
    town.winner = ROADS
    (message,) = town.hears(refused("provider_retired"))
    assert (message.id, DispatchOrder.model_validate_json(message.data).provider) == (
        "auto-dispatch-9-1",
        ROADS,
    )


@pytest.mark.parametrize("code", ["forbidden_step", "dispatched_elsewhere"])
def test_where_the_order_has_moved_on_it_lets_it_be(code: str) -> None:
    town = Town(ON)
    town.hears(placed())
    assert town.hears(refused(code)) == []
    assert town.waiting.orders == {}


def test_a_proposal_that_came_too_late_does_not_undo_the_one_that_followed() -> None:
    town = Town(ON)
    town.hears(placed())
    assert town.hears(refused("proposal_outdated")) == []
    assert town.waiting.orders[ORDER].asked == WATER


def test_rules_that_let_it_go_further_set_it_going() -> None:
    town = Town(OFF)
    town.hears(placed())
    town.rules = Town(ON).rules
    assert len(town.hears(RulesAdopted(version=2, rules=town.rules))) == 1


def call() -> Event:
    return placed().model_copy(update={"urgency": Urgency.CALL})


@pytest.mark.parametrize("mode", [OFF, PROPOSE, ON])
def test_a_call_is_sent_at_once_whatever_the_setting_is(mode: AutoDispatch) -> None:
    (message,) = Town(mode).hears(call())
    assert DispatchOrder.model_validate_json(message.data).provider == WATER


@pytest.mark.parametrize(
    "event",
    [recorded(recalled(), 8, actor=MACHINE), declined(by=PARKS), reopened(), COMES_TO_THE_COMMUNITY[-1]],
)
def test_a_call_that_comes_back_goes_to_the_next(event: Event | Recorded) -> None:
    town = Town(OFF)
    assert town.hears(event) == []
    town.calls = {ORDER}
    assert len(town.hears(event)) == 1


def test_an_urgent_order_waits_for_a_person_where_the_setting_is_off() -> None:
    assert Town(OFF).hears(placed().model_copy(update={"urgency": Urgency.URGENT})) == []


def test_a_call_with_nobody_able_is_tried_again_when_somebody_is_free() -> None:
    town = Town(OFF, winner=None)
    assert town.hears(call()) == []
    town.winner = WATER
    assert town.hears(recorded(placed(), 8, order=OTHER)) == []
    (message,) = town.hears(ProviderCapacityChanged(provider=WATER, capacity=2))
    assert (message.subject, message.id) == (str(ORDER), "auto-dispatch-9-1")


def test_calls_go_before_the_others_who_get_what_room_is_left() -> None:
    town = Town(ON)
    said = town.hears(recorded(placed(), 7, order=OTHER), recorded(call(), 8))
    assert town.rounds == [[ORDER], [OTHER]]
    assert town.coming == [{}, {WATER: 1}]
    assert [message.id for message in said] == ["auto-dispatch-8-1", "auto-dispatch-7-2"]


@pytest.mark.parametrize("event", [placed(), declined(), ProviderCapacityChanged(provider=WATER, capacity=1)])
def test_it_waits_until_matching_has_read_as_far(event: Event) -> None:
    town = Town(ON)
    town.read = False
    with pytest.raises(NotYet):
        town.hears(event)
    assert town.waiting.orders == {}


def test_where_it_may_not_decide_it_waits_for_nothing() -> None:
    town = Town(OFF)
    town.read = False
    assert town.hears(placed(), ProviderCapacityChanged(provider=WATER, capacity=1)) == []
    assert ORDER in town.waiting.orders


def test_for_a_call_it_waits_wherever_it_may_not_decide_else() -> None:
    town = Town(OFF)
    town.hears(call())
    town.waiting.orders[ORDER] = replace(town.waiting.orders[ORDER], asked=None)
    town.read = False
    with pytest.raises(NotYet):
        town.hears(recorded(call(), 9, order=OTHER))
    with pytest.raises(NotYet):
        town.hears(ProviderCapacityChanged(provider=WATER, capacity=1))  # one is still waiting


@pytest.mark.parametrize(("known", "waits"), [(True, True), (None, True), (False, False)])
def test_of_what_comes_back_it_has_to_know_whether_it_is_a_call(known: bool | None, waits: bool) -> None:
    town = Town(OFF)
    town.read, town.known = False, known is not None
    town.calls = {ORDER} if known else set()
    if waits:
        with pytest.raises(NotYet):
            town.hears(declined())
    else:
        assert town.hears(declined()) == []


def test_as_time_passes_it_looks_again_at_what_was_left() -> None:
    town = Town(ON, winner=None)
    town.hears(placed())
    town.winner = WATER
    (message,) = town.process.tick(MONDAY)
    assert DispatchOrder.model_validate_json(message.data).provider == WATER
    assert (message.time, town.waiting.last_look) == (MONDAY, MONDAY)
    assert message.id == f"auto-dispatch-7-{int(MONDAY.timestamp()) // 60}"
    assert town.process.tick(MONDAY) == []


def test_time_alone_decides_nothing_where_the_machine_may_not() -> None:
    town = Town(OFF)
    town.hears(placed())
    assert town.process.tick(MONDAY) == []


def test_where_its_clock_was_ahead_it_asks_again() -> None:
    town = Town(ON)
    town.hears(placed())
    assert len(town.hears(refused("date_in_future"))) == 1
