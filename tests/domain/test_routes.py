"""Routes (指定承办): the first that fits counts; one that cannot be followed is for a person."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from domain.ids import CategoryPath, ProviderId
from domain.judging import rank
from domain.matching import Demand, Exclusion, Ranking, Reason, Supplier
from domain.on_duty import Crew, Window
from domain.proposal import Part
from domain.provider import Standing
from domain.provider_events import Offer
from domain.routes import Broken, Route, RouteLookup, in_words
from domain.rules import Weights
from domain.stages import Duty, Urgency
from tests.support.a_town import (
    EAST,
    LAMP,
    MEALS,
    MONDAY,
    OFFICE_HOURS,
    PARKS,
    POTHOLE,
    ROADS,
    STREET,
    WATER,
    WEST,
    days,
    rules_with,
)

GROUP = CategoryPath("roads")


def first(*routes: Route, channel: str | None = None) -> ProviderId | None:
    found = RouteLookup(routes).first(POTHOLE, EAST, channel)
    return None if found is None else found.provider


# which one counts


def test_the_first_that_fits_counts_however_close_a_later_one_is() -> None:
    wide, close = Route(category=GROUP, provider=WATER), Route(category=POTHOLE, area=EAST, provider=ROADS)
    assert first(wide, close) == WATER
    assert first(close, wide) == ROADS


def test_of_two_for_the_same_the_first_counts() -> None:
    assert first(Route(area=EAST, provider=WATER), Route(area=EAST, provider=ROADS)) == WATER


def test_all_that_a_route_names_has_to_fit() -> None:
    assert first(Route(category=MEALS, provider=WATER)) is None
    assert first(Route(category=POTHOLE, area=WEST, provider=WATER)) is None
    assert first(Route(category=GROUP, area=STREET, provider=WATER)) == WATER


def test_a_channel_has_to_be_that_one() -> None:
    phone = Route(channel="phone", provider=WATER)
    assert first(phone, channel="phone") == WATER
    assert first(phone, channel="app") is None
    assert first(phone) is None
    assert first(Route(category=GROUP, provider=ROADS), channel="app") == ROADS


def test_without_routes_nobody_is_named() -> None:
    assert first() is None


def test_a_route_says_what_it_is_for() -> None:
    with pytest.raises(ValidationError, match="names no category, area or channel"):
        Route(provider=WATER)


@pytest.mark.parametrize("route", [Route(category=CategoryPath("moon"), provider=WATER)])
def test_rules_refuse_a_route_for_what_is_not_listed(route: Route) -> None:
    with pytest.raises(ValidationError, match="is not listed"):
        rules_with(routes=(route,))


def test_a_demand_under_the_rules_knows_whom_they_name() -> None:
    rules = rules_with(routes=(Route(category=LAMP, provider=ROADS), Route(channel="phone", provider=WATER)))
    assert Demand(LAMP, EAST).under(rules, MONDAY).routed == ROADS
    assert Demand(POTHOLE, EAST, channel="phone").under(rules, MONDAY).routed == WATER
    assert Demand(POTHOLE, EAST).under(rules, MONDAY).routed is None


def test_a_call_is_for_the_nearest_whatever_a_route_says() -> None:
    rules = rules_with(routes=(Route(category=LAMP, provider=ROADS),))
    assert Demand(LAMP, EAST, urgency=Urgency.CALL).under(rules, MONDAY).routed is None
    assert Demand(LAMP, EAST, urgency=Urgency.URGENT).under(rules, MONDAY).routed == ROADS


# what it counts


def a_supplier(name: ProviderId, duty: Duty = Duty.CAN) -> Supplier:
    return Supplier(name, Standing.ACTIVE, (STREET,), (Offer(category=POTHOLE, duty=duty),), 10)


WITH_SKILL = ("electrician",)
DEMAND = Demand(POTHOLE, EAST, routed=ROADS)


def ranked(routed: Supplier | None, demand: Demand = DEMAND) -> Ranking:
    others = [a_supplier(WATER, Duty.MUST), a_supplier(PARKS)]
    return rank(demand, [*others, *([routed] if routed else [])], Weights())


def test_the_one_named_comes_first_and_it_says_so() -> None:
    found = ranked(a_supplier(ROADS), replace(DEMAND, wanted=WATER))
    assert [one.provider for one in found.candidates] == [ROADS, WATER, PARKS]
    assert found.candidates[0].reasons[0] is Reason.ROUTED
    assert found.candidates[0].parts[Part.ROUTED] == 400_000
    assert Part.ROUTED not in found.candidates[1].parts
    assert found.broken is None


SHUT = Window(MONDAY + days(6), MONDAY + days(6), "Asia/Shanghai")


@pytest.mark.parametrize(
    ("routed", "demand", "broken"),
    [
        (None, DEMAND, Broken.UNKNOWN),
        (Supplier(ROADS), DEMAND, Broken.UNKNOWN),
        (replace(a_supplier(ROADS), standing=Standing.RETIRED), DEMAND, Broken.RETIRED),
        (replace(a_supplier(ROADS), standing=Standing.RETIRING), DEMAND, Broken.RETIRED),
        (replace(a_supplier(ROADS), areas=(WEST,)), DEMAND, Broken.NOT_IN_AREA),
        (replace(a_supplier(ROADS), offers=(Offer(category=MEALS),)), DEMAND, Broken.NOT_OFFERED),
        (replace(a_supplier(ROADS), areas=(WEST,), load=10), DEMAND, Broken.NOT_IN_AREA),
    ],
)
def test_one_that_can_never_take_it_breaks_the_route(
    routed: Supplier | None, demand: Demand, broken: Broken
) -> None:
    found = ranked(routed, demand)
    assert found.broken is broken
    assert [one.provider for one in found.candidates] == [WATER, PARKS]  # for the person who decides


def test_one_without_the_skill_breaks_the_route() -> None:
    able = replace(a_supplier(WATER), crew=Crew(skills=WITH_SKILL))
    found = rank(replace(DEMAND, needs=WITH_SKILL), [able, a_supplier(ROADS)], Weights())
    assert found.broken is Broken.UNSKILLED


@pytest.mark.parametrize(
    ("routed", "demand", "why"),
    [
        (replace(a_supplier(ROADS), load=10), DEMAND, Exclusion.FULL),
        (a_supplier(ROADS), replace(DEMAND, declined_by=frozenset({ROADS})), Exclusion.DECLINED),
        (
            replace(a_supplier(ROADS), crew=Crew(hours=(OFFICE_HOURS,))),
            replace(DEMAND, window=SHUT),
            Exclusion.CLOSED,
        ),
    ],
)
def test_what_happens_every_day_does_not(routed: Supplier, demand: Demand, why: Exclusion) -> None:
    found = ranked(routed, demand)
    assert found.broken is None
    assert [(one.provider, one.why) for one in found.excluded] == [(ROADS, (why,))]
    assert found.candidates[0].provider == WATER


@pytest.mark.parametrize("code", list(Broken))
def test_every_code_is_said_in_both_languages_with_what_to_do(code: Broken) -> None:
    zh, en = in_words(code, ROADS)
    assert "roads" in zh
    assert zh.endswith("改正细则。")
    assert en.endswith("correct the rules.")
