"""The public rates (评单), and asks again if it was not solved."""

import pytest

from domain.events import OrderDispatched, OrderRated, OrderReopened
from domain.rejections import AlreadyRated, ForbiddenStep, NotYours, WindowClosed
from domain.stages import Level, RatingSource, Role, Stage
from tests.support.a_town import (
    AUNT_LI,
    DISPATCHER,
    MONDAY,
    UNCLE_WANG,
    WATER,
    days,
    hours,
    rules_with,
    words,
)
from tests.support.an_order import (
    answered,
    dispatch,
    done,
    imported,
    placed,
    rate,
    rated,
    reopen,
    reopened,
    seconded,
)
from tests.support.given import given

SECONDED = (*done(), seconded(by=UNCLE_WANG))
CLOSED_AT = MONDAY + hours(3 / 60)  # done() ends with its fourth event


def test_the_resident_rates_what_was_done() -> None:
    given_back = given(*done()).when(rate(Level.SATISFIED))
    given_back.then(
        OrderRated, resident=AUNT_LI, source=RatingSource.RESIDENT, level=Level.SATISFIED, provider=WATER
    )
    given_back.leaving(stage=Stage.RATED)


def test_an_answer_is_rated_with_no_provider() -> None:
    given(placed(), answered()).when(rate()).then(OrderRated, provider=None).leaving(stage=Stage.RATED)


@pytest.mark.parametrize("level", list(Level))
def test_the_lower_two_levels_are_bad(level: Level) -> None:
    bad = level in (Level.DISSATISFIED, Level.VERY_DISSATISFIED)
    given(*done()).when(rate(level)).then(OrderRated, level=level, bad=bad)


def test_the_town_says_which_levels_are_bad() -> None:
    strict = rules_with(bad_ratings=frozenset({Level.BASICALLY_SATISFIED}))
    given(*done()).under(strict).when(rate(Level.BASICALLY_SATISFIED)).then(OrderRated, bad=True)


def test_a_seconders_rating_is_kept_apart() -> None:
    apart = given(*SECONDED).when(rate(Level.DISSATISFIED, by=UNCLE_WANG))
    apart.then(OrderRated, source=RatingSource.SECONDER, resident=UNCLE_WANG)
    apart.leaving(stage=Stage.COMPLETED)


def test_a_seconder_rates_after_the_resident_and_changes_nothing_of_theirs() -> None:
    both = given(*SECONDED, rated(Level.SATISFIED)).when(rate(Level.DISSATISFIED, by=UNCLE_WANG))
    both.then(OrderRated, source=RatingSource.SECONDER)
    both.leaving(stage=Stage.RATED, ratings={AUNT_LI: Level.SATISFIED, UNCLE_WANG: Level.DISSATISFIED})


def test_the_resident_rates_after_a_seconder() -> None:
    before = rated(Level.DISSATISFIED, by=UNCLE_WANG, source=RatingSource.SECONDER)
    given(*SECONDED, before).when(rate()).then(OrderRated, source=RatingSource.RESIDENT)


def test_staff_take_down_a_rating_for_the_resident() -> None:
    by_phone = rate().said_by(Role.COMMUNITY, DISPATCHER)
    given(*done()).when(by_phone.said_for(AUNT_LI)).then(OrderRated, source=RatingSource.RESIDENT)
    given(*done()).when(by_phone).then_rejected(NotYours)


def test_who_is_not_affected_does_not_rate() -> None:
    given(*done()).when(rate(by=UNCLE_WANG)).then_rejected(NotYours)


def test_the_same_rating_twice_is_one_rating() -> None:
    given(*done(), rated(Level.SATISFIED)).when(rate(Level.SATISFIED)).then_nothing()


def test_a_rating_cannot_be_changed() -> None:
    names = rules_with(ratings={Level.DISSATISFIED: words("差", "poor")})
    again = given(*done(), rated(Level.DISSATISFIED)).under(names).when(rate(Level.SATISFIED))
    again.then_rejected(AlreadyRated, level_zh="差", level="poor")


def test_what_is_not_done_is_not_rated() -> None:
    given(placed()).when(rate()).then_rejected(ForbiddenStep)


def test_rating_ends_with_its_window() -> None:
    given(*done()).when(rate(), at=CLOSED_AT + days(30)).then(OrderRated)
    given(*done()).when(rate(), at=CLOSED_AT + days(30) + hours(1)).then_rejected(WindowClosed, days=30)


def test_the_resident_reopens_what_was_not_solved() -> None:
    again = given(*done()).when(reopen()).then(OrderReopened, provider=WATER, round=2)
    again.leaving(stage=Stage.PLACED, provider=None, accountable=WATER, due_at=None, closed_at=None)


def test_a_rated_order_may_be_reopened() -> None:
    given(*done(), rated(Level.DISSATISFIED)).when(reopen()).then(OrderReopened)


def test_reopening_ends_with_its_window() -> None:
    given(*done()).when(reopen(), at=CLOSED_AT + days(15)).then(OrderReopened)
    given(*done()).when(reopen(), at=CLOSED_AT + days(15) + hours(1)).then_rejected(WindowClosed, days=15)


def test_no_window_ends_for_an_import_that_does_not_say_when_it_closed() -> None:
    by_operator = reopen().said_by(Role.OPERATOR, "o-1")
    given(imported(Stage.COMPLETED)).when(by_operator, at=MONDAY + days(900)).then(OrderReopened, round=2)


def test_a_rating_does_not_lengthen_the_window_to_reopen() -> None:
    late = given(*done(), rated()).when(reopen(), at=CLOSED_AT + days(15) + hours(1))
    late.then_rejected(WindowClosed)


def test_a_new_round_is_dispatched_done_and_rated_again() -> None:
    second_round = (*SECONDED, rated(Level.DISSATISFIED), reopened())
    given(*second_round).when(dispatch()).then(OrderDispatched, accountable=WATER)
    finished = given(*second_round, *done()[1:])
    finished.when(rate(Level.SATISFIED)).then(OrderRated, level=Level.SATISFIED)
    finished.when(rate(by=UNCLE_WANG)).then(OrderRated, source=RatingSource.SECONDER)
    finished.when(reopen()).then(OrderReopened, round=3)


def test_a_new_round_is_not_rated_before_it_is_done() -> None:
    given(*done(), reopened()).when(rate()).then_rejected(ForbiddenStep)


def test_reopened_twice_is_reopened_once() -> None:
    given(*done(), reopened()).when(reopen()).then_nothing()


def test_a_new_order_cannot_be_reopened() -> None:
    given(placed()).when(reopen()).then_rejected(ForbiddenStep)


def test_only_the_owner_reopens() -> None:
    given(*SECONDED).when(reopen().said_by(Role.RESIDENT, UNCLE_WANG)).then_rejected(NotYours)
