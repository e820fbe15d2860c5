"""Who may come in: loopback without a token, others with one, and no other site through a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.bootstrap import Node
from adapters.web.access import TokenMissing
from adapters.web.app import make_app
from tests.adapters.web.asking import BASE, CLERK, LI, Web
from tests.support.a_node import node_of

TOKEN = "correct-horse"
PHONE = "13800000000"


@pytest.fixture
def guarded(founded: Path, tmp_path: Path) -> Iterator[Web]:
    settings = {"host": "0.0.0.0", "token": TOKEN}  # noqa: S104 - nothing listens
    with node_of(founded, tmp_path, **settings) as node, Web(node) as web:
        web.client.base_url = "http://sidan.example"
        yield web


def test_beyond_loopback_it_does_not_start_without_a_token(founded: Path, tmp_path: Path) -> None:
    with node_of(founded, tmp_path, host="0.0.0.0") as node, pytest.raises(TokenMissing):  # noqa: S104
        make_app(node)


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}]
)
def test_without_the_token_nothing_is_told(guarded: Web, headers: dict[str, str]) -> None:
    for answer in (guarded.get("/orders", headers), guarded.post("/orders", {}, {**LI, **headers})):
        wrong = headers.get("Authorization", "").startswith("Bearer")
        code = "token_refused" if wrong else "token_needed"
        assert (answer.status_code, answer.json()["code"]) == (401, code)
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_with_the_token_one_may_ask(guarded: Web) -> None:
    assert guarded.get("/orders", {"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_a_token_set_is_needed_on_loopback_too(founded: Path, tmp_path: Path) -> None:
    with node_of(founded, tmp_path, token=TOKEN) as node, Web(node) as web:
        assert web.get("/orders").status_code == 401


def test_whether_it_lives_may_be_asked_without_a_token(guarded: Web) -> None:
    assert guarded.get("/health").status_code == guarded.get("/readyz").status_code == 200


def test_a_browser_signs_in_once(guarded: Web) -> None:
    board = guarded.get("/web/board")
    assert (board.status_code, board.headers["location"]) == (303, "/web/login?to=/web/board")
    assert guarded.client.post("/web/login", data={"token": "wrong"}).status_code == 401
    signed_in = guarded.client.post("/web/login", data={"token": TOKEN, "to": "https://evil.example"})
    assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/web/board")
    assert TOKEN not in signed_in.headers["set-cookie"]
    assert guarded.get("/web/board").status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "[", "192.168.1.5:8000"])
def test_a_name_that_was_bent_to_this_machine_is_refused(web: Web, host: str) -> None:
    answer = web.get("/orders", {"Host": host})
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_host")


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:1", "[::1]:8000"])
def test_this_machines_own_names_are_fine(web: Web, host: str) -> None:
    assert web.get("/health", {"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": BASE},
    ],
)
def test_another_site_cannot_make_a_browser_ask(web: Web, headers: dict[str, str]) -> None:
    head = web.node.store.head()
    for path in ("/orders", "/web/place", "/web/who"):
        answer = web.post(path, {}, {**CLERK, **headers})
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
    assert web.node.store.head() == head


def test_its_own_pages_may_ask(web: Web) -> None:
    for headers in ({"Origin": BASE}, {"Sec-Fetch-Site": "same-origin", "Origin": "null"}):
        assert web.client.post("/web/who", data={"role": "resident"}, headers=headers).status_code == 303


def test_every_answer_carries_its_correlation_and_keeps_scripts_out(web: Web) -> None:
    answer = web.get("/web/board", {"X-Correlation-ID": "call-7"})
    assert answer.headers["x-correlation-id"] == "call-7"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert web.get("/health", {"X-Correlation-ID": "a b\tc"}).headers["x-correlation-id"] != "a b\tc"


def test_a_command_carries_the_correlation_on(web: Web) -> None:
    order = web.post(
        "/orders",
        {"category": "facilities/lights/street", "area": "gm-street/dongzhou/mudun", "details": "灯"},
        LI,
        **{"X-Correlation-ID": "call-7"},
    ).json()["subject"]
    (fact,) = web.get(f"/orders/{order}/events").json()
    assert fact["meta"]["correlation"] == "call-7"


def test_a_failure_inside_is_a_problem_and_its_log_holds_no_values(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ValueError(PHONE)

    monkeypatch.setattr(type(web.node.queries.board), "page", fails)
    with capture_logs() as logged:
        answer = web.get("/orders")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert PHONE not in answer.text + str(logged)
    assert [one["error"] for one in logged if one["event"] == "http.failed"] == ["ValueError"]


def test_an_address_that_is_not_there(web: Web) -> None:
    answer = web.get("/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_page")
    assert web.client.put("/orders").json()["code"] == "no_such_method"


def test_a_node_is_what_the_app_needs(node: Node) -> None:
    assert make_app(node).title
