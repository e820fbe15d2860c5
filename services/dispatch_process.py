"""Auto-dispatch (自动派单): rounds over the orders that wait, as far as the town's rules let it.

It follows the log. What comes to the community to be dispatched is noted; at the end of each batch it holds
a round over what is new, and over what was left before: all of it where the rules have changed, else what
those may take who have become free, or have had their share of the last round. Each time an order comes to
wait it is decided once: dispatched, proposed, or left until a place is free.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import ClassVar, Final, Protocol

from msgspec.structs import replace

from domain import events as e
from domain.commands import DispatchOrder, ProposeDispatch
from domain.facts import Recorded
from domain.ids import AreaPath, CategoryPath, OrderId, Position, ProviderId, stream_of
from domain.model import Plain
from domain.proposal import Proposal
from domain.rejections import ProposalOutdated, ProviderGone, UnknownProvider
from domain.rules import Rules
from domain.stages import AutoDispatch, Role
from services.freeing import Fits, Freed, Openings, freed_by, given_to
from services.reactions import Message, NotYet, command_message

LARGEST: Final = 10_000  # orders in one round
NOBODY: Final = ProviderId("")  # asked, and only proposed

ENDS: Final = (
    e.DispatchProposed,
    e.OrderDispatched,
    e.OrderPooled,
    e.OrderClaimed,
    e.OrderWithdrawn,
    e.OrderAnswered,
    e.OrderNotAccepted,
    e.OrderMarkedDuplicate,
    e.OrderSentToArbitration,
)
"""It waits no longer; a proposal is for a person to confirm."""
ASK_AGAIN: Final = frozenset({UnknownProvider.code, ProviderGone.code})
"""Refusals after which the order still waits, for somebody else."""


class Waiting(Plain, frozen=True):
    """An order that waits at the community since a place in the log."""

    order: OrderId
    since: Position
    category: CategoryPath
    area: AreaPath
    asked: ProviderId | None = None  # who was decided on; the answer is not in the log yet


class WaitingList(Protocol):
    """What waits, remembered from batch to batch."""

    def put(self, waiting: Waiting) -> None: ...
    def get(self, order: OrderId) -> Waiting | None: ...
    def drop(self, order: OrderId) -> None: ...

    def left(self, most: int, fits: Fits) -> Sequence[Waiting]:
        """Those that fit and for which nobody is decided on, the longest waiting first."""
        ...

    def coming(self) -> Mapping[ProviderId, int]:
        """How many orders are on their way to each provider."""
        ...


class Round(Protocol):
    """The best assignment of these orders to who has room.

    Args:
        at: the moment that hours and limits are looked at.
        coming: orders on their way to providers, by provider, that matching need not know of yet.

    Returns: what is proposed, with the winner if there is one; nothing for an order that nobody can take.
    """

    def __call__(
        self, orders: Sequence[OrderId], at: datetime, coming: Mapping[ProviderId, int], /
    ) -> Mapping[OrderId, Proposal]: ...


class HasRead(Protocol):
    """Whether matching has read a fact about an order or a provider."""

    def __call__(self, recorded: Recorded, /) -> bool: ...


class DispatchProcess:
    """Decides what has come to the community: new, declined, reopened, moved, or back from who retires."""

    name: ClassVar[str] = "auto-dispatch"

    def __init__(
        self,
        rules: Callable[[], Rules],
        waiting: WaitingList,
        has_read: HasRead,
        openings: Openings,
        hold_round: Round,
    ) -> None:
        self._ask_rules = rules
        self._in_force: Rules | None = None  # in this batch
        self._waiting = waiting
        self._has_read = has_read
        self._openings = openings
        self._round = hold_round
        self._fresh: dict[OrderId, Recorded] = {}  # in this batch, with what brought each
        self._freed = Freed()
        self._at: datetime | None = None

    def react(self, recorded: Recorded) -> Sequence[Message]:
        event, meta = recorded.fact.event, recorded.fact.meta
        comes, freed = comes_to_wait(recorded), freed_by(recorded) or self._had_its_share(recorded)
        if (comes or freed) and self._may_decide() and not self._has_read(recorded):
            raise NotYet(f"matching has not read {recorded.position} yet")
        order = OrderId(recorded.fact.stream)
        if comes:
            assert isinstance(event, e.OrderEvent)
            self._waiting.put(Waiting(order, recorded.position, event.category, event.area))
            self._fresh[order] = recorded
        elif isinstance(event, ENDS):
            self._waiting.drop(order)
            self._fresh.pop(order, None)
        elif isinstance(event, e.CommandRejected) and meta.cause.source == self._source:
            self._refused(event, recorded)
        if freed:
            self._freed.add(freed, recorded)
        elif isinstance(event, e.RulesAdopted):
            self._freed.everybody(recorded)
        self._at = meta.at if self._at is None else max(self._at, meta.at)
        return ()

    def conclude(self) -> Sequence[Message]:
        """Hold a round, once the batch is read."""
        fresh, freed, at = self._fresh, self._freed, self._at
        self._fresh, self._freed, self._at = {}, Freed(), None
        modes = self._to_decide(fresh, freed)
        self._in_force = None
        if not modes or at is None:
            return ()
        found = self._round([one.order for one in modes], at, self._waiting.coming())
        said: list[Message] = []
        for one, mode in modes.items():
            proposal = found.get(one.order)
            if proposal is None or proposal.winner is None:
                continue  # stays with the community; the area's responsible person sees it
            cause = fresh.get(one.order) or freed.cause
            assert cause is not None
            said.append(self._said(one, proposal, mode, cause, len(said) + 1))
        return said

    def _to_decide(self, fresh: Mapping[OrderId, Recorded], freed: Freed) -> dict[Waiting, AutoDispatch]:
        """Which orders the round is about, the longest waiting first, and how far the machine may go."""
        if not (fresh or freed.cause) or not self._may_decide():
            return {}
        rules = self._rules
        waiting = {one for one in map(self._waiting.get, fresh) if one is not None}
        if freed.cause:
            waiting |= {*self._waiting.left(LARGEST - len(waiting), freed.fits(self._openings))}
        queue = sorted(waiting, key=lambda one: (one.since, one.order))
        modes = {one: rules.auto_dispatch(one.category, one.area) for one in queue}
        return {one: mode for one, mode in modes.items() if mode is not AutoDispatch.OFF}

    @property
    def _rules(self) -> Rules:
        """Those in force, asked for once a batch."""
        if self._in_force is None:
            self._in_force = self._ask_rules()
        return self._in_force

    @property
    def _source(self) -> str:
        return f"sidan/{self.name}"

    def _had_its_share(self, recorded: Recorded) -> ProviderId | None:
        """Whom we gave something, where the rules limit how much in one round: the next may give it more."""
        provider = given_to(recorded, self._source)
        return provider if provider and self._rules.most_per_round is not None else None

    def _may_decide(self) -> bool:
        """Whether the town lets the machine do anything anywhere; else nothing has to be waited for."""
        return any(setting.mode is not AutoDispatch.OFF for setting in self._rules.dispatch)

    def _said(
        self, one: Waiting, proposal: Proposal, mode: AutoDispatch, cause: Recorded, number: int
    ) -> Message:
        assert proposal.winner is not None
        command: DispatchOrder | ProposeDispatch
        if mode is AutoDispatch.PROPOSE:
            command = ProposeDispatch(order=one.order, proposal=proposal)
            self._waiting.put(replace(one, asked=NOBODY))
        else:
            command = DispatchOrder(order=one.order, provider=proposal.winner, proposal=proposal)
            self._waiting.put(replace(one, asked=proposal.winner))
        return command_message(self.name, cause, command, number)

    def _refused(self, event: e.CommandRejected, recorded: Recorded) -> None:
        order = OrderId(stream_of(event.subject))
        waiting = self._waiting.get(order)
        if waiting is None:
            return
        if event.code in ASK_AGAIN:
            self._waiting.put(replace(waiting, asked=None))
            self._fresh[order] = recorded
        elif (
            event.code != ProposalOutdated.code
        ):  # it has moved on; where it comes to wait again, that is in the log too
            self._waiting.drop(order)


def comes_to_wait(recorded: Recorded) -> bool:
    """It lies with the community now, to be dispatched; what a dispatcher took back is theirs to place."""
    event, meta = recorded.fact.event, recorded.fact.meta
    match event:
        case e.OrderPlaced() | e.OrderReopened():
            return True
        case e.OrderDeclined():
            return meta.part == meta.parts  # a last decline goes on to arbitration, where a person decides
        case e.OrderAmended():
            return (event.category, event.area) != (event.old_category, event.old_area)
        case e.OrderRecalled():
            return meta.actor.role is Role.SYSTEM
        case _:
            return False
