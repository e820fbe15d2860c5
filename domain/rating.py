"""The public rates (评单), and asks again if it was not solved."""

from datetime import timedelta

from domain.commands import RateOrder, ReopenOrder
from domain.events import OrderRated, OrderReopened
from domain.order import Order
from domain.placing import forbidden, only_owner
from domain.rejections import AlreadyRated, NotYours, WindowClosed
from domain.situation import Situation
from domain.stages import RatingSource, Stage


def rate(command: RateOrder, order: Order, now: Situation) -> list[OrderRated]:
    """Once a round and person. A rating stays; a bad one cannot be changed away."""
    person = now.asked.person
    given = order.ratings.get(person)
    if given == command.level:
        return []
    if given is not None:
        name = now.rules.level_name(given)
        raise AlreadyRated(level_zh=name.zh, level=name.en)
    if person != order.resident and person not in order.seconders:
        raise NotYours
    _in_window(order, now, now.rules.rate_days)
    return [
        OrderRated(
            category=order.category,
            area=order.area,
            resident=person,
            source=RatingSource.RESIDENT if person == order.resident else RatingSource.SECONDER,
            level=command.level,
            bad=command.level in now.rules.bad_ratings,
            comment=command.comment,
            provider=order.provider,
        )
    ]


def reopen(command: ReopenOrder, order: Order, now: Situation) -> list[OrderReopened]:
    """The resident says it is not solved; the order goes back to the community for another round."""
    only_owner(order, now)
    if order.stage is Stage.PLACED:
        if order.round > 1:
            return []
        raise forbidden(order, command.zh, command.wire)
    _in_window(order, now, now.rules.reopen_days)
    return [
        OrderReopened(
            category=order.category,
            area=order.area,
            provider=order.provider,
            reason=command.reason,
            round=order.round + 1,
        )
    ]


def _in_window(order: Order, now: Situation, days: int) -> None:
    if order.closed_at is not None and now.at > order.closed_at + timedelta(days=days):
        raise WindowClosed(days=days)
