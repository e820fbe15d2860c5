"""Dead letters over HTTP, for operators alone."""

import pytest

from adapters.dead_letters import By, DeadLetters
from domain.events import CommandRejected, MessageDiscarded
from domain.facts import Actor
from domain.rejections import LetterSettled
from domain.stages import Role
from tests.adapters.web.asking import AREA, CLERK, LAMP, LI, Web

OPERATOR = {"X-Role": "operator", "X-Actor": "op-1"}
DATA = {"category": LAMP, "area": AREA, "details": "灯不亮"}


def parked(web: Web) -> int:
    """A resident's order with a field that nobody knows."""
    response = web.post("/orders", {**DATA, "colour": "red"}, LI)
    assert response.status_code == 400
    return response.json()["positions"][0]


def test_an_operator_lists_and_shows_them(web: Web) -> None:
    position = parked(web)
    letters = web.get("/dead-letters", OPERATOR).json()["dead_letters"]
    assert [(one["position"], one["status"], one["code"]) for one in letters] == [
        (position, "parked", "invalid_field")
    ]
    assert web.get(f"/dead-letters/{position}", OPERATOR).json() == letters[0]


def test_a_corrected_body_goes_through_the_door_it_came_in_at(web: Web) -> None:
    position = parked(web)
    response = web.post(f"/dead-letters/{position}/requeue?reason=typo", DATA, OPERATOR)
    assert response.status_code == 200, response.text
    told = response.json()
    assert told["status"] == "recorded"
    fact = web.node.store.read(told["positions"][0] - 1, 1)[0].fact
    assert (fact.event.wire, fact.meta.via, fact.meta.actor) == (
        "OrderPlaced",
        "http",
        Actor(role=Role.RESIDENT, id="r-li"),
    )
    letter = web.get(f"/dead-letters/{position}", OPERATOR).json()
    assert (letter["status"], letter["settled"]["actor"], letter["settled"]["reason"]) == (
        "requeued",
        "op-1",
        "typo",
    )
    assert web.get("/dead-letters", OPERATOR, unsettled=True).json()["dead_letters"] == []


def test_without_a_body_its_own_bytes_are_read(web: Web) -> None:
    position = parked(web)
    told = web.client.post(f"/dead-letters/{position}/requeue", headers=OPERATOR).json()
    assert (told["status"], told["code"]) == ("parked", "invalid_field")


def test_a_letter_is_discarded_once(web: Web) -> None:
    position = parked(web)
    path = f"/dead-letters/{position}/discard?reason=spam"
    assert web.client.post(path, headers=OPERATOR).json()["status"] == "discarded"
    again = web.client.post(path, headers=OPERATOR)
    assert (again.status_code, again.json()["code"]) == (409, "letter_settled")


@pytest.mark.parametrize("who", [LI, CLERK])
def test_nobody_else_sees_them(web: Web, who: dict[str, str]) -> None:
    position = parked(web)
    for response in (
        web.get("/dead-letters", who),
        web.get(f"/dead-letters/{position}", who),
        web.client.post(f"/dead-letters/{position}/requeue", headers=who),
        web.client.post(f"/dead-letters/{position}/discard?reason=x", headers=who),
    ):
        assert (response.status_code, response.json()["code"]) == (403, "wrong_role")
    tries = [one.fact for one in web.node.store.read(position, 10)]  # looking is no command
    assert [(one.event.wire, one.meta.actor.id) for one in tries] == [
        ("CommandRejected", who["X-Actor"]),
        ("CommandRejected", who["X-Actor"]),
    ]


@pytest.mark.parametrize("position", ["1", "0", "-1", str(2**70)])
def test_a_letter_nobody_has(web: Web, position: str) -> None:
    response = web.get(f"/dead-letters/{position}", OPERATOR)
    assert (response.status_code, response.json()["code"]) == (404, "unknown_letter")
    head = web.node.store.head()
    for what in ("requeue", "discard?reason=x"):
        refused = web.client.post(f"/dead-letters/{position}/{what}", headers=OPERATOR)
        assert (refused.status_code, refused.json()["code"]) == (404, "unknown_letter")
    told = [one.fact.event for one in web.node.store.read(head, 10)]
    assert [getattr(one, "subject", "") for one in told] == [f"dead-letters/{position}"] * 2


class Late(DeadLetters):
    """Somebody else sees to the letter after this one has looked."""

    raced = False

    def get(self, position: int):
        letter = super().get(position)
        if not self.raced:
            self.raced = True
            self.discard(position, By(Actor(role=Role.OPERATOR, id="op-2"), "test"), reason="first")
        return letter


def test_two_operators_at_once_see_to_it_once(web: Web) -> None:
    node, position = web.node, parked(web)
    late = Late(
        *(node.store, node.desk, node.decoder, node.keys, node.clock),
        opening=node.opening,
        open_orders=node.open_orders,
    )
    head = node.store.head()
    with pytest.raises(LetterSettled):
        late.requeue(position, By(Actor(role=Role.OPERATOR, id="op-1"), "test"))
    first, second = (one.fact for one in node.store.read(head, 10))
    assert isinstance(first.event, MessageDiscarded)
    assert isinstance(second.event, CommandRejected)
    assert (second.event.code, second.meta.actor.id) == ("letter_settled", "op-1")
