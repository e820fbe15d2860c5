"""Working hours as people read and write them: 周一至周五 9:00-18:00, Mon-Fri 9:00-18:00."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from domain.hours import Shift
from domain.rules import Words

EN: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ZH: Final = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
RUN: Final = 3  # days in a row, from which on only the first and the last are named
ALWAYS: Final = Words(zh="随时", en="at any time")

_DAYS: Final = {name.lower(): day for names in (EN, ZH) for day, name in enumerate(names, start=1)}
_WRITTEN: Final = re.compile(
    r"(?P<days>\S.*?)\s+(?P<start>\d{1,2}:\d\d)\s*[-–至]\s*(?P<end>\d{1,2}:\d\d)", re.ASCII
)


def read_shift(text: str) -> Shift:
    """One shift, such as `Mon-Fri 9:00-18:00`, `周六、周日 22:00-6:00` or `daily 8:00-20:00`.

    Raises:
        ValueError: it is none.
    """
    written = _WRITTEN.fullmatch(text.strip())
    if written is None:
        raise ValueError(text)
    return Shift(
        weekdays=tuple(_days(written["days"].lower())),
        start=written["start"].zfill(5),
        end=written["end"].zfill(5),
    )


def _days(text: str) -> Iterator[int]:
    for part in re.split(r"\s*[,、，]\s*", text):
        if part in ("daily", "每天"):
            yield from range(1, 8)
            continue
        first, _, last = (one.strip() for one in re.sub("[–至]", "-", part).partition("-"))
        begin, end = _day(first), _day(last or first)
        yield from range(begin, end + 1) if begin <= end else (*range(begin, 8), *range(1, end + 1))


def _day(name: str) -> int:
    day = _DAYS.get(name)
    if day is None:
        raise ValueError(name)
    return day


def shifts_in_words(shifts: Sequence[Shift]) -> Words:
    """All of them, in both languages; no shifts are those of one who is always there."""
    if not shifts:
        return ALWAYS
    zh = "；".join(f"{_named(one, ZH, '至', '、')} {_clock(one, '次日')}" for one in shifts)
    en = "; ".join(f"{_named(one, EN, '-', ', ')} {_clock(one, 'next day ')}" for one in shifts)
    return Words.model_construct(zh=zh, en=en)  # may be longer than a name


def _named(shift: Shift, names: Sequence[str], to: str, also: str) -> str:
    runs = [[names[day - 1] for day in run] for run in _runs(shift.weekdays)]
    told = [[f"{run[0]}{to}{run[-1]}"] if len(run) >= RUN else run for run in runs]
    return also.join(name for run in told for name in run)


def _runs(days: Iterable[int]) -> list[list[int]]:
    """Days in a row together."""
    days = list(days)
    runs = [days[:1]]
    for before, day in pairwise(days):
        if day == before + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _clock(shift: Shift, next_day: str) -> str:
    start, end = (clock.removeprefix("0") for clock in (shift.start, shift.end))
    return f"{start}-{end}" if shift.start < shift.end else f"{start}-{next_day}{end}"
