"""Retirement: a leaving provider's open orders go back to the community, then it is retired."""

from collections.abc import Sequence
from typing import ClassVar, Final, Protocol

from domain import events as e
from domain.commands import FinishRetirement, RecallOrder
from domain.facts import Recorded
from domain.ids import OrderId, ProviderId
from domain.sealed import Sealed
from domain.stages import Stage
from services.reactions import Message, Reactor, command_message

# Closed like any text of a person at the door that the command goes through.
RETIRED_REASON: Final = Sealed("接单方退出 the provider retires")


class Holdings(Protocol):
    """Who has which open order, and who is on the way out. Kept in the transaction of the position."""

    def hold(self, order: OrderId, provider: ProviderId) -> None: ...

    def release(self, order: OrderId) -> ProviderId | None:
        """Forget who had it; returns who that was."""
        ...

    def held_by(self, provider: ProviderId) -> Sequence[OrderId]: ...

    def set_leaving(self, provider: ProviderId, returning: int) -> None: ...

    def leaving(self, provider: ProviderId) -> int | None:
        """How many orders it had when it began to retire; None if it is not retiring."""
        ...


class RetirementProcess(Reactor):
    """Follows who has what, so that nothing is left behind."""

    name: ClassVar[str] = "retirement"

    def __init__(self, holdings: Holdings) -> None:
        self._holdings = holdings

    def react(self, recorded: Recorded) -> Sequence[Message]:
        event = recorded.fact.event
        if isinstance(event, e.ProviderRetiring):
            return self._begin(recorded, event.provider)
        if isinstance(event, e.OrderEvent):
            return self._follow(recorded, OrderId(recorded.fact.stream), event)
        return []

    def _begin(self, recorded: Recorded, provider: ProviderId) -> Sequence[Message]:
        open_orders = self._holdings.held_by(provider)
        self._holdings.set_leaving(provider, len(open_orders))
        if not open_orders:
            return [command_message(self.name, recorded, FinishRetirement(provider=provider, returned=0))]
        return [
            command_message(self.name, recorded, _back(order, provider), number)
            for number, order in enumerate(open_orders, start=1)
        ]

    def _follow(self, recorded: Recorded, order: OrderId, event: e.OrderEvent) -> Sequence[Message]:
        match event:
            case e.OrderDispatched() | e.OrderClaimed():
                self._holdings.hold(order, event.provider)
            case e.OrderImported(stage=Stage.DISPATCHED | Stage.ACCEPTED, provider=str() as provider):
                self._holdings.hold(order, ProviderId(provider))
            case e.OrderDeclined() | e.OrderRecalled() | e.OrderCompleted() | e.OrderWithdrawn():
                return self._gone(recorded, order)
            case _:
                pass
        return []

    def _gone(self, recorded: Recorded, order: OrderId) -> Sequence[Message]:
        provider = self._holdings.release(order)
        if provider is None:
            return []
        returning = self._holdings.leaving(provider)
        if returning is None or self._holdings.held_by(provider):
            return []
        return [command_message(self.name, recorded, FinishRetirement(provider=provider, returned=returning))]


def _back(order: OrderId, provider: ProviderId) -> RecallOrder:
    """Only from the one who leaves: the order may have moved on meanwhile."""
    return RecallOrder(order=order, reason=RETIRED_REASON, provider=provider)
