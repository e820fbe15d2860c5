"""Forgetting: a person's texts, or those of one order, are erased; what was done stays on record."""

from datetime import timedelta

from domain.commands import EraseOrder, FinishOrderErasure
from domain.events import OrderErasureFinished, OrderTextsErased
from domain.ids import ANONYMOUS
from domain.order import Order
from domain.person import Person
from domain.person_commands import ErasePerson, FinishErasure
from domain.person_events import ErasureFinished, PersonErased
from domain.reached import Because
from domain.rejections import KeptLonger, NotOnePerson, UnknownErasure
from domain.situation import Situation


def erase_person(command: ErasePerson, person: Person, _: Situation) -> list[PersonErased]:
    """All that is held of somebody under this name. What comes later is not, so it can be asked again."""
    if command.person == ANONYMOUS and command.listed is None:
        raise NotOnePerson(person=command.person)
    if command.listed in person.under_way.values():
        return []
    return [
        PersonErased(
            person=command.person,
            listed=command.listed,
            erasure=person.erasures + 1,
            reason=command.reason,
        )
    ]


def finish_person(command: FinishErasure, person: Person, _: Situation) -> list[ErasureFinished]:
    """It is carried out; here is the receipt."""
    _was_asked(command.erasure, person.erasures)
    if command.erasure not in person.under_way:
        return []
    return [
        ErasureFinished(
            person=command.person,
            listed=person.under_way[command.erasure],
            erasure=command.erasure,
            reached=command.reached,
        )
    ]


def erase_order(command: EraseOrder, order: Order, now: Situation) -> list[OrderTextsErased]:
    """The texts of a closed order: on request at once, else when the rules keep them no longer."""
    if order.erased == order.version:
        return []  # nothing has come since
    if command.because is Because.RETENTION:
        _kept_long_enough(command, order, now)
    return [
        OrderTextsErased(
            category=order.category,
            area=order.area,
            because=command.because,
            erasure=order.erasures + 1,
            reason=command.reason,
        )
    ]


def finish_order(command: FinishOrderErasure, order: Order, _: Situation) -> list[OrderErasureFinished]:
    """It is carried out; here is the receipt."""
    _was_asked(command.erasure, order.erasures)
    if command.erasure not in order.erasing:
        return []
    return [
        OrderErasureFinished(
            category=order.category, area=order.area, erasure=command.erasure, reached=command.reached
        )
    ]


def _kept_long_enough(command: EraseOrder, order: Order, now: Situation) -> None:
    days = now.rules.retention_days(order.category)
    rests_since = order.rests_since
    if days is None or rests_since is None:
        raise KeptLonger(order=command.order, until="-")
    until = rests_since + timedelta(days=days)
    if now.at < until:
        raise KeptLonger(order=command.order, until=until.isoformat())


def _was_asked(erasure: int, erasures: int) -> None:
    if erasure > erasures:
        raise UnknownErasure(erasure=erasure)
