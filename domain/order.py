"""An order as later decisions need it: no titles, no texts, no history."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from domain import events as e
from domain.ids import AreaPath, CategoryPath, OrderId, ProviderId, ResidentId
from domain.model import Event, Plain
from domain.proposal import Proposal
from domain.stages import CLOSED, WITH_COMMUNITY, Level, RatingSource, Stage, Urgency

_NOBODY: Final[Mapping[ResidentId, Level]] = MappingProxyType({})
_NO_SECONDERS: Final[frozenset[ResidentId]] = frozenset()
_NO_ERASURES: Final[frozenset[int]] = frozenset()
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
    channel: str | None = None  # where it came in
    call: bool = False  # 一键呼叫
    accept_by: datetime | None = None  # while it is offered
    proposed: Proposal | None = None  # by the engine, since it came to lie where it is
    waits_since: int = 0  # the version at which it last came to lie with the community
    due_at: datetime | None = None  # None: no clock runs, it lies with the community
    closed_at: datetime | None = None
    last_at: datetime | None = None
    duplicate_of: OrderId | None = None
    seconders: frozenset[ResidentId] = _NO_SECONDERS
    ratings: Mapping[ResidentId, Level] = _NOBODY  # of this round
    rests_since: datetime | None = None  # closed, and rated by nobody since
    erased: int = 0  # the version up to which its texts are erased
    erasures: int = 0
    erasing: frozenset[int] = _NO_ERASURES  # those under way


NO_ORDER: Final = Order()
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


_E = TypeVar("_E", bound=Event)
_Change = Callable[[Order, Any, datetime], Mapping[str, Any]]
_CHANGES: Final[dict[type[Event], _Change]] = {}


def evolve(order: Order, event: Event, at: datetime) -> Order:
    """The order after one more event; progress changes nothing that is asked later."""
    change = _CHANGES.get(type(event))
    changes = _NOTHING if change is None else change(order, event, at)
    return replace(order, version=order.version + 1, last_at=at, **changes)


def _back(order: Order) -> Mapping[str, Any]:
    return {
        "stage": Stage.PLACED,
        "provider": None,
        "accept_by": None,
        "due_at": None,
        "proposed": None,
        "waits_since": order.version + 1,
    }


def _closed(stage: Stage, at: datetime) -> Mapping[str, Any]:
    return {"stage": stage, "closed_at": at, "rests_since": at}


def rests_since(event: Event, at: datetime) -> datetime | None:
    """From when on the days count that an order's texts are kept, if this event closes or rates it."""
    match event:
        case e.OrderImported():
            return (event.closed_at or at) if event.stage in CLOSED else None
        case (
            e.OrderCompleted()
            | e.OrderAnswered()
            | e.OrderNotAccepted()
            | e.OrderMarkedDuplicate()
            | e.OrderWithdrawn()
            | e.OrderRated()
        ):
            return at
        case _:
            return None


def _on(event: type[_E]) -> Callable[[Callable[[Order, _E, datetime], Mapping[str, Any]]], _Change]:
    def register(change: Callable[[Order, _E, datetime], Mapping[str, Any]]) -> _Change:
        _CHANGES[event] = change
        return change

    return register


@_on(e.OrderPlaced)
def _placed(order: Order, event: e.OrderPlaced, _at: datetime) -> Mapping[str, Any]:
    return {
        "stage": Stage.PLACED,
        "category": event.category,
        "area": event.area,
        "resident": event.resident,
        "channel": event.channel,
        "call": event.urgency is Urgency.CALL,
        "waits_since": order.version + 1,
    }


@_on(e.OrderAmended)
def _amended(order: Order, event: e.OrderAmended, _at: datetime) -> Mapping[str, Any]:
    moved = (event.category, event.area) != (event.old_category, event.old_area)
    what = {"category": event.category, "area": event.area}
    return {**what, "proposed": None, "waits_since": order.version + 1} if moved else what


@_on(e.DispatchProposed)
def _proposed(_: Order, event: e.DispatchProposed, _at: datetime) -> Mapping[str, Any]:
    return {"proposed": event.proposal}


@_on(e.OrderSeconded)
def _seconded(order: Order, event: e.OrderSeconded, _at: datetime) -> Mapping[str, Any]:
    return {"seconders": order.seconders | {event.resident}}


@_on(e.OrderDispatched)
def _dispatched(_: Order, event: e.OrderDispatched, _at: datetime) -> Mapping[str, Any]:
    return {
        "stage": Stage.DISPATCHED,
        "provider": event.provider,
        "accountable": event.accountable,
        "accept_by": event.accept_by,
        "due_at": event.due_at,
        "declined_by": None,
        "proposed": None,
    }


