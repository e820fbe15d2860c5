"""Refusals are decided again too: one that should not have been, or not so, is found."""

from collections.abc import Callable
from typing import Any

import pytest

import domain.commands as c
import domain.events as e
from domain.rejections import AnotherName, IdReused, TooManyOpenOrders
from services.audit.auditor import Auditor
from services.audit.findings import Finding
from tests.services.audit.a_record import a_day, a_town, codes, findings, with_event, with_meta
from tests.support.a_town import AUNT_LI, WATER
from tests.support.history import (
    CLERK,
    TEXT,
    resident,
    staff,
)


def refused(change: Callable[[e.CommandRejected], dict[str, Any]]) -> list[Finding]:
    """The refusal at the end of the day, changed."""
    facts = a_day().facts
    event = facts[-1].fact.event
    assert isinstance(event, e.CommandRejected)
    return findings(with_event(facts, len(facts) - 1, event.model_copy(update=change(event))))


def test_a_refusal_that_should_have_been_accepted_is_named() -> None:
    history = a_town()
    order = history.place()
    history.try_to(c.AcceptOrder(order=order, provider=WATER), staff(WATER))
    last = history.facts[-1].fact.event
    assert isinstance(last, e.CommandRejected)
    asked = c.PoolOrder(order=order).model_dump_json()
    event = last.model_copy(update={"command": "PoolOrder", "asked": asked})
    place = len(history.facts) - 1
    facts = with_meta(with_event(history.facts, place, event), place, command="PoolOrder", actor=CLERK)
    (found,) = findings(facts)
    assert found.code == "refused_should_be_accepted"
    assert "应予受理" in found.zh


def test_a_refusal_with_another_code_is_named() -> None:
    (found,) = refused(lambda _: {"code": "not_yours"})
    assert (found.code, "not_yours" in found.en, "forbidden_step" in found.en) == (
        "refused_otherwise",
        True,
        True,
    )


def test_a_refusal_in_other_words_is_named() -> None:
    (found,) = refused(lambda _: {"reason_en": "We did not feel like it."})
    assert found.code == "refused_in_other_words"


def test_a_refusal_of_another_command_than_was_asked_is_named() -> None:
    (found,) = refused(lambda event: {"asked": event.asked.replace("order", "ordre")})
    assert found.code == "asked_unreadable"
    another = c.AcceptOrder(order=a_day().new_order(), provider=WATER).model_dump_json()
    (found,) = refused(lambda _: {"asked": another})
    assert found.code == "asked_unreadable"


def test_a_refusal_of_what_was_so_already_is_named() -> None:
    history = a_town()
    order = history.completed()
    history.try_to(c.AcceptOrder(order=order, provider=WATER), staff(WATER))
    asked = c.CompleteOrder(order=order, provider=WATER, result=TEXT).model_dump_json()
    place = len(history.facts) - 1
    event = history.facts[place].fact.event.model_copy(update={"asked": asked})
    (found,) = findings(with_meta(with_event(history.facts, place, event), place, command="CompleteOrder"))
    assert (found.code, "already" in found.en) == ("refused_otherwise", True)


def test_a_refusal_under_rules_that_were_not_in_force_is_named() -> None:
    facts = a_day().facts
    assert codes(with_meta(facts, len(facts) - 1, rules=3)) == ["wrong_rules"]


@pytest.mark.parametrize(
    "refusal",
    [
        IdReused(id="1"),
        AnotherName(proven="water", said="roads"),
        TooManyOpenOrders(most=3),
    ],
    ids=lambda refusal: refusal.code,
)
def test_what_only_a_door_can_know_is_counted_apart(refusal: Any) -> None:
    facts = a_day().facts
    event = facts[-1].fact.event.model_copy(update={"code": refusal.code, "reason_en": refusal.reason_en})
    auditor = Auditor()
    found = [one for recorded in with_event(facts, len(facts) - 1, event) for one in auditor.take(recorded)]
    assert found == []
    assert auditor.again.counted.at_the_door == {refusal.code: 1}
    assert auditor.again.counted.refused == 0


def test_a_role_that_the_topic_does_not_prove_is_the_doors_to_refuse_and_any_other_the_rules() -> None:
    history = a_town()
    order = history.place()
    history.try_to(c.PoolOrder(order=order), resident(AUNT_LI))
    assert codes(history.facts) == []
    place = len(history.facts) - 1
    by_rule = history.facts[place].fact.event
    asked = c.SecondOrder(order=order).model_dump_json()
    allowed = by_rule.model_copy(update={"asked": asked, "command": "SecondOrder"})
    facts = with_meta(with_event(history.facts, place, allowed), place, command="SecondOrder")
    assert codes(facts) == ["refused_otherwise"]
    at_door = allowed.model_copy(update={"reason_en": "The role x may not ask for SecondOrder (test); have"})
    assert codes(with_event(facts, place, at_door)) == []
