"""A browser's local dates and times as moments in the town's zone. What is none goes on, to be refused."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo


def moment(local: str | None, zone: str) -> str | None:
    """Day and time."""
    if local is None:
        return None
    try:
        return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).isoformat()
    except ValueError:
        return local


def end_of_day(local: str, zone: str) -> str:
    """The last moment of a day."""
    try:
        return datetime.combine(date.fromisoformat(local), time.max, ZoneInfo(zone)).isoformat()
    except ValueError:
        return local
