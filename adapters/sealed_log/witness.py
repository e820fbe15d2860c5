"""The file of checkpoints: appended to, never rewritten, outside the database that it bears witness of."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from adapters.sealed_log.broken import SealBroken
from services.audit.checkpoints import BadCheckpoint, Checkpoint, each, parse

_TAIL: Final = 16 * 1024  # bytes: the last checkpoint, whoever else signed it, is in them
_BEGINS: Final = b"sidan/"
_MOST: Final = 7  # lines of a note that we alone signed


class WitnessFile:
    """One file; of processes that append at once each waits for its turn."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def opened(self) -> Generator["Appending"]:
        """The file, for one who appends.

        Raises:
            OSError: it cannot be read or written.
            SealBroken: it is no file of checkpoints.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644), "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # goes with the file
            yield Appending(file, self.path)

    def read(self) -> list[bytes]:
        """Every note in it. Raises OSError."""
        return list(each(self.path.read_bytes()))


class Appending:
    """The end of the file, while nobody else appends."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file = file
        self._end = file.seek(0, os.SEEK_END)
        file.seek(max(0, self._end - _TAIL))
        notes = list(each(file.read()))
        self.last = self._last_of(notes, path)

    def append(self, notes: list[bytes]) -> None:
        """On the disk when it returns."""
        if not notes:
            return
        self._file.seek(self._end)
        self._file.truncate()  # what a crash left of a note
        self._file.write(b"".join(notes))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._end = self._file.tell()
        self.last = parse(notes[-1])

    def _last_of(self, notes: list[bytes], path: Path) -> Checkpoint | None:
        """What a crash left of a note is not one; anything else that is none is not ours to remove."""
        if notes and is_torn(notes[-1]):
            self._end -= len(notes.pop())
        if not notes and self._end <= _TAIL:
            return None
        try:
            return parse(notes[-1])
        except (BadCheckpoint, IndexError) as error:
            raise SealBroken("witness_foreign", str(path)) from error


def is_torn(end: bytes) -> bool:
    """Whether it is the beginning of a note of ours, or blocks that were never filled."""
    text = end.rstrip(b"\0")
    begun = text.startswith(_BEGINS) or _BEGINS.startswith(text)
    lines = text.splitlines()
    ended = b"\n\n" in text and text.endswith(b"\n")
    return begun and len(lines) <= _MOST and b"\r" not in text and not ended
