"""Standing needs: stated by either side, taken up by the other, amended, let go of, closed."""

from datetime import datetime
from typing import Any

import pytest

from domain.facts import Proof
from domain.ids import AreaPath
from domain.need import NeedStage
from domain.need_events import NeedAmended, NeedClosed, NeedLetGo, NeedStated, NeedTakenUp
from domain.rejections import (
    NeedExists,
    NeedIsClosed,
    NeedIsFull,
    NeedIsOver,
    NotYours,
    OutsideArea,
    OwnNeed,
    ProviderGone,
    Refused,
    UnknownArea,
    UnknownCategory,
    UnknownNeed,
    UnknownProvider,
    UntilPast,
    WrongRole,
)
from domain.stages import Role
from tests.support.a_need import (
    SCHOOL,
    amend_need,
    close_need,
    closed,
    let_go,
    need_amended,
    state_need,
    stated,
    step_back,
    take_up,
    taken_up,
)
from tests.support.a_provider import registered
from tests.support.a_town import DISPATCHER, EAST, LEAVING, MEALS, MONDAY, ROADS, STRANGER, WATER, WEST, days
from tests.support.an_order import COMMUNITY, OPERATOR, TEXT
from tests.support.given import TEN, Ask, given

FRIDAY = MONDAY + days(4)
MOON = AreaPath("moon")


def test_the_community_states_a_need() -> None:
    known = given().when(state_need(takers_wanted=2, until=FRIDAY))
    known.then(NeedStated, owner=None, area=EAST, category=MEALS, takers_wanted=2, until=FRIDAY)
    known.leaving(stage=NeedStage.OPEN, owner=None, takers=frozenset())


def test_a_provider_states_a_need_of_its_own() -> None:
    given().when(state_need(by=SCHOOL, category=None)).then(NeedStated, owner=SCHOOL, category=None)
    given().when(state_need(by=SCHOOL).said_by(Role.COMMUNITY, DISPATCHER)).then(NeedStated, owner=SCHOOL)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"area": MOON}, UnknownArea),
        ({"category": "moon"}, UnknownCategory),
        ({"until": MONDAY}, UntilPast),
        ({"until": TEN}, UntilPast),
        ({"by": STRANGER}, UnknownProvider),
        ({"by": LEAVING}, ProviderGone),
    ],
)
def test_a_need_fits_the_town_and_lies_ahead(fields: dict[str, Any], why: type[Refused]) -> None:
    given().when(state_need(**fields)).then_rejected(why)


def test_the_same_need_stated_twice_is_recorded_once() -> None:
    given(stated()).when(state_need()).then_nothing()
    given(stated()).when(state_need(by=SCHOOL)).then_rejected(NeedExists)
    given(stated()).when(state_need(takers_wanted=3)).then_rejected(NeedExists)
    given(stated(), closed()).when(state_need()).then_rejected(NeedExists)


def test_a_need_is_amended_and_the_event_is_whole() -> None:
    answer = given(stated(takers_wanted=2)).when(amend_need(area=WEST, until=FRIDAY))
    answer.then(NeedAmended, area=WEST, old_area=EAST, takers_wanted=2, until=FRIDAY, category=MEALS)
    given(stated(), need_amended(area=WEST)).when(amend_need(area=EAST)).then(NeedAmended, old_area=WEST)


def test_amending_to_what_it_is_already_is_silent() -> None:
    given(stated(until=FRIDAY)).when(amend_need(area=EAST, until=FRIDAY)).then_nothing()
    given(stated()).when(amend_need()).then_nothing()


def test_a_need_is_not_amended_to_what_the_town_does_not_know() -> None:
    given(stated()).when(amend_need(area=MOON)).then_rejected(UnknownArea)
    given(stated()).when(amend_need(category="moon")).then_rejected(UnknownCategory)
    given(stated()).when(amend_need(until=MONDAY)).then_rejected(UntilPast)


def test_a_need_that_is_over_can_be_given_more_time() -> None:
    over = given(stated(until=FRIDAY))
    over.when(amend_need(until=FRIDAY + days(7)), at=FRIDAY).then(NeedAmended, until=FRIDAY + days(7))
    over.when(amend_need(title_en="A room"), at=FRIDAY).then(NeedAmended, title_en="A room", until=FRIDAY)


def test_several_take_up_one_need() -> None:
    given(stated()).when(take_up(by=ROADS, note=TEXT)).then(NeedTakenUp, provider=ROADS, takers=1, note=TEXT)
    second = given(stated(), taken_up(by=ROADS)).when(take_up(by=WATER))
    second.then(NeedTakenUp, provider=WATER, takers=2, area=EAST).leaving(takers=frozenset({ROADS, WATER}))


def test_the_community_takes_up_what_an_institution_needs() -> None:
    given(stated(by=SCHOOL)).when(take_up(by=None)).then(NeedTakenUp, owner=SCHOOL, provider=None)


def test_taking_up_twice_is_recorded_once() -> None:
    full = given(stated(takers_wanted=1), taken_up())
    full.when(take_up()).then_nothing()


def test_nobody_takes_up_their_own_need() -> None:
    given(stated(by=SCHOOL)).when(take_up(by=SCHOOL)).then_rejected(OwnNeed)
    given(stated()).when(take_up(by=None)).then_rejected(OwnNeed)


