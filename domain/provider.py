"""A provider (接单方) as later decisions need it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from domain import events as e
from domain.ids import AreaPath
from domain.model import Event


class Standing(StrEnum):
    """Whether a provider takes work."""

    UNKNOWN = "unknown"
    ACTIVE = "active"
    RETIRING = "retiring"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Provider:
    """The state of one provider after `version` events."""

    standing: Standing = Standing.UNKNOWN
    version: int = 0
    capacity: int = 0
    areas: tuple[AreaPath, ...] = ()
    offers: tuple[e.Offer, ...] = ()
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
                capacity=event.capacity,
                areas=event.areas,
                offers=event.offers,
            )
        case e.ProviderOffersChanged():
            return replace(after, areas=event.areas, offers=event.offers)
        case e.ProviderCapacityChanged():
            return replace(after, capacity=event.capacity)
        case e.ProviderRetiring():
            return replace(after, standing=Standing.RETIRING)
        case e.ProviderRetired():
            return replace(after, standing=Standing.RETIRED)
        case _:
            return after
