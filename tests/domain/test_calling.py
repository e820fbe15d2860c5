"""One-key call (一键呼叫): minutes to accept instead of hours, the nearest first, and passed on but once."""

from dataclasses import replace
from datetime import datetime
from typing import Final

import pytest

from domain.commands import RecallOrder
from domain.events import OrderDispatched, OrderPlaced, OrderRecalled
from domain.ids import AreaPath, ProviderId
from domain.judging import rank
from domain.lifecycle import decide
from domain.matching import Demand, Supplier
from domain.model import Event
from domain.proposal import Part
from domain.provider import Standing
from domain.rejections import EngineOnly, NotOffered, OfferOver
from domain.rules import Weights
from domain.scoring import HOP, WHOLE
from domain.situation import Situation
from domain.stages import Stage, Urgency
from tests.support.a_provider import OFFERS
from tests.support.a_town import EAST, POTHOLE, ROADS, RULES, STREET, WATER, hours, rules_with
from tests.support.an_order import (
    COMMUNITY,
    ORDER,
    SYSTEM,
    TEXT,
    accepted,
    declined_thrice,
    dispatch,
    dispatched,
    placed,
    recalled,
    reopened,
)
from tests.support.given import NEIGHBOURS, TEN, Ask, given, lived

BY: Final = dispatched().accept_by


def call() -> OrderPlaced:
    return placed().model_copy(update={"urgency": Urgency.CALL})


def pass_on(by: datetime = BY, provider: ProviderId = WATER) -> Ask:
    return Ask(RecallOrder(order=ORDER, reason=TEXT, provider=provider, accept_by=by), SYSTEM)


def test_a_call_has_minutes_to_be_accepted() -> None:
    given(call()).when(dispatch()).then(
        OrderDispatched, accept_by=TEN + hours(10 / 60), due_at=TEN + hours(48), call=True
    )
    town = rules_with(call_minutes=3)
    given(call()).under(town).when(dispatch()).then(OrderDispatched, accept_by=TEN + hours(3 / 60))


def test_any_other_order_has_its_hours() -> None:
    given(placed()).when(dispatch()).then(OrderDispatched, accept_by=TEN + hours(4), call=False)


def test_the_minutes_of_what_the_engine_sends_count_from_when_it_went_out() -> None:
    """Its time is that of its cause: after an hour's outage the minutes would be over before they began."""
    for by, minutes in ((SYSTEM, 70), (COMMUNITY, 10)):
        asked = replace(dispatch(), actor=by).asked(recorded=TEN + hours(1))
        now = Situation(asked=asked, at=TEN, rules=RULES, others=NEIGHBOURS)
        (sent,) = decide(dispatch().command, lived(str(ORDER), [call()]), now)
        assert isinstance(sent, OrderDispatched)
        assert sent.accept_by == TEN + hours(minutes / 60)


@pytest.mark.parametrize("history", [(), (dispatched(), accepted(), reopened())])
def test_it_stays_a_call(history: tuple[Event, ...]) -> None:
    given(call(), *history).when(dispatch()).then(OrderDispatched, call=True)


def test_what_was_arbitrated_is_not_passed_on_and_has_its_hours() -> None:
    given(call(), *declined_thrice()[1:]).when(dispatch()).then(
        OrderDispatched, call=False, accept_by=TEN + hours(4)
    )


def test_a_call_that_is_not_accepted_in_time_is_passed_on() -> None:
    given(call(), dispatched()).when(pass_on()).then(OrderRecalled, provider=WATER, passed_on=True).leaving(
        stage=Stage.PLACED, provider=None, accept_by=None
    )


def test_what_was_accepted_meanwhile_stays() -> None:
    given(call(), dispatched(), accepted()).when(pass_on()).then_rejected(OfferOver, provider=WATER)


def test_another_offer_to_the_same_one_stays() -> None:
    again = dispatched().model_copy(update={"accept_by": BY + hours(1)})
    history = given(call(), dispatched(), recalled(), again)
    history.when(pass_on()).then_rejected(OfferOver, provider=WATER)
    history.when(pass_on(by=again.accept_by)).then(OrderRecalled, passed_on=True)


def test_the_offer_to_another_stays() -> None:
    given(call(), dispatched(to=ROADS)).when(pass_on()).then_rejected(NotOffered, provider=WATER)


def test_what_came_back_by_itself_is_passed_on_in_silence() -> None:
    given(call(), dispatched(), recalled()).when(pass_on()).then_nothing()


def test_only_the_machine_passes_on() -> None:
    by_hand = replace(pass_on(), actor=COMMUNITY)
    given(call(), dispatched()).when(by_hand).then_rejected(EngineOnly, field="accept_by")


def test_what_a_person_recalls_is_not_passed_on() -> None:
    command = RecallOrder(order=ORDER, reason=TEXT)
    given(call(), dispatched()).when(Ask(command, COMMUNITY)).then(OrderRecalled, passed_on=False)


def test_by_default_one_hop_outweighs_all_the_rest() -> None:
    weights = Weights()
    others = set(Part) - {Part.NEAR, Part.ROUTED}  # no call has a route
    rest = sum(getattr(weights, part.value) for part in others)
    assert HOP * weights.call_near > WHOLE * rest


def a_supplier(provider: str, area: AreaPath) -> Supplier:
    return Supplier(ProviderId(provider), Standing.ACTIVE, (area,), OFFERS, capacity=10)


def test_a_call_goes_to_the_nearest_even_where_another_is_asked_for() -> None:
    near, far = a_supplier("near", EAST), a_supplier("far", STREET)
    demand = Demand(POTHOLE, EAST, wanted=far.provider)
    assert [one.provider for one in rank(demand, [near, far], Weights()).candidates] == ["far", "near"]
    ranking = rank(replace(demand, urgency=Urgency.CALL), [near, far], Weights())
    assert [one.provider for one in ranking.candidates] == ["near", "far"]
    assert ranking.candidates[0].parts[Part.NEAR] == WHOLE * Weights().call_near


def test_an_urgent_order_is_ranked_like_any_other() -> None:
    assert Weights().when(Urgency.URGENT) == Weights().when(Urgency.NORMAL) == Weights()
