"""Times as tables write them: with or without an offset, a time of day, seconds."""

import re
from collections.abc import Sequence
from datetime import datetime, time, tzinfo
from typing import Final

_WRITTEN: Final = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[T\s]*(\d{1,2})[:：时](\d{1,2})(?:[:：分](\d{1,2}))?(?:\.\d+)?[分秒]?)?",
    re.ASCII,
)
_COMPACT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?", re.ASCII)
_DAY_LENGTH: Final = len("2018-06-04")


def read_time(
    text: str, zone: tzinfo, formats: Sequence[str] = (), *, by_end_of_day: bool = False
) -> datetime | None:
    """The moment a cell says, with an offset; None if it says none.

    Args:
        zone: of times that carry no offset.
        formats: further ways to write it, as `datetime.strptime` takes them; they are tried first.
        by_end_of_day: a day without a time means its last second, else its first.
    """
    read = _by_format(text, formats) or _iso(text) or _other(text)
    if read is None:
        return None
    moment, whole_day = read
    if whole_day and by_end_of_day:
        moment = datetime.combine(moment, time(23, 59, 59))
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


_Read = tuple[datetime, bool]


def _by_format(text: str, formats: Sequence[str]) -> _Read | None:
    for pattern in formats:
        try:
            return datetime.strptime(text, pattern), "%H" not in pattern and "%I" not in pattern  # noqa: DTZ007
        except ValueError:
            continue
    return None


def _iso(text: str) -> _Read | None:
    if text[4:5] != "-" or len(text) < _DAY_LENGTH:  # it would take bare digits for more than they say
        return None
    try:
        return datetime.fromisoformat(text), len(text) == _DAY_LENGTH
    except ValueError:
        return None


def _other(text: str) -> _Read | None:
    found = _WRITTEN.fullmatch(text) or _COMPACT.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        return datetime(year, month, day, hour, minute, second), found[4] is None  # noqa: DTZ001 - zone comes later
    except ValueError:
        return None