@_on(e.OrderPooled)
def _pooled(_: Order, event: e.OrderPooled, _at: datetime) -> Mapping[str, Any]:
    return {"stage": Stage.POOLED, "due_at": event.due_at, "declined_by": None, "proposed": None}


@_on(e.OrderRecalled)
def _recalled(order: Order, _event: e.OrderRecalled, _at: datetime) -> Mapping[str, Any]:
    return _back(order)


@_on(e.OrderAccepted)
def _accepted(_: Order, event: e.OrderAccepted, _at: datetime) -> Mapping[str, Any]:
    return {"stage": Stage.ACCEPTED, "accountable": event.provider, "accept_by": None}


@_on(e.OrderClaimed)
def _claimed(_: Order, event: e.OrderClaimed, _at: datetime) -> Mapping[str, Any]:
    return {
        "stage": Stage.ACCEPTED,
        "provider": event.provider,
        "accountable": event.provider,
        "due_at": event.due_at,
    }


@_on(e.OrderDeclined)
def _declined(order: Order, event: e.OrderDeclined, _at: datetime) -> Mapping[str, Any]:
    return {**_back(order), "declines": event.declines, "declined_by": event.provider}


@_on(e.OrderSentToArbitration)
def _sent_to_arbitration(_: Order, _event: e.OrderSentToArbitration, _at: datetime) -> Mapping[str, Any]:
    return {"stage": Stage.ARBITRATION, "arbitrated": True}


@_on(e.OrderCompleted)
def _completed(_: Order, _event: e.OrderCompleted, at: datetime) -> Mapping[str, Any]:
    return _closed(Stage.COMPLETED, at)


@_on(e.OrderAnswered)
def _answered(_: Order, _event: e.OrderAnswered, at: datetime) -> Mapping[str, Any]:
    return _closed(Stage.ANSWERED, at)


@_on(e.OrderNotAccepted)
def _not_accepted(_: Order, _event: e.OrderNotAccepted, at: datetime) -> Mapping[str, Any]:
    return _closed(Stage.NOT_ACCEPTED, at)


@_on(e.OrderMarkedDuplicate)
def _marked_duplicate(_: Order, event: e.OrderMarkedDuplicate, at: datetime) -> Mapping[str, Any]:
    return {**_closed(Stage.DUPLICATE, at), "duplicate_of": event.of}


@_on(e.OrderWithdrawn)
def _withdrawn(_: Order, _event: e.OrderWithdrawn, at: datetime) -> Mapping[str, Any]:
    return _closed(Stage.WITHDRAWN, at)


@_on(e.OrderRated)
def _rated(order: Order, event: e.OrderRated, at: datetime) -> Mapping[str, Any]:
    rated = {"ratings": {**order.ratings, event.resident: event.level}, "rests_since": at}
    return rated if event.source is RatingSource.SECONDER else {**rated, "stage": Stage.RATED}


@_on(e.OrderReopened)
def _reopened(order: Order, event: e.OrderReopened, _at: datetime) -> Mapping[str, Any]:
    """Back to the community for a new round; who had it stays accountable."""
    return {
        **_back(order),
        "round": event.round,
        "closed_at": None,
        "rests_since": None,
        "ratings": _NOBODY,
        "arbitrated": False,
        "declines": 0,
        "declined_by": None,
    }


@_on(e.OrderImported)
def _imported(_: Order, event: e.OrderImported, at: datetime) -> Mapping[str, Any]:
    """As the row shows it; the unit it names may have handed it back, and is accountable all the same."""
    return {
        "stage": event.stage,
        "category": event.category,
        "area": event.area,
        "channel": event.channel,
        "provider": None if event.stage in WITH_COMMUNITY else event.provider,
        "accountable": event.provider,
        "arbitrated": event.stage is Stage.ARBITRATION,
        "due_at": event.due_at,
        "closed_at": event.closed_at,
        "rests_since": rests_since(event, at),
    }


@_on(e.OrderTextsErased)
def _erased(order: Order, event: e.OrderTextsErased, _at: datetime) -> Mapping[str, Any]:
    return {
        "erased": order.version + 1,
        "erasures": event.erasure,
        "erasing": order.erasing | {event.erasure},
    }


@_on(e.OrderErasureFinished)
def _erasure_finished(order: Order, event: e.OrderErasureFinished, _at: datetime) -> Mapping[str, Any]:
    """What came while it was under way, if anything, may still be there."""
    erased = order.version + 1 if order.erased == order.version else order.erased
    return {"erased": erased, "erasing": order.erasing - {event.erasure}}
