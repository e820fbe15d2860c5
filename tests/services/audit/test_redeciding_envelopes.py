"""Who asked, what a door had proven and whose clock counted are part of what is decided again."""

import domain.commands as c
import domain.events as e
from domain.facts import Actor, Proof
from domain.ids import NeedId
from domain.sealed import Sealed
from domain.stages import Role
from tests.services.audit.a_record import a_town, codes, findings, tampered, with_event, with_meta
from tests.support.a_town import EAST, POTHOLE, ROADS, STREET, WATER, WEST, hours
from tests.support.an_order import a_proposal
from tests.support.history import CLERK, MACHINE, TEXT, staff


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
