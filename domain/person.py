"""A person as later decisions need them: what was erased, and nothing of who it is."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from msgspec.structs import replace

from domain import person_events as e
from domain.model import Event, Plain

_NONE: Final[Mapping[int, str | None]] = MappingProxyType({})


class Person(Plain, frozen=True):
    """The state of one person after `version` events."""

    version: int = 0
    erasures: int = 0
    under_way: Mapping[int, str | None] = _NONE  # erasure → the list that it is about
    last_at: datetime | None = None


NO_PERSON: Final = Person()


def evolve(person: Person, event: Event, at: datetime) -> Person:
    """The person after one more event."""
    after = replace(person, version=person.version + 1, last_at=at)
    match event:
        case e.PersonErased():
            under_way = {**person.under_way, event.erasure: event.listed}
            return replace(after, erasures=event.erasure, under_way=under_way)
        case e.ErasureFinished():
            left = {number: one for number, one in person.under_way.items() if number != event.erasure}
            return replace(after, under_way=left)
        case _:
            return after
