"""Who of a provider could do an order, and when somebody has to be there for it."""

from datetime import datetime

import pytest

from domain.ids import CategoryPath
from domain.on_duty import Crew, Hand, Lack, Window, lack, window_of
from domain.stages import Urgency
from tests.support.a_town import (
    FRIDAYS,
    LAMP,
    MEALS,
    MONDAY,
    NIGHTS,
    OFFICE_HOURS,
    POTHOLE,
    RULES,
    days,
    hours,
)

ZONE = RULES.zone
FRIDAY = MONDAY + days(4) + hours(6)  # three in the afternoon
SUNDAY = MONDAY + days(6)
WIRING = ("electrician",)


def at(moment: datetime) -> Window:
    return Window(moment, moment, ZONE)


def why_not(crew: Crew, moment: datetime = MONDAY, needs: tuple[str, ...] = ()) -> Lack | None:
    return lack(crew, needs, LAMP, at(moment))


def test_a_call_needs_somebody_right_now() -> None:
    assert window_of(Urgency.CALL, FRIDAY, MONDAY, 24, ZONE) == at(MONDAY)


@pytest.mark.parametrize("urgency", [Urgency.NORMAL, Urgency.URGENT])
def test_a_wish_needs_somebody_at_its_time(urgency: Urgency) -> None:
    assert window_of(urgency, FRIDAY, MONDAY, 24, ZONE) == at(FRIDAY)


def test_else_somebody_has_to_come_while_it_may_be_accepted() -> None:
    until = Window(MONDAY, MONDAY + hours(24), ZONE)
    assert window_of(Urgency.NORMAL, None, MONDAY, 24, ZONE) == until
    assert window_of(Urgency.NORMAL, MONDAY - hours(1), MONDAY, 24, ZONE) == until  # a wish that is over


def test_one_without_hours_and_volunteers_is_always_there() -> None:
    assert why_not(Crew(), SUNDAY) is None


def test_its_own_hours_count() -> None:
    assert why_not(Crew(hours=(OFFICE_HOURS,))) is None
    assert why_not(Crew(hours=(OFFICE_HOURS,)), SUNDAY) is Lack.CLOSED


def test_its_own_hours_count_before_its_volunteers() -> None:
    crew = Crew(hours=(OFFICE_HOURS,), volunteers=(Hand(hours=(FRIDAYS,)),))
    assert why_not(crew, MONDAY) is None
    assert why_not(crew, SUNDAY) is Lack.CLOSED


def test_one_without_hours_is_there_when_a_volunteer_is() -> None:
    crew = Crew(volunteers=(Hand(hours=(FRIDAYS,)), Hand(hours=(NIGHTS,))))
    assert why_not(crew, FRIDAY) is None
    assert why_not(crew, MONDAY) is Lack.CLOSED


def test_needed_skills_are_its_own_or_nobody_has_them() -> None:
    assert why_not(Crew(skills=("first-aid", "electrician")), needs=WIRING) is None
    assert why_not(Crew(skills=("first-aid",)), needs=WIRING) is Lack.UNSKILLED
    assert why_not(Crew(), needs=WIRING) is Lack.UNSKILLED


def test_a_volunteer_brings_what_the_others_lack() -> None:
    crew = Crew(skills=("first-aid",), volunteers=(Hand(WIRING, (FRIDAYS,)), Hand(hours=(OFFICE_HOURS,))))
    both = ("electrician", "first-aid")
    assert why_not(crew, FRIDAY, both) is None
    assert why_not(crew, MONDAY, both) is Lack.CLOSED  # somebody is there, but not who can
    assert why_not(crew, MONDAY, ("first-aid",)) is None


def test_a_volunteer_with_the_skill_comes_while_the_provider_is_open() -> None:
    crew = Crew(hours=(OFFICE_HOURS,), volunteers=(Hand(WIRING, (NIGHTS, FRIDAYS)),))
    assert why_not(crew, FRIDAY, WIRING) is None
    assert why_not(crew, MONDAY, WIRING) is Lack.CLOSED
    assert why_not(crew, SUNDAY + hours(14), WIRING) is Lack.CLOSED  # eleven at night


def test_who_is_not_willing_does_not_count() -> None:
    crew = Crew(volunteers=(Hand(willing=(MEALS,)),))
    assert lack(crew, (), MEALS, at(MONDAY)) is None
    assert lack(crew, (), LAMP, at(MONDAY)) is Lack.UNSKILLED


def test_who_is_willing_to_do_a_group_does_what_lies_in_it() -> None:
    crew = Crew(volunteers=(Hand(willing=(CategoryPath("roads"),)),))
    assert lack(crew, (), POTHOLE, at(MONDAY)) is None


def test_without_a_time_only_skills_count() -> None:
    crew = Crew(volunteers=(Hand(WIRING, (FRIDAYS,)),))
    assert lack(crew, WIRING, LAMP, None) is None
    assert lack(crew, ("first-aid",), LAMP, None) is Lack.UNSKILLED
    assert lack(Crew(hours=(FRIDAYS,)), (), LAMP, None) is None
