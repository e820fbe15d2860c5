"""A role may have a port of its own, on loopback, where it says that it lives and what it counted."""

from collections.abc import Iterator
from threading import Event
from unittest.mock import ANY

import httpx
import pytest

from adapters.listening import HOST, PortTaken, listening
from adapters.metrics import count_batch
from adapters.roles import process, project, relay, run, worker
from tests.support.a_bus import BusTown, a_bus_town, place
from tests.support.processes import answers, free_port
from tests.support.waiting import eventually, running


@pytest.fixture
def port() -> int:
    return free_port()


def figures(port: int) -> dict[str, float]:
    told = httpx.get(f"http://{HOST}:{port}/metrics").raise_for_status().text
    lines = [line for line in told.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_it_says_that_it_lives_and_what_it_counted(port: int) -> None:
    with listening(port):
        assert httpx.get(f"http://{HOST}:{port}/health").json() == {"status": "ok"}
        handled = 'sidan_handled_total{role="tester"}'
        before = figures(port).get(handled, 0.0)
        count_batch("tester", 3, 0.01)
        after = figures(port)
        assert after[handled] - before == 3
        assert after['sidan_batch_seconds_bucket{le="0.02",role="tester"}'] >= 1
        assert not [name for name in after if "lag" in name]  # looking that up is for who serves HTTP
        assert httpx.get(f"http://{HOST}:{port}/orders").status_code == 404
    assert not answers(port)


def test_it_is_off_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.listening.make_server", ANY)
    with listening(0):
        pass


def test_whatever_ends_the_role_ends_it_too(port: int) -> None:
    with pytest.raises(ZeroDivisionError), listening(port):
        raise ZeroDivisionError
    assert not answers(port)


def test_nobody_gets_a_port_twice(port: int) -> None:
    with listening(port), pytest.raises(PortTaken), listening(port):
        pass


@pytest.fixture
def town(kafka: str, postgres_url: str) -> Iterator[BusTown]:
    with a_bus_town(kafka, postgres_url) as town:
        town.found()
        yield town


def test_every_role_counts_what_it_deals_with(town: BusTown, port: int) -> None:
    roles = [worker, relay, project, process]

    def working(stop: Event) -> None:
        run(town.node, roles, stop)

    with listening(port), running(working):
        before = figures(port)

        def more(name: str) -> float:
            return figures(port).get(name, 0.0) - before.get(name, 0.0)

        town.say("residents", *(place(town.new_order()) for _ in range(5)))
        eventually(lambda: more('sidan_commands_total{outcome="recorded"}') == 5)
        for role in ("worker", "relay", "project", "process"):
            eventually(lambda role=role: more(f'sidan_handled_total{{role="{role}"}}') >= 5, what=role)
            assert more(f'sidan_batch_seconds_count{{role="{role}"}}') >= 1
