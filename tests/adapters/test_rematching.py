"""What was proposed is worked out again from the record and agrees, for every dispatch of a month."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from adapters.bootstrap import Node
from adapters.cli.audit.replaying import rules_of
from adapters.envelope import Door
from adapters.rematching import Again, Decided, Rematching, decisions
from adapters.towns import TownFile, load
from domain.facts import Recorded
from domain.ids import AreaPath, time_ordered_id, within
from domain.proposal import Part
from domain.rules import DispatchSetting, Weights
from domain.stages import AutoDispatch, Role
from services.requests import Status
from services.simulation import DEFAULT_START, simulate
from tests.support.a_node import ask, found_the_town, node_of

ORDERS: Final = 240
RULES_CHANGE: Final = 600  # commands later, in the middle of the month
BUSY: Final = 900
DAYS: Final = 30
FOLLOWED_EVERY: Final = 12  # commands; the read models are behind in between, as they are in life
AT_A_DESK: Final = Door("http", None)


@dataclass
class Month:
    """A town that dispatches by itself in one community, and proposes elsewhere."""

    node: Node
    facts: list[Recorded]

    @property
    def decided(self) -> list[Decided]:
        return list(decisions(self.facts))


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Month]:
    town = load("guangming")
    street = min((area.path for area in town.rules.areas), key=len)
    here = min(area.path for area in town.rules.areas if area.path.count("/") == 1)
    settings = (
        DispatchSetting(area=street, mode=AutoDispatch.PROPOSE),
        DispatchSetting(area=here, mode=AutoDispatch.ON),
    )
    rules = town.rules.model_copy(update={"dispatch": settings})
    now = DEFAULT_START.astimezone(UTC)
    founded = tmp_path_factory.mktemp("founded")
    found_the_town(founded)
    with node_of(founded, tmp_path_factory.mktemp("month")) as node:
        node.clock = lambda: now
        adopt(node, rules.model_dump(mode="json"))
        lines = simulate(rules, town.providers, ORDERS, 4, DEFAULT_START, days=DAYS)
        for number, line in enumerate(lines):
            now = max(now, datetime.fromisoformat(json.loads(line)["time"]))
            node.ask(node.decode(line, {}, AT_A_DESK))
            if number % FOLLOWED_EVERY == 0:
                node.follow()
            if number == RULES_CHANGE:
                heavier = rules.model_copy(update={"weights": Weights(near=60, room=1)})
                adopt(node, heavier.model_dump(mode="json"))
            if number == BUSY:
                busy_morning(node, town, here)
        node.follow()
        yield Month(node, list(node.store.read(0, 1_000_000)))


def busy_morning(node: Node, town: TownFile, area: str) -> None:
    """More comes at once than those who could take it have room for."""
    node.follow()
    first = town.providers[0]
    item = first.offers[0].category
    items = [one.path for one in town.rules.catalogue if within(one.path, item) and one.kind != "group"]
    match = node.matcher.match_new(items[0], AreaPath(area), node.clock())
    for one in match.candidates:
        narrow = {"provider": one.provider, "capacity": one.load + 2}
        ask(node, "ChangeCapacity", narrow, Role.COMMUNITY, "setup", id=f"narrow-{one.provider}")
    for number in range(12):
        order = time_ordered_id(node.clock(), bytes([number]))
        placed = {"order": str(order), "category": items[0], "area": area, "details": "x"}
        assert ask(node, "PlaceOrder", placed, Role.RESIDENT, f"r-{number}").status is Status.RECORDED
    node.follow()


def adopt(node: Node, rules: dict[str, Any]) -> None:
    assert ask(node, "AdoptRules", {"rules": rules}, Role.OPERATOR, "setup").status is Status.RECORDED


def again(month: Month, decided: list[Decided]) -> list[Again]:
    with Rematching(month.node.log, rules_of(month.node)) as rematching:
        return list(rematching.all_again(decided))


def test_every_proposal_of_a_month_comes_out_again(month: Month) -> None:
    decided = month.decided
    assert [one for one in again(month, decided) if not one.agrees] == []


def test_the_month_has_some_of_each_kind(month: Month) -> None:
    """Or the test above would show little."""
    decided = month.decided
    candidates = [one for decision in decided for one in decision.proposal.candidates]
    assert {one.proposal.rules for one in decided} == {2, 3}
    assert Counter(one.sent is None for one in decided)[False] > 60
    assert {one.overruled for one in decided} == {True, False, None}
    assert any(one.price for one in candidates)
    assert len({one.provider for one in candidates}) > 5
    parts = {part for one in candidates for part in one.parts}
    assert parts >= {Part.DUTY, Part.EVIDENCE, Part.NEAR, Part.ROOM, Part.RATING, Part.TIMELY, Part.TURN}


@pytest.fixture
def contested(month: Month) -> Decided:
    """Several could have taken it."""
    return max(month.decided, key=lambda one: len(one.proposal.candidates))


def said_otherwise(month: Month, decided: Decided, **other: Any) -> tuple[str, ...]:
    proposal = decided.proposal.model_copy(update=other)
    (found,) = again(month, [replace(decided, proposal=proposal)])
    return found.differences


def test_another_score_is_found(month: Month, contested: Decided) -> None:
    first, *others = contested.proposal.candidates
    better = first.model_copy(update={"score": first.score + 1})
    assert said_otherwise(month, contested, candidates=(better, *others)) == ("scores",)


def test_a_candidate_that_is_missing_is_found(month: Month, contested: Decided) -> None:
    first, _, *others = contested.proposal.candidates
    assert said_otherwise(month, contested, candidates=(first, *others)) == ("candidates",)


def test_who_was_not_the_best_is_found(month: Month, contested: Decided) -> None:
    last = contested.proposal.candidates[-1].provider
    assert said_otherwise(month, contested, winner=last) == ("winner",)


def test_another_number_of_candidates_is_found(month: Month, contested: Decided) -> None:
    assert said_otherwise(month, contested, of=1) == ("number",)


def test_an_order_that_was_not_there_yet_is_found(month: Month, contested: Decided) -> None:
    nothing = dict.fromkeys(contested.proposal.seen, 0)
    assert said_otherwise(month, contested, seen=nothing) == ("unknown",)


@pytest.mark.parametrize("model", ["matching", "rating", "evidence"])
def test_each_model_is_brought_to_where_it_stood(month: Month, model: str) -> None:
    """Not one of them could be left out, nor stay at the end of the record."""
    late = [one for one in month.decided if one.proposal.rules == 3]
    moved: list[Decided] = []
    for one in late:
        seen = {name: at if name != f"{model}/log" else 60 for name, at in one.proposal.seen.items()}
        moved.append(replace(one, proposal=one.proposal.model_copy(update={"seen": seen})))
    assert any(not one.agrees for one in again(month, moved))


def test_the_rules_of_that_day_count(month: Month) -> None:
    first = [one for one in month.decided if one.proposal.rules == 2]
    others = [replace(one, proposal=one.proposal.model_copy(update={"rules": 3})) for one in first]
    assert any(one.differences == ("scores",) for one in again(month, others))


def test_one_after_the_other_in_any_order_they_agree(month: Month) -> None:
    some = month.decided[::20]
    with Rematching(month.node.log, rules_of(month.node)) as rematching:
        assert all(rematching.again(one).agrees for one in (*reversed(some), *some))
