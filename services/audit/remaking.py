"""Makes a recorded command again from its events: what was asked can be read off what came of it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import domain.commands as c
import domain.events as e
import domain.need_events as n
import domain.person_events as p
from domain.facts import Meta
from domain.model import Event
from domain.need import Need
from domain.need_commands import NeedCommand
from domain.order import Order
from domain.person_commands import PersonCommand
from domain.provider import Particulars
from domain.provider_commands import ProviderCommand
from domain.situation import State
from domain.stages import Role

Said = Mapping[str, Any]
More = Callable[[Any, State, Meta], Said]
"""(event, state before it, envelope) → the fields that do not stand in the event as they were said."""

_TEXTS: Final = ("details", "contact", "address")
_WHO: Final = tuple(Particulars.__dataclass_fields__)
_VOLUNTEER: Final = ("volunteer", "name", "skills", "hours", "willing", "health")
_WANTED: Final = ("title_zh", "title_en", "category", "area", "takers_wanted", "until")

COPIED: Final[Mapping[type[c.Command], tuple[type[Event], tuple[str, ...]]]] = {
    c.PlaceOrder: (e.OrderPlaced, ("category", "area", *_TEXTS, "wanted", "wanted_at", "urgency")),
    c.AmendOrder: (e.OrderAmended, ("category", "area", *_TEXTS)),
    c.WithdrawOrder: (e.OrderWithdrawn, ("reason",)),
    c.SecondOrder: (e.OrderSeconded, ()),
    c.RateOrder: (e.OrderRated, ("level", "comment")),
    c.ReopenOrder: (e.OrderReopened, ("reason",)),
    c.DispatchOrder: (e.OrderDispatched, ("provider", "why")),
    c.ProposeDispatch: (e.DispatchProposed, ("proposal",)),
    c.PoolOrder: (e.OrderPooled, ()),
    c.RecallOrder: (e.OrderRecalled, ("reason", "provider")),
    c.AnswerOrder: (e.OrderAnswered, ("notice",)),
    c.NotAcceptOrder: (e.OrderNotAccepted, ("reason", "notice")),
    c.MarkDuplicate: (e.OrderMarkedDuplicate, ("of", "notice")),
    c.AcceptOrder: (e.OrderAccepted, ("provider",)),
    c.DeclineOrder: (e.OrderDeclined, ("provider", "reason")),
    c.ClaimOrder: (e.OrderClaimed, ("provider",)),
    c.ReportProgress: (e.ProgressReported, ("provider", "note")),
    c.CompleteOrder: (e.OrderCompleted, ("provider", "result", "resolved")),
    c.EraseOrder: (e.OrderTextsErased, ("because", "reason")),
    c.FinishOrderErasure: (e.OrderErasureFinished, ("erasure", "reached")),
    c.ImportOrder: (
        e.OrderImported,
        (
            *("category", "area", "stage", "source", "channel", "provider", "accepted_at", "closed_at"),
            *("due_at", "in_time", "level", "details"),
        ),
    ),
    c.RegisterProvider: (e.ProviderRegistered, (*_WHO, "capacity", "areas", "offers")),
    c.AmendProvider: (e.ProviderAmended, _WHO),
    c.ChangeOffers: (e.ProviderOffersChanged, ("areas", "offers")),
    c.ChangeCapacity: (e.ProviderCapacityChanged, ("capacity",)),
    c.EnrolVolunteer: (e.VolunteerEnrolled, _VOLUNTEER),
    c.ChangeVolunteer: (e.VolunteerChanged, _VOLUNTEER),
    c.ReleaseVolunteer: (e.VolunteerReleased, ("volunteer",)),
    c.RetireProvider: (e.ProviderRetiring, ("reason",)),
    c.FinishRetirement: (e.ProviderRetired, ("returned",)),
    c.StateNeed: (n.NeedStated, _WANTED),
    c.AmendNeed: (n.NeedAmended, ()),
    c.TakeUpNeed: (n.NeedTakenUp, ("provider", "note")),
    c.LetGoOfNeed: (n.NeedLetGo, ("provider",)),
    c.CloseNeed: (n.NeedClosed, ("reason",)),
    c.ErasePerson: (p.PersonErased, ("listed", "reason")),
    c.FinishErasure: (p.ErasureFinished, ("erasure", "reached")),
    c.AdoptRules: (e.RulesAdopted, ("rules",)),
}
"""Command → the first of its events, and the fields that this repeats as they were said."""


def _engines(event: e.OrderDispatched, _: State, meta: Meta) -> Said:
    """The engine says its proposal; what a door had found beside a person's dispatch is no field."""
    return {"proposal": event.proposal} if meta.actor.role is Role.SYSTEM else {}


