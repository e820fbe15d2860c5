"""SIGTERM under load: every role finishes what it has in hand in ten seconds, and a restart loses nothing."""

import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from uuid import uuid4

import httpx
import pytest

from adapters.roles import ROLES
from domain.stages import Stage
from tests.support.a_bus import BusTown, a_bus_town, followed, place
from tests.support.a_town import EAST, POTHOLE
from tests.support.compose import ROOT
from tests.support.processes import HOST, Child, answers, environment_of, free_port
from tests.support.waiting import eventually

pytestmark = [pytest.mark.journey, pytest.mark.kafka, pytest.mark.postgres]
SIDAN = ROOT / ".venv" / "bin" / "sidan"
WITHIN = 10.0  # seconds from SIGTERM to the end


class Town:
    """Every role of a town as a process of its own."""

    def __init__(self, bus: BusTown, logs: Path) -> None:
        self.bus = bus
        self._environment = environment_of(replace(bus.settings, rate=0.0))
        self._logs = logs
        self.roles = {name: self._child(name) for name in ROLES}

    def _child(self, name: str) -> Child:
        return Child([str(SIDAN), name], log=self._logs / f"{name}.log", environment=self._environment)

    def start(self, name: str) -> None:
        ready = self._answers if name == "web" else lambda: True
        self.roles[name].start(ready)

    def _answers(self) -> bool:
        return answers(self.bus.settings.port)

    def stop(self, name: str) -> tuple[float, int]:
        """Seconds until it ended, and how."""
        process = self.roles[name]._process
        assert process is not None
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(WITHIN + 10)
        except subprocess.TimeoutExpired:
            code = -1
        seconds = time.monotonic() - begun
        self.roles[name].stop()
        return seconds, code


class Residents(Thread):
    """Ask without a pause, over HTTP and over the bus, and ask again as long as there is no answer."""

    def __init__(self, bus: BusTown) -> None:
        super().__init__(daemon=True)
        self._bus = bus
        self._url = f"http://{HOST}:{bus.settings.port}/orders"
        self.done = Event()
        self.over_http: list[str] = []
        self.over_bus: list[str] = []
        self.turned_away = 0

    def run(self) -> None:
        while not self.done.is_set():
            orders = [self._bus.new_order() for _ in range(20)]
            self._bus.say("residents", *(place(order) for order in orders))
            self.over_bus += orders
            self.over_http.append(self._place())

    def _place(self) -> str:
        headers = {"X-Role": "resident", "X-Actor": f"r-{uuid4().hex}", "Idempotency-Key": uuid4().hex}
        data = {"category": POTHOLE, "area": EAST, "details": "路面有坑"}
        while True:
            try:
                answer = httpx.post(self._url, json=data, headers=headers, timeout=10)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code in (200, 201):
                return answer.json()["subject"]
            assert answer is None or answer.status_code == 503, answer.text
            self.turned_away += 1
            time.sleep(0.1)


@pytest.fixture
def town(kafka: str, postgres_url: str, tmp_path: Path) -> Iterator[Town]:
    with a_bus_town(kafka, postgres_url, port=free_port()) as bus, ExitStack() as stack:
        bus.found()
        town = Town(bus, tmp_path)
        for name, child in town.roles.items():
            town.start(name)
            stack.callback(child.stop)
        yield town


@pytest.mark.timeout(240)
def test_a_rolling_restart_under_load_loses_no_request(town: Town) -> None:
    residents = Residents(town.bus)
    residents.start()
    eventually(lambda: len(residents.over_http) > 5, 60, "the load")
    ended = {}
    for name in ROLES:
        before = len(residents.over_bus)
        ended[name] = town.stop(name)
        town.start(name)
        eventually(lambda before=before: len(residents.over_bus) > before + 40, 30, "more load")
    residents.done.set()
    residents.join(30)
    assert not residents.is_alive()
    assert {name: code for name, (_, code) in ended.items()} == dict.fromkeys(ROLES, 0)
    assert max(seconds for seconds, _ in ended.values()) < WITHIN, ended
    eventually(lambda: followed(town.bus.node), 60, "the read models")
    asked = [*residents.over_http, *residents.over_bus]
    placed = Counter(one.fact.meta.subject for one in town.bus.log() if one.fact.event.wire == "OrderPlaced")
    assert placed == Counter(asked)  # each once: none lost, none doubled
    assert town.bus.node.queries.board.count_by_stage()[Stage.PLACED] == len(asked)
