"""Which errors mean that a service we stand on is away for a while, and how long to wait for it."""

import sqlite3
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from threading import Event
from time import monotonic
from traceback import format_tb
from typing import Final

import psycopg
import sqlalchemy.exc
import structlog
from eventsourcing import persistence

from adapters.keys.master import BadMasterKey, OtherMasterKey

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


_GONE: Final = (
    "服务没有应答，请看它是否在运行；会自动再试。"
    " The service does not answer; see that it runs. It is tried again."
)
_FAULT: Final = (
    "程序出错，请把这一行交给维护者。 A fault of the program; hand this line to those who maintain it."
)
_REFUSED: Final = (
    "数据库不接受一个值，请用 SIDAN_LOG=debug 看是哪张表。"
    " The database refuses a value; SIDAN_LOG=debug names the table."
)
_FULL: Final = (
    "数据库没有空间或连接了，请清理磁盘或放宽上限。"
    " The database is out of room or connections; make room or raise the limit."
)
_LACKING: Final = (
    "缺少数据表或权限，请再运行一次 sidan init。 Tables or rights are missing; run sidan init once more."
)
_MISSHAPEN: Final = (
    "缺少数据表，或它是另一版本的样子：请再运行一次 sidan init，或用写它的版本。"
    " A table is missing or another release's; run sidan init once more, or the release that wrote it."
)
_OTHER_COLUMNS: Final = ("no such column", "has no column", "columns but", "values for")  # as SQLite says it
_UNDEFINED_COLUMN: Final = "42703"
_CROSSED: Final = "与别的事务相撞，会自动再试。 It met another transaction; it is tried again."
_KAFKA: Final = (
    "Kafka 不在或不接受，请检查服务、主题和权限。"
    " Kafka is away or refuses; check the broker, its topics and rights."
)
_OURS: Final = (KafkaAway, BadMasterKey, OtherMasterKey)  # their words are ours
_KAFKA_LIBRARIES: Final = ("cimpl", "confluent_kafka", "kafka")
_SENTENCES: Final = {  # by how a code begins; PostgreSQL's classes have two characters
    "08": _GONE,
    "22": _REFUSED,
    "23": _REFUSED,
    "28": "数据库不认这个用户，请检查用户和密码。 The database refuses the user; check name and password.",
    "3D": "没有这个数据库，请检查地址。 There is no such database; check the URL.",
    "40": _CROSSED,
    _UNDEFINED_COLUMN: _MISSHAPEN,
    "42": _LACKING,
    "53": _FULL,
    "55": _CROSSED,
    "57": _GONE,
    "SQLITE_BUSY": _CROSSED,
    "SQLITE_CONSTRAINT": _REFUSED,
    "SQLITE_FULL": _FULL,
    "SQLITE_ERROR": _MISSHAPEN,  # what it calls a statement that does not fit the tables
    "SQLITE_": "SQLite 文件打不开，请看磁盘和权限。 SQLite's file cannot be used; see to disk and rights.",
}


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


def origin(error: BaseException) -> BaseException:
    """What the driver raised, under what a library has wrapped around it."""
    for inner in (getattr(error, "orig", None), error.__cause__, *error.args):
        if isinstance(inner, BaseException):
            return origin(inner)
    return error


def brief(error: BaseException) -> str:
    """The kind, the code and a sentence of ours: a driver's own may quote what people wrote."""
    told = origin(error)
    code = code_of(told)
    sentence = str(error) if isinstance(error, _OURS) else _sentence(told, code)
    return f"{type(told).__name__}{f' {code}' if code else ''}: {sentence}"


def code_of(error: BaseException) -> str:
    """PostgreSQL's SQLSTATE, SQLite's or librdkafka's name for it; empty where there is none."""
    name = getattr(error.args[0] if error.args else None, "name", None)  # librdkafka's KafkaError
    known = (getattr(error, "sqlstate", None), getattr(error, "sqlite_errorname", None), name and name())
    return next((str(one) for one in known if one), "")


def is_misshapen(error: BaseException) -> bool:
    """Whether a table lacks a column that we ask for, or has others: no waiting helps."""
    told = origin(error)
    if isinstance(told, sqlite3.Error):
        return any(part in str(told) for part in _OTHER_COLUMNS)
    return code_of(told) == _UNDEFINED_COLUMN


def whereabouts(error: BaseException) -> dict[str, object]:
    """For who looks into it: table, column, constraint and the lines of code; nobody's values."""
    diagnosis = getattr(origin(error), "diag", None)
    names = {one: getattr(diagnosis, f"{one}_name", None) for one in ("table", "column", "constraint")}
    return {
        **{name: value for name, value in names.items() if value},
        "where": "".join(format_tb(error.__traceback__)),
    }


def _sentence(error: BaseException, code: str) -> str:
    for beginning, sentence in _SENTENCES.items():
        if code.startswith(beginning):
            return sentence
    if type(error).__module__.partition(".")[0] in _KAFKA_LIBRARIES:
        return _KAFKA
    return _GONE if isinstance(error, AWAY) else _FAULT
