"""Every recorded command is decided again: what was tampered with is found, the rest comes out as it lies."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import domain.commands as c
import domain.events as e
from domain.commands import COMMANDS
from domain.model import Event
from domain.stages import Level
from services.audit.auditor import Auditor
from services.audit.remaking import BESIDES, COPIED, UNTOLD
from tests.services.audit.a_record import a_day, a_town, codes, findings, tampered, with_meta
from tests.support.a_town import PARKS, ROADS, WATER, WEST, hours
from tests.support.history import (
    CLERK,
    OPERATOR,
    changed_rules,
)
from tests.support.random_history import random_history


def test_for_every_command_it_is_written_how_it_is_made_again() -> None:
    assert set(COPIED) == set(COMMANDS.values())
    for command, (event, copied) in COPIED.items():
        assert set(copied) <= set(event.model_fields)
        subject = {"order", "provider", "need", "person"} & set(command.model_fields)
        left = set(command.model_fields) - set(copied) - UNTOLD.get(command, frozenset()) - subject
        assert not left or command in BESIDES, (command.wire, left)


@settings(max_examples=12, deadline=None)
@given(st.integers(min_value=1, max_value=10_000))
def test_made_again_and_decided_again_each_command_says_what_is_recorded(seed: int) -> None:
    history = random_history(seed=seed, orders=25)
    auditor = Auditor()
    found = [one for recorded in history.facts for one in auditor.take(recorded)]
    assert [(one.code, one.en) for one in found] == []
    counted = auditor.again.counted
    refused = [one for one in history.facts if isinstance(one.fact.event, e.CommandRejected)]
    answered = [one for one in history.facts if not isinstance(one.fact.event, e.CommandRejected)]
    assert counted.refused == len(refused) > 0
    assert counted.accepted == sum(one.fact.meta.part == 1 for one in answered) > 0


def test_every_command_was_among_them() -> None:
    said = {one.fact.meta.command for one in random_history(orders=80).facts}
    assert {c.LetGoOfNeed.wire, c.ChangeVolunteer.wire, c.FinishRetirement.wire} <= said
    assert set(COMMANDS) - said == set()


TAMPERED: dict[str, tuple[type[Event], dict[str, Any], str]] = {
    "another time limit": (e.OrderDispatched, {"due_at": hours(1) + a_day().now}, "due_at"),
    "another provider is accountable": (e.OrderDispatched, {"accountable": WATER}, "accountable"),
    "another area": (e.OrderCompleted, {"area": WEST}, "area"),
    "late made in time": (e.OrderCompleted, {"in_time": False}, "in_time"),
    "a bad rating made a good one": (e.OrderRated, {"bad": False}, "bad"),
    "another level": (e.OrderRated, {"level": Level.SATISFIED}, "bad"),
    "another rater": (e.OrderRated, {"resident": "r-zhao"}, "resident"),
    "fewer declines": (e.OrderDeclined, {"declines": 7}, "declines"),
    "another number": (e.OrderPlaced, {"number": "000000000000"}, "number"),
    "recalled from another": (e.OrderRecalled, {"provider": None}, "provider"),
}


@pytest.mark.parametrize(("kind", "fields", "named"), TAMPERED.values(), ids=TAMPERED)
def test_an_event_that_says_something_else_is_named(
    kind: type[Event], fields: dict[str, Any], named: str
) -> None:
    facts = a_day().facts
    assert codes(facts) == []
    first = findings(tampered(facts, kind, **fields))[0]
    assert first.code == "decided_otherwise"
    assert named in first.en
    assert named in first.zh


SHOULD_BE_REFUSED: dict[str, tuple[type[Event], dict[str, Any], str]] = {
    "accepted by whom it was not offered": (e.OrderAccepted, {"provider": ROADS}, "not_yours"),
    "dispatched to nobody known": (e.OrderDispatched, {"provider": PARKS}, "unknown_provider"),
    "declined without a reason of the town's": (e.OrderDeclined, {"reason": "tired"}, "unknown_reason"),
    "nowhere in town": (e.OrderPlaced, {"area": "moon"}, "unknown_area"),
}


@pytest.mark.parametrize(("kind", "fields", "refusal"), SHOULD_BE_REFUSED.values(), ids=SHOULD_BE_REFUSED)
def test_what_should_have_been_refused_is_named(
    kind: type[Event], fields: dict[str, Any], refusal: str
) -> None:
    first = findings(tampered(a_day().facts, kind, **fields))[0]
    assert first.code == "accepted_should_be_refused"
    assert refusal in first.en


def test_an_event_of_a_command_that_changed_nothing_is_named() -> None:
    history = a_town()
    history.ask(c.ChangeCapacity(provider=WATER, capacity=12), CLERK)
    facts = tampered(history.facts, e.ProviderCapacityChanged, capacity=10)
    assert codes(facts) == ["accepted_changes_nothing"]


def test_one_event_too_many_of_a_command_is_named() -> None:
    history = a_town()
    order = history.place()
    for provider in (WATER, ROADS, WATER):
        history.dispatch(order, provider)
        history.decline(order, provider)
    stays = [one for one in history.facts if not isinstance(one.fact.event, e.OrderSentToArbitration)]
    alone = with_meta(stays, len(stays) - 1, parts=1)
    (found,) = findings(alone)
    assert found.code == "decided_otherwise"
    assert "OrderDeclined → OrderDeclined + OrderSentToArbitration" in found.en


def test_a_rule_changed_afterwards_shows_in_what_was_decided_by_it() -> None:
    (found,) = findings(tampered(a_day().facts, e.RulesAdopted, rules=changed_rules(bad_ratings=())))
    assert found.code == "decided_otherwise"
    assert "RateOrder" in found.en
    assert "bad True → False" in found.en


def test_new_rules_change_nothing_of_what_was_decided_before_them() -> None:
    history = a_day()
    history.ask(c.AdoptRules(rules=changed_rules(finish_hours=1, bad_ratings=())), OPERATOR)
    assert codes(history.facts) == []
