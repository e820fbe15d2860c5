"""A disk that is full and a clock that jumps: what was promised stands, and the rest can be done again."""

import json
import os
import resource
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.bootstrap import Node
from adapters.settings import Settings
from domain.stages import Role, Stage
from services.audit.auditor import Auditor
from tests.faults.storm.fleet import SIDAN
from tests.support.a_node import ask
from tests.support.a_town import EAST, MONDAY, POTHOLE, RULES

ROOM = 50 * 1024  # bytes that a file may still grow by


@pytest.fixture
def town(tmp_path: Path) -> Path:
    sidan(tmp_path, "init", "--town", "guangming")
    week = sidan(tmp_path, "simulate", "--orders", "300")
    (tmp_path / "week.jsonl").write_bytes(week.stdout)
    return tmp_path


def sidan(folder: Path, *words: str, room: int | None = None) -> subprocess.CompletedProcess[bytes]:
    """The command line in a folder of its own, whose files may grow only so far."""

    def confine() -> None:
        if room is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    environment = {name: value for name, value in os.environ.items() if not name.startswith("SIDAN_")}
    command = [str(SIDAN), *words]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, check=False, timeout=90, preexec_fn=confine
    )


def told(done: subprocess.CompletedProcess[bytes]) -> dict[str, Any]:
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.journey
def test_a_full_disk_is_said_and_costs_nothing(town: Path) -> None:
    lines = len((town / "week.jsonl").read_bytes().splitlines())
    room = (town / "sidan.db").stat().st_size + ROOM
    full = sidan(town, "submit", "week.jsonl", "--json", room=room)
    assert (full.returncode, told(full)["error"]["code"]) == (3, "store_away")
    again = told(sidan(town, "submit", "week.jsonl", "--json"))
    assert 0 < again["repeated"] < lines  # what had been recorded before the disk was full
    assert again["recorded"] + again["rejected"] + again["repeated"] == lines
    once_more = told(sidan(town, "submit", "week.jsonl", "--json"))
    assert once_more["repeated"] == lines
    audited = sidan(town, "audit", "replay", "--all", "--json")
    assert (audited.returncode, told(audited)["findings"]) == (0, [])


class Clock:
    """Shows what it is set to."""

    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> Any:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def node(tmp_path: Path, clock: Clock) -> Iterator[Node]:
    with Node(Settings(store=f"sqlite:///{tmp_path}/sidan.db"), clock) as node:
        node.create()
        ask(node, "AdoptRules", {"rules": RULES.model_dump(mode="json")}, Role.OPERATOR, "op")
        yield node


@pytest.mark.parametrize("jump", [timedelta(days=-40), timedelta(hours=-1), timedelta(days=40)])
def test_a_clock_that_jumps_never_takes_an_order_back_in_time(
    node: Node, clock: Clock, jump: timedelta
) -> None:
    place = {"category": POTHOLE, "area": EAST, "details": "坑"}
    order = ask(node, "PlaceOrder", place, Role.RESIDENT, "r-li").subject
    clock.now += jump
    amended = ask(node, "AmendOrder", {"details": "大坑"}, Role.RESIDENT, "r-li", subject=order)
    clock.now = MONDAY + timedelta(minutes=1)
    withdrawn = ask(node, "WithdrawOrder", {}, Role.RESIDENT, "r-li", subject=order)
    assert (amended.status, withdrawn.status) == ("recorded", "recorded")
    log = node.store.read(0, 100)
    times = [one.fact.meta.at for one in log if one.fact.meta.subject == order]
    assert times == sorted(times)
    assert times[0] == MONDAY
    auditor = Auditor()
    assert [finding for one in log for finding in auditor.take(one)] == []
    node.follow()
    assert node.queries.board.count_by_stage()[Stage.WITHDRAWN] == 1
