"""The demonstration: a whole week within a minute, the same each time."""

import json
import re
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from adapters.query_code import query_code
from adapters.store.event_store import EventStore
from domain.ids import OrderId
from tests.adapters.cli.a_terminal import Sidan

pytestmark = pytest.mark.journey

SIDAN = str(Path(sys.executable).with_name("sidan"))
READ_MODELS = ("order_board", "menu", "matching", "rating", "needs", "evidence")
WANTED = (
    "四单看板 The board by stage",
    "超期 Overdue at 2026-03-09",
    "最多的事项 The busiest categories",
    "评价最好的接单方 The best rated providers",
    "评价最差的接单方 The worst rated providers",
    "一张工单的经过 One order's whole story",
)


def demo(*words: str) -> str:
    done = subprocess.run(
        [SIDAN, "demo", *words], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_demonstration_shows_a_week_within_a_minute(tmp_path: Path) -> None:
    begun = time.monotonic()
    said = demo("--keep", str(tmp_path / "kept.db"))
    assert time.monotonic() - begun < 60
    places = [said.index(wanted) for wanted in WANTED]
    assert places == sorted(places)
    digests = dict(re.findall(r"^(\w+) +([0-9a-f]{64})$", said, re.MULTILINE))
    assert tuple(digests) == READ_MODELS
    kept = Sidan(tmp_path)
    kept.store = f"sqlite:///{tmp_path / 'kept.db'}"
    assert kept.json("audit", "replay", "--all")["ok"]
    shadows = kept.json("projections", "verify")["projections"]
    assert {one["name"]: one["shadow"] for one in shadows} == digests
    (story,) = re.findall(r"audit replay (\S+)", said)
    (code,) = re.findall(r"查询码是(\d{6})", said)
    with closing(EventStore(kept.store)) as store:
        assert query_code(store.town_secret(), OrderId(UUID(story))) == code
    assert "cannot be opened" not in kept("orders", "show", story, "--open", "--why", "demo").out


def test_two_demonstrations_say_the_same() -> None:
    first, second = (json.loads(demo("--orders", "150", "--json").splitlines()[-1]) for _ in range(2))
    assert set(first["digests"]) == set(READ_MODELS)
    assert first["digests"] == second["digests"]
    assert first["story"] == second["story"]
    assert {first[name] - second[name] for name in ("recorded", "rejected", "parked", "repeated")} == {0}


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    file = tmp_path / "precious.db"
    file.write_text("precious", encoding="utf-8")
    done = subprocess.run([SIDAN, "demo", "--keep", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "[file_exists]" in done.stderr
    assert file.read_text(encoding="utf-8") == "precious"
