"""A sealed record, and somebody who changes it behind our back."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text

from adapters.keys.files import KeyFiles
from adapters.sealed_log import Notary, Publish, SealedLog, SigningKey, WitnessFile, signing_key
from adapters.sealed_log.checking import Checking, Verdict, notes_of
from adapters.store.event_store import EventStore
from projections.engine import open_reads
from services.audit.checkpoints import VerifierKey
from services.handling import Handler
from tests.support import an_order as order
from tests.support.at_the_door import of, say

ORIGIN: Final = "sidan/lake"
SEALED: Final = (300, 300, 20)  # orders behind the town's four events, a checkpoint after each lot
FIRST, SECOND, THIRD = 304, 604, 624  # events, as each of them has it
NOON: Final = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Lake:
    """A record with its seal, its key and its witness."""

    def __init__(self, url: str, folder: Path, store: EventStore, handler: Handler) -> None:
        self.url = url
        self.store = store
        self.handler = handler
        self.sealed_log = SealedLog(url)
        self.sealed_log.create()
        self.witness = folder / "lake.checkpoints"
        self.keys = KeyFiles(folder / "lake.keys")
        self.now = NOON
        self.orders = 0
        self.database = open_reads(url)

    def close(self) -> None:
        self.sealed_log.close()
        self.database.dispose()

    def levels(self) -> dict[int, int]:
        """How many tiles each level has."""
        with self.database.connect() as connection:
            rows = connection.execute(text("SELECT level, count(*) FROM log_tiles GROUP BY level"))
            return {row[0]: row[1] for row in rows}

    @property
    def key(self) -> SigningKey:
        return signing_key(self.keys, ORIGIN)

    def notary(self, publish: Publish | None = None, **options: Any) -> Notary:
        witness = WitnessFile(self.witness)
        return Notary(self.store, self.sealed_log, self.key, witness, self.clock, publish=publish, **options)

    def clock(self) -> datetime:
        return self.now

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def place(self, count: int = 1) -> None:
        """More orders on record."""
        asks = [of(self.orders + number, order.place()) for number in range(count)]
        self.orders += count
        for at in range(0, count, 500):
            say(self.handler, *asks[at : at + 500])

    def sealed_in_steps(self, *counts: int) -> None:
        """Orders placed and sealed, a checkpoint after each lot."""
        for count in counts:
            self.place(count)
            self.later(10)
            self.notary().seal()

    def verdict(self, *, witness: bool = True, keys: Sequence[VerifierKey] | None = None) -> Verdict:
        notes = notes_of(self.witness) if witness else None
        found = [self.key.verifier] if keys is None else keys
        return Checking(self.store, self.sealed_log, found, notes).run()

    def codes(self, *, witness: bool = False) -> list[str]:
        return [flaw.code for flaw in self.verdict(witness=witness).flaws]

    def sql(self, statement: str, **values: Any) -> Any:
        """What somebody does who has the database."""
        with self.database.begin() as connection:
            found = connection.execute(text(statement), values)
            return found.all() if found.returns_rows else found.rowcount

    def positions(self) -> list[int]:
        return [one.id for one in self.store.read_stored(0, 100_000)]


Tamper = Callable[[Lake], object]
