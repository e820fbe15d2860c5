"""Rows of another system's table come in with the stage they show and nothing invented."""

from datetime import timedelta
from typing import Final

from domain.commands import ImportOrder
from domain.events import OrderImported
from domain.ids import OrderId, order_number
from domain.order import Order
from domain.placing import known_in_town
from domain.provider import Standing
from domain.rejections import DateAbsurd, OnlyFromImports, UnknownProvider, WrongStage
from domain.situation import EARLIEST, Situation
from domain.stages import CLOSED, Stage

DUE_AHEAD: Final = timedelta(days=3653)  # ten years; no town promises further ahead


def import_order(command: ImportOrder, _: Order, now: Situation) -> list[OrderImported]:
    """One row, one event."""
    if not now.asked.trusted_time:
        raise OnlyFromImports
    known_in_town(now.rules, command.category, command.area)
    _provider_fits(command, now)
    _times_fit(command, now)
    bad = None if command.level is None else command.level in now.rules.bad_ratings
    return [
        OrderImported(
            category=command.category,
            area=command.area,
            number=order_number(OrderId(command.order)),
            stage=command.stage,
            source=command.source,
            channel=command.channel,
            provider=command.provider,
            accepted_at=command.accepted_at,
            closed_at=command.closed_at,
            due_at=command.due_at,
            in_time=command.in_time,
            level=command.level,
            bad=bad,
            details=command.details,
        )
    ]


def _provider_fits(command: ImportOrder, now: Situation) -> None:
    if command.provider is None:
        if command.stage in (Stage.DISPATCHED, Stage.ACCEPTED):
            raise WrongStage(stage=command.stage)
    elif now.provider(command.provider).standing is Standing.UNKNOWN:
        raise UnknownProvider(provider=command.provider)
    if command.stage is Stage.NONE or (command.level is not None) != (command.stage is Stage.RATED):
        raise WrongStage(stage=command.stage)


def _times_fit(command: ImportOrder, now: Situation) -> None:
    """Nothing after now, nothing closed before it was created."""
    for moment in (command.accepted_at, command.closed_at):
        if moment is not None and not now.at <= moment <= now.asked.recorded:
            raise DateAbsurd(moment=moment.isoformat())
    due_at = command.due_at  # may lie before it was created, as tables go, but not outside of all reckoning
    if due_at is not None and not EARLIEST <= due_at <= now.asked.recorded + DUE_AHEAD:
        raise DateAbsurd(moment=due_at.isoformat())
    if command.closed_at is not None and command.stage not in CLOSED:
        raise WrongStage(stage=command.stage)
