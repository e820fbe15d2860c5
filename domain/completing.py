"""Providers do the work: report progress, complete."""

from domain.commands import CompleteOrder, ReportProgress
from domain.events import OrderCompleted, ProgressReported
from domain.order import Order
from domain.rejections import NotOffered
from domain.situation import Situation
from domain.stages import Stage


def report_progress(command: ReportProgress, order: Order, _: Situation) -> list[ProgressReported]:
    """Each report is a fact of its own, even when it says the same."""
    if order.provider != command.provider:
        raise NotOffered(provider=command.provider)
    return [
        ProgressReported(
            category=order.category, area=order.area, provider=command.provider, note=command.note
        )
    ]


def complete(command: CompleteOrder, order: Order, now: Situation) -> list[OrderCompleted]:
    """The provider says it is done, and whether it is solved; the public will say how well."""
    if order.provider != command.provider:
        raise NotOffered(provider=command.provider)
    if order.stage is Stage.COMPLETED:
        return []
    return [
        OrderCompleted(
            category=order.category,
            area=order.area,
            provider=command.provider,
            result=command.result,
            due_at=order.due_at,
            in_time=None if order.due_at is None else now.at <= order.due_at,
            resolved=command.resolved,
        )
    ]
