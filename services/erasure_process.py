"""Forgetting, carried out: the keys to what is to be forgotten are destroyed, and a receipt is given.

It happens before the fact is noted as read. After a crash it is carried out again: what was destroyed stays
so, and what the receipt says is counted from the record, so it comes out the same.
"""

from collections.abc import Sequence
from typing import ClassVar

from domain import events as e
from domain.commands import FinishErasure, FinishOrderErasure
from domain.facts import Recorded
from domain.ids import OrderId
from domain.person_events import PersonErased
from domain.reached import Reached
from services.erasing import Around, History, Keys, OrdersOf, Reach, destroy, of_order, of_person, receipt
from services.reactions import Message, Reactor, command_message


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
                return [self._forget_person(recorded, event)]
            case e.OrderTextsErased():
                return [self._forget_order(recorded, event)]
            case _:
                pass
        return []

    def _forget_person(self, recorded: Recorded, event: PersonErased) -> Message:
        reach = of_person(self._orders, self._keys, event.person, event.listed)
        reached = self._forget(recorded, reach)
        finish = FinishErasure(person=event.person, erasure=event.erasure, reached=reached)
        return command_message(self.name, recorded, finish)

    def _forget_order(self, recorded: Recorded, event: e.OrderTextsErased) -> Message:
        order = OrderId(recorded.fact.stream)
        reached = self._forget(recorded, of_order(order))
        finish = FinishOrderErasure(order=order, erasure=event.erasure, reached=reached)
        return command_message(self.name, recorded, finish)

    def _forget(self, recorded: Recorded, reach: Reach) -> tuple[Reached, ...]:
        """The receipt first: who cannot read all of it destroys nothing."""
        moment = recorded.fact.meta.recorded
        reached = receipt(reach, self._history, self._around, moment, recorded.position)
        destroy(self._keys, reach)
        return reached
