"""Who has read whose personal texts, when, by which right and what for, as the record has it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from adapters.store.event_store import EventStore
from domain.events import TextsOpened
from domain.facts import Actor, Recorded
from domain.ids import AreaPath, Position, ProviderId, ResidentId, readings_of
from domain.model import Plain
from domain.sealed import Sealed
from domain.stages import Right
from services.ports import Store

PAGE: Final = 500  # read at once
STRETCH: Final = 50_000  # positions looked through at once
Told = Callable[[int], None]


class Reading(Plain, frozen=True, kw_only=True):
    """One reading on record."""

    position: Position
    recorded: datetime
    actor: Actor
    via: str
    right: Right
    subject: str
    fields: tuple[str, ...]
    person: ResidentId | None
    provider: ProviderId | None
    area: AreaPath | None
    purpose: Sealed | None


class Asked(Plain, frozen=True, kw_only=True):
    """Which readings: each part narrows it, an empty one lets all pass."""

    person: str | None = None  # whose texts
    actor: str | None = None  # who read them
    since: datetime | None = None
    until: datetime | None = None

    def fits(self, reading: Reading) -> bool:
        return (
            self.person in (None, reading.person)
            and self.actor in (None, reading.actor.id)
            and (self.since is None or reading.recorded >= self.since)
            and (self.until is None or reading.recorded <= self.until)
        )


def of_subject(store: Store, subject: str) -> list[Reading]:
    """All readings of one subject, oldest first; costs what they are, not what the log is."""
    return [_reading(recorded) for recorded in store.history(readings_of(subject))]


def all_readings(store: EventStore, told: Told = lambda _: None) -> Iterator[Reading]:
    """Every reading that is on record by now, oldest first, a page in memory; costs what the log is.

    `told` hears the position up to which all is read, also where nobody read anything for long.
    """
    position, end = 0, store.head()
    while position < end:
        until = min(position + STRETCH, end)
        found = store.read_only(TextsOpened, position, PAGE, until)
        position = found[-1].position if len(found) == PAGE else until
        yield from map(_reading, found)
        told(position)


def _reading(recorded: Recorded) -> Reading:
    meta, event = recorded.fact.meta, recorded.fact.event
    assert isinstance(event, TextsOpened)
    return Reading(
        position=recorded.position,
        recorded=meta.recorded,
        actor=meta.actor,
        via=meta.via,
        right=event.right,
        subject=event.subject,
        fields=event.fields,
        person=event.person,
        provider=event.provider,
        area=event.area,
        purpose=event.purpose,
    )
