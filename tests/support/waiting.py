"""Waits for what other threads and processes do, never longer than it takes."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import Event, Thread


def eventually(met: Callable[[], object], seconds: float = 60, what: str = "it") -> None:
    """Return as soon as it is so; AssertionError if it never is."""
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline, f"{what} did not come about in {seconds} s"
        time.sleep(0.02)


class Running:
    """Something that runs in a thread until it is told to stop."""

    def __init__(self, work: Callable[[Event], None]) -> None:
        self.failure: BaseException | None = None
        self._work = work
        self._stop = Event()
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._work(self._stop)
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            self.failure = error

    @property
    def ended(self) -> bool:
        return not self._thread.is_alive()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(40)
        assert self.ended, "it did not stop when told to"

    def failed(self, seconds: float = 60) -> BaseException:
        """What ended it."""
        eventually(lambda: self.ended, seconds, "the end")
        assert self.failure is not None
        return self.failure


@contextmanager
def running(*works: Callable[[Event], None]) -> Generator[list[Running]]:
    """Runs all until the block ends; what failed meanwhile fails the test, unless the test asked for it."""
    threads = [Running(work) for work in works]
    try:
        yield threads
    except BaseException as error:
        for thread in threads:
            if thread.failure is not None:
                error.add_note(f"meanwhile one of them ended: {thread.failure!r}")
        raise
    finally:
        for thread in threads:
            thread.stop()
    for thread in threads:
        if thread.failure is not None:
            raise thread.failure
