"""One provider, in words: what happened to it and what may be asked of it."""

from typing import Any, Final

import domain.commands as c
import domain.events as e
from domain.ids import ProviderId
from domain.stages import ProviderKind
from tests.support.a_town import EAST, POTHOLE, WATER
from tests.support.an_order import COMMUNITY, SYSTEM
from tests.support.given import Ask

OFFERS: Final = (e.Offer(category=POTHOLE),)


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


def retiring() -> e.ProviderRetiring:
    return e.ProviderRetiring(provider=WATER, reason="merged")


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


def change_offers(**fields: Any) -> Ask:
    lists: dict[str, Any] = {"areas": (EAST,), "offers": OFFERS, **fields}
    return Ask(c.ChangeOffers(provider=WATER, **lists), COMMUNITY)


def change_capacity(capacity: int) -> Ask:
    return Ask(c.ChangeCapacity(provider=WATER, capacity=capacity), COMMUNITY)


def retire() -> Ask:
    return Ask(c.RetireProvider(provider=WATER, reason="merged"), COMMUNITY)


def finish_retirement() -> Ask:
    return Ask(c.FinishRetirement(provider=WATER, returned=2), SYSTEM)
