"""Auto-dispatch (自动派单): proposes, or sends to the first candidate, as far as the town's rules let it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar, Protocol

from domain.commands import DispatchOrder, ProposeDispatch
from domain.events import OrderDeclined, OrderPlaced, OrderReopened
from domain.facts import Recorded
from domain.ids import OrderId, ProviderId
from domain.proposal import Proposal
from domain.rules import Rules
from domain.stages import AutoDispatch
from services.reactions import Message, NotYet, command_message


class Propose(Protocol):
    """Who should take it; None: matching does not know the order yet."""

    def __call__(
        self, order: OrderId, /, at: datetime, *, but_not: ProviderId | None = None
    ) -> Proposal | None: ...


class DispatchProcess:
    """Answers what has just come to the community: a new order, a declined one, a reopened one."""

    name: ClassVar[str] = "auto-dispatch"

    def __init__(self, rules: Callable[[], Rules], propose: Propose) -> None:
        self._rules = rules
        self._propose = propose

    def react(self, recorded: Recorded) -> Sequence[Message]:
        event, meta = recorded.fact.event, recorded.fact.meta
        if not isinstance(event, OrderPlaced | OrderDeclined | OrderReopened) or meta.part != meta.parts:
            return []  # a last decline goes on to arbitration, where only a person decides
        mode = self._rules().auto_dispatch(event.category, event.area)
        if mode is AutoDispatch.OFF:
            return []
        order = OrderId(recorded.fact.stream)
        # What is asked may not know of the decline yet.
        but_not = event.provider if isinstance(event, OrderDeclined) else None
        proposal = self._propose(order, meta.at, but_not=but_not)
        if proposal is None:
            raise NotYet(f"matching does not know {order} yet")
        if proposal.winner is None:
            return []  # stays with the community; the area's responsible person sees it
        if mode is AutoDispatch.ON:
            command = DispatchOrder(order=order, provider=proposal.winner, proposal=proposal)
        else:
            command = ProposeDispatch(order=order, proposal=proposal)
        return [command_message(self.name, recorded, command)]
