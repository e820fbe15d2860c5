"""An order as later decisions need it: no titles, no texts, no history."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from msgspec.structs import replace

from domain import events as e
from domain.ids import AreaPath, CategoryPath, OrderId, ProviderId, ResidentId
from domain.model import Event, Plain
from domain.stages import WITH_COMMUNITY, Level, RatingSource, Stage

_NOBODY: Final[Mapping[ResidentId, Level]] = MappingProxyType({})
_NO_SECONDERS: Final[frozenset[ResidentId]] = frozenset()
_NO_CATEGORY: Final = CategoryPath("")
_NOWHERE: Final = AreaPath("")


class Order(Plain, frozen=True):
    """The state of one order after `version` events."""

    stage: Stage = Stage.NONE
    version: int = 0
    category: CategoryPath = _NO_CATEGORY
    area: AreaPath = _NOWHERE
    resident: ResidentId | None = None
    provider: ProviderId | None = None  # who has it now, or had it when it closed
    accountable: ProviderId | None = None  # 首接负责
    declines: int = 0
    declined_by: ProviderId | None = None  # who sent it back to where it is now
    arbitrated: bool = False  # in this round
    round: int = 1
    due_at: datetime | None = None  # None: no clock runs, it lies with the community
    closed_at: datetime | None = None
    last_at: datetime | None = None
    duplicate_of: OrderId | None = None
    seconders: frozenset[ResidentId] = _NO_SECONDERS
    ratings: Mapping[ResidentId, Level] = _NOBODY  # of this round


NO_ORDER: Final = Order()
_BACK: Final[Mapping[str, Any]] = {"stage": Stage.PLACED, "provider": None, "due_at": None}


def evolve(order: Order, event: Event, at: datetime) -> Order:
    """The order after one more event."""
    return replace(order, version=order.version + 1, last_at=at, **_changes(order, event, at))


def _changes(  # noqa: C901, PLR0912 - one case for each event
    order: Order, event: Event, at: datetime
) -> Mapping[str, Any]:
    match event:
        case e.OrderPlaced():
            return {
                "stage": Stage.PLACED,
                "category": event.category,
                "area": event.area,
                "resident": event.resident,
            }
        case e.OrderDispatched():
            return {
                "stage": Stage.DISPATCHED,
                "provider": event.provider,
                "accountable": event.accountable,
                "due_at": event.due_at,
                "declined_by": None,
            }
        case e.OrderAccepted():
            return {"stage": Stage.ACCEPTED, "accountable": event.provider}
        case e.OrderClaimed():
            return {
                "stage": Stage.ACCEPTED,
                "provider": event.provider,
                "accountable": event.provider,
                "due_at": event.due_at,
            }
        case e.OrderCompleted():
            return {"stage": Stage.COMPLETED, "closed_at": at}
        case e.OrderRated():
            rated = {"ratings": {**order.ratings, event.resident: event.level}}
            return rated if event.source is RatingSource.SECONDER else {**rated, "stage": Stage.RATED}
        case e.OrderDeclined():
            return {**_BACK, "declines": event.declines, "declined_by": event.provider}
        case e.OrderSentToArbitration():
            return {"stage": Stage.ARBITRATION, "arbitrated": True}
        case e.OrderRecalled():
            return _BACK
        case e.OrderPooled():
            return {"stage": Stage.POOLED, "due_at": event.due_at, "declined_by": None}
        case e.OrderAmended():
            return {"category": event.category, "area": event.area}
        case e.OrderSeconded():
            return {"seconders": order.seconders | {event.resident}}
        case e.OrderWithdrawn():
            return {"stage": Stage.WITHDRAWN, "closed_at": at}
        case e.OrderAnswered():
            return {"stage": Stage.ANSWERED, "closed_at": at}
        case e.OrderNotAccepted():
            return {"stage": Stage.NOT_ACCEPTED, "closed_at": at}
        case e.OrderMarkedDuplicate():
            return {"stage": Stage.DUPLICATE, "closed_at": at, "duplicate_of": event.of}
        case e.OrderReopened():
            return _reopened(event)
        case e.OrderImported():
            return _imported(event)
        case _:
            return {}  # progress and proposals change nothing that is asked later


def _reopened(event: e.OrderReopened) -> Mapping[str, Any]:
    """Back to the community for a new round; who had it stays accountable."""
    return {
        **_BACK,
        "round": event.round,
        "closed_at": None,
        "ratings": _NOBODY,
        "arbitrated": False,
        "declines": 0,
        "declined_by": None,
    }


def _imported(event: e.OrderImported) -> Mapping[str, Any]:
    """As the row shows it; the unit it names may have handed it back, and is accountable all the same."""
    return {
        "stage": event.stage,
        "category": event.category,
        "area": event.area,
        "provider": None if event.stage in WITH_COMMUNITY else event.provider,
        "accountable": event.provider,
        "arbitrated": event.stage is Stage.ARBITRATION,
        "due_at": event.due_at,
        "closed_at": event.closed_at,
    }
