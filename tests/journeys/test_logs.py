"""One order through every role and every kind of failure, while all that is logged is watched."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx
import pytest
import structlog

from adapters.bootstrap import Node
from adapters.roles import run, serving
from adapters.tokens.identity import Identity
from domain.ids import OrderId
from domain.stages import Role
from tests.support.a_node import found_the_town, node_of
from tests.support.processes import HOST, answers, free_port
from tests.support.waiting import eventually, running
from tests.support.what_is_logged import Watch

pytestmark = pytest.mark.journey

OPERATOR_TOKEN: Final = "correct-horse-battery"
ROADS: Final = "roads"
PLACED: Final = {
    "category": "facilities/lights/street",
    "area": "gm-street/dongzhou/mudun",
    "details": "我是张桂兰，楼道灯坏了",
    "contact": "13800138000",
    "address": "东区3栋502",
}


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    found, used = tmp_path / "founded", tmp_path / "used"
    found.mkdir()
    used.mkdir()
    found_the_town(found)
    secret = "5ecd" * 16
    settings: dict[str, Any] = {"port": free_port(), "token": OPERATOR_TOKEN, "secret": secret}
    with node_of(found, used, **settings) as node:
        yield node


class Town:
    """Everybody in it, over HTTP."""

    def __init__(self, node: Node, http: httpx.Client) -> None:
        self._node = node
        self.http = http

    def bearing(self, role: Role, actor: str, **more: Any) -> dict[str, str]:
        expires = datetime.now(UTC) + timedelta(days=1)
        identity = Identity(role=role, actor=actor, expires=expires, **more)
        return {"Authorization": f"Bearer {self._node.tokens.add(identity, datetime.now(UTC))}"}

    def life(self, watch: Watch) -> str:
        """Placed, dispatched, accepted, completed, rated."""
        resident = self.bearing(Role.RESIDENT, "r-li")
        placed = self.http.post("/orders", json=PLACED, headers=resident).raise_for_status().json()
        watch.keep(placed["query_code"])
        order: str = placed["subject"]
        desk = self.bearing(Role.COMMUNITY, "desk-1", area="gm-street/dongzhou")
        staff = self.bearing(Role.PROVIDER, "staff-7", provider=ROADS)
        steps: list[tuple[str, dict[str, Any], dict[str, str]]] = [
            ("dispatch", {"provider": ROADS}, desk),
            ("accept", {"provider": ROADS}, staff),
            ("progress", {"provider": ROADS, "note": "已联系张桂兰"}, staff),
            ("complete", {"provider": ROADS, "result": "已为张桂兰换灯"}, staff),
            ("rate", {"level": "dissatisfied", "comment": "又坏了，打我13800138000"}, resident),
        ]
        for verb, data, who in steps:
            self.http.post(f"/orders/{order}/{verb}", json=data, headers=who).raise_for_status()
        return order

    def looked_at(self, order: str, watch: Watch) -> None:
        """By each role, over the API and on the pages, signed in with a token."""
        auditor = self.bearing(Role.AUDITOR, "a-1")
        for path in (f"/orders/{order}", f"/orders/{order}/story", f"/orders/{order}/events", "/orders"):
            assert self.http.get(path, headers=auditor).status_code in (200, 404)
        operator = {"Authorization": f"Bearer {OPERATOR_TOKEN}", "X-Role": "operator", "X-Actor": "op"}
        assert PLACED["details"] in self.http.get(f"/orders/{order}", headers=operator).text
        signed_in = self.http.post("/web/login", data={"token": auditor["Authorization"].split()[1]})
        watch.keep(*signed_in.cookies.values())
        assert self.http.get("/web/board").status_code == 200
        self.http.cookies.clear()

    def gone_wrong(self, order: str) -> None:
        """Refused, unreadable, of another's, unproven, of a bad query."""
        resident = self.bearing(Role.RESIDENT, "r-wang")
        personal = "王大爷13900139000"
        asked = self.http.post(f"/orders/{order}/reopen", json={"reason": personal}, headers=resident)
        assert asked.status_code == 403
        for body in (b'{"details": "\xe7\x8e\x8b', f'{{"category": "{personal}"}}'.encode()):
            assert self.http.post("/orders", content=body, headers=resident).is_client_error
        unproven = {"Authorization": "Bearer sidan_0123456789ab_" + "s" * 43}
        assert self.http.get("/orders", headers=unproven).status_code == 401
        for path in (f"/orders/by-number/123456789012?code={personal}", f"/orders?limit={personal}"):
            assert self.http.get(path, headers=resident).is_client_error


def fails(*_: object, **__: object) -> None:
    raise ValueError(PLACED["details"])


def test_no_role_and_no_failure_logs_anything_personal_or_a_token(
    node: Node, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch.keep(OPERATOR_TOKEN, node.settings.secret, "s" * 43, "王大爷13900139000", *PLACED.values())
    watch.secrets -= {PLACED["category"], PLACED["area"]}
    with running(lambda stop: run(node, serving(node), stop)):
        eventually(lambda: answers(node.settings.port), what="HTTP")
        with httpx.Client(base_url=f"http://{HOST}:{node.settings.port}", timeout=10) as http:
            town = Town(node, http)
            order = town.life(watch)
            eventually(lambda: node.queries.board.get(OrderId(UUID(order))), what="the order on the board")
            town.looked_at(order, watch)
            town.gone_wrong(order)
            monkeypatch.setattr(type(node.queries.board), "page", fails)
            assert http.get("/orders", headers=town.bearing(Role.AUDITOR, "a-2")).status_code == 500
    told = watch.logged.getvalue()
    for event in ("command.answered", "http.request", "http.failed", "token.refused"):
        assert event in told, event
    assert watch.leaks() == set()


@pytest.mark.parametrize("planted", ["a message of ours", "a value of ours", "a library's", "an error's"])
def test_a_leak_is_seen(planted: str, watch: Watch) -> None:
    watch.keep(PLACED["contact"])
    assert watch.leaks() == set()
    log, contact = structlog.get_logger(), PLACED["contact"]
    if planted == "a message of ours":
        log.info(f"asked by {contact}")  # noqa: G004 - this is how a leak looks
    elif planted == "a value of ours":
        log.debug("command.answered", contact={"phone": contact})
    elif planted == "a library's":
        logging.getLogger("uvicorn.error").info("bound %s", contact)
    else:
        try:
            raise ValueError(contact)
        except ValueError:
            log.exception("it.failed")
    assert watch.leaks() == {contact}
    watch.forget()


def test_a_leak_in_a_childs_log_is_seen(watch: Watch, tmp_path: Path) -> None:
    watch.keep(PLACED["contact"])
    (tmp_path / "web.log").write_text(f"asked by {PLACED['contact']}", encoding="utf-8")
    assert watch.leaks() == {PLACED["contact"]}
    watch.forget()


@pytest.mark.parametrize(
    "planted", [PLACED["contact"], "13712345678"], ids=["sealed here", "sealed elsewhere"]
)
def test_a_leak_on_the_stderr_of_a_program_is_seen(watch: Watch, planted: str) -> None:
    watch.keep(PLACED["contact"])
    script = f"import sys; print({planted!r}); print('asked by', {planted!r}, file=sys.stderr)"
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
    assert watch.leaks() == {planted}
    watch.forget()


def test_what_a_program_answers_is_no_log(watch: Watch) -> None:
    watch.keep(PLACED["contact"])
    subprocess.run([sys.executable, "-c", f"print({PLACED['contact']!r})"], check=True, capture_output=True)
    assert watch.leaks() == set()
