"""Rules tried on a simulated fortnight: the same rules differ in nothing, others as they were meant."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from adapters.bootstrap import RULES_STREAM, Node
from adapters.envelope import Door
from adapters.rematching import decisions
from adapters.towns import load
from adapters.trying import Trial, cases, facts_of
from domain.ids import ProviderId, within
from domain.proposal import Part
from domain.routes import Broken, Route
from domain.rules import DispatchSetting, Rules, Weights
from domain.stages import AutoDispatch, Role
from domain.trying import Case, How, Reach, Sum, Tried
from services.simulation import DEFAULT_START, simulate
from tests.support.a_node import ask, found_the_town, node_of

ORDERS: Final = 70
DAYS: Final = 14
RULES_CHANGE: Final = 150  # commands later
START: Final = DEFAULT_START.astimezone(UTC)
LONG_AGO: Final = START - timedelta(days=1)
AT_A_DESK: Final = Door("http", None)
NOBODY: Final = ProviderId("nobody-at-all")


@dataclass
class Fortnight:
    """A town that dispatches by itself in one community, and proposes elsewhere."""

    node: Node
    rules: Rules  # in force at its end
    cases: list[Case]

    def tried(self, rules: Rules) -> list[Tried]:
        with closing(Trial(self.node.log, rules)) as trial:
            found = list(trial.run(self.cases))
            assert trial.missed == []
            return found


@pytest.fixture(scope="module")
def fortnight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fortnight]:
    town = load("guangming")
    street = min((area.path for area in town.rules.areas), key=len)
    here = min(area.path for area in town.rules.areas if area.path.count("/") == 1)
    settings = (
        DispatchSetting(area=street, mode=AutoDispatch.PROPOSE),
        DispatchSetting(area=here, mode=AutoDispatch.ON),
    )
    first = changed(town.rules, dispatch=settings, weights=Weights(near=60, room=1))
    then = changed(town.rules, dispatch=settings)
    now = START
    founded = tmp_path_factory.mktemp("founded")
    found_the_town(founded)
    with node_of(founded, tmp_path_factory.mktemp("fortnight")) as node:
        node.clock = lambda: now
        adopt(node, first)
        for number, line in enumerate(simulate(first, town.providers, ORDERS, 4, DEFAULT_START, days=DAYS)):
            now = max(now, datetime.fromisoformat(json.loads(line)["time"]))
            node.ask(node.decode(line, {}, AT_A_DESK))
            node.follow()
            if number == RULES_CHANGE:
                adopt(node, then)
        yield Fortnight(node, then, cases(facts_of(node.log), LONG_AGO))


def changed(rules: Rules, **fields: Any) -> Rules:
    """The same with something else in it, checked anew."""
    return Rules.model_validate({**{name: getattr(rules, name) for name in Rules.model_fields}, **fields})


def adopt(node: Node, rules: Rules) -> None:
    ask(node, "AdoptRules", {"rules": rules.model_dump(mode="json")}, Role.OPERATOR, "setup")


def after_the_change(fortnight: Fortnight) -> list[Case]:
    """Decided under the rules that were in force at the end."""
    place = [one.position for one in fortnight.node.store.history(RULES_STREAM)][-1]
    return [case for case in fortnight.cases if case.position > place]


def test_the_fortnight_has_some_of_each_kind(fortnight: Fortnight) -> None:
    """Or the tests below would show little."""
    assert len(fortnight.cases) > ORDERS
    assert {How.DISPATCHED, How.CLAIMED} <= {case.how for case in fortnight.cases}
    assert 5 < len(after_the_change(fortnight)) < len(fortnight.cases) - 5
    reaches = {one.then.reach for one in fortnight.tried(fortnight.rules)}
    assert reaches == {Reach.PROPOSE, Reach.ON}


def test_under_the_rules_in_force_nothing_differs(fortnight: Fortnight) -> None:
    now = {case.position for case in after_the_change(fortnight)}
    tried = fortnight.tried(fortnight.rules)
    assert [one for one in tried if one.case.position in now and one.differs] == []
    assert [one for one in tried if one.case.position in now and one.then != one.file] == []


def test_then_means_the_rules_of_that_day(fortnight: Fortnight) -> None:
    now = {case.position for case in after_the_change(fortnight)}
    before = [one for one in fortnight.tried(fortnight.rules) if one.case.position not in now]
    assert any(one.then != one.file for one in before)


def test_what_was_found_then_is_what_lies_in_the_record(fortnight: Fortnight) -> None:
    """Score by score, wherever the read models had come to just before the decision."""
    tried = {one.case.position: one.then.ranking for one in fortnight.tried(fortnight.rules)}
    before, recorded = 0, 0
    for fact in facts_of(fortnight.node.log):
        for one in decisions([fact]):
            was = one.proposal
            if set(was.seen.values()) == {before} and was.at == fact.fact.meta.at and fact.position in tried:
                candidates = tried[fact.position].candidates
                found = [
                    (candidate.provider, candidate.score) for candidate in candidates[: len(was.candidates)]
                ]
                assert found == [(candidate.provider, candidate.score) for candidate in was.candidates]
                recorded += 1
        before = fact.position
    assert recorded > 20


def test_one_weight_changes_some_orders_and_the_parts_tell(fortnight: Fortnight) -> None:
    rules = changed(fortnight.rules, weights=Weights(evidence=0, room=900))
    moved = [one for one in fortnight.tried(rules) if one.then.winner != one.file.winner]
    assert 0 < len(moved) < len(fortnight.cases)
    for one in moved:
        leads = one.leads()
        assert {lead.part for lead in leads} & {Part.ROOM, Part.EVIDENCE}
        gained = [abs(lead.file - lead.then) for lead in leads]
        assert gained == sorted(gained, reverse=True)


def test_a_route_sends_one_category_elsewhere_and_no_other(fortnight: Fortnight) -> None:
    before = fortnight.tried(fortnight.rules)
    several = [one for one in before if len(one.file.ranking.candidates) > 1]
    item = several[0].case.category
    second = several[0].file.ranking.candidates[1].provider
    rules = changed(fortnight.rules, routes=(Route(category=item, provider=second),))
    for was, one in zip(before, fortnight.tried(rules), strict=True):
        if within(one.case.category, item):
            able = one.file.candidate(second) is not None
            assert one.file.broken or not able or one.file.winner == second
        else:
            assert one.file == was.file
    assert any(one.file.winner == second and one.differs for one in fortnight.tried(rules))


def test_a_broken_route_sends_its_orders_to_a_person(fortnight: Fortnight) -> None:
    item = fortnight.cases[0].category
    rules = changed(fortnight.rules, routes=(Route(category=item, provider=NOBODY),))
    total = Sum()
    for one in fortnight.tried(rules):
        total.add(one)
        theirs = one.case.category == item
        assert (one.file.reach is Reach.PERSON) == theirs
        assert (one.file.broken is Broken.UNKNOWN) == theirs
        assert one.then.broken is None
        if theirs:
            assert (one.file.winner, one.file.routed) == (None, NOBODY)
    number = sum(case.category == item for case in fortnight.cases)
    assert total.file.broken == {(Broken.UNKNOWN, NOBODY): number}
    assert total.file.reach[Reach.PERSON] == number


def test_the_sum_adds_up(fortnight: Fortnight) -> None:
    total = Sum()
    for one in fortnight.tried(changed(fortnight.rules, weights=Weights(room=900))):
        total.add(one)
    assert total.orders == len(fortnight.cases)
    for side in (total.then, total.file):
        assert sum(side.reach.values()) == total.orders
        assert sum(side.winners.values()) + side.nobody + sum(side.broken.values()) == total.orders
        assert side.right[1] <= side.right[3] <= side.right[5] <= total.sent
    changes = [file - then for _, then, file in total.providers()]
    assert changes
    assert [abs(one) for one in changes] == sorted((abs(one) for one in changes), reverse=True)
    assert sum(changes) == total.then.nobody - total.file.nobody


def test_one_that_was_proposed_and_then_sent_is_one_case(fortnight: Fortnight) -> None:
    proposed = {one.order: one for one in decisions(facts_of(fortnight.node.log)) if one.sent is None}
    both = [case for case in fortnight.cases if case.how is not How.PROPOSED and case.order in proposed]
    assert any(case.position == proposed[case.order].position for case in both)


def test_only_what_was_decided_since_then_counts(fortnight: Fortnight) -> None:
    middle = fortnight.cases[len(fortnight.cases) // 2].at
    later = cases(facts_of(fortnight.node.log), middle)
    assert 0 < len(later) < len(fortnight.cases)
    assert all(case.at >= middle for case in later)
    assert cases(facts_of(fortnight.node.log), START + timedelta(days=900)) == []


def test_nothing_is_recorded(fortnight: Fortnight) -> None:
    head = fortnight.node.store.head()
    fortnight.tried(fortnight.rules)
    assert fortnight.node.store.head() == head
