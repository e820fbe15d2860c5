"""Tells a follower that there may be more in the log: PostgreSQL's LISTEN, and a poll in any case."""

from contextlib import suppress
from time import monotonic, sleep
from typing import Any, Final, Protocol, cast

import psycopg
import structlog
from psycopg.sql import SQL, Identifier

from adapters.away import brief, growing
from projections.engine.database import NOTICING

POLL: Final = 0.5  # seconds between looks where LISTEN works
POLL_SQLITE: Final = 0.05  # there is nothing to listen to
PATIENCE: Final = 3  # seconds for a server to take our call
CHANNEL: Final = "stored_events"

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Wakeup(Protocol):
    """Waits for news of the log."""

    def wait(self) -> None:
        """Return when there may be more, at the latest after a moment."""
        ...

    def close(self) -> None: ...


def wakeup(store_url: str) -> Wakeup:
    """The means of a store to say that it has more."""
    return _Listening(store_url) if store_url.startswith("postgresql://") else _Polling()


class _Polling:
    def wait(self) -> None:
        sleep(POLL_SQLITE)

    def close(self) -> None:
        """Nothing is held."""


class _Listening:
    """Holds a connection of its own; loses nothing when it breaks, since it polls too.

    It is taken up again after a pause that grows; meanwhile the follower polls.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.Connection | None = None
        self._pauses = growing()
        self._again = 0.0  # not before this moment is a connection tried again

    def wait(self) -> None:
        try:
            if self._connection is None:
                self._listen()
                return  # something may have come before we listened
            for _ in self._connection.notifies(timeout=POLL, stop_after=1):
                pass
        except psycopg.OperationalError as error:
            pause = next(self._pauses)
            log.warning("wakeup.reconnect", seconds=pause, error=brief(error))
            self.close()
            self._again = monotonic() + pause

    def _listen(self) -> None:
        """Listen; or, as long as that is not to be tried again, let the follower poll."""
        if monotonic() < self._again:
            sleep(min(POLL, self._again - monotonic()))
            return
        self._connection = psycopg.connect(
            self._url, autocommit=True, connect_timeout=PATIENCE, **cast("Any", NOTICING)
        )
        self._connection.execute(SQL("LISTEN {}").format(Identifier(CHANNEL)))
        self._pauses = growing()

    def close(self) -> None:
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
            self._connection = None
