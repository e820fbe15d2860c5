"""One correlation id leads through the log, from the command that came in to the row in the read model."""

import json
import logging
from io import StringIO
from threading import Event
from typing import Any
from uuid import UUID

import pytest

from adapters.logs import configure, in_detail
from adapters.roles import project, relay, run, worker
from domain.ids import OrderId
from tests.support.a_bus import BusTown, command
from tests.support.a_town import EAST, POTHOLE
from tests.support.waiting import eventually, running

ID = "story-42"


@pytest.fixture
def written() -> StringIO:
    out = StringIO()
    configure(logging.DEBUG, out)
    return out


def test_details_are_asked_for_by_the_level_alone(written: StringIO) -> None:
    assert in_detail()
    logging.getLogger().setLevel(logging.INFO)
    assert not in_detail()


def told_about(written: StringIO) -> list[dict[str, Any]]:
    told = [json.loads(line) for line in written.getvalue().splitlines() if line.startswith("{")]
    return [one for one in told if one.get("correlation") == ID]


def lines_about(written: StringIO) -> set[str]:
    return {one["event"] for one in told_about(written)}


def test_worker_and_relay_name_it_at_debug_and_say_nothing_of_it_otherwise(
    town: BusTown, written: StringIO
) -> None:
    for level, expected in (
        (logging.INFO, set[str]()),
        (logging.DEBUG, {"worker.command", "relay.fact"}),
    ):
        logging.getLogger().setLevel(level)
        pass_one(town)
        assert lines_about(written) == expected


def pass_one(town: BusTown) -> None:
    before = town.node.store.head()
    body = command(
        "PlaceOrder", town.new_order(), "resident", "r-li", category=POTHOLE, area=EAST, details="坑"
    )
    said = json.loads(body) | {"correlationid": ID}
    town.say("imports", json.dumps(said).encode(), key=b"k")
    with running(town.feed(town.worker()).run):
        eventually(lambda: town.node.store.head() > before)
    town.relay_all()


def test_one_id_leads_from_the_command_to_the_row_in_the_read_model(town: BusTown, written: StringIO) -> None:
    order = town.new_order()
    body = command("PlaceOrder", order, "resident", "r-li", category=POTHOLE, area=EAST, details="坑")
    said = json.loads(body) | {"correlationid": ID}

    def working(stop: Event) -> None:
        run(town.node, [worker, relay, project], stop)

    with running(working):
        town.say("residents", json.dumps(said).encode())
        eventually(lambda: town.node.queries.board.get(OrderId(UUID(order))))
        eventually(lambda: "project.fact" in lines_about(written))
    assert lines_about(written) == {"worker.command", "relay.fact", "project.fact"}
    (position,) = {one["position"] for one in told_about(written)}
    fact = town.node.store.read(position - 1, 1)[0].fact
    assert (fact.meta.correlation, fact.meta.subject) == (ID, order)
