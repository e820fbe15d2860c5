"""Tells a follower that there may be more in the log: PostgreSQL's LISTEN, and a poll in any case."""

from contextlib import suppress
from time import sleep
from typing import Final, Protocol

import psycopg
import structlog
from psycopg.sql import SQL, Identifier

POLL: Final = 0.5  # seconds between looks where LISTEN works
POLL_SQLITE: Final = 0.05  # there is nothing to listen to
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
    """Holds a connection of its own; loses nothing when it breaks, since it polls too and reconnects."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.Connection | None = None

    def wait(self) -> None:
        try:
            if self._connection is None:
                self._connection = psycopg.connect(self._url, autocommit=True)
                self._connection.execute(SQL("LISTEN {}").format(Identifier(CHANNEL)))
                return  # something may have come before we listened
            for _ in self._connection.notifies(timeout=POLL, stop_after=1):
                pass
        except psycopg.OperationalError as error:
            log.warning("wakeup.reconnect", error=str(error))
            self.close()
            sleep(POLL)

    def close(self) -> None:
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
            self._connection = None
