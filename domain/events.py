"""Everything that can have happened. Events are complete for their readers: none has to look elsewhere."""

from datetime import datetime
from typing import ClassVar, Final

from domain.ids import (
    AreaPath,
    CategoryPath,
    OrderId,
    OrderNumber,
    ProviderId,
    ResidentId,
)
from domain.model import Event
from domain.need_events import NEED_EVENTS
from domain.person_events import PERSON_EVENTS
from domain.proposal import Proposal
from domain.provider_events import (
    ProviderAmended,
    ProviderCapacityChanged,
    ProviderOffersChanged,
    ProviderRegistered,
    ProviderRetired,
    ProviderRetiring,
    VolunteerChanged,
    VolunteerEnrolled,
    VolunteerReleased,
)
from domain.reached import Because, Reached
from domain.rules import Rules
from domain.sealed import Sealed
from domain.stages import Channel, Level, RatingSource, Right, Stage, Urgency


class OrderEvent(Event):
    """An event of one order, with what it is about and where."""

    category: CategoryPath
    area: AreaPath


class OrderPlaced(OrderEvent):
    wire: ClassVar[str] = "OrderPlaced"
    number: OrderNumber
    resident: ResidentId
    details: Sealed
    contact: Sealed | None = None
    address: Sealed | None = None
    wanted: ProviderId | None = None
    wanted_at: datetime | None = None
    urgency: Urgency = Urgency.NORMAL
    channel: Channel | None = None  # where it came in


class OrderAmended(OrderEvent):
    """What the order is now about; a text that did not change is left out."""

    wire: ClassVar[str] = "OrderAmended"
    old_category: CategoryPath
    old_area: AreaPath
    details: Sealed | None = None
    contact: Sealed | None = None
    address: Sealed | None = None


class OrderSeconded(OrderEvent):
    wire: ClassVar[str] = "OrderSeconded"
    resident: ResidentId


class OrderWithdrawn(OrderEvent):
    wire: ClassVar[str] = "OrderWithdrawn"
    provider: ProviderId | None = None
    reason: Sealed | None = None


class OrderAnswered(OrderEvent):
    wire: ClassVar[str] = "OrderAnswered"
    notice: Sealed


class OrderNotAccepted(OrderEvent):
    wire: ClassVar[str] = "OrderNotAccepted"
    reason: str  # a code of the town's legal reasons
    notice: Sealed


class OrderMarkedDuplicate(OrderEvent):
    wire: ClassVar[str] = "OrderMarkedDuplicate"
    of: OrderId
    notice: Sealed


class DispatchProposed(OrderEvent):
    wire: ClassVar[str] = "DispatchProposed"
    proposal: Proposal


class OrderDispatched(OrderEvent):
    """Offered to a provider. The first receiver stays accountable until another has accepted (首接负责)."""

    wire: ClassVar[str] = "OrderDispatched"
    provider: ProviderId
    accountable: ProviderId
    accept_by: datetime
    due_at: datetime
    channel: str | None = None  # where the order came in
    proposal: Proposal | None = None  # what the engine had found; None: nobody asked it
    overruled: bool | None = None  # whether somebody else was sent than proposed; None: nobody was proposed
    why: Sealed | None = None  # a dispatcher's reason for it
    call: bool = False  # 一键呼叫: who has not accepted by then loses it to the next


class OrderPooled(OrderEvent):
    wire: ClassVar[str] = "OrderPooled"
    due_at: datetime


class OrderClaimed(OrderEvent):
    wire: ClassVar[str] = "OrderClaimed"
    provider: ProviderId
    due_at: datetime
    channel: str | None = None


class OrderRecalled(OrderEvent):
    wire: ClassVar[str] = "OrderRecalled"
    provider: ProviderId | None = None  # None: it lay in the pool
    reason: Sealed
    passed_on: bool = False  # a call that was not accepted in time


class OrderAccepted(OrderEvent):
    wire: ClassVar[str] = "OrderAccepted"
    provider: ProviderId


class OrderDeclined(OrderEvent):
    wire: ClassVar[str] = "OrderDeclined"
    provider: ProviderId
    reason: str  # a code of the town's decline reasons
    declines: int  # with this one
    channel: str | None = None


class OrderSentToArbitration(OrderEvent):
    wire: ClassVar[str] = "OrderSentToArbitration"
    declines: int


class ProgressReported(OrderEvent):
    wire: ClassVar[str] = "ProgressReported"
    provider: ProviderId
    note: Sealed


class OrderCompleted(OrderEvent):
    wire: ClassVar[str] = "OrderCompleted"
    provider: ProviderId
    result: Sealed
    due_at: datetime | None = None  # None: imported without one, nobody knows whether it was in time
    in_time: bool | None = None
    resolved: bool  # 是否解决, as the provider states it


class OrderRated(OrderEvent):
    wire: ClassVar[str] = "OrderRated"
    resident: ResidentId
    source: RatingSource
    level: Level
    bad: bool  # 差评, by the town's rules of that day
    comment: Sealed | None = None
    provider: ProviderId | None = None  # None: the community answered directly


