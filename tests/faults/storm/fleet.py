"""Every role of the engine as processes of their own, started again when they end, as Docker would."""

import signal
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from adapters.settings import Settings
from tests.support.compose import ROOT
from tests.support.processes import HOST, Child, environment_of, free_port

SIDAN: Final = ROOT / ".venv" / "bin" / "sidan"
ROLES: Final = ("worker", "worker", "relay", "relay", "project", "project", "process", "web")
OPTIONS: Final = "session.timeout.ms=6000,heartbeat.interval.ms=1000,log_level=0"
"""A frozen consumer counts as dead after six seconds, so that a storm need not wait for long."""


class Fleet:
    """Two of each role that may be two, one of the others; the second of two is elsewhere, behind links."""

    def __init__(self, here: Settings, elsewhere: Settings, logs: Path) -> None:
        self.port = free_port()
        self.restarts = 0
        self._children: list[tuple[str, Child]] = []
        for number, role in enumerate(ROLES):
            settings = elsewhere if role in ROLES[:number] else here
            environment = self._environment(settings)
            log = logs / f"{role}-{number}.log"
            self._children.append((role, Child([str(SIDAN), role], log=log, environment=environment)))

    def _environment(self, settings: Settings) -> dict[str, str]:
        """One resident places all that come over HTTP."""
        any_number = replace(settings, port=self.port, kafka_options=OPTIONS, rate=0.0, open_orders=0)
        return environment_of(any_number)

    @property
    def url(self) -> str:
        """Where HTTP is."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        for _, child in self._children:
            child.start(lambda: True)

    def tend(self, seconds: float) -> None:
        """Let time pass; whoever has ended meanwhile is started again. From the main thread: see Child."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for _, child in self._children:
                if not child.runs:
                    child.start(lambda: True)
                    self.restarts += 1
            time.sleep(0.1)

    def of(self, role: str) -> Sequence[Child]:
        return [child for name, child in self._children if name == role]

    def kill_all(self) -> None:
        """A power cut of our own machine."""
        for _, child in self._children:
            child.kill()

    def stop(self) -> list[float]:
        """End all in good order, one after the other; how many seconds each took."""
        took: list[float] = []
        for _, child in self._children:
            began = time.monotonic()
            child.stop()
            took.append(time.monotonic() - began)
        return took

    def freeze(self, role: str, seconds: float) -> None:
        """One process of a role stands still, and then goes on as if nothing had been."""
        child = self.of(role)[0]
        child.send(signal.SIGSTOP)
        self.tend(seconds)
        child.send(signal.SIGCONT)
