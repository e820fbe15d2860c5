"""Forgetting, carried out: the keys to what is to be forgotten are destroyed, and a receipt is given.

Both are put out in one transaction, the keys first: that they are destroyed comes to its end, or begins
again, before the receipt goes out. What that says is counted from the record, not from what was destroyed.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from domain import events as e
from domain.commands import FinishErasure, FinishOrderErasure
from domain.facts import Recorded
from domain.ids import OrderId
from domain.person_events import PersonErased
from domain.reached import Reached
from services.erasing import (
    DESTROY,
    Around,
    History,
    Keys,
    OrdersOf,
    Reach,
    of_order,
    of_person,
    receipt,
    written,
)
from services.reactions import KEYS, Message, Reactor, command_message


class ErasureProcess(Reactor):
    """Follows who placed which order and who wrote about it, so that nothing is left behind."""

    name: ClassVar[str] = "erasure"

    def __init__(self, orders: OrdersOf, keys: Keys, history: History, around: Around) -> None:
        self._orders = orders
        self._keys = keys
        self._history = history
        self._around = around

    def react(self, recorded: Recorded) -> Sequence[Message]:
        event = recorded.fact.event
        match event:
            case e.OrderPlaced():
                self._orders.note(event.resident, OrderId(recorded.fact.stream), own=True)
            case e.OrderRated():
                self._orders.note(event.resident, OrderId(recorded.fact.stream), own=False)
            case PersonErased():
                return self._forget_person(recorded, event)
            case e.OrderTextsErased():
                return self._forget_order(recorded, event)
            case _:
                pass
        return []

    def _forget_person(self, recorded: Recorded, event: PersonErased) -> Sequence[Message]:
        reach = of_person(self._orders, self._keys, event.person, event.listed)
        reached = self._receipt(recorded, reach)
        finish = FinishErasure(person=event.person, erasure=event.erasure, reached=reached)
        return self._said(recorded, reach, finish)

    def _forget_order(self, recorded: Recorded, event: e.OrderTextsErased) -> Sequence[Message]:
        order = OrderId(recorded.fact.stream)
        reach = of_order(order)
        reached = self._receipt(recorded, reach)
        finish = FinishOrderErasure(order=order, erasure=event.erasure, reached=reached)
        return self._said(recorded, reach, finish)

    def _receipt(self, recorded: Recorded, reach: Reach) -> tuple[Reached, ...]:
        moment = recorded.fact.meta.recorded
        return receipt(reach, self._history, self._around, moment, recorded.position)

    def _said(
        self, recorded: Recorded, reach: Reach, finish: FinishErasure | FinishOrderErasure
    ) -> Sequence[Message]:
        said = command_message(self.name, recorded, finish, 2)
        keys = replace(
            said,
            topic=KEYS,
            id=f"{self.name}-{recorded.position}-1",
            type=DESTROY,
            data=written(self._keys.keys_of(reach)),
        )
        return [keys, said]
