"""Where a page ends, as a short text the reader hands back to get the next."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from json import dumps, loads
from typing import ClassVar


class BadCursor(ValueError):
    """A cursor that no page of ours gave out."""

    code: ClassVar[str] = "bad_cursor"
    reason_zh: ClassVar[str] = "翻页标记无效，请从第一页重新开始。"
    reason_en: ClassVar[str] = "This cursor is not one of ours; start again at the first page."

    def __init__(self) -> None:
        super().__init__(f"{self.reason_zh} {self.reason_en}")


def write_cursor(moment: int, key: str) -> str:
    """The last row of a page: its time in microseconds and its key."""
    return urlsafe_b64encode(dumps([moment, key]).encode()).decode().rstrip("=")


def read_cursor(text: str) -> tuple[int, str]:
    """What `write_cursor` wrote.

    Raises:
        BadCursor: it is something else.
    """
    try:
        moment, key = loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, TypeError) as error:
        raise BadCursor from error
    if type(moment) is not int or type(key) is not str:
        raise BadCursor
    return moment, key
