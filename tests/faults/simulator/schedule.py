"""One schedule: a seed says what is asked, who is slow, who dies when and what is delivered once more."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final
from unittest.mock import patch

from structlog.testing import capture_logs

from tests.faults.simulator.checker import violations
from tests.faults.simulator.clients import Clients
from tests.faults.simulator.consuming import Steps
from tests.faults.simulator.faults import Faults
from tests.faults.simulator.sealing import BATCHES, HEIGHTS, small
from tests.faults.simulator.world import KEPT, LETTERS_KEPT, World

STEPS: Final = 120
CALM_ROUNDS: Final = 40  # looks, after which whoever has not come to an end never will
LONG: Final = 25  # seconds between those looks: time goes on, and calls come due
DAYS: Final = 2 * int(KEPT.total_seconds())
MONTHS: Final = int(LETTERS_KEPT.total_seconds())
ELSEWHERE: Final = 0.2  # how likely others do something while one thinks
ROLES: Final = (
    "worker",
    "worker",
    "relay",
    "relay",
    "project",
    "project",
    "process",
    "desk",
    "seal",
    "seal",
)
TURNS: Final = {"worker": 6, "project": 6, "desk": 4, "relay": 2, "process": 1, "seal": 1}
"""How often each has its turn; what does much at once, seldom."""


class Process:
    """A role that is started again whenever it has died."""

    def __init__(self, name: str, start: Callable[[], Steps], faults: Faults) -> None:
        self.name = name
        self._start = start
        self._faults = faults
        self._running: Steps | None = None
        self.is_thinking = False  # others have their turn meanwhile

    def step(self) -> None:
        running = self._running = self._running or self._start()
        self.is_thinking = True
        try:
            next(running)
        except Exception as error:  # noqa: BLE001 - whatever it is, the process is gone
            self._faults.trace.append(f"{self.name} died: {type(error).__name__} {str(error)[:120]}")
            self._running = None
        self.is_thinking = False

    def kill(self) -> None:
        if self._running is not None and not self.is_thinking:
            self._running.close()
            self._running = None


@dataclass(frozen=True)
class Played:
    """What happened, line by line, and what should not have come of it."""

    trace: Sequence[str]
    violations: Sequence[str]


def play(seed: int) -> Played:
    """Play the schedule of a seed to its end. One at a time: they share the databases of the process."""
    with capture_logs():
        schedule = _Schedule(seed)
        return Played(schedule.trace, schedule.violations())


class _Schedule:
    def __init__(self, seed: int) -> None:
        chance = self._chance = Random(seed)
        faults = Faults(chance, chance.choice([0.0, 0.005, 0.01, 0.03]))
        self.trace = faults.trace
        self._world = World(chance, faults, filled=chance.random() < 0.8)
        self._clients = Clients(chance, chance.choice([1, 2, 3, 4]))
        self._processes = [
            Process(f"{role} {number}", getattr(self._world, role), faults)
            for number, role in enumerate(ROLES)
        ]
        self._weights = [TURNS[role] * chance.choice([1.0, 1.0, 0.1]) for role in ROLES]  # some are slow
        self._stormy = True
        self._world.meanwhile = self._meanwhile
        self._sizes = chance.choice(HEIGHTS), chance.choice(BATCHES)
        self._events = chance.choice([0.0, 0.02, 0.06])  # how likely something happens from outside

    def violations(self) -> list[str]:
        try:
            with (
                patch("adapters.bus.producing.Producer", self._world.broker.producer),
                patch("os.fsync"),  # there is no disk
                small(*self._sizes),
            ):
                self._storm()
                stuck = self._calm()
                return [stuck] if stuck else violations(self._world)
        finally:
            for process in self._processes:
                process.kill()
            self._world.close()

    def _storm(self) -> None:
        for _ in range(STEPS):
            if self._chance.random() < 0.3:
                self._say()
            if self._chance.random() < self._events:
                self._happening()
            (process,) = self._chance.choices(self._processes, self._weights)
            self.trace.append(process.name)
            process.step()

    def _meanwhile(self) -> None:
        """While one process thinks, others do something, or nothing happens."""
        if not self._stormy or self._chance.random() >= ELSEWHERE:
            return
        for _ in range(self._chance.choice([1, 2, 6])):
            process = self._chance.choice([one for one in self._processes if not one.is_thinking])
            self.trace.append(f"meanwhile {process.name}")
            process.step()

    def _say(self) -> bool:
        said = self._clients.next()
        if said is not None:
            self.trace.append(f"  said at {said.door}: {said.body[:200].decode(errors='replace')}")
            self._world.say(said)
        return said is not None

    def _happening(self) -> None:
        """A process killed, a group dealt out anew or deafly, an offset set back, days or months gone by."""
        group = self._chance.choice([self._world.workers, self._world.readers])
        happening = self._chance.choice(["kill", "rebalance", "zombie", "rewind", "days", "months"])
        self.trace.append(f"  {happening}")
        if happening == "kill":
            self._chance.choice(self._processes).kill()
        elif happening == "rebalance":
            group.rebalance()
        elif happening == "zombie":
            group.deafen(self._chance)
            group.rebalance()
        elif happening == "days":
            self._world.broker.wait(DAYS)
        elif happening == "months":
            self._world.broker.wait(MONTHS)
        else:
            group.rewind(self._chance)

    def _calm(self) -> str:
        """Nothing fails any more: what is still not done after a while is stuck."""
        self._world.faults.stop()
        self._stormy = False
        while self._say():
            pass
        unsettled = self._settled()
        if not unsettled:
            self._world.broker.wait(MONTHS)  # whatever rests, or was parked, is kept no longer
            unsettled = self._settled()
        return f"stuck: {unsettled}" if unsettled else ""

    def _settled(self) -> str:
        """What is not done after all have had their turns; empty when all is."""
        for _ in range(CALM_ROUNDS):
            if not self._world.unsettled():
                return ""
            for process, role in zip(self._processes, ROLES, strict=True):
                for _ in range(TURNS[role]):
                    process.step()
            self._world.broker.wait(LONG)
        return self._world.unsettled()
