"""Moments are those of the town, and one that says less means all of it."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.cli.moments import end_of, shown, since, start_of
from adapters.cli.problems import Usage

SHANGHAI = "Asia/Shanghai"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-03", "2026-03-03T15:59:59.999999"),
        ("2026-03-03T14:30", "2026-03-03T06:30:59.999999"),
        ("2026-03-03 14:30", "2026-03-03T06:30:59.999999"),
        ("2026-03-03T14:30Z", "2026-03-03T14:30:59.999999"),
        ("2026-03-03T14:30:00", "2026-03-03T06:30:00"),
        ("2026-03-03T14:30:00+00:00", "2026-03-03T14:30:00"),
    ],
)
def test_up_to_a_day_or_a_minute_is_up_to_its_end(text: str, moment: str) -> None:
    assert end_of(text, SHANGHAI) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


def test_from_a_day_is_from_its_beginning() -> None:
    assert start_of("2026-03-03", SHANGHAI) == datetime(2026, 3, 2, 16, tzinfo=UTC)


def test_what_is_shown_can_be_asked_for() -> None:
    moment = datetime(2026, 3, 3, 6, 30, 25, tzinfo=UTC)
    assert end_of(shown(moment, SHANGHAI), SHANGHAI) >= moment


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2026-13-01",
        "",
        "3 March",
        "14:30",
        "20260303",
        "2026-W10",
        "2026-03-03T14",
        "２０２６-03-03",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_what_is_no_moment_is_said_to_be_none(text: str) -> None:
    with pytest.raises(Usage):
        end_of(text, SHANGHAI)


def test_so_long_ago_or_a_day() -> None:
    now = datetime(2026, 3, 2, 4, tzinfo=UTC)
    assert since("90d", "Asia/Shanghai", now) == now - timedelta(days=90)
    assert since("12h", "Asia/Shanghai", now) == now - timedelta(hours=12)
    assert since("2026-03-01", "Asia/Shanghai", now) == datetime(2026, 2, 28, 16, tzinfo=UTC)


@pytest.mark.parametrize("text", ["soon", "90", "d", "-3d", "3w"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Usage) as refused:
        since(text, "Asia/Shanghai", datetime(2026, 3, 2, tzinfo=UTC))
    assert refused.value.code == "bad_date"
