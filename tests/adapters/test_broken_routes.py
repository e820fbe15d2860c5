"""A route that cannot be followed at work: nobody is sent or proposed, and it is said aloud."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from structlog.testing import capture_logs

from adapters.bootstrap import Node
from adapters.cli.audit.replaying import rules_of
from adapters.rematching import Rematching, decisions
from domain.events import DispatchProposed, OrderDispatched
from domain.ids import CategoryPath, OrderId, ProviderId, time_ordered_id
from domain.proposal import Part
from domain.routes import Broken
from domain.stages import AutoDispatch, Role
from services.requests import Status
from tests.support.a_node import ask, found_the_town, node_of

ITEM: Final = CategoryPath("elderly/care/nursing")
NOBODY: Final = ProviderId("nobody-at-all")


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("founded")
    found_the_town(folder)
    return folder


@pytest.fixture
def node(founded: Path, tmp_path: Path) -> Iterator[Node]:
    with node_of(founded, tmp_path) as node:
        yield node


def adopt(node: Node, mode: AutoDispatch, *routes: dict[str, Any]) -> None:
    street = min((area.path for area in node.rules.areas), key=len)
    rules = node.rules.model_dump(mode="json")
    rules |= {"dispatch": [{"area": street, "mode": mode}], "routes": routes}
    assert ask(node, "AdoptRules", {"rules": rules}, Role.OPERATOR, "setup").status is Status.RECORDED


def placed(node: Node, number: int = 1, category: str = ITEM) -> OrderId:
    order = time_ordered_id(node.clock(), bytes([number]))
    area = max(area.path for area in node.rules.areas)
    said = {"order": str(order), "category": category, "area": area, "details": "x"}
    outcome = ask(node, "PlaceOrder", said, Role.RESIDENT, f"r-{number}", id=f"place-{number}")
    assert outcome.status is Status.RECORDED
    node.follow()
    return OrderId(order)


def said_of(node: Node, order: OrderId) -> list[object]:
    facts = [one.fact.event for one in node.store.read(0, 100_000) if one.fact.stream == order]
    return [event for event in facts if isinstance(event, OrderDispatched | DispatchProposed)]


def to(provider: str, **about: str) -> dict[str, Any]:
    return {"provider": provider, "category": ITEM, **about}


def best(node: Node) -> tuple[ProviderId, ProviderId]:
    """The first two for such an order."""
    area = max(area.path for area in node.rules.areas)
    first, second, *_ = node.matcher.match_new(ITEM, area, node.clock()).candidates
    return first.provider, second.provider


@pytest.mark.parametrize("mode", [AutoDispatch.ON, AutoDispatch.PROPOSE])
def test_nobody_is_sent_or_proposed_in_its_place(node: Node, mode: AutoDispatch) -> None:
    adopt(node, mode, to(NOBODY))
    assert said_of(node, placed(node)) == []
    match = node.matcher.match(placed(node, 2), node.clock())
    assert match is not None
    assert match.candidates  # others could take it, and a person sees them
    assert (match.proposal.winner, match.proposal.routed) == (None, NOBODY)
    assert match.proposal.broken == Broken.UNKNOWN


def test_one_who_is_there_but_does_not_offer_it_is_called_so(node: Node) -> None:
    """Though nobody would else have looked at it for such an order."""
    adopt(node, AutoDispatch.ON, to("economy"))
    order = placed(node)
    assert said_of(node, order) == []
    match = node.matcher.match(order, node.clock())
    assert match is not None
    assert match.proposal.broken == Broken.NOT_OFFERED


def test_one_that_can_be_followed_is(node: Node) -> None:
    _, second = best(node)
    adopt(node, AutoDispatch.ON, to(second))
    with capture_logs() as logs:
        (dispatched,) = said_of(node, placed(node))
    assert isinstance(dispatched, OrderDispatched)
    assert dispatched.proposal is not None
    assert (dispatched.provider, dispatched.proposal.routed) == (second, second)
    assert dispatched.proposal.candidates[0].parts[Part.ROUTED] == 400_000
    assert [one for one in logs if one["event"] == "rules.broken"] == []


def test_orders_of_no_route_go_their_way_beside_it(node: Node) -> None:
    adopt(node, AutoDispatch.ON, to(NOBODY))
    other = next(one.path for one in node.rules.catalogue if one.kind != "group" and one.path != ITEM)
    assert said_of(node, placed(node, category=other))


def test_it_is_said_aloud_once_whatever_comes(node: Node) -> None:
    adopt(node, AutoDispatch.ON, to(NOBODY))
    with capture_logs() as logs:
        order = placed(node)
        placed(node, 2)
    (told,) = [one for one in logs if one["event"] == "rules.broken"]
    assert (told["log_level"], told["code"]) == ("error", "route-provider-unknown")
    assert (told["provider"], told["order"]) == (NOBODY, str(order))
    assert "请派单员" in told["todo"]


def test_it_is_said_where_nobody_else_could_take_the_order_either(node: Node) -> None:
    adopt(node, AutoDispatch.ON, to(NOBODY))
    area = max(area.path for area in node.rules.areas)
    for one in node.matcher.match_new(ITEM, area, node.clock()).candidates:
        full = {"provider": one.provider, "capacity": 0}
        ask(node, "ChangeCapacity", full, Role.COMMUNITY, "setup", id=f"full-{one.provider}")
    node.follow()
    with capture_logs() as logs:
        assert said_of(node, placed(node)) == []
    assert [one["provider"] for one in logs if one["event"] == "rules.broken"] == [NOBODY]


def test_other_rules_are_told_of_anew(node: Node) -> None:
    with capture_logs() as logs:
        for number in (1, 2):
            adopt(node, AutoDispatch.ON, to(NOBODY, channel="app"), to(NOBODY))
            placed(node, number)
            adopt(node, AutoDispatch.OFF)
    assert len([one for one in logs if one["event"] == "rules.broken"]) == 2


def test_once_the_rules_are_right_the_order_goes(node: Node) -> None:
    first, _ = best(node)
    adopt(node, AutoDispatch.ON, to(NOBODY))
    order = placed(node)
    adopt(node, AutoDispatch.ON, to(first))
    node.follow()
    (dispatched,) = said_of(node, order)
    assert isinstance(dispatched, OrderDispatched)
    assert dispatched.provider == first


def test_whom_a_person_sends_is_on_record_with_what_was_broken(node: Node) -> None:
    first, _ = best(node)
    adopt(node, AutoDispatch.ON, to(NOBODY))
    order = placed(node)
    said = {"order": str(order), "provider": first}
    assert ask(node, "DispatchOrder", said, Role.COMMUNITY, "d").status is Status.RECORDED
    (dispatched,) = said_of(node, order)
    assert isinstance(dispatched, OrderDispatched)
    assert dispatched.overruled is None  # there was nothing to overrule
    assert dispatched.proposal is not None
    assert (dispatched.proposal.broken, dispatched.proposal.winner) == (Broken.UNKNOWN, None)

    (decided,) = [one for one in decisions(node.store.read(0, 100_000)) if one.order == order]
    whole = replace(decided, proposal=decided.proposal.model_copy(update={"broken": None}))
    with Rematching(node.log, rules_of(node)) as rematching:
        assert rematching.again(decided).agrees
        assert "route" in rematching.again(whole).differences
