"""Closes each personal text with the key of its owner, and opens it as long as there is that key.

A key is committed before anything is closed with it: both lie in the same database, whose log reaches the
disk in the order of writing, so no text outlives its key in a crash. Destroying the key is the erasure.
"""

from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from secrets import token_bytes
from threading import Lock
from time import monotonic
from typing import Final

import structlog
from sqlalchemy import Connection, Engine, func, select

from adapters.keys import rows, scrubbing
from adapters.keys.cipher import KEY_BYTES, KeyCipher, Spoilt, TextCipher, id_of, parts_of
from adapters.keys.master import MasterKey, OtherMasterKey
from adapters.keys.owner import Owner
from adapters.keys.rows import KeyRow
from adapters.keys.town_key import UNFIT, TownSealer
from domain.sealed import Sealed
from projections.engine import open_reads
from projections.engine.database import for_writing, lock_tables, snapshot
from services.erasing import Reach

_UNUSED_BITS: Final = 8  # of 64: SQLite counts to 63, and a number stands before every text
ERASED: Final = "〔已删除 erased〕"
CLOSED: Final = frozenset({ERASED, UNFIT})
"""What stands in the place of a text that nothing opens."""

AGAIN: Final = 60.0  # seconds between two looks at whether something is left to scrub

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Keyring:
    """The keys of one town."""

    def __init__(
        self,
        store: str,
        master: MasterKey,
        before: TownSealer,
        random: Callable[[int], bytes] = token_bytes,
    ) -> None:
        """`store` is the record's URL, connected to when first asked; `before` opens what 0.1 has closed."""
        self._engine: Engine = open_reads(store, pool_pre_ping=True)  # a restarted server is noticed before
        self._master = master
        self._before = before
        self._random = random
        self._first = Lock()
        self._there = False
        self._ciphers: dict[str, KeyCipher] = {}  # by the master key's id
        self._present = ""  # the master key's id
        self._next_look = 0.0  # on the steady clock

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def create(self) -> None:
        """Create what is missing; the first process to come names the master key. Raises OtherMasterKey."""
        with self._first:
            with for_writing(self._engine).begin() as connection:
                lock_tables(connection)
                rows.metadata.create_all(connection)
                master = rows.master_of(connection)
                if master is None:
                    master = id_of(self._master.first())
                    rows.set_master(connection, master)
            self._cipher(master)
            self._present, self._there = master, True

    def _ready(self) -> None:
        """The table is there, and the town's master key known."""
        if not self._there:
            self.create()

    def sealers(self, owners: Collection[Owner]) -> Mapping[Owner, TextCipher]:
        """A cipher for each owner, whose key is there from now on.

        Raises:
            OtherMasterKey: the town has another one by now. What the database raises.
        """
        if not owners:
            return {}
        self._ready()
        wanted = sorted(set(owners), key=lambda one: (one.subject, one.person))  # as all others add them
        found = self._found_or_made(wanted)
        if len(found) < len(wanted):
            self.create()  # the master key was changed, or somebody else made one, a moment ago
            found = self._found_or_made(wanted)
        if len(found) < len(wanted):
            raise OtherMasterKey
        return found

    def seal(self, owner: Owner, clear: str) -> Sealed:
        """Close one text."""
        return self.sealers([owner])[owner].seal(clear)

    def open(self, sealed: str | None) -> str:
        """The clear text; in its place `ERASED` where its key was destroyed, `UNFIT` where none fits.

        Raises:
            OtherMasterKey: the key is wrapped with another master key than the one here.
        """
        parts = parts_of(sealed or "")
        if parts is None:
            return self._before.open(sealed)
        self._ready()
        with self._engine.connect() as connection:
            row = rows.get(connection, parts[0])
        if row is None:
            return UNFIT
        if row.wrapped is None:
            return ERASED
        try:
            return TextCipher(row.number, self._key(row)).open(parts[1])
        except (Spoilt, UnicodeDecodeError):
            return UNFIT

    def subjects_of(self, person: str) -> Sequence[str]:
        """What there are texts of this person about that can still be opened."""
        self._ready()
        with self._engine.connect() as connection:
            found = select(rows.keys.c.subject).where(rows.alive_of(person)).order_by(rows.keys.c.subject)
            return list(connection.execute(found).scalars())

    def keys_of(self, reach: Reach) -> Sequence[int]:
        """The living keys, by number, of these people about these subjects; of everybody where it is None."""
        self._ready()
        with self._engine.connect() as connection:
            found = (rows.numbers(connection, subject, whose) for subject, whose in reach.items())
            return [number for numbers in found for number in numbers]

    def destroy_all(self, numbers: Collection[int]) -> int:
        """Destroy the keys of these numbers in one go. Returns how many were alive.

        The bytes of the keys are gone from the database's files when it returns; not from its backups, and
        not from PostgreSQL's log before that is recycled.
        """
        if not numbers:
            return 0
        self._ready()
        with self._engine.begin() as connection:  # not for_writing: that would not wait for the disk
            count = rows.destroy(connection, sorted(numbers))
            self._to_scrub(connection)
        self._scrub()  # also where none was left: who destroyed them may have ended before this
        return count

    def rotate(self, following: bytes, told: Callable[[int], None] = lambda _: None) -> int:
        """Wrap every key with the next master key, in one transaction; returns how many.

        The next one lies in the folder of keys before that, so that whoever runs meanwhile goes on, and a
        change that is broken off is no loss. `told` hears how many are done.

        Raises:
            OtherMasterKey: the environment does not say the present one yet.
        """
        self.create()
        if self._master.from_environment and id_of(self._master.first()) != self._present:
            raise OtherMasterKey
        self._master.settle(self._present)
        self._master.prepare(following)
        done = self._rewrap(following, told)
        self._master.settle(self._present)
        return done

    def _rewrap(self, following: bytes, told: Callable[[int], None]) -> int:
        cipher, name, done = KeyCipher(following, self._random), id_of(following), 0
        with for_writing(self._engine).begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("LOCK TABLE sealing_keys IN EXCLUSIVE MODE")
            for page in rows.pages(connection, alive=True):
                wrapped = [(row.number, cipher.wrap(self._key(row), _label(row.owner))) for row in page]
                rows.rewrap(connection, wrapped, name)
                done += len(page)
                told(done)
            rows.set_master(connection, name)
            self._to_scrub(connection)
        self._ciphers[name], self._present = cipher, name
        self._scrub()
        return done

    def expect(self, master: str) -> None:
        """Keys wrapped with this master key are coming; a town without any key yet takes it as its own.

        Raises:
            OtherMasterKey: the town has another one, or it is not at hand.
        """
        self.create()
        if self.count() == 0 and master != self._present:
            self._cipher(master)  # it has to be here, or nothing that comes could ever be opened
            with for_writing(self._engine).begin() as connection:
                rows.set_master(connection, master)
            self._present = master
        if master != self._present:
            raise OtherMasterKey

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """The key table at one moment, to take it elsewhere."""
        self.create()
        with snapshot(self._engine) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """One durable transaction on the key table, to bring keys along."""
        self.create()
        with self._engine.begin() as connection:
            yield connection
            self._to_scrub(connection)
        self._scrub()

    def count(self) -> int:
        """How many keys are alive."""
        self._ready()
        with self._engine.connect() as connection:
            return connection.execute(select(func.count()).where(rows.alive_of())).scalar_one()

    @property
    def master(self) -> str:
        """The id of the master key."""
        self._ready()
        return self._present

    def _found_or_made(self, wanted: Sequence[Owner]) -> dict[Owner, TextCipher]:
        cipher = self._cipher(self._present)
        fresh = {one: self._random(KEY_BYTES) for one in wanted}
        offered = {
            one: KeyRow(self._lot(), one, cipher.wrap(key, _label(one)), self._present)
            for one, key in fresh.items()
        }
        found: dict[Owner, TextCipher] = {}
        for row in rows.ensure(self._engine, list(offered.values()), self._present):
            mine = offered[row.owner].number == row.number
            found[row.owner] = TextCipher(row.number, fresh[row.owner] if mine else self._key(row))
        return found

    def _lot(self) -> int:
        """A number for a key that nobody else has drawn."""
        return int.from_bytes(self._random(8)) >> _UNUSED_BITS

    def _key(self, row: KeyRow) -> bytes:
        assert row.wrapped is not None
        return self._cipher(row.master).unwrap(row.wrapped, _label(row.owner))

    def _cipher(self, master: str) -> KeyCipher:
        known = self._ciphers.get(master)
        if known is None:
            known = self._ciphers[master] = KeyCipher(self._master.called(master), self._random)
        return known

    def scrub_what_is_left(self) -> None:
        """Have done what others stood in the way of, once a minute at most; waits for nobody."""
        if monotonic() >= self._next_look:
            self._next_look = monotonic() + AGAIN
            self._ready()
            if scrubbing.is_left(self._engine) and scrubbing.scrub(self._engine, patience=0):
                log.info("keys.scrubbed")

    def _to_scrub(self, connection: Connection) -> None:
        scrubbing.to_do(connection, self._random(8))

    def _scrub(self) -> None:
        """Have the database rid its files of what was overwritten."""
        if not scrubbing.scrub(self._engine, scrubbing.PATIENCE):
            log.warning("keys.unscrubbed", reason="others use the key table; it is tried again every minute")


def _label(owner: Owner) -> str:
    """What a wrapped key is bound to, so that no row can be put in another's place."""
    return f"{owner.subject}\0{owner.person}"
