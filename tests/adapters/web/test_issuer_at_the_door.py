"""An issuer's tokens open the door; its keys come from a file, so that no network is needed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.bootstrap import Node
from tests.adapters.tokens.an_issuer import ISSUER, AnIssuer
from tests.adapters.web.asking import AREA, LAMP, ROADS, SECRET, Web
from tests.support.a_node import node_of


def soon() -> int:
    """Asked for when a token is made: the tests before this one may take longer than a token lasts."""
    return int(datetime.now(UTC).timestamp()) + 600


@pytest.fixture
def login() -> AnIssuer:
    return AnIssuer()


@pytest.fixture
def node(founded: Path, tmp_path: Path, login: AnIssuer) -> Iterator[Node]:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(login.keys()), encoding="utf-8")
    with node_of(founded, tmp_path, host="0.0.0.0", oidc_issuer=ISSUER, oidc_keys=str(keys)) as node:  # noqa: S104
        yield node


def test_a_resident_orders_and_a_dispatcher_of_elsewhere_is_refused(node: Node, login: AnIssuer) -> None:
    def bearing(**claims: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {login.token(exp=soon(), **claims)}"}

    with Web(node) as web:
        asked = {"category": LAMP, "area": AREA, "details": SECRET}
        placed = web.post("/orders", asked, bearing(sidan_role="resident"))
        assert placed.status_code == 201, placed.text
        order = placed.json()["subject"]
        elsewhere = bearing(sidan_role="dispatcher", sidan_area="gm-street/cuihu")
        refused = web.step(order, "dispatch", {"provider": ROADS}, elsewhere)
        assert (refused.status_code, refused.json()["code"]) == (403, "outside_area")
        here = bearing(sidan_role="dispatcher", sidan_area="gm-street/dongzhou")
        assert web.step(order, "dispatch", {"provider": ROADS}, here).status_code == 200
        assert web.get("/orders").json()["code"] == "token_needed"
        assert web.get("/orders", bearing(sidan_role="king")).json()["code"] == "token_refused"


def test_without_its_keys_the_door_says_so(founded: Path, tmp_path: Path, login: AnIssuer) -> None:
    gone = {"oidc_issuer": ISSUER, "oidc_keys": str(tmp_path / "none")}
    with node_of(founded, tmp_path, **gone) as node, Web(node) as web:
        answer = web.get(
            "/orders", {"Authorization": f"Bearer {login.token(exp=soon(), sidan_role='auditor')}"}
        )
        assert (answer.status_code, answer.json()["code"]) == (503, "issuer_away")
        assert answer.headers["retry-after"]


def test_a_browser_signs_in_with_an_issuers_token(node: Node, login: AnIssuer) -> None:
    with Web(node) as web:
        web.client.base_url = "http://sidan.example"
        token = login.token(exp=soon(), sidan_role="auditor")
        assert web.client.post("/web/login", data={"token": token}).status_code == 303
        assert web.get("/web/board").status_code == 200
