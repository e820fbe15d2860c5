"""Forgetting somebody, in words: what happened and what may be asked."""

from typing import Any, Final

import domain.commands as c
import domain.events as e
import domain.person_events as p
from domain.ids import ResidentId
from domain.reached import Because, How, Place, Reached
from tests.support.a_town import AUNT_LI, EAST, MONDAY, POTHOLE
from tests.support.an_order import OPERATOR, ORDER, SYSTEM, TEXT
from tests.support.given import Ask

RECEIPT: Final = (
    Reached(place=Place.LOG, how=How.KEY_DESTROYED, count=3),
    Reached(place=Place.COMMAND_TOPICS, how=How.EXPIRES, until=MONDAY),
)


def person_erased(
    person: ResidentId = AUNT_LI, *, erasure: int = 1, listed: str | None = None
) -> p.PersonErased:
    return p.PersonErased(person=person, erasure=erasure, listed=listed, reason=TEXT)


def erasure_finished(
    person: ResidentId = AUNT_LI, *, erasure: int = 1, listed: str | None = None
) -> p.ErasureFinished:
    return p.ErasureFinished(person=person, erasure=erasure, listed=listed, reached=RECEIPT)


def texts_erased(because: Because = Because.REQUEST, erasure: int = 1) -> e.OrderTextsErased:
    return e.OrderTextsErased(category=POTHOLE, area=EAST, because=because, erasure=erasure, reason=TEXT)


def order_erasure_finished(erasure: int = 1) -> e.OrderErasureFinished:
    return e.OrderErasureFinished(category=POTHOLE, area=EAST, erasure=erasure, reached=RECEIPT)


def erase_person(person: ResidentId = AUNT_LI, **fields: Any) -> Ask:
    return Ask(c.ErasePerson(person=person, reason=TEXT, **fields), OPERATOR)


def finish_erasure(erasure: int = 1) -> Ask:
    return Ask(c.FinishErasure(person=AUNT_LI, erasure=erasure, reached=RECEIPT), SYSTEM)


def erase_order(because: Because = Because.REQUEST) -> Ask:
    return Ask(c.EraseOrder(order=ORDER, because=because, reason=TEXT), OPERATOR)


def finish_order_erasure(erasure: int = 1) -> Ask:
    return Ask(c.FinishOrderErasure(order=ORDER, erasure=erasure, reached=RECEIPT), SYSTEM)
