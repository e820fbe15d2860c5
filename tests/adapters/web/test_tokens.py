"""Whom a token proves, and that nothing said beside it counts."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from adapters.bootstrap import Node
from adapters.tokens.identity import Identity
from adapters.web.app import make_app
from domain.events import CommandRejected
from domain.facts import Proof
from domain.ids import ProviderId
from domain.stages import Role
from services.audit.auditor import Auditor
from services.audit.redeciding import Again
from tests.adapters.web.asking import AREA, LAMP, ROADS, SECRET, Web
from tests.support.a_node import node_of

WATER = "water-utility"


class Staffed(Web):
    """A town in which everybody has a token."""

    def bearing(self, role: Role, actor: str, **more: Any) -> dict[str, str]:
        expires = datetime.now(UTC) + timedelta(days=more.pop("days", 1))
        identity = Identity(role=role, actor=actor, expires=expires, **more)
        return {"Authorization": f"Bearer {self.node.tokens.add(identity, datetime.now(UTC))}"}

    def dispatcher(self, area: str = "gm-street/dongzhou") -> dict[str, str]:
        return self.bearing(Role.COMMUNITY, "desk-1", area=area)

    def staff(self, provider: str = ROADS) -> dict[str, str]:
        return self.bearing(Role.PROVIDER, "staff-7", provider=provider)

    def a_placed_one(self) -> str:
        asked = {"category": LAMP, "area": AREA, "details": SECRET}
        answer = self.post("/orders", asked, self.bearing(Role.RESIDENT, "r-li"))
        assert answer.status_code == 201, answer.text
        order: str = answer.json()["subject"]
        return order

    def a_dispatched_one(self) -> str:
        order = self.a_placed_one()
        assert self.step(order, "dispatch", {"provider": ROADS}, self.dispatcher()).status_code == 200
        return order

    def last(self) -> Any:
        return self.node.store.read(self.node.store.head() - 1, 1)[0].fact


@pytest.fixture
def web(founded: Path, tmp_path: Path) -> Iterator[Staffed]:
    with node_of(founded, tmp_path) as node, Staffed(node) as web:
        web.dispatcher()  # the first token: from now on everybody needs one
        yield web


def test_the_first_token_closes_the_door_for_all_without_and_revoking_it_opens_none(web: Staffed) -> None:
    assert web.get("/orders").json()["code"] == "token_needed"
    (only,) = web.node.tokens.all()
    web.node.tokens.revoke(only["id"], datetime.now(UTC))
    assert web.get("/orders").status_code == 401
    assert web.get("/health").status_code == 200


def test_tokens_of_our_own_let_it_listen_beyond_loopback(founded: Path, tmp_path: Path) -> None:
    with node_of(founded, tmp_path, host="0.0.0.0") as node:  # noqa: S104 - nothing listens
        Staffed.bearing(StandIn(node), Role.AUDITOR, "a-1")  # pyright: ignore[reportArgumentType]
        assert make_app(node).title


class StandIn:
    def __init__(self, node: Node) -> None:
        self.node = node


def test_each_role_does_its_part_and_the_record_says_who(web: Staffed) -> None:
    order = web.a_dispatched_one()
    assert web.step(order, "accept", {"provider": ROADS}, web.staff()).status_code == 200
    assert (web.last().meta.actor.role, web.last().meta.actor.id) == (Role.PROVIDER, "staff-7")
    done = web.step(order, "complete", {"provider": ROADS, "result": "好了"}, web.staff())
    assert done.status_code == 200, done.text
    rated = web.step(order, "rate", {"level": "satisfied"}, web.bearing(Role.RESIDENT, "r-li"))
    assert rated.status_code == 200, rated.text


def refused(web: Staffed, answer: Any, code: str) -> CommandRejected:
    assert (answer.status_code, answer.json()["code"]) == (403, code), answer.text
    event = web.last().event
    assert isinstance(event, CommandRejected)
    assert event.code == code
    return event


def test_a_dispatcher_outside_the_area_is_refused_on_the_record(web: Staffed) -> None:
    order = web.a_placed_one()
    outside = web.dispatcher("gm-street/cuihu")
    refused(web, web.step(order, "dispatch", {"provider": ROADS}, outside), "outside_area")
    assert web.step(order, "dispatch", {"provider": ROADS}, web.dispatcher()).status_code == 200


def test_a_provider_answering_for_another_is_refused_on_the_record(web: Staffed) -> None:
    order = web.a_dispatched_one()
    refused(web, web.step(order, "accept", {"provider": ROADS}, web.staff(WATER)), "not_yours")


def test_what_the_headers_claim_beside_a_token_is_refused_on_the_record(web: Staffed) -> None:
    order, staff = web.a_dispatched_one(), web.staff(WATER)
    named = web.step(order, "accept", {"provider": ROADS}, {**staff, "X-Actor": ROADS})
    refused(web, named, "another_name")
    assert web.last().meta.actor.id == "staff-7"
    as_operator = web.step(order, "accept", {"provider": ROADS}, {**staff, "X-Role": "operator"})
    refused(web, as_operator, "wrong_role")


def test_what_an_event_claims_beside_a_token_is_refused_on_the_record(web: Staffed) -> None:
    order, staff = web.a_dispatched_one(), web.staff(WATER)
    event = {"specversion": "1.0", "id": "1", "source": "x", "type": "AcceptOrder", "subject": order}
    said = {**event, "role": "provider", "actor": ROADS, "data": {"provider": ROADS}}
    refused(web, web.post("/commands", said, staff), "another_name")
    refused(web, web.post("/commands", {**said, "id": "2", "role": "operator"}, staff), "wrong_role")


def test_an_auditor_reads_everything_opens_nothing_and_asks_for_nothing(web: Staffed) -> None:
    order, auditor = web.a_placed_one(), web.bearing(Role.AUDITOR, "a-1")
    web.node.follow()
    for path in ("", f"/{order}", f"/{order}/events", f"/{order}/story", f"/{order}/candidates"):
        answer = web.get(f"/orders{path}", auditor)
        assert answer.status_code == 200, answer.text
        assert SECRET not in answer.text
    refused(web, web.step(order, "dispatch", {"provider": ROADS}, auditor), "wrong_role")
    refused(
        web, web.post("/orders", {"category": LAMP, "area": AREA, "details": "灯"}, auditor), "wrong_role"
    )


def test_personal_texts_are_opened_by_right_only(web: Staffed) -> None:
    order = web.a_dispatched_one()
    web.node.follow()
    by_right = {
        "its dispatcher": (web.dispatcher(), True),
        "another's dispatcher": (web.dispatcher("gm-street/cuihu"), False),
        "its provider": (web.staff(), True),
        "another provider": (web.staff(WATER), False),
        "another resident": (web.bearing(Role.RESIDENT, "r-wang"), False),
        "the operator": (web.bearing(Role.OPERATOR, "op-1"), True),
    }
    opened = {name: SECRET in web.get(f"/orders/{order}", who).text for name, (who, _) in by_right.items()}
    assert opened == {name: may for name, (_, may) in by_right.items()}


def another_secret(token: str) -> str:
    return token[:-1] + ("A" if token[-1] != "A" else "B")


@pytest.mark.parametrize(
    "spoil", [str.upper, another_secret, lambda token: token[:-1] + "!", lambda token: token[:40]]
)
def test_a_token_that_was_changed_proves_nothing(web: Staffed, spoil: Any) -> None:
    scheme, token = web.dispatcher()["Authorization"].split(" ")
    assert web.get("/orders", {"Authorization": f"{scheme} {token}"}).status_code == 200
    assert web.get("/orders", {"Authorization": f"{scheme} {spoil(token)}"}).json()["code"] == "token_refused"


def test_a_token_ends_when_it_expires_and_when_it_is_revoked(web: Staffed) -> None:
    old, good = web.bearing(Role.AUDITOR, "a-1", days=-1), web.bearing(Role.AUDITOR, "a-2")
    assert web.get("/orders", old).json()["code"] == "token_refused"
    assert web.get("/orders", good).status_code == 200
    number = good["Authorization"].split("_")[1]
    assert web.node.tokens.revoke(number, datetime.now(UTC))
    assert web.get("/orders", good).json()["code"] == "token_refused"


def test_what_is_kept_of_a_token_cannot_be_used_as_one(web: Staffed, tmp_path: Path) -> None:
    token = web.dispatcher()["Authorization"].split(" ")[1]
    secret = token.split("_", 2)[2]
    kept = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert token.split("_")[1].encode() in kept
    assert secret.encode() not in kept


def test_a_browser_signs_in_and_is_that_person_until_the_token_is_revoked(web: Staffed) -> None:
    order = web.a_placed_one()
    web.node.follow()
    token = web.dispatcher()["Authorization"].split(" ")[1]
    answer = web.client.post("/web/login", data={"token": token})
    assert answer.status_code == 303
    assert token.split("_", 2)[2] not in answer.headers["set-cookie"]
    web.client.post("/web/who", data={"role": "provider", "actor": ROADS})  # says nothing beside the token
    assert SECRET in web.get(f"/web/orders/{order}").text
    stepped = web.client.post(f"/web/orders/{order}/dispatch", data={"provider": ROADS})
    assert stepped.status_code == 303, stepped.text
    assert (web.last().meta.actor.role, web.last().meta.actor.id) == (Role.COMMUNITY, "desk-1")
    web.node.tokens.revoke(token.split("_")[1], datetime.now(UTC))
    assert web.get(f"/web/orders/{order}").status_code == 303


def test_a_signed_in_auditor_takes_no_step_with_a_residents_code(web: Staffed) -> None:
    asked = {"category": LAMP, "area": AREA, "details": SECRET}
    placed = web.post("/orders", asked, web.bearing(Role.RESIDENT, "r-li")).json()
    web.node.follow()
    token = web.bearing(Role.AUDITOR, "a-1")["Authorization"].split(" ")[1]
    web.client.post("/web/login", data={"token": token})
    said = {"number": placed["number"], "code": placed["query_code"]}
    assert web.client.post("/web/follow", data=said).status_code == 303
    path = f"/web/my/{placed['subject']}"
    assert SECRET in web.get(path).text  # the code is a right to read
    assert web.client.post(f"{path}/withdraw", data={"reason": "x"}).status_code == 403
    (refused,) = web.node.store.read_only(CommandRejected, 0, 10)
    assert isinstance(refused.fact.event, CommandRejected)
    assert refused.fact.event.code == "wrong_role"


def test_a_cookie_that_was_made_up_proves_nothing(web: Staffed) -> None:
    web.client.cookies.set("sidan_session", "eyJhbGciOiJub25lIn0.eyJyb2xlIjoib3BlcmF0b3IifQ.")
    assert web.get("/web/board").status_code == 303
    assert web.get("/orders").json()["code"] == "token_refused"


def test_no_token_is_ever_logged(web: Staffed) -> None:
    good, bad = web.dispatcher(), "sidan_000000000000_" + "x" * 43
    with capture_logs() as logged:
        web.get("/orders", good)
        web.get("/orders", {"Authorization": f"Bearer {bad}"})
        web.client.post("/web/login", data={"token": bad})
    told = str(logged)
    assert "token.refused" in told
    assert good["Authorization"].split("_", 2)[2] not in told
    assert "x" * 43 not in told


def replayed(node: Node) -> tuple[list[str], Again]:
    """What is found when every command is decided again, and how many were."""
    auditor = Auditor(earlier=node.store.earlier)
    facts = node.store.read(0, 10_000)
    auditor.expect(facts)
    found = [one.code for recorded in facts for one in auditor.take(recorded)]
    return found, auditor.again.counted


def test_whom_the_door_had_proven_is_on_record_and_all_is_decided_again_by_it(web: Staffed) -> None:
    order = web.a_dispatched_one()
    assert web.step(order, "accept", {"provider": ROADS}, web.staff()).status_code == 200
    assert web.last().meta.proof == Proof(actor="staff-7", provider=ProviderId(ROADS))
    elsewhere = web.dispatcher(area="gm-street/biyan")
    assert web.step(order, "recall", {"reason": "x"}, elsewhere).status_code == 403
    refused = web.last()
    assert (refused.event.code, refused.meta.proof.area) == ("outside_area", "gm-street/biyan")
    assert web.step(order, "decline", {"provider": WATER, "reason": "x"}, web.staff()).status_code == 403
    found, counted = replayed(web.node)
    assert found == []
    assert counted.refused == 2
    assert sum(counted.at_the_door.values()) == 0
