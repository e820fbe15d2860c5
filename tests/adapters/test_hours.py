"""Working hours as people read and write them."""

import pytest

from adapters.hours import read_shift, shifts_in_words
from domain.hours import Shift
from tests.support.a_town import FRIDAYS, NIGHTS, OFFICE_HOURS

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)


@pytest.mark.parametrize(
    ("text", "weekdays", "start", "end"),
    [
        ("Mon-Fri 9:00-18:00", (1, 2, 3, 4, 5), "09:00", "18:00"),
        ("周一至周五 9:00-18:00", (1, 2, 3, 4, 5), "09:00", "18:00"),
        ("周六、周日 22:00至6:00", (6, 7), "22:00", "06:00"),
        ("sat, SUN 08:30 - 12:00", (6, 7), "08:30", "12:00"),
        ("Fri-Mon 0:00-24:00", (1, 5, 6, 7), "00:00", "24:00"),
        ("每天 8:00-20:00", EVERY_DAY, "08:00", "20:00"),
        ("daily 8:00–20:00", EVERY_DAY, "08:00", "20:00"),
    ],
)
def test_a_shift_is_read_as_people_write_it(
    text: str, weekdays: tuple[int, ...], start: str, end: str
) -> None:
    assert read_shift(text) == Shift(weekdays=weekdays, start=start, end=end)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Mon-Fri",
        "9:00-18:00",
        "Mon 9-18",
        "Moon 9:00-18:00",
        "Mon- 9:00-25:00",
        "Mon 9:00-18:60",
        "Mon,, 9:00-18:00",
    ],
)
def test_what_is_no_shift_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_shift(text)


def test_shifts_are_told_in_both_languages() -> None:
    words = shifts_in_words((OFFICE_HOURS, Shift(weekdays=(6,), start="09:30", end="12:00")))
    assert words.zh == "周一至周五 9:00-18:00；周六 9:30-12:00"
    assert words.en == "Mon-Fri 9:00-18:00; Sat 9:30-12:00"


def test_days_that_are_not_in_a_row_and_nights_are_told() -> None:
    assert shifts_in_words((NIGHTS,)).zh == "周五、周日 22:00-次日6:00"
    assert shifts_in_words((NIGHTS,)).en == "Fri, Sun 22:00-next day 6:00"
    mixed = Shift(weekdays=(1, 2, 4, 5, 6), start="00:00", end="24:00")
    assert shifts_in_words((mixed,)).en == "Mon, Tue, Thu-Sat 0:00-24:00"


def test_who_has_no_hours_is_there_at_any_time() -> None:
    assert (shifts_in_words(()).zh, shifts_in_words(()).en) == ("随时", "at any time")


@pytest.mark.parametrize(
    "shift", [OFFICE_HOURS, FRIDAYS, Shift(weekdays=EVERY_DAY, start="00:00", end="24:00")]
)
def test_what_is_told_can_be_written_again(shift: Shift) -> None:
    words = shifts_in_words((shift,))
    assert read_shift(words.zh) == read_shift(words.en) == shift
