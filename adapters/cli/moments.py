"""Moments as people write and read them: days and hours of the town's zone."""

import re
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from adapters.cli.problems import Usage

DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
MINUTE: Final = re.compile(DAY.pattern + r"[T ]\d\d:\d\d(Z|[+-]\d\d:\d\d)?", re.ASCII)  # as `shown` writes it
FINER: Final = re.compile(DAY.pattern + r"[T ]\d\d:\d\d:\S+", re.ASCII)
AGO: Final = re.compile(r"(\d{1,5})([dh])")


def end_of(text: str, zone: str) -> datetime:
    """A moment; a day or a minute alone means its end in the town.

    Raises:
        Usage: bad_date.
    """
    moment = _moment(text, zone, time.max)
    return moment.replace(second=59, microsecond=999_999) if MINUTE.fullmatch(text.strip()) else moment


def start_of(text: str, zone: str) -> datetime:
    """A moment; a day alone means its beginning in the town.

    Raises:
        Usage: bad_date.
    """
    return _moment(text, zone, time.min)


def since(text: str, zone: str, now: datetime) -> datetime:
    """So many days or hours before now (90d, 12h), or the beginning of a day, or a moment.

    Raises:
        Usage: bad_date.
    """
    ago = AGO.fullmatch(text.strip())
    if ago is None:
        return start_of(text, zone)
    number, unit = ago.groups()
    return now - (timedelta(days=int(number)) if unit == "d" else timedelta(hours=int(number)))


def shown(moment: datetime | None, zone: str) -> str:
    """To the minute, in the town's zone."""
    return "" if moment is None else moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def _moment(text: str, zone: str, of_day: time) -> datetime:
    text = text.strip()
    try:
        if DAY.fullmatch(text):
            return datetime.combine(date.fromisoformat(text), of_day, ZoneInfo(zone))
        if not (MINUTE.fullmatch(text) or FINER.fullmatch(text)):
            raise ValueError(text)  # of 20260303 or an hour alone the end would be guessed
        moment = datetime.fromisoformat(text)
        moment.astimezone(ZoneInfo(zone))  # before the first year or after the last there is no day to show
    except (ValueError, OverflowError) as error:
        raise Usage(
            "bad_date",
            f"“{text}”不是日期，请写成 2026-03-03 或 2026-03-03T14:30。",
            f"{text} is no date; write 2026-03-03 or 2026-03-03T14:30.",
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
