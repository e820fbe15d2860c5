"""What the engine proposed for an order, as its record has it, and whom it was sent to instead."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.events import OrderDispatched
from domain.facts import Recorded
from domain.lifecycle import evolve, initial
from domain.order import Order
from domain.proposal import Proposal


@dataclass(frozen=True, slots=True)
class Placing:
    """How an order found its provider, or may find one."""

    waiting: Proposal | None = None  # on the record, for a person to confirm
    sent: OrderDispatched | None = None  # the dispatch that holds, until the order comes back

    def as_dict(self) -> dict[str, object]:
        """Whom the engine proposed, and whether somebody else was sent; empty where it proposed nobody."""
        proposal = self.sent.proposal if self.sent else self.waiting
        if proposal is None or proposal.winner is None:
            return {}
        overruled = {"overruled": self.sent.overruled} if self.sent else {}
        return {"proposed": proposal.winner, **overruled}


def placing_of(facts: Iterable[Recorded]) -> Placing:
    """Of the facts of one order, oldest first."""
    state, sent = None, None
    for recorded in facts:
        fact = recorded.fact
        state = evolve(state or initial(fact.meta.subject), fact.event, fact.meta.at)
        if isinstance(fact.event, OrderDispatched):
            sent = fact.event
        elif isinstance(state, Order) and state.provider is None:
            sent = None
    return Placing(state.proposed if isinstance(state, Order) else None, sent)