def _called_back(event: e.OrderRecalled, state: State, _: Meta) -> Said:
    """Only a call that nobody accepted names the moment by which it had to be."""
    return {"accept_by": state.accept_by} if event.passed_on and isinstance(state, Order) else {}


def _changed(event: n.NeedAmended, state: State, _: Meta) -> Said:
    """An end that stays as it was was not said again, else it might be over by now."""
    assert isinstance(state, Need)
    return {
        name: getattr(event, name) for name in _WANTED if getattr(event, name) != getattr(state.wanted, name)
    }


BESIDES: Final[Mapping[type[c.Command], More]] = {
    c.DispatchOrder: _engines,
    c.RecallOrder: _called_back,
    c.ChangeVolunteer: lambda event, _state, _meta: {"forget_health": event.health is None},
    c.StateNeed: lambda event, _state, _meta: {"provider": event.owner},
    c.AmendNeed: _changed,
}
"""Fields that are worked out."""
UNTOLD: Final[Mapping[type[c.Command], frozenset[str]]] = {
    c.DispatchOrder: frozenset({"since"}),
    c.ProposeDispatch: frozenset({"since"}),
}
"""Fields that leave no trace once they fit: the engine asked for the wait that the order was in."""


def remade(command: type[c.AnyCommand], stream: UUID, meta: Meta, said: Sequence[Event], state: State) -> Any:
    """The command that these events answered, at the state it met; None where they cannot be its answer.

    It is not validated: its values were once, and `decide` is asked about it.
    """
    kind, names = COPIED[command]
    if type(said[0]) is not kind:
        return None
    first: Any = said[0]
    values = first.__dict__
    fields: dict[str, Any] = {name: values[name] for name in names}
    if (more := BESIDES.get(command)) is not None:
        fields.update(more(first, state, meta))
    name = _SUBJECT_IN[command]
    if name is not None:
        fields[name] = stream if name == "order" else meta.subject.partition("/")[2]
    return _made(command, fields)


_SUBJECT_IN: Final[Mapping[type[c.Command], str | None]] = {
    command: "order"
    if issubclass(command, c.OrderCommand)
    else "need"
    if issubclass(command, NeedCommand)
    else "person"
    if issubclass(command, PersonCommand)
    else "provider"
    if issubclass(command, ProviderCommand)
    else None
    for command in COPIED
}
"""The field that says what a command is asked of."""
_DEFAULTS: Final[Mapping[type[c.Command], Said]] = {
    command: {name: field.default for name, field in command.model_fields.items() if not field.is_required()}
    for command in COPIED
}
_NONE_SET: Final[set[str]] = set()  # nobody asks which of them were given
_set: Final = object.__setattr__


def _made(command: type[c.Command], fields: dict[str, Any]) -> c.Command:
    """What pydantic's `model_construct` does, at a sixth of its time: there are no aliases to look for."""
    one = command.__new__(command)
    _set(one, "__dict__", {**_DEFAULTS[command], **fields})
    _set(one, "__pydantic_fields_set__", _NONE_SET)
    _set(one, "__pydantic_extra__", None)
    _set(one, "__pydantic_private__", None)
    return one
