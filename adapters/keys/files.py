"""Key files: a folder of the town's own, outside the databases, readable by its owner only."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


class KeyFiles:
    """The keys of one town, a file each. Whoever has the folder can open and sign; keep a copy apart."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> Path:
        """Where a key lies, or would."""
        return self._folder / name

    def read_or_make(self, name: str, make: Callable[[], bytes]) -> bytes:
        """A key; made now where there is none. Of processes that make it at once all get the same.

        Raises:
            OSError: the folder cannot be read or written.
        """
        path = self.path(name)
        with suppress(FileNotFoundError):
            return path.read_bytes()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        mine = self.path(f".{name}.{os.getpid()}")
        with suppress(FileNotFoundError):
            mine.unlink()  # of a process that died here
        with os.fdopen(os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        try:
            with suppress(FileExistsError):
                os.link(mine, path)  # whole or not at all; somebody else's stays
        finally:
            mine.unlink()
        return path.read_bytes()
