"""What the public says, in what time things were done, and that nothing is counted as more than it is."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

import domain.commands as c
from domain.sealed import Sealed
from domain.stages import Level, Stage, Urgency
from projections.engine import Projector
from projections.rating import DEFINITIONS, By, Rating, RatingQueries, RatingReport, RatingRow
from tests.support.a_town import (
    AUNT_LI,
    EAST,
    LAMP,
    MEALS,
    MONDAY,
    POTHOLE,
    ROADS,
    STREET,
    UNCLE_WANG,
    WATER,
    WEST,
    days,
)
from tests.support.history import (
    CLERK,
    MACHINE,
    OPERATOR,
    TEXT,
    THE_ROADS,
    History,
    changed_rules,
    resident,
    staff,
)


@pytest.fixture
def town() -> History:
    history = History()
    history.register(WATER, must=[POTHOLE, LAMP, MEALS])
    history.register(ROADS, can=[POTHOLE])
    return history


def report(
    town: History, reads: Engine, by: By = By.PROVIDER, now: datetime | None = None, **which: Any
) -> RatingReport:
    projector = Projector(Rating(), reads)
    projector.create()
    projector.fill_from(town)
    return RatingQueries(reads).report(by, now or town.now, **which)


def row(town: History, reads: Engine, key: str = WATER, now: datetime | None = None) -> RatingRow:
    return next(row for row in report(town, reads, now=now).rows if row.key == key)


def fraction(row: RatingRow, name: str) -> tuple[int, int]:
    rate = getattr(row, name)
    return rate.numerator, rate.denominator


# 满意率


def test_each_level_has_its_own_column(town: History, reads: Engine) -> None:
    for level in Level:
        town.rate(town.completed(), level)
    found = row(town, reads)
    assert found.levels == dict.fromkeys(Level, 1)
    assert (found.rated, found.bad, fraction(found, "satisfaction")) == (5, 2, (3, 5))


def test_unrated_is_not_satisfied(town: History, reads: Engine) -> None:
    town.rate(town.completed(), Level.DISSATISFIED)
    town.completed()
    town.completed()
    found = row(town, reads)
    assert (found.completed, found.unrated, found.rated) == (3, 2, 1)
    assert fraction(found, "satisfaction") == (0, 1)


def test_nothing_rated_is_no_rate_at_all(town: History, reads: Engine) -> None:
    town.completed()
    assert row(town, reads).satisfaction.value is None


def test_a_bad_rating_stays_when_the_order_is_done_again(town: History, reads: Engine) -> None:
    order = town.completed()
    town.rate(order, Level.VERY_DISSATISFIED)
    town.reopen(order)
    town.dispatch(order, ROADS)
    town.accept(order, ROADS)
    town.complete(order, ROADS)
    town.rate(order, Level.VERY_SATISFIED)
    water, roads = row(town, reads, WATER), row(town, reads, ROADS)
    assert (water.completed, water.bad, water.reopened) == (1, 1, 1)
    assert (roads.completed, roads.bad, roads.levels[Level.VERY_SATISFIED]) == (1, 0, 1)
    assert report(town, reads).total.completed == 2


def test_bad_is_what_the_rules_of_that_day_call_bad(town: History, reads: Engine) -> None:
    strict = changed_rules(bad_ratings=frozenset(Level) - {Level.VERY_SATISFIED})
    town.ask(c.AdoptRules(rules=strict), OPERATOR)
    town.rate(town.completed(), Level.SATISFIED)
    assert fraction(row(town, reads), "satisfaction") == (0, 1)


def test_seconders_ratings_stand_apart(town: History, reads: Engine) -> None:
    order = town.completed()
    town.ask(c.SecondOrder(order=order), resident(UNCLE_WANG))
    town.rate(order, Level.DISSATISFIED, UNCLE_WANG)
    found = row(town, reads)
    assert (found.seconder_levels[Level.DISSATISFIED], found.seconder_bad) == (1, 1)
    assert (found.rated, found.bad, found.unrated) == (0, 0, 1)


# 解决率


def test_solved_is_what_was_stated_and_not_reopened(town: History, reads: Engine) -> None:
    for resolved in (True, False):
        order = town.place()
        town.dispatch(order)
        town.accept(order)
        town.complete(order, resolved=resolved)
    assert fraction(row(town, reads), "resolution") == (1, 2)
    town.reopen(town.completed())
    assert fraction(row(town, reads), "resolution") == (1, 3)


def test_reopening_what_was_never_called_solved_takes_nothing_away(town: History, reads: Engine) -> None:
    town.completed()
    order = town.place()
    town.dispatch(order)
    town.accept(order)
    town.complete(order, resolved=False)
    town.reopen(order)
    assert fraction(row(town, reads), "resolution") == (1, 2)


# 响应率


def test_an_answer_in_time_is_an_acceptance_or_a_refusal(town: History, reads: Engine) -> None:
    accepted, declined, late = (town.place(LAMP) for _ in range(3))
    for order in (accepted, declined, late):
        town.dispatch(order)
    town.accept(accepted)
    town.decline(declined)
    town.later(hours=3)
    town.accept(late)
    found = row(town, reads)
    assert (found.accepted, found.declined, fraction(found, "response")) == (2, 1, (2, 3))


def test_silence_counts_against_it_once_the_time_is_up(town: History, reads: Engine) -> None:
    town.dispatch(town.place(LAMP))
    town.accept(_dispatched(town))
    assert fraction(row(town, reads, now=MONDAY), "response") == (1, 1)
    assert fraction(row(town, reads, now=MONDAY + timedelta(hours=3)), "response") == (1, 2)


def test_an_offer_taken_back_counts_only_if_its_time_was_up(town: History, reads: Engine) -> None:
    early, late, withdrawn = (_dispatched(town) for _ in range(3))
    town.ask(c.RecallOrder(order=early, reason=Sealed("wrong")), CLERK)
    town.later(hours=5)
    town.ask(c.RecallOrder(order=late, reason=Sealed("silent")), CLERK)
    town.ask(c.WithdrawOrder(order=withdrawn), resident(AUNT_LI))
    assert fraction(row(town, reads), "response") == (0, 2)


def test_a_claim_is_no_answer_to_an_offer(town: History, reads: Engine) -> None:
    order = town.place()
    town.ask(c.PoolOrder(order=order), CLERK)
    town.ask(c.ClaimOrder(order=order, provider=WATER), staff(WATER))
    found = row(town, reads)
    assert (found.claimed, fraction(found, "response")) == (1, (0, 0))


# in time or late


def test_late_and_overdue_are_told_apart(town: History, reads: Engine) -> None:
    town.completed(category=LAMP)
    late, still = _accepted(town), _accepted(town)
    town.later(hours=25)
    town.complete(late)
    found = row(town, reads)
    assert (found.in_time, found.late, found.overdue) == (1, 1, 1)
    assert row(town, reads, now=MONDAY).overdue == 0
    town.complete(still)
    found = row(town, reads)
    assert (found.late, found.overdue) == (2, 0)


# closed without a provider


def test_what_the_community_closes_itself_is_nobodys_completion(town: History, reads: Engine) -> None:
    answered, refused, double, withdrawn = (town.place() for _ in range(4))
    town.ask(c.AnswerOrder(order=answered, notice=TEXT), CLERK)
    town.ask(c.NotAcceptOrder(order=refused, reason="in-court", notice=TEXT), CLERK)
    town.ask(c.MarkDuplicate(order=double, of=answered, notice=TEXT), CLERK)
    town.ask(c.WithdrawOrder(order=withdrawn), resident(AUNT_LI))
    found = row(town, reads, "-")
    assert (found.answered, found.not_accepted, found.duplicate, found.withdrawn) == (1, 1, 1, 1)
    assert (found.completed, found.unrated, fraction(found, "resolution")) == (0, 1, (0, 0))
    town.rate(answered, Level.DISSATISFIED)
    found = row(town, reads, "-")
    assert (found.unrated, found.bad, fraction(found, "satisfaction")) == (0, 1, (0, 1))


# orders of another system


def test_an_imported_order_counts_by_what_it_shows(town: History, reads: Engine) -> None:
    town.ask(_row_of(town, Stage.RATED, level=Level.DISSATISFIED, in_time=False), OPERATOR)
    town.ask(_row_of(town, Stage.COMPLETED), OPERATOR)
    town.ask(_row_of(town, Stage.NOT_ACCEPTED, provider=None), OPERATOR)
    found = row(town, reads)
    assert (found.completed, found.late, found.in_time, found.unrated) == (2, 1, 0, 1)
    assert (found.bad, found.rated, found.imported_ratings) == (1, 1, 1)
    assert fraction(found, "resolution") == fraction(found, "response") == (0, 0)
    assert row(town, reads, "-").not_accepted == 1


# grouping


def test_it_is_grouped_by_provider_category_or_area(town: History, reads: Engine) -> None:
    town.rate(town.completed(category=LAMP, area=EAST), Level.SATISFIED)
    town.completed(category=POTHOLE, area=WEST)
    town.completed(ROADS, POTHOLE, WEST)

    def completed(by: By, **which: Any) -> dict[str, int]:
        return {found.key: found.completed for found in report(town, reads, by, **which).rows}

    assert completed(By.PROVIDER) == {ROADS: 1, WATER: 2}
    assert completed(By.CATEGORY) == {LAMP: 1, POTHOLE: 2}
    assert completed(By.AREA) == {EAST: 1, WEST: 2}
    assert completed(By.CATEGORY, area=EAST) == {LAMP: 1}
    assert completed(By.AREA, provider=WATER) == {EAST: 1, WEST: 1}
    assert completed(By.PROVIDER, area=STREET, category=THE_ROADS) == {ROADS: 1, WATER: 2}


def test_the_total_is_the_sum(town: History, reads: Engine) -> None:
    town.rate(town.completed(), Level.SATISFIED)
    town.rate(town.completed(ROADS), Level.DISSATISFIED)
    town.dispatch(town.place(LAMP))
    total = report(town, reads, now=MONDAY + days(2)).total
    assert (total.completed, total.overdue, fraction(total, "satisfaction")) == (2, 1, (1, 2))
    assert fraction(total, "response") == (2, 3)


def test_the_best_are_those_the_public_likes(town: History, reads: Engine) -> None:
    town.rate(town.completed(WATER), Level.DISSATISFIED)
    town.rate(town.completed(WATER), Level.SATISFIED)
    town.rate(town.completed(ROADS), Level.SATISFIED)
    found = report(town, reads)
    assert [row.key for row in found.best_first()] == [ROADS, WATER]
    assert [row.key for row in found.best_first(least=2)] == [WATER]


def test_every_rate_comes_with_its_definition(town: History, reads: Engine) -> None:
    town.completed()
    found = row(town, reads)
    for rate in (found.response, found.resolution, found.satisfaction):
        assert rate.definition is DEFINITIONS[rate.code]
        assert "÷" in rate.definition.zh
        assert "÷" in rate.definition.en


def test_an_empty_town_has_an_empty_report(town: History, reads: Engine) -> None:
    found = report(town, reads)
    assert (found.rows, found.total.completed) == ((), 0)


def _dispatched(town: History) -> Any:
    order = town.place(LAMP)
    town.dispatch(order)
    return order


def _accepted(town: History) -> Any:
    order = _dispatched(town)
    town.accept(order)
    return order


def _row_of(town: History, stage: Stage, **shown: Any) -> c.ImportOrder:
    about: dict[str, Any] = {"provider": WATER, **shown}
    order = town.new_order()
    return c.ImportOrder(order=order, category=POTHOLE, area=EAST, stage=stage, source=str(order), **about)


def test_a_call_that_was_passed_on_was_missed(town: History, reads: Engine) -> None:
    order = town.place(urgency=Urgency.CALL)
    town.dispatch(order)
    town.later(minutes=10)  # to the moment
    by = town.order(order).accept_by
    town.ask(c.RecallOrder(order=order, reason=TEXT, provider=WATER, accept_by=by), MACHINE)
    assert fraction(row(town, reads), "response") == (0, 1)
