"""Receipts over HTTP and on the resident's page: for whom they are, and what they say before it is sealed."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from adapters.bootstrap import Node
from adapters.sealed_log import proves
from adapters.tokens.identity import Identity
from domain.stages import Role
from services.audit.checkpoints import VerifierKey, opened
from tests.adapters.web.asking import CLERK, LI, ROADS, WANG, Web, unit
from tests.support.compose import ROOT

AUDITOR = {"X-Role": "auditor", "X-Actor": "a-1"}


def seal(node: Node) -> VerifierKey:
    node.follow()
    node.notary().seal()
    return VerifierKey.parse((node.settings.keys_folder / "signing.pub").read_text())


def rated(web: Web) -> tuple[str, str]:
    """An order that was rated, and its query code."""
    answer = web.placed()
    order = answer["subject"]
    web.done(order, "dispatch", {"provider": ROADS}, CLERK)
    web.done(order, "accept", {"provider": ROADS}, unit())
    web.done(order, "complete", {"provider": ROADS, "result": "修好了"}, unit())
    web.done(order, "rate", {"level": "dissatisfied"}, LI)
    web.node.follow()
    return order, answer["query_code"]


def code_of(answer: Any) -> str:
    return answer.json()["code"]


def checked(node: Node, receipt: Any, folder: Path) -> str:
    file = folder / "receipt.json"
    file.write_text(json.dumps(receipt))
    program = [sys.executable, str(ROOT / "examples" / "verify_receipt.py"), str(file)]
    asked = [*program, str(node.settings.keys_folder / "signing.pub")]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_with_the_query_code_a_resident_gets_both_receipts(web: Web, node: Node, tmp_path: Path) -> None:
    order, code = rated(web)
    seal(node)
    for of, event in (("order", "OrderPlaced"), ("rating", "OrderRated")):
        answer = web.get(f"/orders/{order}/receipt", of=of, code=code)
        assert answer.status_code == 200
        assert event in checked(node, answer.json(), tmp_path)


@pytest.mark.parametrize("who", [CLERK, unit(), AUDITOR], ids=["clerk", "provider", "auditor"])
def test_who_has_a_right_needs_no_code(web: Web, node: Node, who: dict[str, str]) -> None:
    order, _ = rated(web)
    seal(node)
    assert web.get(f"/orders/{order}/receipt", who).status_code == 200


@pytest.mark.parametrize("who", [LI, WANG, unit("parks"), None], ids=["stated", "other", "unit", "nobody"])
def test_others_get_none(web: Web, node: Node, who: dict[str, str] | None) -> None:
    """To state a resident's name proves nothing."""
    order, code = rated(web)
    seal(node)
    answer = web.get(f"/orders/{order}/receipt", who, code=str((int(code) + 1) % 10**6).zfill(6))
    assert (answer.status_code, code_of(answer)) == (403, "receipt_forbidden")


def test_a_token_of_their_own_is_enough_for_a_resident(web: Web, node: Node) -> None:
    order, _ = rated(web)
    seal(node)
    now = node.clock()
    expires = now.replace(year=now.year + 1)
    for actor, status in (("r-li", 200), ("r-wang", 403)):
        token = node.tokens.add(Identity(role=Role.RESIDENT, actor=actor, expires=expires), now)
        answer = web.get(f"/orders/{order}/receipt", {"Authorization": f"Bearer {token}"})
        assert answer.status_code == status


def test_before_it_is_sealed_the_answer_says_when(web: Web, node: Node) -> None:
    seal(node)
    order, code = rated(web)
    answer = web.get(f"/orders/{order}/receipt", code=code)
    assert (answer.status_code, code_of(answer)) == (503, "not_sealed_yet")
    assert answer.headers["Retry-After"] == "60"
    assert "60" in answer.json()["detail_zh"]


def test_an_order_that_is_not_rated_has_no_receipt_of_a_rating(web: Web, node: Node) -> None:
    placed = web.placed()
    seal(node)
    answer = web.get(f"/orders/{placed['subject']}/receipt", of="rating", code=placed["query_code"])
    assert (answer.status_code, code_of(answer)) == (404, "not_rated")


def test_an_unknown_order_has_none(web: Web) -> None:
    answer = web.get("/orders/01a1e323-6ff2-742f-9b61-1feff1677006/receipt", CLERK)
    assert (answer.status_code, code_of(answer)) == (404, "unknown_order")


def test_a_seal_that_is_damaged_gives_no_receipt(web: Web, node: Node) -> None:
    order, code = rated(web)
    seal(node)
    with node.sealed_log.sealing() as connection:
        connection.exec_driver_sql("UPDATE log_tiles SET hashes = substr(hashes, 1, 64)")
    answer = web.get(f"/orders/{order}/receipt", code=code)
    assert (answer.status_code, code_of(answer)) == (500, "seal_unfit")


def test_anybody_can_be_a_witness(web: Web, node: Node, tmp_path: Path) -> None:
    rated(web)
    key = seal(node)
    first = web.get("/checkpoints/latest")
    assert first.headers["content-type"].startswith("text/plain")
    old = opened(first.content, key, proves)
    web.placed()
    seal(node)
    new = opened(web.get("/checkpoints/latest").content, key, proves)
    assert new.size > old.size
    assert web.get(f"/checkpoints/{old.size}").content == first.content
    proof = web.get(f"/checkpoints/{new.size}/consistency", {}, **{"from": str(old.size)})
    assert proof.json()["from"].encode() == first.content
    assert f"the first {old.size} events" in checked(node, proof.json(), tmp_path)


def test_checkpoints_that_are_not_there_are_not_found(web: Web, node: Node) -> None:
    assert code_of(web.get("/checkpoints/latest")) == "no_checkpoint"
    seal(node)
    size = node.store.head()
    for answer in (
        web.get("/checkpoints/1"),
        web.get(f"/checkpoints/{size}/consistency", {}, **{"from": "1"}),
    ):
        assert (answer.status_code, code_of(answer)) == (404, "no_checkpoint")
    assert web.get(f"/checkpoints/{size}/consistency", {}, **{"from": "0"}).status_code == 422
    web.placed()
    seal(node)
    backwards = web.get(f"/checkpoints/{size}/consistency", {}, **{"from": str(node.store.head())})
    assert code_of(backwards) == "no_checkpoint"


def test_the_residents_page_has_the_receipt_and_says_what_it_proves(web: Web, node: Node) -> None:
    order, code = rated(web)
    number = web.get(f"/orders/{order}").json()["number"]
    web.client.post("/web/follow", data={"number": number, "code": code})
    page = web.get(f"/web/my/{order}").text
    assert f'href="/web/my/{order}/receipt"' in page
    assert f'href="/web/my/{order}/receipt?of=rating"' in page
    assert "谁删改" in page
    waiting = web.get(f"/web/my/{order}/receipt")
    assert waiting.status_code == 503
    assert "尚未封存" in waiting.text
    seal(node)
    file = web.get(f"/web/my/{order}/receipt", of="rating")
    assert f"sidan-{number}-rating.json" in file.headers["content-disposition"]
    assert file.json()["event"]["topic"] == "OrderRated"


def test_the_page_of_somebody_elses_order_gives_no_receipt(web: Web, node: Node) -> None:
    order, _ = rated(web)
    seal(node)
    assert web.get(f"/web/my/{order}/receipt").status_code == 404
