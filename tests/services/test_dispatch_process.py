"""Auto-dispatch goes as far as the town's rules let it, and leaves arbitration to people."""

import pytest

from domain.commands import DispatchOrder, ProposeDispatch
from domain.events import Event
from domain.ids import ProviderId
from domain.rules import DispatchSetting, Rules
from domain.stages import AutoDispatch
from services.dispatch_process import DispatchProcess
from services.reactions import Message, NotYet
from tests.support.a_town import MONDAY, PARKS, POTHOLE, ROADS, RULES, WATER
from tests.support.an_order import (
    accepted,
    completed,
    declined,
    dispatched,
    placed,
    recalled,
    reopened,
)
from tests.support.recorded import recorded

BEST_FIRST = [(WATER, ("must",)), (ROADS, ("can",)), (PARKS, ("can",)), (ProviderId("fourth"), ())]


def said(event: Event, mode: AutoDispatch, *, part: tuple[int, int] = (1, 1), found=None) -> list[Message]:
    rules: Rules = RULES.model_copy(update={"dispatch": (DispatchSetting(category=POTHOLE, mode=mode),)})

    return list(
        DispatchProcess(lambda: rules, lambda _: BEST_FIRST if found is None else found).react(
            recorded(event, 7, part=part)
        )
    )


COMES_TO_THE_COMMUNITY = [placed(), declined(by=PARKS), reopened()]


@pytest.mark.parametrize("event", COMES_TO_THE_COMMUNITY)
def test_off_does_nothing(event: Event) -> None:
    assert said(event, AutoDispatch.OFF) == []


@pytest.mark.parametrize("event", COMES_TO_THE_COMMUNITY)
def test_on_sends_it_to_the_first(event: Event) -> None:
    (message,) = said(event, AutoDispatch.ON)
    command = DispatchOrder.model_validate_json(message.data)
    assert command.provider == WATER
    assert (message.topic, message.type) == ("system", "DispatchOrder")
    assert (message.id, message.source, message.time) == ("auto-dispatch-7-1", "sidan/auto-dispatch", MONDAY)


def test_propose_names_three_for_a_person_to_choose() -> None:
    (message,) = said(placed(), AutoDispatch.PROPOSE)
    command = ProposeDispatch.model_validate_json(message.data)
    assert [one.provider for one in command.candidates] == [WATER, ROADS, PARKS]


def test_it_does_not_go_back_to_who_has_just_declined() -> None:
    (message,) = said(declined(by=WATER), AutoDispatch.ON)
    assert DispatchOrder.model_validate_json(message.data).provider == ROADS
    assert said(declined(by=WATER), AutoDispatch.ON, found=BEST_FIRST[:1]) == []


def test_the_last_decline_goes_to_arbitration_and_is_left_to_people() -> None:
    assert said(declined(declines=3), AutoDispatch.ON, part=(1, 2)) == []


def test_nobody_to_send_it_to_leaves_it_with_the_community() -> None:
    assert said(placed(), AutoDispatch.ON, found=[]) == []


def test_it_waits_until_matching_knows_the_order() -> None:
    rules = RULES.model_copy(update={"dispatch": (DispatchSetting(mode=AutoDispatch.ON),)})
    process = DispatchProcess(lambda: rules, lambda _: None)
    with pytest.raises(NotYet):
        process.react(recorded(placed()))


@pytest.mark.parametrize("event", [dispatched(), accepted(), completed(), recalled()])
def test_what_is_in_hand_or_was_taken_back_on_purpose_is_let_be(event: Event) -> None:
    assert said(event, AutoDispatch.ON) == []


def test_the_same_fact_says_the_same_bytes() -> None:
    assert said(placed(), AutoDispatch.ON) == said(placed(), AutoDispatch.ON)
