"""The community dispatches (派单): to a provider, into the pool, back, or closed at once with a notice."""

from datetime import datetime, timedelta

from domain.commands import (
    AnswerOrder,
    DispatchOrder,
    MarkDuplicate,
    NotAcceptOrder,
    PoolOrder,
    ProposeDispatch,
    RecallOrder,
)
from domain.events import (
    DispatchProposed,
    OrderAnswered,
    OrderDispatched,
    OrderMarkedDuplicate,
    OrderNotAccepted,
    OrderPooled,
    OrderRecalled,
)
from domain.ids import OrderId, ProviderId
from domain.order import Order
from domain.placing import forbidden
from domain.proposal import Proposal
from domain.provider import Standing
from domain.rejections import (
    DispatchedElsewhere,
    Itself,
    NothingToJoin,
    NotOffered,
    OfferOver,
    OnlyByCommunity,
    ProposalOutdated,
    ProviderGone,
    UnknownOrder,
    UnknownProvider,
    UnknownReason,
)
from domain.situation import Situation
from domain.stages import GIVEN_UP, STAGE_NAMES, Role, Stage


def dispatch(command: DispatchOrder, order: Order, now: Situation) -> list[OrderDispatched]:
    """The order goes to one provider. Its hours start to run, anew for each whom it is dispatched to."""
    if order.stage is Stage.DISPATCHED:
        if order.provider == command.provider:
            return []
        raise DispatchedElsewhere(provider=order.provider)
    if order.arbitrated and now.asked.actor.role is not Role.COMMUNITY:
        raise OnlyByCommunity
    _up_to_date(command, order)
    takes_work(command.provider, now)
    accept_hours, finish_hours = now.rules.limits(order.category)
    call = order.call and not order.arbitrated  # what was arbitrated is not passed on
    proposal = order.proposed or command.proposal or _still_true(now.asked.found, order)
    return [
        OrderDispatched(
            category=order.category,
            area=order.area,
            provider=command.provider,
            accountable=order.accountable or command.provider,
            accept_by=_called_until(now) if call else now.at + timedelta(hours=accept_hours),
            due_at=now.at + timedelta(hours=finish_hours),
            channel=order.channel,
            proposal=proposal,
            overruled=_overruled(command.provider, proposal),
            why=command.why,
            call=call,
        )
    ]


def _called_until(now: Situation) -> datetime:
    """The minutes of a call count from when it went out; the `at` of the engine's is that of its cause."""
    out = max(now.at, now.asked.recorded) if now.asked.actor.role is Role.SYSTEM else now.at
    return out + timedelta(minutes=now.rules.call_minutes)


def _overruled(sent: ProviderId, proposal: Proposal | None) -> bool | None:
    if proposal is None or proposal.winner is None:
        return None
    return sent != proposal.winner


def _up_to_date(command: DispatchOrder | ProposeDispatch, order: Order) -> None:
    """What the engine found holds for what the order is now, and for the wait that it was found for."""
    if command.since not in (None, order.waits_since):
        raise ProposalOutdated
    if command.proposal is not None and _still_true(command.proposal, order) is None:
        raise ProposalOutdated


def _still_true(proposal: Proposal | None, order: Order) -> Proposal | None:
    if proposal is None or (proposal.category, proposal.area) != (order.category, order.area):
        return None
    return proposal


def propose(command: ProposeDispatch, order: Order, _: Situation) -> list[DispatchProposed]:
    """The machine names candidates; a person decides."""
    _up_to_date(command, order)
    return [DispatchProposed(category=order.category, area=order.area, proposal=command.proposal)]


def pool(_: PoolOrder, order: Order, now: Situation) -> list[OrderPooled]:
    """The order waits for the first who claims it; the hours to finish run from now on."""
    if order.stage is Stage.POOLED:
        return []
    if order.arbitrated:
        raise OnlyByCommunity
    due_at = now.at + timedelta(hours=now.rules.limits(order.category)[1])
    return [OrderPooled(category=order.category, area=order.area, due_at=due_at)]


def recall(command: RecallOrder, order: Order, _: Situation) -> list[OrderRecalled]:
    """The community takes the order back. The first receiver stays accountable (首接负责)."""
    if order.stage is Stage.PLACED:
        return []
    if command.provider is not None and command.provider != order.provider:
        raise NotOffered(provider=command.provider)
    if command.accept_by is not None and command.accept_by != order.accept_by:
        raise OfferOver(provider=order.provider)
    return [
        OrderRecalled(
            category=order.category,
            area=order.area,
            provider=order.provider,
            reason=command.reason,
            passed_on=command.accept_by is not None,
        )
    ]


def answer(command: AnswerOrder, order: Order, _: Situation) -> list[OrderAnswered]:
    """The community answers at once; nobody needs to be sent (直接答复)."""
    if order.stage is Stage.ANSWERED:
        return []
    return [OrderAnswered(category=order.category, area=order.area, notice=command.notice)]


def not_accept(command: NotAcceptOrder, order: Order, now: Situation) -> list[OrderNotAccepted]:
    """The law does not let the community take it up (不予受理)."""
    if order.stage is Stage.NOT_ACCEPTED:
        return []
    if command.reason not in now.rules.legal_reasons:
        raise UnknownReason(reason=command.reason, known=", ".join(now.rules.legal_reasons))
    return [
        OrderNotAccepted(
            category=order.category, area=order.area, reason=command.reason, notice=command.notice
        )
    ]


def mark_duplicate(command: MarkDuplicate, order: Order, now: Situation) -> list[OrderMarkedDuplicate]:
    """The same matter as another order, which goes on for both."""
    if order.stage is Stage.DUPLICATE:
        if order.duplicate_of == command.of:
            return []
        raise forbidden(order, command.zh, command.wire)
    if command.of == command.order:
        raise Itself
    _goes_on(OrderId(command.of), now)
    return [
        OrderMarkedDuplicate(
            category=order.category, area=order.area, of=OrderId(command.of), notice=command.notice
        )
    ]


def _goes_on(other: OrderId, now: Situation) -> None:
    """The other order is worked on, or was; else both matters would be lost, as in a circle of duplicates."""
    stage = now.order(other).stage
    if stage is Stage.NONE:
        raise UnknownOrder(order=other)
    if stage in GIVEN_UP:
        stage_zh, stage_en = STAGE_NAMES[stage]
        raise NothingToJoin(order=other, stage_zh=stage_zh, stage_en=stage_en)


def takes_work(provider: ProviderId, now: Situation) -> None:
    """The provider is registered and not on its way out. Its capacity is advice to matching, no refusal."""
    match now.provider(provider).standing:
        case Standing.UNKNOWN:
            raise UnknownProvider(provider=provider)
        case Standing.RETIRING | Standing.RETIRED:
            raise ProviderGone(provider=provider)
        case Standing.ACTIVE:
            return
