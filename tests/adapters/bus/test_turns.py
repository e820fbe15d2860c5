"""One relay of a store at a time; who loses the lock notices, and nobody moves the relay's place back."""

from collections.abc import Iterator
from threading import Event

import psycopg
import pytest
from structlog.testing import capture_logs

from adapters.bootstrap import Node
from adapters.bus.relay import POSITION
from adapters.roles import relay
from adapters.store import turns
from adapters.store.turns import turn
from tests.adapters.bus.test_relay import lived
from tests.support.a_bus import BusTown
from tests.support.waiting import eventually, running


@pytest.fixture
def server(postgres_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        yield connection


def holder(server: psycopg.Connection) -> int | None:
    """The server process whose session has the lock."""
    row = server.execute(
        "SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
        " WHERE l.locktype = 'advisory' AND l.objid = %s AND l.granted AND d.datname = current_database()",
        (turns.RELAY,),
    ).fetchone()
    return row[0] if row else None


def end(server: psycopg.Connection, pid: int | None) -> None:
    server.execute("SELECT pg_terminate_backend(%s)", (pid,))


def sent(town: BusTown) -> list[int]:
    return [int(one.headers["ce_position"]) for one in town.heard(town.topics.events)]


def test_who_loses_the_lock_stops_and_one_goes_on(town: BusTown, server: psycopg.Connection) -> None:
    places: list[int] = []

    def watching(stop: Event) -> None:
        while not stop.wait(0.005):
            places.append(town.node.store.positions().get(POSITION, 0))

    def done() -> bool:
        return town.node.store.positions()[POSITION] == town.node.store.head()

    with Node(town.settings) as other, capture_logs() as told:
        relays = [lambda stop, node=node: relay(node, stop) for node in (town.node, other)]
        with running(watching, *relays):
            eventually(lambda: holder(server))
            lived(town, 3)
            first = holder(server)
            end(server, first)
            lived(town, 3)  # while it has not noticed
            eventually(lambda: [one for one in told if one["event"] == "role.away"])
            eventually(lambda: holder(server) not in (None, first))
            eventually(done)
            before = len(sent(town))
            lived(town, 5)
            eventually(done)
    after = sent(town)
    assert len(after) - before == 5 * 4  # by one of them, each once
    assert set(after) == {one.position for one in town.log()}
    assert places == sorted(places)


def test_it_looks_only_now_and_then_and_says_when_the_lock_is_gone(
    postgres_url: str, server: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    with turn(postgres_url, Event()) as look:
        end(server, holder(server))
        look()  # too soon to ask the server
        monkeypatch.setattr(turns, "monotonic", lambda: float("inf"))
        with pytest.raises(psycopg.OperationalError):
            look()


def test_who_is_told_to_stop_does_not_wait_for_its_turn(postgres_url: str) -> None:
    stop = Event()
    with turn(postgres_url, stop):
        stop.set()
        with turn(postgres_url, stop) as look:
            look()


def test_without_a_server_it_is_always_our_turn() -> None:
    with turn("sqlite:///x.db", Event()) as look, turn("sqlite:///x.db", Event()):
        look()
