"""Somebody is forgotten in a town on Kafka and PostgreSQL: all roles work, and nothing is left to read."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest

from adapters.roles import process, project, relay, run, worker
from domain.reached import How, Place
from tests.support.a_bus import BusTown, a_bus_town, accept, command, dispatch, followed, learnt, place
from tests.support.a_town import WATER
from tests.support.spellings import spellings
from tests.support.waiting import eventually, running

pytestmark = [pytest.mark.journey, pytest.mark.kafka, pytest.mark.postgres]

TOLD: Final = {
    "details": "紫藤巷的坑 wisteria-pothole",
    "contact": "李桂芬 13987654321",
    "address": "紫藤巷7号402室",
}
COMMENT: Final = "很满意的评语 very-own-words"
RESULT: Final = "在她家门口补好 filled-at-her-door"
PARKED: Final = b"{unfinished-13987654321"
WHY: Final = "来函要求 asked-in-writing"
MINE: Final = (*TOLD.values(), COMMENT, RESULT)
NAMED: Final = (*MINE, "李桂芬", "13987654321", "wisteria-pothole", "unfinished-")
CLEAR: Final = {spelt for text in NAMED for spelt in spellings(text)}
ROLES: Final = [worker, relay, project, process]
_SEALED: Final = re.compile(rb"s2\.[0-9]+\.[A-Za-z0-9_=-]*")


@pytest.fixture
def town(kafka: str, postgres_url: str) -> Iterator[BusTown]:
    with a_bus_town(kafka, postgres_url) as town:
        town.found(by_bus=[WATER])
        yield town


def lived(town: BusTown) -> str:
    """An order that is done and rated, all over the bus, and a message that nobody can read."""
    order = town.new_order()
    rest: dict[str, Any] = {"provider": WATER, "result": RESULT, "resolved": True}
    for number, (short, body) in enumerate(
        (
            ("residents", place(order, **TOLD)),
            ("community", dispatch(order)),
            ("departments", accept(order)),
            ("departments", command("CompleteOrder", order, "provider", WATER, **rest)),
            (
                "residents",
                command("RateOrder", order, "resident", "r-li", level="satisfied", comment=COMMENT),
            ),
        ),
        start=1,
    ):
        town.say(short, body)
        eventually(lambda number=number: len(town.events_of(order)) == number, what=f"step {number}")
    said = {"ce_id": "p-1", "ce_source": "test", "ce_type": "PlaceOrder", "ce_actor": "r-li"}
    town.say("residents", PARKED, key=b"p", headers=[(name, text.encode()) for name, text in said.items()])
    eventually(lambda: "unreadable" in town.told(), what="the parked message")
    return order


def topics_of_ours(town: BusTown) -> dict[str, bytes]:
    """All that lies in the topics that we write."""
    ours = [town.topics.events, town.topics.outcomes, town.topics.dead_letters, town.topics.work(WATER)]
    return {
        name: b"\n".join(
            one.value + (one.key or "").encode() + str(one.headers).encode() for one in town.heard(name)
        )
        for name in ours
    }


def opened(town: BusTown, held: dict[str, bytes]) -> set[str]:
    """Whatever is sealed there, as it opens now."""
    return {town.node.keys.open(text.decode()) for lying in held.values() for text in _SEALED.findall(lying)}


def test_what_somebody_wrote_is_gone_from_topics_files_and_every_opening(town: BusTown) -> None:
    with running(lambda stop: run(town.node, ROLES, stop)):
        lived(town)
        eventually(lambda: followed(town.node) and learnt(town.node), what="what there is to read")
        before = topics_of_ours(town)
        assert {*MINE} <= opened(town, before)
        town.say(
            "imports", command("ErasePerson", "person/r-li", "operator", "op", person="r-li", reason=WHY)
        )
        eventually(lambda: _finished(town), what="the receipt")
        eventually(lambda: followed(town.node), what="what there is to read")
    held = topics_of_ours(town)
    assert not {*MINE} & opened(town, held)
    assert WHY in opened(town, held)
    for name, lying in held.items():
        assert lying.startswith(before[name][:1]), name
        assert not [spelt for spelt in CLEAR if spelt in lying], name
    assert_nothing_in_files(town)


def _finished(town: BusTown) -> bool:
    found = town.node.forgetting.erasures("person/r-li")
    if not found or not found[0].finished:
        return False
    told = {one.place: one for one in found[0].reached}
    assert told[Place.LOG].count == len(MINE)
    assert told[Place.TOPICS].how is How.KEY_DESTROYED
    assert told[Place.COMMAND_TOPICS].how is How.EXPIRES
    assert told[Place.COMMAND_TOPICS].until is not None
    assert told[Place.DEAD_LETTERS].count == 1
    return True


def assert_nothing_in_files(town: BusTown) -> None:
    """Of PostgreSQL's data directory, WAL and all."""
    with psycopg.connect(town.node.settings.store, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        found = connection.execute("SHOW data_directory").fetchone()
    assert found is not None
    for file in Path(found[0]).rglob("*"):
        if file.is_file():
            held = file.read_bytes()
            assert not [spelt for spelt in CLEAR if spelt in held], file
