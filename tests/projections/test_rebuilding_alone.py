"""Two rebuilds of one read model would build into the same tables: the second is told to wait."""

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from projections.engine import Projector, Rebuilding, open_reads, rebuilding
from projections.engine.alone import BeingRebuilt, alone
from projections.matching import Matching
from projections.order_board import OrderBoard
from tests.projections.conftest import Start
from tests.projections.test_rebuilding import whole
from tests.support.compose import ROOT
from tests.support.history import History

HOLDING = """
import sys, time
from projections.engine import open_reads
from projections.engine.alone import alone
with alone(open_reads(sys.argv[1]), "order_board_v2", "order_board"):
    print("holds", flush=True)
    time.sleep(600)
"""


ENDING = (
    "SELECT pg_terminate_backend(pid) FROM pg_locks"
    " WHERE locktype = 'advisory' AND objsubid = 2"  # 2: made of two numbers
)


@contextmanager
def another_at_it(engine: Engine) -> Generator[subprocess.Popen[str]]:
    """A process in the middle of a rebuild."""
    url = engine.url.set(drivername=engine.dialect.name).render_as_string(hide_password=False)
    command = [sys.executable, "-c", HOLDING, url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "holds\n"
            yield child
        finally:
            child.kill()


def filled(start: Start, life: History) -> Projector:
    projector = start(OrderBoard)
    projector.fill_from(life)
    return projector


def test_the_second_is_refused_and_one_that_was_killed_is_in_nobody_s_way(
    start: Start, life: History
) -> None:
    rebuild = Rebuilding(filled(start, life), whole(life))
    rebuild.rebuild()
    with another_at_it(rebuild.live.engine) as child:
        for attempt in (rebuild.rebuild, rebuild.back):
            with pytest.raises(BeingRebuilt) as refusal:
                attempt()
            assert refusal.value.code == "being_rebuilt"
            assert "order_board" in str(refusal.value)
        child.kill()
        child.wait()
        assert rebuild.rebuild().live == 3


def test_another_read_model_is_another_matter(start: Start, life: History) -> None:
    matching = start(Matching)
    matching.fill_from(life)
    with another_at_it(matching.engine):
        assert Rebuilding(matching, whole(life)).rebuild().live == 2


def test_a_rebuild_that_fails_lets_go(start: Start, life: History, monkeypatch: pytest.MonkeyPatch) -> None:
    rebuild = Rebuilding(filled(start, life), whole(life))
    with monkeypatch.context() as patch:
        patch.setattr(rebuilding, "verify", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            rebuild.rebuild()
    assert rebuild.rebuild().live == 2


def test_who_lost_the_lock_switches_nothing(
    postgres_reads: Engine, life: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    projector = Projector(OrderBoard(), postgres_reads)
    projector.create()
    projector.reset()
    projector.fill_from(life)
    rebuild = Rebuilding(projector, whole(life))
    before = rebuild.generations()
    honest = rebuilding.verify

    def verified(*args, **more):
        with postgres_reads.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(ENDING))
        return honest(*args, **more)

    monkeypatch.setattr(rebuilding, "verify", verified)
    with pytest.raises(OperationalError):
        rebuild.rebuild()
    assert rebuild.generations() == before


def test_what_lies_in_memory_is_nobody_else_s() -> None:
    engine = open_reads("sqlite://")
    with alone(engine, "order_board_v2", "order_board") as look:
        look()
    engine.dispose()