def test_no_more_take_it_up_than_are_wanted() -> None:
    full = given(stated(takers_wanted=1), taken_up(by=ROADS))
    full.when(take_up(by=WATER)).then_rejected(NeedIsFull, most=1)
    given(*full.history, let_go(by=ROADS)).when(take_up(by=WATER)).then(NeedTakenUp, takers=1)


@pytest.mark.parametrize(("at", "over"), [(TEN, False), (FRIDAY, True), (FRIDAY + days(1), True)])
def test_a_need_is_over_at_its_end(at: datetime, over: bool) -> None:
    answer = given(stated(until=FRIDAY)).when(take_up(), at=at)
    if over:
        answer.then_rejected(NeedIsOver)
    else:
        answer.then(NeedTakenUp)


def test_only_who_takes_part_takes_up() -> None:
    given(stated()).when(take_up(by=STRANGER)).then_rejected(UnknownProvider)
    given(stated()).when(take_up(by=LEAVING)).then_rejected(ProviderGone)


def test_a_taker_steps_back() -> None:
    taken = given(stated(), taken_up(by=ROADS), taken_up(by=WATER, takers=2))
    taken.when(step_back(by=ROADS)).then(NeedLetGo, provider=ROADS, takers=1).leaving(
        takers=frozenset({WATER})
    )
    given(stated(), taken_up(by=LEAVING)).when(step_back(by=LEAVING)).then(NeedLetGo, takers=0)


def test_stepping_back_from_what_one_does_not_hold_is_silent() -> None:
    given(stated(), taken_up(by=WATER)).when(step_back(by=ROADS)).then_nothing()


def test_a_need_is_closed_once() -> None:
    given(stated(), taken_up()).when(close_need()).then(NeedClosed, area=EAST, reason=TEXT)
    given(stated(), closed()).when(close_need()).then_nothing()


@pytest.mark.parametrize("ask", [amend_need(area=WEST), take_up(), step_back()], ids=repr)
def test_a_closed_need_stays_as_it_was(ask: Ask) -> None:
    given(stated(), taken_up(), closed()).when(ask).then_rejected(NeedIsClosed)


@pytest.mark.parametrize("ask", [amend_need(), take_up(), step_back(), close_need()], ids=repr)
def test_a_need_that_nobody_stated_is_unknown(ask: Ask) -> None:
    given().when(ask).then_rejected(UnknownNeed)


def test_a_provider_amends_and_closes_only_its_own_needs() -> None:
    own = given(stated(by=SCHOOL))
    own.when(amend_need(by=SCHOOL, area=WEST)).then(NeedAmended, owner=SCHOOL)
    own.when(close_need(by=SCHOOL)).then(NeedClosed, owner=SCHOOL)
    for ask in (amend_need(by=ROADS, area=WEST), close_need(by=ROADS)):
        own.when(ask).then_rejected(NotYours)
        given(stated()).when(ask).then_rejected(NotYours)
        given().when(ask).then_rejected(UnknownNeed)


def test_a_provider_speaks_for_itself_alone() -> None:
    for ask in (state_need(by=SCHOOL), take_up(by=ROADS), step_back(by=ROADS)):
        given(stated()).when(ask.said_by(Role.PROVIDER, WATER)).then_rejected(NotYours)
    given().when(state_need().said_by(Role.PROVIDER, WATER)).then_rejected(NotYours)


@pytest.mark.parametrize(
    "ask", [state_need(), amend_need(area=WEST), take_up(), step_back(), close_need()], ids=repr
)
def test_residents_look_and_do_not_touch(ask: Ask) -> None:
    given(stated(), taken_up()).when(ask.said_by(Role.RESIDENT, "r-li")).then_rejected(WrongRole)


@pytest.mark.parametrize(
    "ask", [amend_need(takers_wanted=5), take_up(by=WATER), step_back(), close_need()], ids=repr
)
def test_staff_act_for_others_in_their_own_area(ask: Ask) -> None:
    need = given(stated(), taken_up())
    for actor in (OPERATOR, COMMUNITY):
        assert need.when(ask.said_by(actor.role, actor.id)).events
    here = ask.said_by(Role.COMMUNITY, "d-wu").proven(Proof(actor="d-wu", area=EAST))
    assert need.when(here).events
    elsewhere = here.proven(Proof(actor="d-wu", area=WEST))
    need.when(elsewhere).then_rejected(OutsideArea, area=EAST)


def test_a_dispatcher_states_and_moves_needs_within_their_own_area() -> None:
    theirs = Proof(actor="d-wu", area=EAST)
    asked = state_need().said_by(Role.COMMUNITY, "d-wu").proven(theirs)
    given().when(asked).then(NeedStated)
    given().when(asked.proven(Proof(actor="d-wu", area=WEST))).then_rejected(OutsideArea)
    moved = amend_need(area=WEST).said_by(Role.COMMUNITY, "d-wu").proven(theirs)
    given(stated()).when(moved).then_rejected(OutsideArea)
    unknown = state_need(area=MOON).said_by(Role.COMMUNITY, "d-wu").proven(theirs)
    given().when(unknown).then_rejected(UnknownArea)


def test_a_decision_reads_the_provider_it_is_asked_for() -> None:
    assert state_need(by=SCHOOL).command.also_reads() == (f"provider/{SCHOOL}",)
    assert take_up(by=WATER).command.also_reads() == (f"provider/{WATER}",)
    assert state_need().command.also_reads() == ()
    given(stated()).beside("provider/leaving", registered(LEAVING)).when(take_up(by=LEAVING)).then(
        NeedTakenUp
    )
