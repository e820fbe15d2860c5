"""While the database is slow what waits stays in Kafka: consumers pause, and their memory stays flat."""

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from projections.order_board.tables import orders
from tests.support.a_bus import BusTown, a_bus_town, place, read_to_the_end
from tests.support.compose import ROOT
from tests.support.processes import Child, environment_of
from tests.support.waiting import eventually

FIRST: Final = 6_000  # batches of full size: after these a process has all the memory that it needs for one
BACKLOG: Final = 20_000
LONG: Final = "路面有坑，" * 260  # 3.9 kB: the backlog is 80 MB
QUEUE: Final = 4 * 1024  # kB that a client may hold ahead; by default 64 MB
ALLOWED: Final = 24 * 1024  # kB: measured below 1 MB, and above 40 MB with the client's own queue of 64 MB
BOARD: Final = orders.name
FOUNDED: Final = 3  # facts: the rules and two providers


@pytest.fixture
def town(kafka: str, postgres_url: str) -> Iterator[BusTown]:
    with a_bus_town(kafka, postgres_url) as town:
        town.found()
        yield town


@contextmanager
def role(town: BusTown, name: str, logs: Path, queue: int = QUEUE) -> Generator[Child]:
    options = f"queued.max.messages.kbytes={queue}"
    environment = environment_of(replace(town.settings, kafka_options=options))
    command = [str(ROOT / ".venv" / "bin" / "sidan"), name]
    child = Child(command, log=logs / f"{name}.log", environment=environment)
    child.start(lambda: True)
    try:
        yield child
    finally:
        child.stop()


@contextmanager
def standing_still(town: BusTown, table: str) -> Generator[None]:
    """The database takes nothing in; on leaving it is as fast as ever."""
    with psycopg.connect(town.settings.store) as connection:
        connection.execute(SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(Identifier(table)))
        yield
        connection.rollback()


def somebody_waits(town: BusTown) -> bool:
    with psycopg.connect(town.settings.store) as connection:
        waiting = connection.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'relation'")
        return waiting.fetchone() is not None


def memory(child: Child) -> int:
    """What it holds of this machine's, in kB."""
    status = Path(f"/proc/{child.pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0])


def largest(child: Child) -> int:
    """How much it holds once it takes no more: the same for three seconds."""
    found, since = memory(child), time.monotonic()
    while time.monotonic() < since + 3:
        time.sleep(0.1)
        if (now := memory(child)) > found + 256:
            found, since = now, time.monotonic()
    return found


def recorded(town: BusTown) -> int:
    with psycopg.connect(town.settings.store) as connection:
        row = connection.execute("SELECT count(*) FROM stored_events WHERE topic = 'OrderPlaced'").fetchone()
        return row[0] if row else 0


def say(town: BusTown, count: int) -> None:
    town.say("residents", *(place(town.new_order(), details=LONG) for _ in range(count)))


@pytest.mark.timeout(240)
def test_what_waits_for_a_slow_database_waits_in_kafka(town: BusTown, tmp_path: Path) -> None:
    with role(town, "worker", tmp_path) as worker, role(town, "project", tmp_path) as project:
        say(town, FIRST)
        eventually(lambda: recorded(town) == FIRST, 60, "the first facts")
        town.relay_all()
        eventually(lambda: read_to_the_end(town.node), 60, "the first of the read models")
        before = memory(worker)
        with standing_still(town, "stored_events"):
            say(town, BACKLOG)
            eventually(lambda: somebody_waits(town), what="a batch that waits")
            assert largest(worker) - before < ALLOWED
            assert recorded(town) == FIRST
        eventually(lambda: recorded(town) == FIRST + BACKLOG, 120, "all facts")
        assert len(town.told()) == FOUNDED + FIRST + BACKLOG  # nothing was refused, repeated or parked

        before = memory(project)
        with standing_still(town, BOARD):
            town.relay_all()
            eventually(lambda: somebody_waits(town), what="a batch that waits")
            assert largest(project) - before < ALLOWED
        eventually(lambda: read_to_the_end(town.node), 120, "the read models")
        with psycopg.connect(town.settings.store) as connection:
            rows = connection.execute(SQL("SELECT count(*) FROM {}").format(Identifier(BOARD)))
            assert rows.fetchone() == (FIRST + BACKLOG,)
