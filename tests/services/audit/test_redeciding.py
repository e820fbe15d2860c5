"""Every recorded command is decided again: what was tampered with is found, the rest comes out as it lies."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

import domain.commands as c
import domain.events as e
from domain.commands import COMMANDS
from domain.facts import Actor, Proof, Recorded
from domain.ids import NeedId
from domain.model import Event
from domain.rejections import AnotherName, IdReused, TooManyOpenOrders
from domain.sealed import Sealed
from domain.stages import Level, Role
from services.audit.auditor import Auditor
from services.audit.findings import Finding
from services.audit.remaking import BESIDES, COPIED, UNTOLD
from tests.support.a_town import AUNT_LI, EAST, PARKS, POTHOLE, ROADS, STREET, WATER, WEST, hours
from tests.support.an_order import a_proposal
from tests.support.history import (
    CLERK,
    MACHINE,
    OPERATOR,
    TEXT,
    THE_ROADS,
    History,
    changed_rules,
    random_history,
    resident,
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


# refusals


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


# who the door had proven


def proven(proof: Proof | None, command: c.AnyCommand, actor: Actor) -> list[str]:
    """What is found of a command asked with a proof, when the record keeps it, or another one."""
    history = a_town()
    history.ask(command, actor)
    return codes(with_meta(history.facts, len(history.facts) - 1, proof=proof))


def test_what_the_door_had_proven_is_part_of_the_decision() -> None:
    taken = c.ChangeCapacity(provider=WATER, capacity=3)
    assert proven(Proof(actor="water", provider=WATER), taken, staff(WATER)) == []
    assert proven(Proof(actor="water", provider=ROADS), taken, staff(WATER)) == ["accepted_should_be_refused"]
    moved = c.ChangeOffers(provider=ROADS, areas=(EAST,), offers=())
    assert proven(Proof(actor=CLERK.id, area=STREET), moved, CLERK) == []
    assert proven(Proof(actor=CLERK.id, area=EAST), moved, CLERK) == []
    somewhere = Proof(actor="d-new", area=None)
    assert proven(somewhere, moved, Actor(role=Role.COMMUNITY, id="d-new")) == ["accepted_should_be_refused"]


def test_a_time_that_only_a_trusted_door_lets_count_is_found() -> None:
    history = a_town()
    order = history.place()
    history.later(hours=2)
    history.ask(c.PoolOrder(order=order), CLERK)
    place = len(history.facts) - 1
    earlier = history.facts[place].fact.meta.at - hours(1)
    event = history.facts[place].fact.event
    assert isinstance(event, e.OrderPooled)
    moved = event.model_copy(update={"due_at": event.due_at - hours(1)})
    facts = with_meta(with_event(history.facts, place, moved), place, at=earlier)
    assert codes(facts) == ["decided_otherwise"]
    assert codes(with_meta(facts, place, trusted_time=True)) == []


def test_an_acceptance_dated_back_is_found_though_its_event_says_the_same() -> None:
    history = a_town()
    order = history.place()
    history.dispatch(order)
    history.later(hours=3)
    history.accept(order)
    place = len(history.facts) - 1
    (found,) = findings(with_meta(history.facts, place, at=history.facts[place].fact.meta.at - hours(1)))
    assert found.code == "decided_otherwise"
    assert "at 2026-03-02T03:00:00+00:00 → 2026-03-02T04:00:00+00:00" in found.en


def test_what_the_engine_proposed_for_another_area_it_could_not_have_dispatched_by() -> None:
    history = a_town()
    order = history.place()
    proposal = a_proposal(WATER).model_copy(update={"category": POTHOLE, "area": EAST})
    history.ask(c.DispatchOrder(order=order, provider=WATER, proposal=proposal), MACHINE)
    assert codes(history.facts) == []
    elsewhere = proposal.model_copy(update={"area": WEST})
    (found,) = findings(tampered(history.facts, e.OrderDispatched, proposal=elsewhere))
    assert found.code == "accepted_should_be_refused"
    assert "proposal_outdated" in found.en


def test_a_call_that_was_not_accepted_in_time_is_taken_back_by_the_engine_alone() -> None:
    history = a_town()
    order = history.place()
    history.dispatch(order)
    accept_by = history.order(order).accept_by
    history.ask(c.RecallOrder(order=order, reason=TEXT, provider=WATER, accept_by=accept_by), MACHINE)
    assert codes(history.facts) == []
    by_a_person = with_meta(history.facts, len(history.facts) - 1, actor=CLERK)
    assert codes(by_a_person) == ["accepted_should_be_refused"]


def test_a_need_that_is_over_may_be_amended_in_its_title_alone() -> None:
    history = a_town()
    need = NeedId("hall")
    until = history.now + hours(1)
    history.ask(c.StateNeed(need=need, area=EAST, title_zh="厅", title_en="Hall", until=until), CLERK)
    history.later(hours=2)
    history.ask(c.AmendNeed(need=need, title_en="A hall"), CLERK)
    assert codes(history.facts) == []


def test_personal_texts_are_not_told_in_a_finding() -> None:
    history = a_town()
    history.place()
    hidden = Sealed("opened!")
    (found,) = findings(tampered(history.facts, e.OrderPlaced, details=hidden, number="1"))
    assert "opened!" not in found.en + found.zh


# bounded in memory, and from where another one stopped


def played(facts: Sequence[Recorded], held: int, page: int = 10) -> Auditor:
    """Read page by page with so few subjects in memory."""
    auditor = Auditor(earlier=_earlier(facts), held=held)
    for start in range(0, len(facts), page):
        auditor.expect(facts[start : start + page])
        assert [one for recorded in facts[start : start + page] for one in auditor.take(recorded)] == []
    assert auditor.finish() == []
    return auditor


def _earlier(facts: Sequence[Recorded]) -> Callable[[Any, int], list[Recorded]]:
    return lambda streams, before: [
        one for one in facts if one.fact.stream in set(streams) and one.position < before
    ]


def test_with_few_subjects_in_memory_it_says_the_same() -> None:
    facts = random_history().facts
    few, all_of_them = played(facts, held=3), played(facts, held=100_000)
    assert few.again.counted == all_of_them.again.counted
    assert few.subjects == all_of_them.subjects
    assert few.facts == all_of_them.facts == len(facts)


def test_no_more_subjects_are_held_than_a_page_is_about() -> None:
    facts = random_history().facts
    auditor = played(facts, held=3)
    subjects = {one.fact.meta.subject for one in facts}
    held = [subject for subject in subjects if auditor.state(subject) is not None]
    assert len(held) < 30 < auditor.subjects


def test_what_no_fact_says_was_read_is_looked_for_all_the_same() -> None:
    facts = [
        replace(one, fact=replace(one.fact, meta=replace(one.fact.meta, reads=()))) for one in a_day().facts
    ]
    assert played(facts, held=3, page=2).subjects == 5


@pytest.mark.parametrize("cut", [1, 40, 200])
def test_another_one_goes_on_from_where_one_stopped(cut: int) -> None:
    facts = random_history().facts
    first = Auditor(earlier=_earlier(facts))
    first.expect(facts[:cut])
    for one in facts[:cut]:
        first.take(one)
    second = Auditor(earlier=_earlier(facts))
    second.go_on(first.reached())
    second.expect(facts[cut:])
    assert [one for recorded in facts[cut:] for one in second.take(recorded)] == []
    whole = played(facts, held=100_000)
    assert (second.facts, second.subjects) == (whole.facts, whole.subjects)
    assert second.again.counted == whole.again.counted


def test_a_command_cut_in_two_by_the_stop_is_remembered() -> None:
    history = a_town()
    order = history.place()
    for provider in (WATER, ROADS, WATER):
        history.dispatch(order, provider)
        history.decline(order, provider)
    facts = history.facts[:-1]
    first = Auditor(earlier=_earlier(facts))
    first.expect(facts)
    for one in facts:
        first.take(one)
    second = Auditor(earlier=_earlier(facts))
    second.go_on(first.reached())
    assert [one.code for one in second.finish()] == ["incomplete_command"]
    third = Auditor(earlier=_earlier(history.facts))
    third.go_on(first.reached())
    assert third.take(history.facts[-1]) == []
    assert third.finish() == []
