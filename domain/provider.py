"""A provider (接单方) as later decisions need it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from domain import events as e
from domain.hours import Shift
from domain.ids import AreaPath, CategoryPath, VolunteerId
from domain.model import Event
from domain.provider_events import Offer
from domain.sealed import Sealed
from domain.stages import ProviderKind


class Standing(StrEnum):
    """Whether a provider takes work."""

    UNKNOWN = "unknown"
    ACTIVE = "active"
    RETIRING = "retiring"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Particulars:
    """Who a provider is and how to reach it (登记信息), as it was last told."""

    name_zh: str = ""
    name_en: str = ""
    kind: ProviderKind | None = None
    contact: str = ""
    members: int | None = None
    full_time: int | None = None
    takes_by_bus: bool = False
    hours: tuple[Shift, ...] = ()
    skills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Volunteer:
    """One of a provider's volunteers (志愿者), as it was last told."""

    name: Sealed
    skills: tuple[str, ...] = ()
    hours: tuple[Shift, ...] = ()
    willing: tuple[CategoryPath, ...] = ()
    health: Sealed | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """The state of one provider after `version` events."""

    standing: Standing = Standing.UNKNOWN
    version: int = 0
    particulars: Particulars = Particulars()
    capacity: int = 0
    areas: tuple[AreaPath, ...] = ()
    offers: tuple[Offer, ...] = ()
    volunteers: Mapping[VolunteerId, Volunteer] = field(default_factory=dict[VolunteerId, Volunteer])
    released: frozenset[VolunteerId] = frozenset()  # volunteers it once had
    last_at: datetime | None = None


NO_PROVIDER: Final = Provider()


def evolve(provider: Provider, event: Event, at: datetime) -> Provider:
    """The provider after one more event."""
    after = replace(provider, version=provider.version + 1, last_at=at)
    match event:
        case e.ProviderRegistered():
            return replace(
                after,
                standing=Standing.ACTIVE,
                particulars=_particulars(event),
                capacity=event.capacity,
                areas=event.areas,
                offers=event.offers,
            )
        case e.ProviderAmended():
            return replace(after, particulars=_particulars(event))
        case e.ProviderOffersChanged():
            return replace(after, areas=event.areas, offers=event.offers)
        case e.ProviderCapacityChanged():
            return replace(after, capacity=event.capacity)
        case e.VolunteerEnrolled() | e.VolunteerChanged():
            known = {**provider.volunteers, event.volunteer: _volunteer(event)}
            return replace(after, volunteers=known, released=provider.released - {event.volunteer})
        case e.VolunteerReleased():
            left = {one: who for one, who in provider.volunteers.items() if one != event.volunteer}
            return replace(after, volunteers=left, released=provider.released | {event.volunteer})
        case e.ProviderRetiring():
            return replace(after, standing=Standing.RETIRING)
        case e.ProviderRetired():
            return replace(after, standing=Standing.RETIRED)
        case _:
            return after


def _particulars(event: e.ProviderRegistered | e.ProviderAmended) -> Particulars:
    return Particulars(**{one.name: getattr(event, one.name) for one in fields(Particulars)})


def _volunteer(event: e.VolunteerEnrolled | e.VolunteerChanged) -> Volunteer:
    return Volunteer(**{one.name: getattr(event, one.name) for one in fields(Volunteer)})
