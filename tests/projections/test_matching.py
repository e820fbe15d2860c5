"""Demand and supply, and for an order the providers that could take it."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text

import domain.commands as c
from domain.ids import OrderId, ProviderId, VolunteerId
from domain.judging import rank
from domain.matching import Demand, Exclusion, Ranking, Reason
from domain.order import Order
from domain.provider_events import Offer
from domain.rules import Rules, Weights
from domain.sealed import Sealed
from domain.stages import Duty, Stage, Urgency
from projections.engine import Projector
from projections.matching import AreaSupply, Matching, MatchingQueries, Sides, Waiting
from tests.projections.conftest import Start
from tests.support.a_town import (
    AUNT_LI,
    EAST,
    FRIDAYS,
    LAMP,
    MEALS,
    MONDAY,
    OFFICE_HOURS,
    PARKS,
    POTHOLE,
    ROADS,
    RULES,
    STRANGER,
    STREET,
    WATER,
    WEST,
    days,
    hours,
    rules_with,
)
from tests.support.history import CLERK, MACHINE, TEXT, THE_ROADS, History, resident, staff


@pytest.fixture
def town() -> History:
    history = History()
    history.register(WATER, areas=[EAST], must=[THE_ROADS], capacity=2)
    history.register(ROADS, can=[POTHOLE], capacity=10)
    history.register(PARKS, areas=[WEST], can=[MEALS])
    return history


def asked(town: History, reads: Engine) -> MatchingQueries:
    projector = Projector(Matching(), reads)
    projector.create()
    projector.fill_from(town)
    return MatchingQueries(reads)


def match(town: History, reads: Engine, order: OrderId, rules: Rules = RULES) -> Ranking:
    (sides,) = asked(town, reads).sides_for([order])
    return rank(sides.demand.under(rules, town.now), sides.suppliers, Weights())


def ranked(sides: Sides) -> Ranking:
    return rank(sides.demand, sides.suppliers, Weights())


def names(found: Ranking) -> list[str]:
    return [candidate.provider for candidate in found.candidates]


def why_not(found: Ranking) -> dict[str, tuple[Exclusion, ...]]:
    return {left_out.provider: left_out.why for left_out in found.excluded}


def test_candidates_are_ranked_and_named(town: History, reads: Engine) -> None:
    order = town.place()
    found = match(town, reads, order)
    assert names(found) == [WATER, ROADS]
    assert found.candidates[0].reasons == (Reason.MUST, Reason.SAME_AREA, Reason.IDLE)
    assert asked(town, reads).sides_for([order])[0].names[WATER].name_en == "Water"


def test_several_orders_are_asked_about_at_once_in_their_order(town: History, reads: Engine) -> None:
    pothole, lamp = town.place(), town.place(LAMP, wanted=ROADS)
    sides = asked(town, reads).sides_for([lamp, OrderId(uuid4()), pothole])
    assert [one.order for one in sides] == [lamp, pothole]
    assert [(one.demand.category, one.demand.wanted) for one in sides] == [(LAMP, ROADS), (POTHOLE, None)]
    assert sides[1].suppliers == asked(town, reads).sides_for([pothole])[0].suppliers
    assert all(one.seen == {"matching/log": town.facts[-1].position} for one in sides)


def test_it_knows_who_was_given_something_last(town: History, reads: Engine) -> None:
    for provider in (ROADS, WATER):
        town.dispatch(town.place(), provider)
    order = town.place()
    (sides,) = asked(town, reads).sides_for([order])
    given = {one.provider: one.last_given for one in sides.suppliers}
    assert 0 < given[ROADS] < given[WATER] < town.facts[-1].position


def test_whether_a_fact_has_been_read(town: History, reads: Engine) -> None:
    town.place()
    queries = asked(town, reads)
    assert all(queries.has_read(fact) for fact in town.facts)
    town.place()
    town.ask(c.ChangeCapacity(provider=ROADS, capacity=3), CLERK)
    assert [queries.has_read(fact) for fact in town.facts[-2:]] == [False, False]


def test_the_one_asked_for_comes_first(town: History, reads: Engine) -> None:
    found = match(town, reads, town.place(wanted=ROADS))
    assert names(found) == [ROADS, WATER]
    assert Reason.WANTED in found.candidates[0].reasons


def test_the_one_asked_for_in_vain_is_left_out_with_the_reason(town: History, reads: Engine) -> None:
    found = match(town, reads, town.place(wanted=PARKS))
    assert why_not(found) == {PARKS: (Exclusion.NOT_IN_AREA, Exclusion.NOT_OFFERED)}
    found = match(town, reads, town.place(wanted=STRANGER))
    assert why_not(found) == {STRANGER: (Exclusion.UNKNOWN,)}


def test_anyone_can_be_asked_about(town: History, reads: Engine) -> None:
    found = ranked(asked(town, reads).sides_of(Demand(POTHOLE, EAST), also=[PARKS]))
    assert names(found) == [WATER, ROADS]
    assert PARKS in why_not(found)


def test_who_declined_it_is_left_out_until_a_new_round(town: History, reads: Engine) -> None:
    order = town.place()
    town.dispatch(order)
    town.decline(order)
    found = match(town, reads, order)
    assert (names(found), why_not(found)) == ([ROADS], {WATER: (Exclusion.DECLINED,)})
    town.dispatch(order, ROADS)
    town.accept(order, ROADS)
    town.complete(order, ROADS)
    town.reopen(order)
    assert set(names(match(town, reads, order))) == {WATER, ROADS}


def test_what_is_in_hand_fills_a_provider(town: History, reads: Engine) -> None:
    first, second, third = (town.place() for _ in range(3))
    town.dispatch(first)
    town.dispatch(second)
    assert why_not(match(town, reads, third)) == {WATER: (Exclusion.FULL,)}
    town.accept(first)
    assert why_not(match(town, reads, third)) == {WATER: (Exclusion.FULL,)}
    town.complete(first)
    assert match(town, reads, third).candidates[0].load == 1


def test_what_it_gives_back_is_out_of_its_hands(town: History, reads: Engine) -> None:
    declined, recalled, withdrawn = (town.place() for _ in range(3))
    town.dispatch(declined)
    town.decline(declined)
    town.dispatch(recalled)
    town.ask(c.RecallOrder(order=recalled, reason=Sealed("wrong")), CLERK)
    town.dispatch(withdrawn)
    town.ask(c.WithdrawOrder(order=withdrawn), resident(AUNT_LI))
    assert match(town, reads, town.place()).candidates[0].load == 0


def test_a_claimed_order_is_in_hand(town: History, reads: Engine) -> None:
    order = town.place()
    town.ask(c.PoolOrder(order=order), CLERK)
    town.ask(c.ClaimOrder(order=order, provider=WATER), staff(WATER))
    assert match(town, reads, town.place()).candidates[0].load == 1


def test_changed_lists_count_at_once(town: History, reads: Engine) -> None:
    order = town.place(LAMP)
    assert names(match(town, reads, order)) == [WATER]
    must = Offer(category=LAMP, duty=Duty.MUST)
    town.ask(c.ChangeOffers(provider=ROADS, areas=(STREET,), offers=(must,)), CLERK)
    town.ask(c.ChangeOffers(provider=WATER, areas=(WEST,), offers=(must,)), CLERK)
    town.ask(c.ChangeCapacity(provider=ROADS, capacity=3), CLERK)
    found = match(town, reads, order)
    assert names(found) == [ROADS]
    assert found.candidates[0].capacity == 3


def test_who_retires_takes_nothing_new(town: History, reads: Engine) -> None:
    town.ask(c.RetireProvider(provider=WATER, reason=TEXT), CLERK)
    found = match(town, reads, town.place())
    assert (names(found), why_not(found)) == ([ROADS], {WATER: (Exclusion.RETIRED,)})


NEEDS_WIRING = rules_with(
    catalogue=tuple(
        item.model_copy(update={"skills": ("electrician",)}) if item.path == LAMP else item
        for item in RULES.catalogue
    )
)
MEI = VolunteerId("mei")
ROADS_TOO = ProviderId("roads-too")
FRIDAY_AT_THREE = MONDAY + days(4) + hours(6)


def test_who_is_closed_when_it_is_wanted_is_left_out(town: History, reads: Engine) -> None:
    town.ask(c.AmendProvider(provider=WATER, hours=(OFFICE_HOURS,)), CLERK)
    sunday, monday = (town.place(wanted_at=MONDAY + days(in_days)) for in_days in (6, 7))
    assert why_not(match(town, reads, sunday)) == {WATER: (Exclusion.CLOSED,)}
    assert names(match(town, reads, monday)) == [WATER, ROADS]


def test_a_call_finds_who_is_there_now_an_order_who_will_be(town: History, reads: Engine) -> None:
    town.ask(c.AmendProvider(provider=WATER, hours=(OFFICE_HOURS,)), CLERK)
    town.later(hours=21)  # six in the morning; a pothole may wait for four hours
    order, call = town.place(), town.place(urgency=Urgency.CALL)
    assert names(match(town, reads, order)) == [WATER, ROADS]
    assert why_not(match(town, reads, call)) == {WATER: (Exclusion.CLOSED,)}
    town.later(hours=3)
    assert names(match(town, reads, call)) == [WATER, ROADS]


def passed_over(town: History, order: OrderId, provider: ProviderId) -> None:
    by = town.order(order).accept_by
    town.ask(c.RecallOrder(order=order, reason=TEXT, provider=provider, accept_by=by), MACHINE)


def test_who_let_a_call_pass_is_not_asked_again_in_its_round(town: History, reads: Engine) -> None:
    call = town.place(urgency=Urgency.CALL)
    town.dispatch(call)
    passed_over(town, call, WATER)
    found = match(town, reads, call)
    assert (names(found), why_not(found)) == ([ROADS], {WATER: (Exclusion.DECLINED,)})
    town.dispatch(call, ROADS)
    passed_over(town, call, ROADS)
    assert names(match(town, reads, call)) == []
    town.dispatch(call)
    town.accept(call)
    town.complete(call)
    town.reopen(call)
    assert names(match(town, reads, call)) == [WATER, ROADS]


def test_what_was_merely_recalled_may_go_there_again(town: History, reads: Engine) -> None:
    call = town.place(urgency=Urgency.CALL)
    town.dispatch(call)
    town.ask(c.RecallOrder(order=call, reason=TEXT), CLERK)
    assert names(match(town, reads, call)) == [WATER, ROADS]


def test_it_knows_which_orders_are_calls(town: History, reads: Engine) -> None:
    order, call = town.place(), town.place(urgency=Urgency.CALL)
    matching = asked(town, reads)
    assert [matching.is_call(one) for one in (order, call, town.new_order())] == [False, True, None]


def test_skills_the_rules_of_today_ask_for_count(town: History, reads: Engine) -> None:
    town.ask(c.AmendProvider(provider=WATER, skills=("electrician",)), CLERK)
    town.register(ROADS_TOO, can=[LAMP])
    order = town.place(LAMP)
    found = match(town, reads, order, NEEDS_WIRING)
    assert (names(found), why_not(found)) == ([WATER], {ROADS_TOO: (Exclusion.UNSKILLED,)})
    assert names(match(town, reads, order)) == [WATER, ROADS_TOO]


def test_volunteers_come_change_and_go(town: History, reads: Engine) -> None:
    mei: dict[str, Any] = {"provider": WATER, "volunteer": MEI}
    order = town.place(wanted_at=FRIDAY_AT_THREE)
    town.ask(c.EnrolVolunteer(**mei, name=TEXT, hours=(FRIDAYS,), willing=(POTHOLE,)), CLERK)
    assert names(match(town, reads, order)) == [WATER, ROADS]
    assert why_not(match(town, reads, town.place())) == {WATER: (Exclusion.CLOSED,)}
    town.ask(c.ChangeVolunteer(**mei, willing=(LAMP,)), staff(WATER))
    assert why_not(match(town, reads, order)) == {WATER: (Exclusion.UNSKILLED,)}
    town.ask(c.ReleaseVolunteer(**mei), CLERK)
    assert names(match(town, reads, order)) == [WATER, ROADS]


def test_nothing_of_name_and_health_is_kept_here(town: History, reads: Engine) -> None:
    personal = Sealed("nobody reads this")
    mei: dict[str, Any] = {"provider": WATER, "volunteer": MEI}
    town.ask(c.EnrolVolunteer(**mei, name=personal, health=personal), CLERK)
    asked(town, reads)
    with reads.connect() as connection:
        kept = connection.execute(text("SELECT volunteers FROM matching_providers_v2")).scalars().all()
    assert '{"mei": {"hours": [], "skills": [], "willing": []}}' in kept
    assert not any(personal in row for row in kept)


def test_an_order_nobody_placed_has_no_match(town: History, reads: Engine) -> None:
    assert asked(town, reads).sides_for([OrderId(uuid4())]) == []


def test_demand_is_what_waits(town: History, reads: Engine) -> None:
    town.place(LAMP)
    town.place(LAMP)
    pooled = town.place(MEALS, WEST)
    town.ask(c.PoolOrder(order=pooled), CLERK)
    town.completed()
    board = asked(town, reads)
    assert board.demand() == [Waiting(EAST, LAMP, Stage.PLACED, 2), Waiting(WEST, MEALS, Stage.POOLED, 1)]
    assert board.demand(area=WEST) == [Waiting(WEST, MEALS, Stage.POOLED, 1)]


def test_an_amended_order_waits_where_it_now_is(town: History, reads: Engine) -> None:
    order = town.place(LAMP)
    town.ask(c.AmendOrder(order=order, category=MEALS, area=WEST, details=TEXT), resident(AUNT_LI))
    assert asked(town, reads).demand() == [Waiting(WEST, MEALS, Stage.PLACED, 1)]
    assert names(match(town, reads, order)) == [PARKS]


def test_supply_counts_room_by_area(town: History, reads: Engine) -> None:
    town.dispatch(town.place())
    town.ask(c.RetireProvider(provider=PARKS, reason=TEXT), CLERK)
    board = asked(town, reads)
    assert board.supply() == [AreaSupply(STREET, 1, 10, 0), AreaSupply(EAST, 1, 2, 1)]
    assert board.supply(area=EAST) == [AreaSupply(EAST, 1, 2, 1)]


def test_loads_agree_with_the_domain(life: History, start: Start) -> None:
    projector = start(Matching)
    projector.fill_from(life, limit=11)
    in_hand = [
        state.provider
        for state in life.states.values()
        if isinstance(state, Order) and state.stage in (Stage.DISPATCHED, Stage.ACCEPTED)
    ]
    with projector.engine.connect() as connection:
        rows = connection.execute(text("SELECT provider, in_hand FROM matching_loads_v2"))
        loads = {provider: int(number) for provider, number in rows}
    assert {name: number for name, number in loads.items() if number} == {
        name: in_hand.count(name) for name in set(in_hand)
    }


def test_candidates_are_looked_up_not_searched_for(small_reads: Engine) -> None:
    Projector(Matching(), small_reads).create()
    question = (
        "EXPLAIN QUERY PLAN SELECT provider FROM matching_listings_v2 "
        "WHERE category IN ('a/b', 'a') AND area IN ('x/y', 'x')"
    )
    with small_reads.connect() as connection:
        (step,) = connection.execute(text(question))
    assert "(category=? AND area=?)" in step.detail


def test_openings_are_what_those_with_room_are_listed_for(town: History, reads: Engine) -> None:
    queries = asked(town, reads)
    assert queries.openings([WATER, PARKS]) == {(THE_ROADS, EAST), (MEALS, WEST)}
    assert queries.openings([STRANGER]) == set()
    assert queries.openings([]) == set()


def test_who_is_full_or_gone_has_no_openings(town: History, reads: Engine) -> None:
    for _ in range(2):  # it has room for two
        town.dispatch(town.place(), WATER)
    town.ask(c.RetireProvider(provider=PARKS, reason=TEXT), CLERK)
    assert asked(town, reads).openings([WATER, PARKS]) == set()
