"""What a supervisor, a balancer and Prometheus ask: does it live, is it ready, what are its figures."""

import pytest

from adapters.bootstrap import Node
from domain.stages import Role
from tests.adapters.web.asking import AREA, LAMP, ROADS, Web, unit
from tests.support.a_node import ask


def test_health_and_readiness(web: Web) -> None:
    assert web.get("/health").json() == {"status": "ok"}
    answer = web.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert {"order_board", "work"} <= {one["name"] for one in answer.json()["roles"]}
    assert {one["events"] for one in answer.json()["roles"]} == {0}


def test_it_is_not_ready_before_the_read_models_have_begun(web: Web) -> None:
    for projector in web.node.projectors[:1]:
        projector.reset()
    answer = web.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "not_ready")
    assert (answer.json()["not_begun"], answer.headers["retry-after"]) == (["order_board"], "5")


def test_who_has_stalled_makes_it_unready_until_it_moves(
    web: Web, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.standing.STILL", 0.0)
    node._survey._watch.patience = 0.0
    ask(node, "PlaceOrder", {"category": LAMP, "area": AREA, "details": "x"}, Role.RESIDENT, "r-li")
    assert web.get("/readyz").status_code == 200  # one look accuses nobody
    answer = web.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "stalled")
    assert "project/order_board" in answer.json()["stalled"]
    node.follow()
    assert web.get("/readyz").json()["status"] == "ok"


def test_figures_for_prometheus_are_looked_up_when_they_are_asked_for(web: Web, node: Node) -> None:
    ask(node, "PlaceOrder", {"category": LAMP, "area": AREA, "details": "x"}, Role.RESIDENT, "r-li")
    told = figures(web)
    assert told['sidan_lag_events{name="order_board",role="project"}'] == 1
    assert told["sidan_head"] == node.store.head()
    assert told["sidan_surveyed"] == 1
    node.follow()
    assert figures(web)['sidan_lag_events{name="order_board",role="project"}'] == 0


def test_commands_and_requests_are_counted_by_what_became_of_them(web: Web) -> None:
    before = figures(web)
    order = web.placed()["subject"]
    web.step(order, "accept", {"provider": ROADS}, unit())  # nobody dispatched it
    after = figures(web)
    for name in (
        'sidan_commands_total{outcome="recorded"}',
        'sidan_commands_total{outcome="rejected"}',
        'sidan_http_requests_total{method="POST",route="/orders",status="201"}',
        'sidan_http_requests_total{method="POST",route="/orders/{order}/accept",status="409"}',
    ):
        assert after[name] - before.get(name, 0.0) == 1, name
    assert order not in str(after)  # a route is one of few; an order's id would make millions


def figures(web: Web) -> dict[str, float]:
    lines = [line for line in web.get("/metrics").text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}
