"""Auto-dispatch (自动派单): proposes, or sends to the first candidate, as far as the town's rules let it."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Final, Protocol

from domain.commands import DispatchOrder, ProposeDispatch
from domain.events import Candidate, OrderDeclined, OrderPlaced, OrderReopened
from domain.facts import Recorded
from domain.ids import OrderId, ProviderId
from domain.rules import Rules
from domain.stages import AutoDispatch
from services.reactions import Message, NotYet, command_message

PROPOSED: Final = 3  # candidates shown to the person who confirms


class Candidates(Protocol):
    """Who could take it, the best first, with the codes of its reasons; None: not known yet."""

    def __call__(self, order: OrderId, /) -> Sequence[tuple[ProviderId, tuple[str, ...]]] | None: ...


class DispatchProcess:
    """Answers what has just come to the community: a new order, a declined one, a reopened one."""

    name: ClassVar[str] = "auto-dispatch"

    def __init__(self, rules: Callable[[], Rules], candidates: Candidates) -> None:
        self._rules = rules
        self._candidates = candidates

    def react(self, recorded: Recorded) -> Sequence[Message]:
        event, meta = recorded.fact.event, recorded.fact.meta
        if not isinstance(event, OrderPlaced | OrderDeclined | OrderReopened) or meta.part != meta.parts:
            return []  # a last decline goes on to arbitration, where only a person decides
        mode = self._rules().auto_dispatch(event.category, event.area)
        if mode is AutoDispatch.OFF:
            return []
        order = OrderId(recorded.fact.stream)
        found = self._candidates(order)
        if found is None:
            raise NotYet(f"matching does not know {order} yet")
        if isinstance(event, OrderDeclined):  # what is asked may not know of it yet
            found = [one for one in found if one[0] != event.provider]
        if not found:
            return []  # stays with the community; the area's responsible person sees it
        if mode is AutoDispatch.ON:
            return [command_message(self.name, recorded, DispatchOrder(order=order, provider=found[0][0]))]
        candidates = tuple(
            Candidate(provider=provider, reasons=reasons) for provider, reasons in found[:PROPOSED]
        )
        return [command_message(self.name, recorded, ProposeDispatch(order=order, candidates=candidates))]
