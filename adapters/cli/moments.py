"""Moments as people write and read them: days and hours of the town's zone."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from adapters.cli.problems import Usage


def end_of(text: str, zone: str) -> datetime:
    """A moment; a day alone means its end in the town.

    Raises:
        Usage: bad_date.
    """
    return _moment(text, zone, time.max)


def start_of(text: str, zone: str) -> datetime:
    """A moment; a day alone means its beginning in the town.

    Raises:
        Usage: bad_date.
    """
    return _moment(text, zone, time.min)


def shown(moment: datetime | None, zone: str) -> str:
    """To the minute, in the town's zone."""
    return "" if moment is None else moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def _moment(text: str, zone: str, of_day: time) -> datetime:
    try:
        if len(text.strip()) == len("2026-03-03"):
            return datetime.combine(date.fromisoformat(text.strip()), of_day, ZoneInfo(zone))
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise Usage(
            "bad_date",
            f"“{text}”不是日期，请写成 2026-03-03 或 2026-03-03T14:30。",
            f"{text} is no date; write 2026-03-03 or 2026-03-03T14:30.",
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
