"""Auto-dispatch (自动派单): rounds over the orders that wait, as far as the town's rules let it.

It follows the log. What comes to the community to be dispatched is noted; at the end of each batch it holds
a round over what is new, and over what was left before: all of it where the rules have changed, else what
those may take who have become free, or have had their share of the last round. A call (一键呼叫) is
dispatched whatever the rules say. Each time an order comes to wait it is decided once: dispatched, proposed,
or left until a place is free. Now and then all that was left is looked at again, since hours begin without a
fact.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar, Final, Protocol

from msgspec.structs import replace

from domain import events as e
from domain.commands import DispatchOrder, ProposeDispatch
from domain.facts import Recorded
from domain.ids import AreaPath, CategoryPath, OrderId, Position, ProviderId, stream_of
from domain.model import Plain
from domain.proposal import Proposal
from domain.rejections import DateInFuture, ProposalOutdated, ProviderGone, UnknownProvider
from domain.rules import Rules
from domain.stages import AutoDispatch, Role, Urgency
from services.freeing import Fits, Freed, everything, freed_by, given_to
from services.reactions import Message, NotYet, Reactor, command_message, message_of

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
ASK_AGAIN: Final = frozenset({UnknownProvider.code, ProviderGone.code, DateInFuture.code})
"""Refusals after which the order still waits: for somebody else, or for a clock that was ahead."""


class Waiting(Plain, frozen=True):
    """An order that waits at the community since a place in the log."""

    order: OrderId
    since: Position
    version: int  # of the order, there
    category: CategoryPath
    area: AreaPath
    asked: ProviderId | None = None  # who was decided on; the answer is not in the log yet
    call: bool = False  # 一键呼叫: decided whatever the town's setting is


class WaitingList(Protocol):
    """What waits, remembered from batch to batch."""

    def put(self, waiting: Waiting) -> None: ...
    def get(self, order: OrderId) -> Waiting | None: ...
    def drop(self, order: OrderId) -> None: ...

    def left(self, most: int, fits: Fits, *, calls: bool) -> Sequence[Waiting]:
        """The calls, or the others, that fit and that nobody is decided on for, the longest waiting first."""
        ...

    def calls_wait(self) -> bool:
        """Whether there may be a call among them."""
        ...

    def coming(self) -> Mapping[ProviderId, int]:
        """How many orders are on their way to each provider."""
        ...

    def looked(self, now: datetime) -> None:
        """All that was left has been looked at again."""
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


class Knows(Protocol):
    """What matching knows of the orders that come to wait."""

    def has_read(self, recorded: Recorded, /) -> bool:
        """Whether it has read a fact about an order or a provider."""
        ...

    def is_call(self, order: OrderId, /) -> bool | None:
        """Whether an order is a call; None: it has not read of it yet."""
        ...

    def openings(self, providers: Collection[ProviderId], /) -> Collection[tuple[str, str]]:
        """For what, and where, those of them who have room are listed; with all that lies in it."""
        ...


class DispatchProcess(Reactor):
    """Decides what has come to the community: new, declined, reopened, moved, or back from who retires."""

    name: ClassVar[str] = "auto-dispatch"

    def __init__(
        self, rules: Callable[[], Rules], waiting: WaitingList, matching: Knows, hold_round: Round
    ) -> None:
        self._ask_rules = rules
        self._in_force: Rules | None = None  # in this batch
        self._waiting = waiting
        self._matching = matching
        self._round = hold_round
        self._fresh: dict[OrderId, Recorded] = {}  # in this batch, with what brought each
        self._freed = Freed()
        self._at: datetime | None = None

    def react(self, recorded: Recorded) -> Sequence[Message]:
        event, meta = recorded.fact.event, recorded.fact.meta
        comes, freed = comes_to_wait(recorded), freed_by(recorded) or self._had_its_share(recorded)
        frees = freed is not None
        if self._asks_matching(recorded, comes=comes, frees=frees) and not self._matching.has_read(recorded):
            raise NotYet(f"matching has not read {recorded.position} yet")
        order = OrderId(recorded.fact.stream)
        if comes:
            assert isinstance(event, e.OrderEvent)
            call = self._is_call(order, event)
            since, version = recorded.position, recorded.fact.version
            self._waiting.put(Waiting(order, since, version, event.category, event.area, call=call))
            self._fresh[order] = recorded
        elif isinstance(event, ENDS):
            self._waiting.drop(order)
            self._fresh.pop(order, None)
        elif isinstance(event, e.CommandRejected) and meta.cause.source == self._source:
            self._refused(event, recorded)
        if freed is not None:
            self._freed.add(freed, recorded)
        elif isinstance(event, e.RulesAdopted):
            self._freed.everybody(recorded)
        self._at = meta.at if self._at is None else max(self._at, meta.at)
        return ()

    def conclude(self) -> Sequence[Message]:
        """Hold a round, once the batch is read: calls before all others, who get what room is left."""
        fresh, freed, at = self._fresh, self._freed, self._at
        self._fresh, self._freed, self._at = {}, Freed(), None
        said: list[Message] = []
        if at is None or not (fresh or freed.cause):
            return said
        fits = freed.fits(self._matching.openings) if freed.cause else None
        for one, proposal, mode in self._rounds(fresh, fits, at):
            cause = fresh.get(one.order) or freed.cause
            assert cause is not None
            command = self._asked(one, proposal, mode)
            said.append(command_message(self.name, cause, command, len(said) + 1))
        return said

    def _rounds(
        self, fresh: Mapping[OrderId, Recorded], fits: Fits | None, at: datetime
    ) -> Iterator[tuple[Waiting, Proposal, AutoDispatch]]:
        """Calls, then the others; what was decided on in the one counts in the other."""
        calls = dict.fromkeys(self._left(fresh, fits, calls=True), AutoDispatch.ON)
        for one, proposal in self._decided(calls, at):
            yield one, proposal, AutoDispatch.ON
        modes = self._to_decide(fresh, fits)
        for one, proposal in self._decided(modes, at):
            yield one, proposal, modes[one]
        self._in_force = None

    def _decided(self, orders: Collection[Waiting], at: datetime) -> list[tuple[Waiting, Proposal]]:
        """The others stay with the community, where the area's responsible person sees them."""
        if not orders:
            return []
        found = self._round([one.order for one in orders], at, self._waiting.coming())
        proposals = ((one, found.get(one.order)) for one in orders)
        return [(one, proposal) for one, proposal in proposals if proposal and proposal.winner]

    def tick(self, now: datetime) -> Sequence[Message]:
        """Look again at all that was left: somebody may have come on duty since."""
        self._waiting.looked(now)
        minute = int(now.timestamp()) // 60  # a later look says it under another id
        said: list[Message] = []
        for one, proposal, mode in self._rounds({}, everything, now):
            command = self._asked(one, proposal, mode)
            said.append(message_of(self.name, command, one.since, now, str(one.order), number=minute))
        return said

    def _is_call(self, order: OrderId, event: e.OrderEvent) -> bool:
        if isinstance(event, e.OrderPlaced):
            return event.urgency is Urgency.CALL
        return self._matching.is_call(order) is True

    def _to_decide(self, fresh: Mapping[OrderId, Recorded], fits: Fits | None) -> dict[Waiting, AutoDispatch]:
        """Which orders the round is about besides calls, and how far the machine may go."""
        if not self._may_decide():
            return {}
        rules = self._rules
        waiting = self._left(fresh, fits, calls=False)
        modes = {one: rules.auto_dispatch(one.category, one.area) for one in waiting}
        return {one: mode for one, mode in modes.items() if mode is not AutoDispatch.OFF}

    def _left(
        self, fresh: Mapping[OrderId, Recorded], fits: Fits | None, *, calls: bool
    ) -> Sequence[Waiting]:
        """What is new, and what was left that fits those who were freed, the longest waiting first."""
        new = (self._waiting.get(order) for order in fresh)
        waiting = {one for one in new if one is not None and one.call is calls}
        if fits:
            waiting |= {*self._waiting.left(LARGEST - len(waiting), fits, calls=calls)}
        return sorted(waiting, key=lambda one: (one.since, one.order))

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
        """Whether the town lets the machine decide anything but calls."""
        return any(setting.mode is not AutoDispatch.OFF for setting in self._rules.dispatch)

    def _asks_matching(self, recorded: Recorded, *, comes: bool, frees: bool) -> bool:
        """Whether a decision may hang on this fact; else nothing has to be waited for."""
        event = recorded.fact.event
        if not (comes or frees) or self._may_decide():
            return comes or frees
        if isinstance(event, e.OrderPlaced):
            return event.urgency is Urgency.CALL
        perhaps = comes and self._matching.is_call(OrderId(recorded.fact.stream)) is not False
        return perhaps or (frees and self._waiting.calls_wait())

    def _asked(self, one: Waiting, proposal: Proposal, mode: AutoDispatch) -> DispatchOrder | ProposeDispatch:
        """What to ask for, noted until the answer is in the log."""
        assert proposal.winner is not None
        if mode is AutoDispatch.PROPOSE:
            self._waiting.put(replace(one, asked=NOBODY))
            return ProposeDispatch(order=one.order, proposal=proposal, since=one.version)
        self._waiting.put(replace(one, asked=proposal.winner))
        return DispatchOrder(order=one.order, provider=proposal.winner, proposal=proposal, since=one.version)

    def _refused(self, event: e.CommandRejected, recorded: Recorded) -> None:
        order = OrderId(stream_of(event.subject))
        waiting = self._waiting.get(order)
        if waiting is None:
            return
        if event.code in ASK_AGAIN:
            self._waiting.put(replace(waiting, asked=None))
            self._fresh[order] = recorded
        elif event.code != ProposalOutdated.code:
            self._waiting.drop(order)  # where it has moved on and comes to wait again, the log says so


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
