"""One service for all of pytest-xdist's workers: the first starts it, and stops it when the last is done."""

import fcntl
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path


@contextmanager
def shared(folder: Path, name: str, running: Callable[[], AbstractContextManager[str]]) -> Generator[str]:
    """The address of the service `running` starts, the same to every process that shares the folder.

    Locks are the kernel's, so that a worker that dies keeps nobody waiting.
    """
    with (folder / f"{name}.starting").open("w") as starting, (folder / f"{name}.users").open("w") as users:
        fcntl.flock(starting, fcntl.LOCK_EX)
        address = folder / f"{name}.address"
        fcntl.flock(users, fcntl.LOCK_SH)  # granted when one that is being stopped is gone
        if address.exists():
            fcntl.flock(starting, fcntl.LOCK_UN)
            yield address.read_text(encoding="utf-8")
            return
        with running() as started:
            address.write_text(started, encoding="utf-8")
            fcntl.flock(starting, fcntl.LOCK_UN)
            yield started
            with suppress(OSError):
                fcntl.flock(users, fcntl.LOCK_EX)  # granted when every other worker has let go
            address.unlink()
