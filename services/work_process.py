"""Offered work: tells a provider that runs its own system what it is offered, and what is taken back."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Final, Protocol

from domain import events as e
from domain.facts import Recorded
from domain.ids import AreaPath, CategoryPath, OrderId, OrderNumber, ProviderId, order_number
from domain.model import Value
from domain.stages import Level
from services.reactions import Message, Reactor


class Work(Value):
    """What a provider's system is told. Texts and contacts it fetches by right over HTTP, none is here."""

    order: OrderId
    number: OrderNumber
    provider: ProviderId
    category: CategoryPath
    area: AreaPath
    accept_by: datetime | None = None
    due_at: datetime | None = None
    level: Level | None = None


class Subscribers(Protocol):
    """The providers that asked for a work topic of their own; a plain set will do."""

    def add(self, provider: ProviderId, /) -> None: ...

    def discard(self, provider: ProviderId, /) -> None: ...

    def __contains__(self, provider: object, /) -> bool: ...


TYPES: Final[dict[type[e.Event], str]] = {
    e.OrderDispatched: "WorkOffered",
    e.OrderClaimed: "WorkClaimed",
    e.OrderRecalled: "WorkRecalled",
    e.OrderWithdrawn: "WorkWithdrawn",
    e.OrderReopened: "WorkReopened",
    e.OrderRated: "WorkRated",
}


class WorkProcess(Reactor):
    """One message for each change that concerns the provider."""

    name: ClassVar[str] = "work"

    def __init__(self, subscribers: Subscribers) -> None:
        self._subscribers = subscribers

    def react(self, recorded: Recorded) -> Sequence[Message]:
        event = recorded.fact.event
        if isinstance(event, e.ProviderRegistered | e.ProviderAmended):
            (self._subscribers.add if event.takes_by_bus else self._subscribers.discard)(event.provider)
        kind = TYPES.get(type(event))
        provider: ProviderId | None = getattr(event, "provider", None)
        if kind is None or provider is None or provider not in self._subscribers:
            return []
        return [self._message(recorded, kind, provider)]

    def _message(self, recorded: Recorded, kind: str, provider: ProviderId) -> Message:
        fact = recorded.fact
        order = OrderId(fact.stream)
        event = fact.event
        assert isinstance(event, e.OrderEvent)
        work = Work(
            order=order,
            number=order_number(order),
            provider=provider,
            category=event.category,
            area=event.area,
            accept_by=getattr(event, "accept_by", None),
            due_at=getattr(event, "due_at", None),
            level=event.level if isinstance(event, e.OrderRated) else None,
        )
        return Message(
            topic=f"work.{provider}",
            id=f"{self.name}-{recorded.position}-1",
            source=f"sidan/{self.name}",
            type=kind,
            subject=fact.meta.subject,
            time=fact.meta.at,
            data=work.model_dump_json(exclude_none=True).encode(),
            correlation=fact.meta.correlation,
        )
