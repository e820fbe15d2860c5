"""Records to be decided again, sound or with something in them changed."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

import domain.commands as c
from domain.facts import Recorded
from domain.model import Event
from domain.stages import Level
from services.audit.auditor import Auditor
from services.audit.findings import Finding
from tests.support.a_town import EAST, ROADS, WATER, WEST
from tests.support.history import (
    CLERK,
    TEXT,
    THE_ROADS,
    History,
    staff,
)


def findings(facts: Sequence[Recorded]) -> list[Finding]:
    auditor = Auditor()
    found = [one for recorded in facts for one in auditor.take(recorded)]
    return found + auditor.finish()


def codes(facts: Sequence[Recorded]) -> list[str]:
    return [one.code for one in findings(facts)]


def tampered(facts: Sequence[Recorded], kind: type[Event], **fields: Any) -> list[Recorded]:
    """The last fact of a kind says something else."""
    place = max(number for number, one in enumerate(facts) if type(one.fact.event) is kind)
    return with_event(facts, place, facts[place].fact.event.model_copy(update=fields))


def with_event(facts: Sequence[Recorded], place: int, event: Event) -> list[Recorded]:
    one = facts[place]
    changed = replace(one, fact=replace(one.fact, event=event))
    return [*facts[:place], changed, *facts[place + 1 :]]


def with_meta(facts: Sequence[Recorded], place: int, **meta: Any) -> list[Recorded]:
    one = facts[place]
    changed = replace(one, fact=replace(one.fact, meta=replace(one.fact.meta, **meta)))
    return [*facts[:place], changed, *facts[place + 1 :]]


def a_town() -> History:
    history = History()
    history.register(WATER, must=[THE_ROADS])
    history.register(ROADS, areas=[EAST, WEST])
    return history


def a_day() -> History:
    """Something of each: done and rated badly, declined, recalled, and one refusal."""
    history = a_town()
    history.rate(history.completed(), Level.DISSATISFIED)
    order = history.place()
    history.dispatch(order, ROADS)
    history.later(hours=1)
    history.decline(order, ROADS)
    history.dispatch(order)
    history.ask(c.RecallOrder(order=order, reason=TEXT), CLERK)
    history.try_to(c.AcceptOrder(order=order, provider=WATER), staff(WATER))
    return history
