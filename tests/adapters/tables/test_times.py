"""Times as tables write them; what is no time stays none."""

from zoneinfo import ZoneInfo

import pytest

from adapters.tables.times import read_time

SHANGHAI = ZoneInfo("Asia/Shanghai")


def read(text: str, *formats: str, by_end_of_day: bool = False) -> str | None:
    moment = read_time(text, SHANGHAI, formats, by_end_of_day=by_end_of_day)
    return moment and moment.isoformat()


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T09:05:00+08:00",
        "2026-03-01 09:05:00",
        "2026-03-01 09:05",
        "2026/3/1 9:05",
        "2026/03/01 09:05:00.000",
        "2026.3.1 9:05:00",
        "2026年3月1日 9:05",
        "2026年3月1日9时05分",
        "2026年03月01日09时05分00秒",
        "20260301090500",
        "202603010905",
    ],
)
def test_the_same_moment_in_many_ways(text: str) -> None:
    assert read(text) == "2026-03-01T09:05:00+08:00"


def test_an_offset_counts_before_the_zone() -> None:
    assert read("2026-03-01T01:05:00Z") == "2026-03-01T01:05:00+00:00"


@pytest.mark.parametrize("day", ["2026-03-01", "2026/3/1", "20260301", "2026年3月1日"])
def test_a_day_begins_and_ends(day: str) -> None:
    assert read(day) == "2026-03-01T00:00:00+08:00"
    assert read(day, by_end_of_day=True) == "2026-03-01T23:59:59+08:00"


def test_a_way_of_its_own_is_tried_first() -> None:
    assert read("01/02/2026 09:05", "%d/%m/%Y %H:%M") == "2026-02-01T09:05:00+08:00"
    assert read("01/02/2026", "%d/%m/%Y", by_end_of_day=True) == "2026-02-01T23:59:59+08:00"


@pytest.mark.parametrize(
    "text",
    ["yesterday", "2026-02-30", "2026-13-01 00:00", "1772326800", "26-3-1", "2026-03-01 25:00", "9:05"],
)
def test_what_is_no_time_stays_none(text: str) -> None:
    assert read(text) is None
