"""Providers accept (接单): accept, decline, claim."""

from collections.abc import Sequence
from datetime import timedelta

from domain.commands import AcceptOrder, ClaimOrder, DeclineOrder
from domain.dispatching import takes_work
from domain.events import OrderAccepted, OrderClaimed, OrderDeclined, OrderSentToArbitration
from domain.order import Order
from domain.rejections import ClaimedByAnother, NotOffered, PlacementFinal, UnknownReason
from domain.situation import Situation
from domain.stages import Stage


def accept(command: AcceptOrder, order: Order, _: Situation) -> list[OrderAccepted]:
    """A provider takes the work it was offered; it is accountable from now on."""
    if order.provider != command.provider:
        raise NotOffered(provider=command.provider)
    if order.stage is Stage.ACCEPTED:
        return []  # said twice, recorded once
    return [OrderAccepted(category=order.category, area=order.area, provider=command.provider)]


def decline(
    command: DeclineOrder, order: Order, now: Situation
) -> Sequence[OrderDeclined | OrderSentToArbitration]:
    """A provider sends the work back, with a reason; after too many it goes to arbitration."""
    if order.declined_by == command.provider:
        return []  # it lies where that decline has brought it
    if order.provider != command.provider:
        raise NotOffered(provider=command.provider)
    if order.arbitrated:
        raise PlacementFinal
    if command.reason not in now.rules.decline_reasons:
        raise UnknownReason(reason=command.reason, known=", ".join(now.rules.decline_reasons))
    declines = order.declines + 1
    declined = OrderDeclined(
        category=order.category,
        area=order.area,
        provider=command.provider,
        reason=command.reason,
        declines=declines,
        channel=order.channel,
    )
    if declines < now.rules.declines_to_arbitration:
        return [declined]
    sent = OrderSentToArbitration(category=order.category, area=order.area, declines=declines)
    return [declined, sent]


def claim(command: ClaimOrder, order: Order, now: Situation) -> list[OrderClaimed]:
    """The first to claim a pooled order has it (抢单), with what is left of its hours."""
    if order.stage is Stage.ACCEPTED:
        if order.provider == command.provider:
            return []
        raise ClaimedByAnother(provider=order.provider)
    takes_work(command.provider, now)
    due_at = order.due_at or now.at + timedelta(hours=now.rules.limits(order.category)[1])
    return [
        OrderClaimed(
            category=order.category,
            area=order.area,
            provider=command.provider,
            due_at=due_at,
            channel=order.channel,
        )
    ]
