"""One relay of a store at a time: the others wait for their turn, under an advisory lock of PostgreSQL.

The lock lies on a connection of its own and goes with it, so whoever holds it looks now and then whether that
still lives: a server that was switched over gives the lock to the next without asking.
"""

from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from threading import Event
from time import monotonic
from typing import Any, Final, cast

import psycopg
import structlog

from projections.engine.database import NOTICING

RELAY: Final = 0x51DA5  # the number of the lock
LOOK: Final = 1.0  # seconds between looks at the lock's connection, and between tries to get it
PATIENCE: Final = 5  # seconds for the server to take our call

log: structlog.stdlib.BoundLogger = structlog.get_logger()


@contextmanager
def turn(store_url: str, stop: Event) -> Generator[Callable[[], None]]:
    """Wait until no other relay of this store runs, or until told to stop.

    Yields:
        Looks, at most once in `LOOK` seconds, whether the turn is still ours. Raises
        psycopg.OperationalError when it is not. SQLite has one process, whose turn it always is.
    """
    if not store_url.startswith("postgresql://"):
        yield lambda: None
        return
    with closing(_connected(store_url)) as connection:
        while not stop.is_set() and not _taken(connection):
            stop.wait(LOOK)
        log.debug("relay.turn", backend=connection.info.backend_pid)
        yield _Look(connection)


def _connected(store_url: str) -> psycopg.Connection:
    return psycopg.connect(store_url, autocommit=True, connect_timeout=PATIENCE, **cast("Any", NOTICING))


def _taken(connection: psycopg.Connection) -> bool:
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", (RELAY,)).fetchone()
    return row is not None and bool(row[0])


class _Look:
    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._next = monotonic() + LOOK

    def __call__(self) -> None:
        if monotonic() >= self._next:
            self._connection.execute("SELECT 1")  # the lock lives as long as its session does
            self._next = monotonic() + LOOK
