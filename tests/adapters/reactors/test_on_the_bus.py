"""Process managers on a real bus: what the machine asks goes through sidan.system like any other command."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.bootstrap import wall_clock
from adapters.cli.audit.replaying import rules_of
from adapters.rematching import Rematching, decisions
from adapters.roles import process, project, relay, run, worker
from domain.events import OrderDispatched, OrderRecalled
from tests.support.a_bus import BusTown, a_bus_town, accept, command, dispatch, place, register
from tests.support.a_town import LAMP, PARKS, POTHOLE, ROADS, WATER
from tests.support.waiting import eventually, running


@pytest.fixture
def empty(kafka: str, postgres_url: str) -> Iterator[BusTown]:
    with a_bus_town(kafka, postgres_url) as town:
        yield town


def working(town: BusTown):
    """Everything but HTTP."""
    everyone = [worker, relay, project, process]
    return lambda stop: run(town.node, everyone, stop)


def auto(mode: str) -> dict[str, Any]:
    return {"dispatch": [{"category": POTHOLE, "mode": mode}]}


def test_auto_dispatch_sends_the_order_and_says_so(empty: BusTown) -> None:
    empty.found(**auto("on"))
    order = empty.new_order()
    with running(working(empty)):
        empty.say("residents", place(order))
        eventually(lambda: empty.events_of(order) == ["OrderPlaced", "OrderDispatched"])
    sent = list(empty.log())[-1].fact
    assert (sent.meta.actor.role, sent.meta.actor.id) == ("system", "sidan/auto-dispatch")
    assert sent.meta.via == "sidan.system"
    assert sent.meta.at == empty.log()[-2].fact.meta.at  # it counts from when the order came


def test_it_proposes_where_the_rules_want_a_person_to_confirm(empty: BusTown) -> None:
    empty.found(**auto("propose"))
    order = empty.new_order()
    with running(working(empty)):
        empty.say("residents", place(order))
        eventually(lambda: empty.events_of(order) == ["OrderPlaced", "DispatchProposed"])


def test_a_call_that_is_not_accepted_goes_to_the_next(empty: BusTown) -> None:
    empty.found(call_minutes=1)
    order = empty.new_order()
    empty.node.clock = lambda: wall_clock() - timedelta(seconds=57)
    empty.ask(place(order, urgency="call"))
    empty.ask(dispatch(order))
    empty.node.clock = wall_clock
    with running(working(empty)):
        eventually(lambda: len(empty.events_of(order)) == 4)
    sent, back, again = [one.fact for one in empty.log() if str(one.fact.stream) == order][1:]
    assert isinstance(sent.event, OrderDispatched)
    assert isinstance(back.event, OrderRecalled)
    assert isinstance(again.event, OrderDispatched)
    assert (back.meta.actor.id, back.meta.via, back.meta.at) == (
        "sidan/call",
        "sidan.system",
        sent.event.accept_by,
    )
    assert (back.event.passed_on, again.event.provider, again.event.call) == (True, ROADS, True)
    assert again.event.accept_by == again.meta.recorded + timedelta(minutes=1)


def test_what_was_proposed_from_partitions_is_worked_out_again(empty: BusTown) -> None:
    """Each partition has come to a place of its own; a proposal notes them all."""
    empty.found(**auto("on"))
    with running(working(empty)):
        for _ in range(3):
            orders = [empty.new_order() for _ in range(6)]
            empty.say("residents", *map(place, orders))
            eventually(lambda asked=orders: all(len(empty.events_of(one)) > 1 for one in asked))
    decided = list(decisions(empty.log()))
    assert len(decided) == 18
    seen = decided[-1].proposal.seen
    assert sum(name.startswith("matching/") for name in seen) > 1
    assert "evidence/log" in seen
    with Rematching(empty.node.log, rules_of(empty.node)) as rematching:
        assert [one.differences for one in rematching.all_again(decided) if not one.agrees] == []
        last = decided[-1]
        nothing = last.proposal.model_copy(update={"seen": dict.fromkeys(seen, 0)})
        assert rematching.again(replace(last, proposal=nothing)).differences == ("unknown",)


def test_reclassified_it_is_decided_anew_exactly_once(empty: BusTown) -> None:
    empty.found(**auto("propose"))
    order = empty.new_order()
    amended = command("AmendOrder", order, "resident", "r-li", category=POTHOLE)
    with running(working(empty)):
        empty.say("residents", place(order, category=LAMP))
        eventually(lambda: empty.events_of(order) == ["OrderPlaced"])
        empty.say("residents", amended, amended)
        eventually(lambda: "DispatchProposed" in empty.events_of(order))
        empty.say("residents", place(other := empty.new_order()))
        eventually(lambda: "DispatchProposed" in empty.events_of(other))
    assert empty.events_of(order) == ["OrderPlaced", "OrderAmended", "DispatchProposed"]


def test_a_provider_has_its_work_topic_before_it_is_first_offered_something(empty: BusTown) -> None:
    """Some clients never come to see a topic that is made after they asked for it."""
    empty.found(by_bus=[WATER])
    water, roads, parks = (empty.topics.work(provider) for provider in (WATER, ROADS, PARKS))
    with running(lambda stop: run(empty.node, [process], stop)):
        eventually(lambda: water in empty.provisioning.present())
        empty.ask(register(PARKS, takes_by_bus=True))
        eventually(lambda: parks in empty.provisioning.present())
    assert roads not in empty.provisioning.present()


def test_retiring_brings_open_orders_back_and_ends_retired(empty: BusTown) -> None:
    empty.found()
    orders = [empty.new_order() for _ in range(3)]
    for order in orders:
        empty.ask(place(order))
        empty.ask(dispatch(order))
    empty.ask(accept(orders[0]))
    with running(working(empty)):
        reason = "机构改革"
        retire = command(
            "RetireProvider", f"provider/{WATER}", "community", "d-chen", provider=WATER, reason=reason
        )
        empty.say("community", retire)
        eventually(lambda: "ProviderRetired" in empty.told())
    assert [empty.events_of(order)[-1] for order in orders] == ["OrderRecalled"] * 3
    assert empty.told()[-1] == "ProviderRetired"
    assert empty.log()[-1].fact.event.model_dump()["returned"] == 3


def test_only_who_asked_for_a_topic_has_one(empty: BusTown) -> None:
    empty.found()
    empty.ask(register(PARKS, takes_by_bus=True))
    orders = [empty.new_order() for _ in range(2)]
    with running(working(empty)):
        for order, provider in zip(orders, (WATER, PARKS), strict=True):
            empty.ask(place(order))
            empty.ask(dispatch(order, provider))
        eventually(lambda: empty.heard(empty.topics.work(PARKS)))
    (work,) = empty.heard(empty.topics.work(PARKS))
    assert (work.headers["ce_type"], work.key, work.data["order"]) == ("WorkOffered", orders[1], orders[1])
    assert empty.heard(empty.topics.work(WATER)) == []
