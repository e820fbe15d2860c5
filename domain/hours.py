"""Working hours (服务时间): shifts by the week, in the town's own clock."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, StringConstraints

from domain.model import Value

_CLOCK: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
_MIDNIGHT: Final = "24:00"
_DAY: Final = 24 * 60  # minutes
_WEEK: Final = timedelta(days=7)


def _in_order(weekdays: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(set(weekdays)))


Weekday = Annotated[int, Field(ge=1, le=7)]  # ISO: 1 is Monday
Weekdays = Annotated[
    tuple[Weekday, ...], Field(min_length=1, max_length=7, fail_fast=True), AfterValidator(_in_order)
]


class Shift(Value):
    """On these days from `start` to just before `end`; an end not after the start is that of the next day."""

    weekdays: Weekdays
    start: Annotated[str, StringConstraints(pattern=_CLOCK)]
    end: Annotated[str, StringConstraints(pattern=rf"{_CLOCK}|^{_MIDNIGHT}$")]


Shifts = Annotated[tuple[Shift, ...], Field(max_length=50, fail_fast=True)]


def open_at(shifts: Iterable[Shift], moment: datetime, zone: str) -> bool:
    """Whether one of the shifts covers a moment. No shifts: always."""
    shifts = tuple(shifts)
    if not shifts:
        return True
    local = moment.astimezone(ZoneInfo(zone))
    today, minute = local.isoweekday(), local.hour * 60 + local.minute
    return any(_covers(shift, today, minute) for shift in shifts)


def opens_within(shifts: Iterable[Shift], begin: datetime, end: datetime, zone: str) -> bool:
    """Whether some moment from `begin` to `end`, both included, is covered. No shifts: always."""
    shifts = tuple(shifts)
    if open_at(shifts, begin, zone) or end - begin >= _WEEK:
        return True
    town = ZoneInfo(zone)
    first, last = begin.astimezone(town).date(), end.astimezone(town).date()
    days = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
    return any(
        begin <= datetime.combine(day, _time(shift.start), town).astimezone(UTC) <= end
        for day in days
        for shift in shifts
        if day.isoweekday() in shift.weekdays
    )


def _covers(shift: Shift, today: int, minute: int) -> bool:
    start, end = _minutes(shift.start), _minutes(shift.end)
    if start < end:
        return today in shift.weekdays and start <= minute < end
    yesterday = today - 1 or 7
    return (today in shift.weekdays and minute >= start) or (yesterday in shift.weekdays and minute < end)


@lru_cache(maxsize=_DAY + 1)
def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _time(clock: str) -> time:
    return time(int(clock[:2]), int(clock[3:]))