class OrderReopened(OrderEvent):
    wire: ClassVar[str] = "OrderReopened"
    provider: ProviderId | None = None  # who had completed it
    reason: Sealed
    round: int  # 2 for the first reopening


class OrderTextsErased(OrderEvent):
    """From here on the keys to all that people wrote about this order are being destroyed."""

    wire: ClassVar[str] = "OrderTextsErased"
    because: Because
    erasure: int  # 1 for the first
    reason: Sealed | None = None


class OrderErasureFinished(OrderEvent):
    """The receipt of an erasure."""

    wire: ClassVar[str] = "OrderErasureFinished"
    erasure: int
    reached: tuple[Reached, ...]


class OrderImported(OrderEvent):
    """A row of another system, with the stage it shows and only the times and facts it has."""

    wire: ClassVar[str] = "OrderImported"
    number: OrderNumber
    stage: Stage
    source: str  # the other system's own number
    channel: str | None = None  # the other system's word
    provider: ProviderId | None = None
    accepted_at: datetime | None = None
    closed_at: datetime | None = None
    due_at: datetime | None = None
    in_time: bool | None = None
    level: Level | None = None
    bad: bool | None = None
    details: Sealed | None = None


class RulesAdopted(Event):
    wire: ClassVar[str] = "RulesAdopted"
    version: int
    rules: Rules


class CommandRejected(Event):
    """A refusal, kept whole: what was asked and why not."""

    wire: ClassVar[str] = "CommandRejected"
    subject: str
    command: str
    code: str
    reason_zh: str
    reason_en: str
    asked: str  # the command as JSON, personal fields sealed


class CommandRepeated(Event):
    """Asked before, or already so: nothing new happened."""

    wire: ClassVar[str] = "CommandRepeated"
    subject: str
    command: str
    code: str  # repeated: the same command again; already: it was so before
    first: int | None = None  # the log position of the first answer


class MessageParked(Event):
    """Bytes nobody can read as a command, kept for a person to look at."""

    wire: ClassVar[str] = "MessageParked"
    code: str
    reason_zh: str
    reason_en: str
    body: Sealed  # sealed whole, base64; of an oversized body only the first 64 KiB
    size: int  # bytes as they arrived
    digest: str  # SHA-256 of the whole, hex
    envelope: Sealed | None = None  # sealed JSON: headers, role, trusted_time, structured; to read it again


class MessageRequeued(Event):
    """An operator had parked bytes read again at their door; follows MessageParked in its stream."""

    wire: ClassVar[str] = "MessageRequeued"
    letter: int  # log position of the MessageParked
    status: str  # what became of it: recorded, rejected, repeated or parked
    code: str  # and its code, empty where it was recorded
    answered: str  # the intake that the answer's facts carry
    corrected: str | None = None  # SHA-256 (hex) of the body that the operator gave in its place
    reason: Sealed | None = None


class MessageDiscarded(Event):
    """An operator put parked bytes away; follows MessageParked in its stream."""

    wire: ClassVar[str] = "MessageDiscarded"
    letter: int  # log position of the MessageParked
    reason: Sealed


class TextsOpened(Event):
    """Personal texts were shown to somebody; on record before they were. It names them and quotes nothing."""

    wire: ClassVar[str] = "TextsOpened"
    subject: str  # what they are about
    fields: tuple[str, ...]
    right: Right
    person: ResidentId | None = None  # the resident whose they are
    provider: ProviderId | None = None  # for whom provider staff read
    area: AreaPath | None = None  # of the subject, where the community of the area reads
    purpose: Sealed | None = None  # where one was given


EVENTS: Final[dict[str, type[Event]]] = {
    event.wire: event
    for event in (
        OrderPlaced,
        OrderAmended,
        OrderSeconded,
        OrderWithdrawn,
        OrderAnswered,
        OrderNotAccepted,
        OrderMarkedDuplicate,
        DispatchProposed,
        OrderDispatched,
        OrderPooled,
        OrderClaimed,
        OrderRecalled,
        OrderAccepted,
        OrderDeclined,
        OrderSentToArbitration,
        ProgressReported,
        OrderCompleted,
        OrderRated,
        OrderReopened,
        OrderTextsErased,
        OrderErasureFinished,
        OrderImported,
        ProviderRegistered,
        ProviderAmended,
        ProviderOffersChanged,
        ProviderCapacityChanged,
        VolunteerEnrolled,
        VolunteerChanged,
        VolunteerReleased,
        ProviderRetiring,
        ProviderRetired,
        *NEED_EVENTS,
        *PERSON_EVENTS,
        RulesAdopted,
        CommandRejected,
        CommandRepeated,
        MessageParked,
        MessageRequeued,
        MessageDiscarded,
        TextsOpened,
    )
}
"""Wire name → class, for reading the record back."""
