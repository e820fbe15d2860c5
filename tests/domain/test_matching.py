"""Who can take an order, who best, and why."""

from dataclasses import replace

import pytest

from domain.ids import AreaPath, CategoryPath, ProviderId
from domain.judging import rank
from domain.matching import REASON_WORDS, Demand, Exclusion, Reason, Supplier
from domain.on_duty import Crew, Window
from domain.provider import Standing
from domain.provider_events import Offer
from domain.rules import Weights
from domain.stages import Duty
from tests.support.a_town import EAST, MEALS, MONDAY, OFFICE_HOURS, POTHOLE, RULES, STREET, WEST, days

DEMAND = Demand(POTHOLE, EAST)
WEIGHTS = Weights()


def a_supplier(
    name: str, duty: Duty = Duty.CAN, area: AreaPath = STREET, load: int = 0, capacity: int = 10
) -> Supplier:
    return Supplier(
        ProviderId(name), Standing.ACTIVE, (area,), (Offer(category=POTHOLE, duty=duty),), capacity, load
    )


def ranked(*suppliers: Supplier, demand: Demand = DEMAND) -> list[str]:
    return [candidate.provider for candidate in rank(demand, suppliers, WEIGHTS).candidates]


def why_not(supplier: Supplier, demand: Demand = DEMAND) -> tuple[Exclusion, ...]:
    ranking = rank(demand, [supplier], WEIGHTS)
    return ranking.excluded[0].why if ranking.excluded else ()


def test_the_one_asked_for_comes_first_and_it_says_so() -> None:
    duty, wanted = a_supplier("duty", Duty.MUST, EAST), a_supplier("wanted", load=9)
    demand = replace(DEMAND, wanted=ProviderId("wanted"))
    assert ranked(duty, wanted) == ["duty", "wanted"]
    ranking = rank(demand, [duty, wanted], WEIGHTS)
    assert [candidate.provider for candidate in ranking.candidates] == ["wanted", "duty"]
    assert ranking.candidates[0].reasons[0] is Reason.WANTED
    assert Reason.WANTED not in ranking.candidates[1].reasons


def test_who_must_comes_before_who_can() -> None:
    assert ranked(a_supplier("a-can", area=EAST), a_supplier("must", Duty.MUST)) == ["must", "a-can"]


def test_the_closest_comes_first() -> None:
    assert ranked(a_supplier("a-street"), a_supplier("east", area=EAST)) == ["east", "a-street"]


def test_the_one_with_more_room_comes_first() -> None:
    assert ranked(a_supplier("a-busy", load=5), a_supplier("free", load=4)) == ["free", "a-busy"]


def test_room_is_measured_against_capacity() -> None:
    assert ranked(a_supplier("a-small", load=1, capacity=2), a_supplier("big", load=10, capacity=40)) == [
        "big",
        "a-small",
    ]


def test_equals_are_ranked_by_id_however_they_come() -> None:
    assert ranked(a_supplier("b"), a_supplier("a")) == ranked(a_supplier("a"), a_supplier("b")) == ["a", "b"]


def test_reasons_say_what_it_brings() -> None:
    ranking = rank(DEMAND, [a_supplier("near", Duty.MUST, EAST, load=1), a_supplier("wide")], WEIGHTS)
    assert [candidate.reasons for candidate in ranking.candidates] == [
        (Reason.MUST, Reason.SAME_AREA, Reason.ROOM),
        (Reason.CAN, Reason.WIDER_AREA, Reason.IDLE),
    ]


@pytest.mark.parametrize(
    ("supplier", "why"),
    [
        (Supplier(ProviderId("nobody")), Exclusion.UNKNOWN),
        (replace(a_supplier("gone"), standing=Standing.RETIRED), Exclusion.RETIRED),
        (replace(a_supplier("leaving"), standing=Standing.RETIRING), Exclusion.RETIRED),
        (a_supplier("west", area=WEST), Exclusion.NOT_IN_AREA),
        (replace(a_supplier("cook"), offers=(Offer(category=MEALS),)), Exclusion.NOT_OFFERED),
        (a_supplier("full", load=10), Exclusion.FULL),
        (a_supplier("closed", capacity=0), Exclusion.FULL),
    ],
)
def test_who_cannot_is_left_out_with_the_reason(supplier: Supplier, why: Exclusion) -> None:
    assert why_not(supplier) == (why,)


def test_who_has_nobody_on_duty_then_is_left_out() -> None:
    office = replace(a_supplier("office"), crew=Crew(hours=(OFFICE_HOURS,)))
    sunday, monday = (Window(moment, moment, RULES.zone) for moment in (MONDAY + days(6), MONDAY))
    assert why_not(office, replace(DEMAND, window=sunday)) == (Exclusion.CLOSED,)
    assert why_not(office, replace(DEMAND, window=monday)) == ()


def test_who_lacks_a_skill_is_left_out() -> None:
    wiring = replace(DEMAND, needs=("electrician",))
    assert why_not(a_supplier("roads"), wiring) == (Exclusion.UNSKILLED,)
    assert why_not(replace(a_supplier("lamps"), crew=Crew(skills=("electrician",))), wiring) == ()


def test_why_nobody_comes_is_named_beside_the_rest() -> None:
    full = replace(a_supplier("full", load=10), crew=Crew(skills=("first-aid",)))
    assert why_not(full, replace(DEMAND, needs=("electrician",))) == (Exclusion.FULL, Exclusion.UNSKILLED)


def test_who_declined_it_is_not_asked_again() -> None:
    demand = replace(DEMAND, declined_by=frozenset({ProviderId("water")}))
    assert why_not(a_supplier("water"), demand) == (Exclusion.DECLINED,)
    assert why_not(a_supplier("roads"), demand) == ()


def test_being_asked_for_does_not_make_it_eligible() -> None:
    demand = replace(DEMAND, wanted=ProviderId("west"))
    assert why_not(a_supplier("west", area=WEST), demand) == (Exclusion.NOT_IN_AREA,)


def test_everything_that_speaks_against_it_is_named() -> None:
    supplier = replace(a_supplier("west", area=WEST, load=10), offers=())
    assert why_not(supplier) == (Exclusion.NOT_IN_AREA, Exclusion.NOT_OFFERED, Exclusion.FULL)


def test_who_offers_a_group_offers_what_lies_in_it() -> None:
    roads = replace(a_supplier("roads"), offers=(Offer(category=CategoryPath("roads")),))
    assert why_not(roads) == ()
    road = replace(a_supplier("road"), offers=(Offer(category=CategoryPath("road")),))
    assert why_not(road) == (Exclusion.NOT_OFFERED,)


def test_bound_twice_it_must() -> None:
    offers = (Offer(category=CategoryPath("roads"), duty=Duty.MUST), Offer(category=POTHOLE))
    ranking = rank(DEMAND, [replace(a_supplier("roads"), offers=offers)], WEIGHTS)
    assert ranking.candidates[0].duty is Duty.MUST


def test_a_town_wide_provider_with_a_team_here_counts_as_here() -> None:
    ranking = rank(DEMAND, [replace(a_supplier("both"), areas=(STREET, EAST))], WEIGHTS)
    assert ranking.candidates[0].area == EAST


def test_every_code_has_words_in_both_languages() -> None:
    assert set(REASON_WORDS) == {*Reason, *Exclusion}
    assert all(zh and en for zh, en in REASON_WORDS.values())
