"""The auditor finds every step that was not allowed and every line that is not there, and nothing else."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from msgspec.structs import replace

import domain.commands as c
from domain.commands import COMMANDS
from domain.events import OrderAccepted
from domain.facts import Actor, CommandKey, Fact, Read, Recorded
from domain.ids import NeedId, Position, ProviderId, stream_of
from domain.stages import Role, Stage
from services.audit.auditor import Auditor, check_all
from services.audit.findings import Finding
from services.audit.steps import SAYS
from tests.support.a_town import LEAVING, RULES, WATER, hours
from tests.support.history import MACHINE, OPERATOR, TEXT, History, staff
from tests.support.random_history import random_history


def a_life() -> History:
    """Placed, dispatched, declined three times into arbitration."""
    history = History()
    history.register(WATER, must=[RULES.catalogue[0].path])
    order = history.place()
    for _ in range(3):
        history.later(hours=1)
        history.dispatch(order)
        history.later(hours=1)
        history.decline(order)
    return history


def codes(facts: Sequence[Recorded], *, whole_log: bool = True) -> list[str]:
    return [finding.code for finding in check_all(facts, whole_log=whole_log)]


def changed(recorded: Recorded, **meta: Any) -> Recorded:
    """The same fact with another envelope."""
    fact = recorded.fact
    return replace(recorded, fact=replace(fact, meta=replace(fact.meta, **meta)))


def with_changed(
    facts: Sequence[Recorded], place: int, change: Callable[[Recorded], Recorded]
) -> list[Recorded]:
    return [change(one) if number == place else one for number, one in enumerate(facts)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_record_made_by_the_rules_holds(seed: int) -> None:
    history = random_history(seed=seed)
    assert codes(history.facts) == []
    assert codes(history.facts, whole_log=False) == []


def test_it_rebuilds_what_the_facts_are_about() -> None:
    history = random_history()
    auditor = Auditor()
    for recorded in history.facts:
        auditor.take(recorded)
    assert auditor.facts == len(history.facts)
    assert all(auditor.state(subject) == state for subject, state in history.states.items())


def test_every_command_has_its_events() -> None:
    assert set(SAYS) == set(COMMANDS)


def test_a_step_that_the_table_does_not_list_is_found() -> None:
    history = History()
    order = history.place()
    meta = history.facts[-1].fact.meta
    meta = replace(
        meta,
        command=c.AcceptOrder.wire,
        actor=Actor(role=Role.PROVIDER, id=WATER),
        cause=CommandKey(source="planted", id="1"),
    )
    event = OrderAccepted(category=RULES.catalogue[1].path, area=RULES.areas[1].path, provider=WATER)
    planted = Recorded(Position(10_000), Fact(stream_of(str(order)), 2, meta, event))
    (finding,) = check_all([*history.facts, planted])
    assert finding.code == "forbidden_step"
    assert finding.subject == str(order)
    assert finding.position == 10_000
    assert "待派单" in finding.zh
    assert Stage.PLACED in finding.en


def test_a_missing_fact_is_found() -> None:
    facts = a_life().facts
    assert "version_gap" in codes([*facts[:3], *facts[4:]])


def test_a_command_half_recorded_is_found() -> None:
    facts = a_life().facts  # the last decline says two things
    assert codes(facts[:-1]) == ["incomplete_command"]


def test_a_command_half_recorded_is_found_when_the_next_one_follows() -> None:
    history = a_life()
    order = history.facts[-1].fact.meta.subject
    cut = history.facts.pop()
    history.dispatch(stream_of(order))  # type: ignore[arg-type]
    follows = [replace(history.facts[-1], fact=replace(history.facts[-1].fact, version=cut.fact.version))]
    assert "incomplete_command" in codes([*history.facts[:-1], *follows])


def test_a_provider_that_changes_while_it_leaves_is_found() -> None:
    history = History()
    history.register(LEAVING)
    history.ask(c.RetireProvider(provider=LEAVING, reason=TEXT), OPERATOR)
    history.ask(c.FinishRetirement(provider=LEAVING, returned=0), MACHINE)
    retired_again = replace(
        changed(history.facts[-1], cause=CommandKey(source="planted", id="1")), position=Position(10_000)
    )
    again = replace(retired_again, fact=replace(retired_again.fact, version=4))
    assert codes([*history.facts, again]) == ["forbidden_step"]


def test_a_need_that_is_taken_up_once_it_is_closed_is_found() -> None:
    history = History()
    history.register(WATER)
    need = NeedId("hall")
    titles: dict[str, Any] = {"title_zh": "厅", "title_en": "Hall"}
    history.ask(c.StateNeed(need=need, area=RULES.areas[1].path, **titles), OPERATOR)
    history.ask(c.TakeUpNeed(need=need, provider=WATER), staff(WATER))
    taken = history.facts[-1]
    history.ask(c.CloseNeed(need=need), OPERATOR)
    assert codes(history.facts) == []
    again = replace(changed(taken, cause=CommandKey(source="planted", id="1")), position=Position(10_000))
    found = codes([*history.facts, replace(again, fact=replace(again.fact, version=4))])
    assert found == ["forbidden_step"]


WRONG: dict[str, Callable[[Recorded], Recorded]] = {
    "wrong_role": lambda one: changed(one, actor=Actor(role=Role.RESIDENT, id="r-li")),
    "unknown_command": lambda one: changed(one, command="Conjure"),
    "foreign_event": lambda one: changed(one, command=c.PoolOrder.wire),
    "after_recorded": lambda one: changed(one, at=one.fact.meta.recorded + hours(1)),
    "time_backwards": lambda one: changed(one, at=one.fact.meta.at - hours(9)),
    "wrong_rules": lambda one: changed(one, rules=7),
    "wrong_read": lambda one: changed(one, reads=(Read(subject="provider/water", version=9),)),
    "wrong_part": lambda one: changed(one, part=2, parts=2),
    "wrong_stream": lambda one: changed(one, subject="provider/roads"),
}


@pytest.mark.parametrize(("code", "change"), WRONG.items(), ids=WRONG)
def test_what_is_wrong_with_a_fact_is_named(code: str, change: Callable[[Recorded], Recorded]) -> None:
    facts = a_life().facts
    dispatched = 3
    assert facts[dispatched].fact.meta.command == c.DispatchOrder.wire
    assert code in codes(with_changed(facts, dispatched, change))


def test_from_a_topic_the_order_between_subjects_does_not_matter() -> None:
    facts = random_history().facts
    by_subject = sorted(facts, key=lambda recorded: (recorded.fact.meta.subject, recorded.position))
    assert codes(by_subject, whole_log=False) == []
    assert codes(by_subject) != []


def test_each_finding_says_in_both_languages_where_and_what() -> None:
    facts = with_changed(a_life().facts, 3, WRONG["wrong_rules"])
    findings: list[Finding] = check_all(facts, whole_log=True)
    assert [(one.code, one.version) for one in findings] == [("wrong_rules", 2)]
    assert findings[0].zh.endswith("当时生效的是第1版细则。")
    assert findings[0].en.endswith("version 1 of the rules was in force.")


def test_a_refusal_stands_alone() -> None:
    history = History()
    history.try_to(c.AcceptOrder(order=history.place(), provider=ProviderId("water")), OPERATOR)
    (refusal,) = [one for one in history.facts if one.fact.meta.command == "AcceptOrder"]
    second = replace(refusal, fact=replace(refusal.fact, version=2))
    assert codes(history.facts) == []
    assert codes([second]) == ["version_gap"]
