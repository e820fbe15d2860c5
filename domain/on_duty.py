"""Who of a provider could do an order, and when somebody has to be there for it.

The provider's own skills and hours count first. Where it has no hours of its own, its volunteers' do;
where it lacks a skill, a volunteer may bring it. One without hours and without volunteers is always there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.hours import Shift, opens_within
from domain.ids import CategoryPath, within
from domain.stages import Urgency


class Lack(StrEnum):
    """Why nobody of a provider can come."""

    CLOSED = "closed"
    UNSKILLED = "unskilled"


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when somebody has to be on duty, at some moment of it, by the town's clock."""

    begin: datetime
    end: datetime
    zone: str

    def met_by(self, shifts: tuple[Shift, ...]) -> bool:
        return opens_within(shifts, self.begin, self.end, self.zone)


@dataclass(frozen=True, slots=True)
class Hand:
    """A volunteer, as far as it matters to an order. Willing to do nothing in particular: to do anything."""

    skills: tuple[str, ...] = ()
    hours: tuple[Shift, ...] = ()
    willing: tuple[CategoryPath, ...] = ()

    def would(self, category: CategoryPath) -> bool:
        """Whether it is something this one is willing to do."""
        return not self.willing or any(within(category, one) for one in self.willing)


@dataclass(frozen=True, slots=True)
class Crew:
    """What a provider has to do its work with."""

    hours: tuple[Shift, ...] = ()
    skills: tuple[str, ...] = ()
    volunteers: tuple[Hand, ...] = ()


ALWAYS_THERE: Final = Crew()


def window_of(
    urgency: Urgency, wanted_at: datetime | None, now: datetime, accept_hours: int, zone: str
) -> Window:
    """When somebody has to be there.

    For a call (一键呼叫) right now, for a wish at its time, else as long as it may be accepted. A wish for a
    time that is over no longer counts.
    """
    if urgency is Urgency.CALL:
        return Window(now, now, zone)
    if wanted_at is not None and wanted_at > now:
        return Window(wanted_at, wanted_at, zone)
    return Window(now, now + timedelta(hours=accept_hours), zone)


def lack(crew: Crew, needs: Iterable[str], category: CategoryPath, window: Window | None) -> Lack | None:
    """What keeps a provider from an order that needs these skills; None: it is able and on duty.

    Args:
        window: None: whenever it will be.
    """
    missing = set(needs).difference(crew.skills)
    if not missing and (crew.hours or not crew.volunteers):
        return None if window is None or window.met_by(crew.hours) else Lack.CLOSED
    able = [hand for hand in crew.volunteers if hand.would(category) and missing.issubset(hand.skills)]
    if not able:
        return Lack.UNSKILLED
    if window is None or (window.met_by(crew.hours) and any(window.met_by(hand.hours) for hand in able)):
        return None
    return Lack.CLOSED
