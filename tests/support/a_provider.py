"""One provider, in words: what happened to it and what may be asked of it."""

from typing import Any, Final

import domain.commands as c
import domain.events as e
from domain.ids import ProviderId, VolunteerId
from domain.provider_events import Offer
from domain.sealed import Sealed
from domain.stages import ProviderKind
from tests.support.a_town import EAST, FRIDAYS, OFFICE_HOURS, POTHOLE, WATER
from tests.support.an_order import COMMUNITY, SYSTEM
from tests.support.given import Ask

MERGED: Final = Sealed("merged")
MEI: Final = VolunteerId("mei")
AUNT_MEI: Final = Sealed("Aunt Mei")
ASTHMA: Final = Sealed("asthma")
OFFERS: Final = (Offer(category=POTHOLE),)


def registered(provider: ProviderId = WATER) -> e.ProviderRegistered:
    return e.ProviderRegistered(
        provider=provider,
        name_zh="水务",
        name_en="Water",
        kind=ProviderKind.DEPARTMENT,
        contact="12345",
        capacity=5,
        areas=(EAST,),
        offers=OFFERS,
    )


def amended(**fields: Any) -> e.ProviderAmended:
    now: dict[str, Any] = {
        "name_zh": "供水",
        "name_en": "Waterworks",
        "kind": ProviderKind.PROPERTY,
        "contact": "96319",
        "members": 5,
        "full_time": 2,
        "takes_by_bus": True,
        "hours": (OFFICE_HOURS,),
        "skills": ("electrician",),
    }
    return e.ProviderAmended(provider=WATER, **{**now, **fields})


def enrolled(**fields: Any) -> e.VolunteerEnrolled:
    return e.VolunteerEnrolled(provider=WATER, volunteer=MEI, **{**_MEI, **fields})


def changed(**fields: Any) -> e.VolunteerChanged:
    return e.VolunteerChanged(provider=WATER, volunteer=MEI, **{**_MEI, **fields})


def released() -> e.VolunteerReleased:
    return e.VolunteerReleased(provider=WATER, volunteer=MEI)


_MEI: Final[dict[str, Any]] = {
    "name": AUNT_MEI,
    "skills": ("first-aid",),
    "hours": (FRIDAYS,),
    "willing": (POTHOLE,),
    "health": ASTHMA,
}


def retiring() -> e.ProviderRetiring:
    return e.ProviderRetiring(provider=WATER, reason=MERGED)


def retired() -> e.ProviderRetired:
    return e.ProviderRetired(provider=WATER, returned=2)


def register(**fields: Any) -> Ask:
    unit: dict[str, Any] = {
        "provider": WATER,
        "name_zh": "水务",
        "name_en": "Water",
        "kind": ProviderKind.DEPARTMENT,
        "contact": "12345",
        "capacity": 5,
        "areas": (EAST,),
        "offers": OFFERS,
    }
    return Ask(c.RegisterProvider(**{**unit, **fields}), COMMUNITY)


def amend(**fields: Any) -> Ask:
    return Ask(c.AmendProvider(provider=WATER, **fields), COMMUNITY)


def change_offers(**fields: Any) -> Ask:
    lists: dict[str, Any] = {"areas": (EAST,), "offers": OFFERS, **fields}
    return Ask(c.ChangeOffers(provider=WATER, **lists), COMMUNITY)


def change_capacity(capacity: int) -> Ask:
    return Ask(c.ChangeCapacity(provider=WATER, capacity=capacity), COMMUNITY)


def enrol(**fields: Any) -> Ask:
    return Ask(c.EnrolVolunteer(provider=WATER, volunteer=MEI, **{**_MEI, **fields}), COMMUNITY)


def change_volunteer(**fields: Any) -> Ask:
    return Ask(c.ChangeVolunteer(provider=WATER, volunteer=MEI, **fields), COMMUNITY)


def release() -> Ask:
    return Ask(c.ReleaseVolunteer(provider=WATER, volunteer=MEI), COMMUNITY)


def retire() -> Ask:
    return Ask(c.RetireProvider(provider=WATER, reason=MERGED), COMMUNITY)


def finish_retirement() -> Ask:
    return Ask(c.FinishRetirement(provider=WATER, returned=2), SYSTEM)
