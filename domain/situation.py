"""What a decision may look at besides its own subject: who asks, when, the rules, and what else it reads."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from domain.facts import Actor, CommandKey, Proof
from domain.ids import OrderId, ProviderId, ResidentId, provider_subject
from domain.model import Plain
from domain.need import Need
from domain.order import NO_ORDER, Order
from domain.person import Person
from domain.proposal import Proposal
from domain.provider import NO_PROVIDER, Provider
from domain.rejections import DateAbsurd, DateInFuture, OutOfOrder
from domain.rules import Rules
from domain.stages import Channel, Role
from domain.town import Town

EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
LEEWAY: Final = timedelta(hours=24)  # a live sender's clock may be off; its time does not count anyway

State = Order | Provider | Need | Person | Town


class Asked(Plain, frozen=True, kw_only=True):
    """A command's envelope, decoded: who asks, for whom, through which door, and when."""

    key: CommandKey
    actor: Actor
    via: str
    recorded: datetime
    correlation: str
    intake: str  # unique: topic[partition]@offset, or made by the door
    claimed: datetime | None = None  # ce_time
    trusted_time: bool = False  # at sidan.imports and sidan.system the claimed time counts
    on_behalf_of: ResidentId | None = None
    channel: Channel | None = None
    proof: Proof | None = None  # None: the door proves the role alone
    found: Proposal | None = None  # what the engine told the door when it was asked about the order

    @property
    def provider(self) -> ProviderId:
        """For whom provider staff speak; where nothing else is proven they go by its name."""
        proven = self.proof.provider if self.proof else None
        return proven or ProviderId(self.actor.id)

    @property
    def person(self) -> ResidentId:
        """Whose matter it is: the one it was entered for, else the one who asks."""
        return self.on_behalf_of or ResidentId(self.actor.id)


class Situation(Plain, frozen=True):
    """Everything a decision may look at."""

    asked: Asked
    at: datetime
    rules: Rules
    others: Mapping[str, State]

    def provider(self, provider: ProviderId) -> Provider:
        found = self.others.get(provider_subject(provider))
        return found if isinstance(found, Provider) else NO_PROVIDER

    def order(self, order: OrderId) -> Order:
        found = self.others.get(str(order))
        return found if isinstance(found, Order) else NO_ORDER


def settle_time(asked: Asked, last_at: datetime | None) -> datetime:
    """When it counts as having happened (`at`); never after `recorded`.

    Raises:
        DateInFuture, DateAbsurd: the sender's date cannot be meant.
        OutOfOrder: an import would come before what the subject already holds.
    """
    claimed = asked.claimed
    if claimed is not None:
        if claimed < EARLIEST:
            raise DateAbsurd(moment=claimed.isoformat())
        if claimed > asked.recorded + (timedelta() if asked.trusted_time else LEEWAY):
            raise DateInFuture(moment=claimed.isoformat())
    if asked.trusted_time and claimed is not None:
        if last_at is None or claimed >= last_at:
            return claimed
        if asked.actor.role is not Role.SYSTEM:  # a reactor's order may have moved on meanwhile
            raise OutOfOrder(moment=claimed.isoformat(), last=last_at.isoformat())
        return last_at
    return max(asked.recorded, last_at) if last_at else asked.recorded
