"""Why a message cannot be read as a command, in sentences that repeat nothing of what was written in it."""

import re
from collections.abc import Iterable
from typing import Final

from pydantic import ValidationError

from domain.model import PERSONAL_NUMBER
from domain.scanning import names_somebody

PERSONAL_ID: Final = "personal_id"

_WHY: Final[dict[str, tuple[str, str]]] = {
    "too_large": (
        "内容超过 512 KiB，请拆分或缩短后重发。",
        "More than 512 KiB; split or shorten it and send it again.",
    ),
    "unreadable": (
        "内容不是一个 JSON 对象，请更正后重发。",
        "Not one JSON object; correct it and send it again.",
    ),
    "not_cloudevent": (
        "信封不合 CloudEvents 1.0：{what}，请更正后重发。",
        "The envelope is not CloudEvents 1.0: {what}; correct it and send it again.",
    ),
    "unknown_type": (
        "没有名为{what}的命令，请用 docs/messages.md 所列的类型。",
        "There is no command {what}; use a type that docs/messages.md lists.",
    ),
    "invalid_field": (
        "字段不对：{what}，请更正后用新编号重发。",
        "A field does not fit: {what}; correct it and send it with a new id.",
    ),
    PERSONAL_NUMBER: (
        "人人可见的{what}里有电话或身份证号码，请删去号码，联系方式写在contact一栏，再用新编号重发。",
        "{what}, which everybody reads, holds a telephone or identity number; give it as contact instead.",
    ),
    PERSONAL_ID: (
        "编号{what}里有电话或身份证号码，而编号永久留在记录里；请换一个与人无关的编号重发。",
        "The id in {what} holds a telephone or identity number, and ids stay for ever; send it with another.",
    ),
    "subject_mismatch": (
        "内容所指的是{what}，与信封的 subject 不同，请更正后重发。",
        "The content is about {what}, which is not the envelope's subject; correct it and send it again.",
    ),
}
PARK_CODES: Final = frozenset(_WHY)

Said = tuple[str, str]
"""The same in Chinese and in English."""

_ZH: Final[dict[str, str]] = {
    "missing": "缺少此项",
    "extra_forbidden": "没有这一项",
    "string_type": "应为文字",
    "string_pattern_mismatch": "写法不对",
    "string_too_short": "不能为空",
    "string_too_long": "太长",
    "too_short": "不能为空",
    "uuid_parsing": "应为UUID",
    "uuid_type": "应为UUID",
    "enum": "不在可选的值之中",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "bool_type": "应为是或否",
    "tuple_type": "应为列表",
    "greater_than": "超出范围",
    "greater_than_equal": "超出范围",
    "less_than_equal": "超出范围",
    "datetime_parsing": "应为带时区的时间",
    "datetime_from_date_parsing": "应为带时区的时间",
    "datetime_type": "应为带时区的时间",
    "timezone_aware": "时间要带时区",
}
"""Why a field does not fit, by pydantic's kind of error; the English is pydantic's own."""

NUL: Final = "NUL (\\u0000)"
_SHOWN_ERRORS: Final = 3
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z_.]{0,39}")
_NOT_TEXT: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class Unfit(Exception):
    """The message has to be parked, for the reason that `code` names."""

    def __init__(self, code: str, what: str | Said = "") -> None:
        super().__init__(code)
        self.code = code
        what_zh, what_en = (what, what) if isinstance(what, str) else what
        zh, en = _WHY[code]
        self.zh = zh.format(what=what_zh)
        self.en = en.format(what=what_en)


def name_or_dots(text: object) -> str:
    """A name as programs write them; dots in the place of anything else, which may be personal."""
    return text if isinstance(text, str) and _NAME.fullmatch(text) else "…"


def plain(value: object, longest: int) -> str:
    """What can stand in the record of an attribute nobody vouches for; empty if nothing can."""
    return value[:longest] if isinstance(value, str) and not _NOT_TEXT.search(value) else ""


def nobodys(value: object, longest: int) -> str:
    """The same, of an id; empty too where it says whose it is."""
    said = plain(value, longest)
    return "" if names_somebody(said) else said


def unfit(code: str, error: ValidationError) -> Unfit:
    """A number where everybody reads is told by itself; else the first fields that do not fit."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    numbered = ", ".join(_path(one["loc"]) for one in found if one["type"] == PERSONAL_NUMBER)
    return Unfit(PERSONAL_NUMBER, numbered) if numbered else Unfit(code, misfits(error))


def misfits(error: ValidationError) -> Said:
    """The first fields that do not fit, and why."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return listed((_path(one["loc"]), one["type"], one["msg"]) for one in found[:_SHOWN_ERRORS])


def listed(faults: Iterable[tuple[str, str, str]]) -> Said:
    """Where it is, of what kind and pydantic's words for it, one after the other."""
    named = list(faults)
    return (
        "；".join(f"{path}：{_ZH.get(kind, '不合要求')}" for path, kind, _ in named),
        "; ".join(f"{path}: {_message(kind, message)}" for path, kind, message in named),
    )


def _path(location: tuple[int | str, ...]) -> str:
    parts = [str(part) if isinstance(part, int) else name_or_dots(part) for part in location]
    return ".".join(parts) or "-"


def _message(kind: str, message: str) -> str:
    if kind == "uuid_parsing":
        return "Input should be a valid UUID"  # pydantic's own sentence quotes the character it stumbled over
    return message.removeprefix("Value error, ")
