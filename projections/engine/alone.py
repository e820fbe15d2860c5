"""One rebuild of a read model at a time. The lock goes with the process that holds it, however that ends."""

import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager, suppress
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError, PendingRollbackError

_REBUILDING: Final = 0x51DA7  # the first number of the advisory locks, one for each read model


class BeingRebuilt(Exception):
    """Another process is at it; two would build into the same tables."""

    code: Final = "being_rebuilt"

    def __init__(self, model: str) -> None:
        super().__init__(
            f"读模型{model}正由另一个进程重建，请等它结束再试。"
            f" The read model {model} is being rebuilt by another process; try again when that has ended."
        )


@contextmanager
def alone(engine: Engine, model: str, name: str) -> Generator[Callable[[], None]]:
    """Have a read model's next generation to oneself.

    Args:
        model: the name with the version, as its tables go by.
        name: what people call it.

    Yields:
        Looks whether it still is so, before anything is switched. Raises OperationalError when the server
        has let the lock go.

    Raises:
        BeingRebuilt: somebody else has.
    """
    if engine.dialect.name == "postgresql":
        with _under_advisory_lock(engine, model, name) as look:
            yield look
    else:
        with _under_file_lock(engine.url.database, model, name):
            yield lambda: None


@contextmanager
def _under_advisory_lock(engine: Engine, model: str, name: str) -> Generator[Callable[[], None]]:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        taking = "SELECT pg_try_advisory_lock(%s, hashtext(%s))"
        if not connection.exec_driver_sql(taking, (_REBUILDING, model)).scalar_one():
            raise BeingRebuilt(name)
        try:
            yield lambda: connection.exec_driver_sql("SELECT 1").close()
        finally:
            with suppress(OperationalError, PendingRollbackError):  # then the lock went with the connection
                connection.exec_driver_sql(
                    "SELECT pg_advisory_unlock(%s, hashtext(%s))", (_REBUILDING, model)
                ).close()


@contextmanager
def _under_file_lock(file: str | None, model: str, name: str) -> Generator[None]:
    """A lock of SQLite's own on an empty file beside the database; nobody else sees one in memory."""
    if not file or file == ":memory:":
        yield
        return
    with closing(sqlite3.connect(f"{file}-{model}-rebuild", timeout=0, isolation_level=None)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise BeingRebuilt(name) from error
            raise
        yield
