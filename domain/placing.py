"""Residents order (点单): place, amend, withdraw, second."""

from datetime import datetime, timedelta
from typing import Final

from domain.commands import AmendOrder, PlaceOrder, SecondOrder, WithdrawOrder
from domain.events import OrderAmended, OrderPlaced, OrderSeconded, OrderWithdrawn
from domain.ids import AreaPath, CategoryPath, OrderId, order_number
from domain.order import Order
from domain.rejections import (
    DateAbsurd,
    ForbiddenStep,
    NotYours,
    TooManyOpenOrders,
    UnknownArea,
    UnknownCategory,
)
from domain.rules import Rules
from domain.situation import LEEWAY, Situation
from domain.stages import STAGE_NAMES, Role, Stage

WISH_AHEAD: Final = timedelta(days=731)  # nobody books a service further ahead than two years


def place(command: PlaceOrder, _: Order, now: Situation) -> list[OrderPlaced]:
    """A resident asks for something, or staff enters it for them (代点单)."""
    known_in_town(now.rules, command.category, command.area)
    _can_be_met(command.wanted_at, now)
    return [
        OrderPlaced(
            category=command.category,
            area=command.area,
            number=order_number(OrderId(command.order)),
            resident=now.asked.person,
            details=command.details,
            contact=command.contact,
            address=command.address,
            wanted=command.wanted,
            wanted_at=command.wanted_at,
            urgency=command.urgency,
            channel=now.asked.channel,
        )
    ]


def amend(command: AmendOrder, order: Order, now: Situation) -> list[OrderAmended]:
    """The resident adds to the order or corrects it."""
    only_owner(order, now)
    category = command.category or order.category
    area = command.area or order.area
    moved = (category, area) != (order.category, order.area)
    if not (moved or command.details or command.contact or command.address):
        return []  # nothing in it differs
    if moved and order.stage is not Stage.PLACED:  # time limits and providers hang on them
        raise forbidden(order, "更改事项或区域", "a change of category or area")
    if moved:
        known_in_town(now.rules, category, area)
    return [
        OrderAmended(
            category=category,
            area=area,
            old_category=order.category,
            old_area=order.area,
            details=command.details,
            contact=command.contact,
            address=command.address,
        )
    ]


def withdraw(command: WithdrawOrder, order: Order, now: Situation) -> list[OrderWithdrawn]:
    """The resident no longer needs it."""
    only_owner(order, now)
    if order.stage is Stage.WITHDRAWN:
        return []
    return [
        OrderWithdrawn(
            category=order.category, area=order.area, provider=order.provider, reason=command.reason
        )
    ]


def second(_: SecondOrder, order: Order, now: Situation) -> list[OrderSeconded]:
    """Another resident is affected too (附议)."""
    person = now.asked.person
    if person == order.resident or person in order.seconders:
        return []
    return [OrderSeconded(category=order.category, area=order.area, resident=person)]


def only_owner(order: Order, now: Situation) -> None:
    """Staff may act for the resident they name; operators are trusted."""
    if now.asked.person != order.resident and now.asked.actor.role is not Role.OPERATOR:
        raise NotYours


def known_in_town(rules: Rules, category: CategoryPath, area: AreaPath) -> None:
    """The category is one that can be ordered and the area is on the map."""
    item = rules.category_by_path.get(category)
    if item is None or item.kind == "group":
        raise UnknownCategory(category=category)
    if area not in rules.area_by_path:
        raise UnknownArea(area=area)


def forbidden(order: Order, step_zh: str, step: str) -> ForbiddenStep:
    """The refusal of a step that this stage does not allow."""
    stage_zh, stage_en = STAGE_NAMES[order.stage]
    return ForbiddenStep(stage_zh=stage_zh, stage_en=stage_en, step_zh=step_zh, step=step)


def _can_be_met(wanted_at: datetime | None, now: Situation) -> None:
    """A wish for a time that is over, or a lifetime away, is a slip of the pen."""
    if wanted_at is not None and not now.at - LEEWAY <= wanted_at <= now.at + WISH_AHEAD:
        raise DateAbsurd(moment=wanted_at.isoformat())


def one_more(held: int, most: int) -> None:
    """A resident who holds so many open orders may place another; `most` 0 is any number.

    No decision asks this: how many there are is a read model's to say, so the doors do.

    Raises:
        TooManyOpenOrders.
    """
    if most and held >= most:
        raise TooManyOpenOrders(most=most)
