"""Where a person's texts lie, and what an erasure did there: the lines of an erasure's receipt."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from domain.model import Value


class Because(StrEnum):
    """Why texts are erased."""

    REQUEST = "request"  # somebody asked for it
    RETENTION = "retention"  # the days that the rules keep them are over


class How(StrEnum):
    """What became of the texts at one place."""

    KEY_DESTROYED = "key_destroyed"  # they lie there closed, and nothing opens them any more
    EXPIRES = "expires"  # they lie there in clear until a moment
    NOT_REACHED = "not_reached"  # somebody has to see to it
    NONE = "none"  # none lie there


class Place(StrEnum):
    """Where texts lie, or could."""

    LOG = "log"
    SNAPSHOTS = "snapshots"
    READ_MODELS = "read_models"
    DEAD_LETTERS = "dead_letters"
    NAMELESS_LETTERS = "nameless_letters"
    NOTES = "notes"
    TOPICS = "topics"
    COMMAND_TOPICS = "command_topics"
    NOTICES = "notices"
    TOWN_KEY = "town_key"
    BACKUPS = "backups"


class Reached(Value):
    """One place. `count`: how many texts lie there, None where nobody counts them."""

    place: Place
    how: How
    count: Annotated[int, Field(ge=0)] | None = None
    until: datetime | None = None  # where they expire


PLACE_NAMES: Final[dict[Place, tuple[str, str]]] = {
    Place.LOG: ("记录本身", "the log"),
    Place.SNAPSHOTS: ("快照", "snapshots"),
    Place.READ_MODELS: ("读模型", "read models"),
    Place.DEAD_LETTERS: ("死信（读不懂的消息）", "dead letters"),
    Place.NAMELESS_LETTERS: ("看不出是谁发的死信", "dead letters that do not say whose they are"),
    Place.NOTES: ("各流程的备忘与待发件", "notes and outbox of the processes"),
    Place.TOPICS: ("事件、答复、承办等Kafka主题", "Kafka topics of events, answers and work"),
    Place.COMMAND_TOPICS: ("Kafka收件主题（明文）", "Kafka command topics (in clear)"),
    Place.NOTICES: ("通知", "notices"),
    Place.TOWN_KEY: ("0.1版以全镇密钥密封的内容", "texts that release 0.1 sealed with the town's key"),
    Place.BACKUPS: ("备份与PostgreSQL的WAL归档", "backups and archived WAL of PostgreSQL"),
}

HOW_NAMES: Final[dict[How, tuple[str, str]]] = {
    How.KEY_DESTROYED: ("密钥已销毁，再也打不开", "the key is destroyed, nothing opens them"),
    How.EXPIRES: ("到期自动删除", "they expire"),
    How.NOT_REACHED: ("够不着，须人工处理", "not reached, somebody has to see to it"),
    How.NONE: ("没有", "none"),
}
BECAUSE_NAMES: Final[dict[Because, tuple[str, str]]] = {
    Because.REQUEST: ("应请求", "on request"),
    Because.RETENTION: ("保存期满", "kept long enough"),
}


def told_of(one: Reached) -> tuple[str, str]:
    """A line of a receipt in Chinese and in English."""
    place_zh, place = PLACE_NAMES[one.place]
    how_zh, how = HOW_NAMES[one.how]
    count_zh, count = (f"（{one.count}处）", f" ({one.count})") if one.count is not None else ("", "")
    until = f" {one.until:%Y-%m-%d}" if one.until else ""
    return f"{place_zh}{count_zh}{how_zh}{until}", f"{place}{count}: {how}{until}"
