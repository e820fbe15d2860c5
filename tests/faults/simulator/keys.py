"""The town's keys, and a memory of all that ever were, which can tell what an erasure took and what not."""

import base64
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Final

from adapters.keys.cipher import TextCipher, parts_of
from adapters.keys.files import KeyFiles
from adapters.keys.keyring import Keyring
from adapters.keys.master import MasterKey
from adapters.keys.owner import Owner
from adapters.keys.town_key import TownSealer
from services.erasing import Reach
from tests.faults.simulator.faults import Database

SECRET: Final = bytes(32)  # of nobody's town
TEXT: Final = re.compile(r"s[12]\.[A-Za-z0-9_=.-]+")


@dataclass
class Kept:
    """A key that something was closed with. Numbers are how far the record went."""

    owner: Owner
    cipher: TextCipher
    made: int
    destroyed: int | None = None  # None: it is alive
    gone: datetime | None = None  # when


class Keys:
    """A keyring as any role has it."""

    def __init__(
        self, database: Database, chance: Random, head: Callable[[], int], clock: Callable[[], datetime]
    ) -> None:
        self.ever: dict[int, Kept] = {}
        self._database = database
        self._head = head
        self._clock = clock
        self._before = TownSealer(SECRET)
        master = MasterKey(KeyFiles(Path("nowhere")), "ab" * 32)
        self._ring = Keyring("sqlite://", master, self._before, chance.randbytes)
        self._ring._engine = database.engine
        self._ring.create()

    def sealers(self, owners: Collection[Owner]) -> Mapping[Owner, TextCipher]:
        found = self._ring.sealers(owners)
        for owner, cipher in found.items():
            self.ever.setdefault(cipher._number, Kept(owner, cipher, self._head()))
        return found

    def subjects_of(self, person: str) -> Sequence[str]:
        return self._ring.subjects_of(person)

    def keys_of(self, reach: Reach) -> Sequence[int]:
        return self._ring.keys_of(reach)

    def destroy_all(self, numbers: Collection[int]) -> int:
        try:
            return self._ring.destroy_all(numbers)
        finally:
            for number in self._destroyed() & self.ever.keys():
                if (kept := self.ever[number]).destroyed is None:
                    kept.destroyed, kept.gone = self._head(), self._clock()

    def open(self, text: str) -> str:
        """As the edges do."""
        return self._ring.open(text)

    def remember(self, text: str) -> str:
        """What was written, whatever has become of its key."""
        parts = parts_of(text)
        return self._before.open(text) if parts is None else self.ever[parts[0]].cipher.open(parts[1])

    def said(self, text: str) -> str:
        """The same, of parked bytes what they were."""
        clear = self.remember(text)
        try:
            return base64.b64decode(clear, validate=True).decode(errors="replace")
        except ValueError:
            return clear

    def in_clear(self, stored: str) -> str:
        """What was stored, with its texts as they were written."""
        return TEXT.sub(lambda found: self.remember(found[0]), stored)

    def _destroyed(self) -> set[int]:
        rows = self._database.connection.execute("SELECT id FROM sealing_keys WHERE wrapped IS NULL")
        return {number for (number,) in rows}


def texts_in(stored: str) -> Iterator[tuple[str, int]]:
    """Texts closed with a key of their own, each with the number of its key."""
    for text in TEXT.findall(stored):
        if (parts := parts_of(text)) is not None:
            yield text, parts[0]
