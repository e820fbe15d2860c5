"""Who seals: the file that bears witness and may tear, and what happens to others while one sealer thinks."""

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from adapters.bus.checkpoints import publisher
from adapters.bus.topics import Topics
from adapters.sealed_log import Notary, Publish, SealedLog, SigningKey, WitnessFile
from adapters.sealed_log.witness import Appending
from adapters.settings import Settings
from services.audit.checkpoints import each
from tests.faults.simulator.broker import Broker
from tests.faults.simulator.consuming import Steps
from tests.faults.simulator.faults import Crash, Database, Faults

ORIGIN: Final = "sidan/lake-town"
KEY: Final = SigningKey(bytes(32), ORIGIN)
PIECE: Final = 30  # bytes that are written in one go
SECONDS: Final = 20.0  # that an event stays unsealed at the longest
HEIGHTS: Final = (1, 2, 2, 8)  # of tiles: small ones end often, and have several levels above them
BATCHES: Final = (3, 8, 4096)  # events sealed in one transaction
TILED: Final = (
    "services.audit.tiles",
    "services.audit.roots",
    "services.audit.verifying",
    "adapters.sealed_log.log",
    "adapters.sealed_log.notary",
    "adapters.sealed_log.checking",
)
Meanwhile = Callable[[], None]


class Paper(BytesIO):
    """The file of checkpoints; a process may die with a note half written."""

    def __init__(self, faults: Faults) -> None:
        super().__init__()
        self._faults = faults

    def write(self, data: Any) -> int:
        for at in range(0, len(data), PIECE):
            if self._faults.strikes("witness: torn"):
                raise Crash("witness: torn")
            super().write(data[at : at + PIECE])
        return len(data)

    def fileno(self) -> int:
        return -1  # no disk waits behind it; see `schedule`

    def notes(self) -> list[bytes]:
        """What it says to the end; of a torn one nothing."""
        notes = list(each(self.getvalue()))
        return notes if not notes or (notes[-1].endswith(b"\n") and b"\n\n" in notes[-1]) else notes[:-1]


class Witness(WitnessFile):
    """The file as one sealer opens it; nobody else has it open meanwhile."""

    def __init__(self, paper: Paper) -> None:
        super().__init__(Path("lake-town.checkpoints"))
        self._paper = paper

    @contextmanager
    def opened(self) -> Generator[Appending]:
        yield Appending(self._paper, self.path)


class Thinking:
    """The record as a sealer sees it: outside its transactions others may do theirs at any moment."""

    def __init__(self, record: Any, meanwhile: Meanwhile) -> None:
        self._record = record
        self._meanwhile = meanwhile

    def __getattr__(self, name: str) -> Any:
        def asked(*arguments: Any) -> Any:
            self._meanwhile()
            answer = getattr(self._record, name)(*arguments)
            self._meanwhile()
            return answer

        return asked


@contextmanager
def small(height: int, batch: int) -> Generator[None]:
    """Tiles of `1 << height` hashes instead of 256, and batches of so many events, for who reckons with them.

    A record of 256 events takes long to play; where tiles end, they end alike.
    """
    sizes = {"HEIGHT": height, "WIDTH": 1 << height, "BATCH": batch}
    with ExitStack() as stack:
        for module in map(import_module, TILED):
            for name in sizes.keys() & vars(module).keys():
                stack.enter_context(patch.object(module, name, sizes[name]))
        yield


def sealed_log(database: Database) -> SealedLog:
    """Tiles and checkpoints in that database."""
    sealed = SealedLog("sqlite://")
    sealed._engine = database.engine
    return sealed


def sealing(record: Any, database: Database, paper: Paper, broker: Broker, most: int) -> Steps:
    """One sealer from its start on. `most`: events that wait at once."""
    publish: Publish = publisher(Settings(kafka="in memory"), ORIGIN)
    notary = Notary(
        record,
        sealed_log(database),
        KEY,
        Witness(paper),
        broker.now,
        events=most,
        seconds=SECONDS,
        publish=publish,
    )
    while True:
        notary.run_once()
        yield


def published(broker: Broker, topics: Topics) -> list[bytes]:
    """What lies in the topic of checkpoints."""
    return [message.value() for message in broker.topic(topics.checkpoints)[0]]
