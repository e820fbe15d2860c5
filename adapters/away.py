"""Which errors mean that a service we stand on is away for a while, and how long to wait for it."""

from collections.abc import Callable, Iterator
from itertools import chain, repeat
from threading import Event
from time import monotonic
from typing import Final

import psycopg
import sqlalchemy.exc
import structlog
from eventsourcing import persistence

PAUSES: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 4.0)  # seconds between tries; the last for ever
CALM: Final = 10.0  # seconds of work after which the next failure is a new one

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class KafkaAway(RuntimeError):
    """The broker does not answer, or lacks what we need."""

    code = "kafka_away"


class KafkaRefuses(KafkaAway):
    """The broker is there, and does not let us in or is not known to us."""

    code = "kafka_refuses"


AWAY: Final = (
    KafkaAway,
    psycopg.OperationalError,
    psycopg.InterfaceError,  # the connection was closed under us
    persistence.OperationalError,
    persistence.InterfaceError,
    sqlalchemy.exc.OperationalError,
    sqlalchemy.exc.InterfaceError,
)
"""A service that is restarted raises one of these; whatever else is raised is a fault of ours."""


def until_stopped(
    work: Callable[[], None], stop: Event, name: str, away: tuple[type[Exception], ...] = AWAY
) -> None:
    """Do it until told to stop; begin anew, after a pause that grows, as long as a service is away.

    Args:
        work: returns when told to stop; begins where the record says that it came to.
        name: of the role, for the log.
        away: what means that a service is away.

    Raises:
        What `work` raised, when it does not mean that a service is away.
    """
    pauses = growing()
    while not stop.is_set():
        begun = monotonic()
        try:
            work()
        except away as error:
            if monotonic() - begun > CALM:
                pauses = growing()
            pause = next(pauses)
            log.warning("role.away", role=name, seconds=pause, error=brief(error))
            stop.wait(pause)


def growing() -> Iterator[float]:
    """How long to wait before the next try, and the one after it."""
    return chain(PAUSES, repeat(PAUSES[-1]))


def brief(error: BaseException) -> str:
    """The kind and the first line, without a statement's values: they may hold what people wrote."""
    origin = getattr(error, "orig", None) or error
    lines = str(origin).strip().splitlines()
    return f"{type(origin).__name__}: {lines[0] if lines else ''}"
