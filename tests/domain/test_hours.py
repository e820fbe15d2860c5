"""Working hours, in the town's own clock."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from domain.hours import Shift, open_at, opens_within
from tests.support.a_town import FRIDAYS, NIGHTS, OFFICE_HOURS, RULES

ZONE = RULES.zone
BERLIN = "Europe/Berlin"


def at(text: str, zone: str = ZONE) -> datetime:
    """A moment of the first week of March 2026, of which the second is a Monday, in UTC."""
    return datetime.fromisoformat(f"2026-03-{text}").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("02T08:59", False),
        ("02T09:00", True),
        ("06T17:59:59", True),
        ("06T18:00", False),
        ("07T12:00", False),
    ],
)
def test_a_shift_is_from_its_start_to_just_before_its_end(moment: str, is_open: bool) -> None:
    assert open_at((OFFICE_HOURS,), at(moment), ZONE) is is_open


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("06T21:59", False),
        ("06T22:00", True),
        ("07T05:59", True),  # of Friday's
        ("07T06:00", False),
        ("07T22:30", False),
        ("08T23:00", True),
        ("09T02:00", True),  # Monday, of Sunday's
        ("06T02:00", False),
    ],
)
def test_a_shift_may_go_past_midnight(moment: str, is_open: bool) -> None:
    assert open_at((NIGHTS,), at(moment), ZONE) is is_open


def test_hours_are_those_of_the_town_not_of_the_machine() -> None:
    monday_nine = at("02T09:00")
    assert open_at((OFFICE_HOURS,), monday_nine, ZONE)
    assert not open_at((OFFICE_HOURS,), monday_nine, BERLIN)


def test_no_shifts_is_always() -> None:
    assert open_at((), at("08T03:00"), ZONE)
    assert opens_within((), at("08T03:00"), at("08T03:00"), ZONE)


@pytest.mark.parametrize(("start", "end"), [("00:00", "24:00"), ("08:00", "08:00"), ("00:00", "00:00")])
def test_a_day_may_be_open_round_the_clock(start: str, end: str) -> None:
    always = Shift(weekdays=(1, 2, 3, 4, 5, 6, 7), start=start, end=end)
    assert all(open_at((always,), at(f"04T{hour:02}:59"), ZONE) for hour in range(24))


@pytest.mark.parametrize(
    ("begin", "end", "opens"),
    [
        ("06T09:00", "06T13:59", False),
        ("06T09:00", "06T14:00", True),
        ("06T16:59", "06T16:59", True),
        ("06T17:00", "12T13:59", False),
        ("06T17:00", "13T14:00", True),
        ("02T00:00", "09T00:00", True),
    ],
)
def test_it_opens_within_a_time_of_which_it_is_there_for_a_moment(begin: str, end: str, opens: bool) -> None:
    assert opens_within((FRIDAYS,), at(begin), at(end), ZONE) is opens


def test_the_night_when_clocks_go_forward_has_its_shift_all_the_same() -> None:
    in_the_gap = Shift(weekdays=(7,), start="02:30", end="04:00")
    begin, end = at("29T01:30", BERLIN), at("29T03:45", BERLIN)
    assert opens_within((in_the_gap,), begin, end, BERLIN)
    assert open_at((in_the_gap,), end, BERLIN)


def test_weekdays_are_kept_in_order_and_once() -> None:
    assert Shift(weekdays=(5, 1, 5), start="09:00", end="18:00").weekdays == (1, 5)


@pytest.mark.parametrize(
    "wrong",
    [
        {"weekdays": ()},
        {"weekdays": (0,)},
        {"weekdays": (8,)},
        {"start": "9:00"},
        {"start": "24:00"},
        {"end": "24:01"},
        {"end": "18:60"},
        {"end": "18:00\n"},
    ],
)
def test_what_is_no_shift_is_refused(wrong: dict[str, object]) -> None:
    right = {"weekdays": (1,), "start": "09:00", "end": "18:00"}
    with pytest.raises(ValidationError):
        Shift.model_validate({**right, **wrong})
