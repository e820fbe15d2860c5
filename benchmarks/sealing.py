"""Sealing and verifying the record, against reading its raw rows and hashing them in a bare loop."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import psycopg
from sqlalchemy import text

from adapters.bootstrap import Node, wall_clock
from adapters.keys.files import KeyFiles
from adapters.sealed_log import Notary, WitnessFile, signing_key
from adapters.sealed_log.checking import Checking, notes_of
from benchmarks.growth import fill
from benchmarks.load import open_town
from benchmarks.measuring import Row, at_least, in_turn
from projections.engine import open_reads
from tests.support.postgres import fresh_database

ORDERS: Final = int(os.environ.get("SIDAN_BENCH_SEALED", "20000"))
PAGE: Final = 4000
ROUNDS: Final = 3


def measure(server: str) -> Iterator[Row]:
    """One record in PostgreSQL; each round seals it from nothing, and verifies it."""
    with fresh_database(server) as url, open_town(url) as node, TemporaryDirectory() as folder:
        fill(node, ORDERS, count(1))
        town = _Town(node, url, Path(folder))
        rates = in_turn({"raw": town.raw, "seal": town.seal, "verify": town.verify}, ROUNDS)
        raw = f"raw rows read and hashed: {rates.rate('raw'):,.0f}/s"
        for name in ("seal", "verify"):
            told = f"{rates.rate(name):,.0f} events/s"
            yield at_least(f"{name} {node.store.head():,} events", told, raw, rates.ratio(name, "raw"), 0.3)


@dataclass(frozen=True, slots=True)
class _Town:
    node: Node
    url: str
    folder: Path

    def raw(self) -> int:
        """The ceiling: pages of rows as the driver gives them, one SHA-256 each."""
        position = done = 0
        with psycopg.connect(self.url) as connection:
            statement = (
                "SELECT notification_id, originator_id, originator_version, topic, state FROM stored_events"
                " WHERE notification_id > %b ORDER BY notification_id LIMIT %b"
            )
            while rows := connection.execute(statement, (position, PAGE), binary=True).fetchall():
                for row in rows:
                    sha256(row[4])
                position = rows[-1][0]
                done += len(rows)
        return done

    def seal(self) -> int:
        self._unseal()
        last = self._notary().seal()
        assert last is not None
        return last.size

    def verify(self) -> int:
        key = self._notary()._key.verifier  # noqa: SLF001 - the key of this benchmark
        notes = notes_of(self.folder / "checkpoints")
        verdict = Checking(self.node.store, self.node.sealed_log, [key], notes).run()
        assert verdict.ok
        return verdict.events

    def _notary(self) -> Notary:
        key = signing_key(KeyFiles(self.folder / "keys"), "sidan/bench")
        witness = WitnessFile(self.folder / "checkpoints")
        self.node.sealed_log.create()
        return Notary(self.node.store, self.node.sealed_log, key, witness, wall_clock)

    def _unseal(self) -> None:
        (self.folder / "checkpoints").unlink(missing_ok=True)
        self.node.sealed_log.create()
        database = open_reads(self.url)
        with database.begin() as connection:
            connection.execute(text("TRUNCATE log_tiles, log_checkpoints"))
        database.dispose()
