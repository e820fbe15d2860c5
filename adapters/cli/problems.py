"""What can go wrong at the command line: a stable code, one sentence in both languages, an exit code."""

import re
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

import psycopg
from eventsourcing.domain import EventSourcingError
from eventsourcing.persistence import MapperDeserialisationError
from sqlalchemy.exc import DBAPIError

from adapters.away import KafkaAway, brief, code_of, is_misshapen, origin
from adapters.derived import NotOurShape
from adapters.keys.master import BadMasterKey, OtherMasterKey
from adapters.opening import Unrecorded
from adapters.sealed_log import SEAL_TABLES
from adapters.settings import Settings
from adapters.store.event_store import UnknownStore
from adapters.tables import TableFaulty
from adapters.towns import TownFileFaulty
from projections.engine import BadCursor
from projections.engine.alone import BeingRebuilt

DONE: Final = 0
WANTING: Final = 1  # refused, or found wanting
USAGE: Final = 2
AWAY: Final = 3  # a needed service does not answer

_SQLITE_AWAY: Final = ("unable to open", "locked", "disk", "readonly", "not a database", "malformed")
_MISSING: Final = re.compile(
    r"no such table: (?:main\.)?(?P<sqlite>\w+)|relation \"(?P<postgres>.+?)\" does not"
)
QUOTING: Final = ("22", "23")  # classes of SQLSTATE whose sentences quote the value that does not fit


class Problem(Exception):
    """Ends a command with one sentence."""

    def __init__(self, code: str, zh: str, en: str, exit_code: int = WANTING) -> None:
        super().__init__(f"{zh} {en}")
        self.code = code
        self.zh = zh
        self.en = en
        self.exit_code = exit_code


class Usage(Problem):
    """The command was not given as it must be."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(code, zh, en, USAGE)


def no_town() -> Problem:
    return Problem(
        "no_town",
        "这里还没有镇街，请先运行 sidan init --town guangming。",
        "There is no town here yet; run sidan init --town guangming first.",
    )


def kafka_needed(settings: Settings) -> None:
    """Raises Usage unless a broker is set."""
    if settings.embedded:
        raise Usage(
            "no_kafka",
            "此命令要用Kafka，请设置 SIDAN_KAFKA=主机:端口 或 --kafka。",
            "This command works with Kafka; set SIDAN_KAFKA=HOST:PORT or --kafka.",
        )


@contextmanager
def as_problems(settings: Settings) -> Generator[None]:
    """Turn what adapters raise into one sentence and an exit code."""
    try:
        yield
    except Problem:
        raise
    except (psycopg.OperationalError, sqlite3.Error, EventSourcingError, DBAPIError) as error:
        problem = _store_problem(settings, error)
        if problem is None:
            raise
        raise problem from error
    except UnknownStore as error:
        zh, _, en = str(error).partition("。 ")
        raise Usage("unknown_store", zh + "。", en) from error
    except BadCursor as error:
        raise Usage(error.code, error.reason_zh, error.reason_en) from error
    except (OtherMasterKey, BadMasterKey) as error:
        raise Problem(error.code, error.reason_zh, error.reason_en) from error
    except TownFileFaulty as error:
        first = error.findings[0]
        where_zh, where = (f"第{first.line}行：", f"Line {first.line}: ") if first.line else ("", "")
        raise Problem("town_file", where_zh + first.zh, where + first.en) from error
    except (TableFaulty, Unrecorded) as error:
        ends_with = AWAY if isinstance(error, Unrecorded) else WANTING
        raise Problem(error.code, error.zh, error.en, ends_with) from error
    except (KafkaAway, NotOurShape, BeingRebuilt) as error:
        zh, _, en = str(error).partition("。 ")
        ends = AWAY if isinstance(error, KafkaAway) else WANTING
        raise Problem(error.code, zh.rstrip("。") + "。", en, ends) from error


def _store_problem(settings: Settings, error: Exception) -> Problem | None:
    """None: the fault is ours, and is shown as it is."""
    why = _brief(error)
    if isinstance(error, MapperDeserialisationError):
        return Problem(
            "unreadable_record",
            f"记录读不懂：{why}，请用写它的版本来读。",
            f"The record cannot be read: {why}; read it with the release that wrote it.",
        )
    if is_misshapen(error):
        return Problem(
            NotOurShape.code,
            f"数据表是另一版本的样子（{why}），请用写它的版本，或从备份恢复。",
            f"A table has another shape than this release knows ({why}); use the release that wrote it, or a"
            " backup.",
        )
    if (missing := _MISSING.search(why)) is not None:
        return _table_missing(missing[missing.lastgroup or 0])
    if isinstance(origin(error), sqlite3.Error) and not any(part in why for part in _SQLITE_AWAY):
        return None
    where = _without_password(settings.store)
    return Problem(
        "store_away",
        f"存储{where}不可用（{why}），请检查它是否在运行、地址和权限是否正确、磁盘是否还有空间。",
        f"The store {where} is away ({why}); see that it runs, and check its address, its rights and the"
        " room on its disk.",
        AWAY,
    )


def _table_missing(table: str) -> Problem:
    """To make the seal's tables anew would lay an empty seal over what was sealed."""
    if table in SEAL_TABLES:
        return Problem(
            "seal_table_missing",
            f"封存用的数据表{table}不见了，本程序从不删除它；请从备份恢复这张表，再运行 sidan audit verify。",
            f"The table {table} of the seal is gone, and no command drops it; put that table back from a"
            " backup, then run sidan audit verify.",
        )
    return Problem(
        "no_tables",
        f"缺少数据表{table}，请再运行一次 sidan init。",
        f"The table {table} is missing; run sidan init once more.",
    )


def _brief(error: Exception) -> str:
    """The first line, without the statement that failed: it may hold what people wrote."""
    told = origin(error)
    if code_of(told).startswith(QUOTING):
        return brief(error)
    lines = str(told).strip().splitlines()
    return lines[0] if lines else type(told).__name__


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    if parts.password is None:
        return url
    return url.replace(f":{parts.password}@", ":…@", 1)
