"""What the command line's own library finds wrong with how a command was given, said in both languages."""

import re
from collections.abc import Callable
from typing import Any, Final

from pydantic import ValidationError
from typer.exceptions import TyperException

from adapters.cli.problems import Problem
from adapters.parking import listed

Sentences = tuple[str, str]

_SAID: Final[tuple[tuple[re.Pattern[str], str, str], ...]] = tuple(
    (re.compile(pattern), zh, en)
    for pattern, zh, en in (
        (
            r"No such command '(?P<what>.*)'(?:.*)",
            "没有命令{what}，请看 --help 列出的命令。",
            "There is no command {what}; see --help for those there are.",
        ),
        (
            r"No such option: (?P<what>\S+) \(Possible options: (?P<like>.*)\)",
            "没有选项{what}，是不是{like}？请看 --help。",
            "There is no option {what}; is it {like}? See --help.",
        ),
        (
            r"No such option: (?P<what>.*)",
            "没有选项{what}，请看 --help 列出的选项。",
            "There is no option {what}; see --help for those there are.",
        ),
        (
            r"Missing command",
            "缺少命令，请看 --help 列出的命令。",
            "A command is missing; see --help for those there are.",
        ),
        (
            r"Missing (?:option|argument|parameter) '(?P<what>[^']*)'(?:.*)",
            "缺少{what}，请加上它。",
            "{what} is missing; add it.",
        ),
        (
            r"Got unexpected extra argument(?:\(s\)|s)? \((?P<what>.*)\)",
            "多出了参数{what}，请去掉它，或给含空格的值加引号。",
            "{what} is more than is asked for; leave it out, or put quotes around a value with spaces.",
        ),
        (
            r"Option '(?P<what>[^']*)' requires (?:an argument|\d+ arguments)",
            "选项{what}后面缺少值，请补上。",
            "Option {what} needs a value; give one behind it.",
        ),
        (
            r"Option '(?P<what>[^']*)' does not take a value",
            "选项{what}不带值，请去掉等号和后面的内容。",
            "Option {what} takes no value; leave out the = and what follows.",
        ),
        (
            r"Invalid value for '(?P<what>[^']*)': (?:Value error, )?(?P<given>.*) is not one of (?P<all>.*)",
            "{what}不能是{given}，请用{all}之一。",
            "{what} cannot be {given}; use one of {all}.",
        ),
    )
)
"""What it says, and what we say instead."""

_UNLISTED: Final = ("用法不对（{said}），请看 --help。", "Wrong usage ({said}); see --help.")

_NUMBERS: Final = frozenset({"int_parsing", "int_from_float", "int_type"})
_BOUNDS: Final = {
    "greater_than_equal": (
        "ge",
        "不能小于{bound}，请给一个不小于它的数。",
        "must be {bound} or more; give such a number.",
    ),
    "less_than_equal": (
        "le",
        "不能大于{bound}，请给一个不大于它的数。",
        "must be {bound} or less; give such a number.",
    ),
}


def misused(error: TyperException) -> Problem:
    """One sentence on what was given and what to give instead."""
    said = error.format_message().rstrip(".")
    zh, en = _of_a_value(error) or _of_the_words(said)
    return Problem("usage", zh, en, error.exit_code)


def _of_the_words(said: str) -> Sentences:
    for pattern, zh, en in _SAID:
        found = pattern.fullmatch(said)
        if found is not None:
            parts = found.groupdict()
            return zh.format(**parts), en.format(**parts)
    zh, en = _UNLISTED
    return zh.format(said=said), en.format(said=said)


def _of_a_value(error: TyperException) -> Sentences | None:
    """What pydantic found, which the library hands on as its cause; None: it did not look."""
    fault, hint = error.__cause__, getattr(getattr(error, "param", None), "get_error_hint", None)
    if not isinstance(fault, ValidationError) or hint is None:
        return None
    return _why_not(_named(hint), fault)


def _named(hint: Callable[[], str]) -> str:
    return hint().replace("'", "")


def _why_not(option: str, fault: ValidationError) -> Sentences | None:
    (first, *_) = fault.errors(include_url=False, include_input=False)
    kind, context = first["type"], first.get("ctx", {})
    if kind in ("enum", "literal_error", "value_error"):
        return None  # the library's own words name the choices
    if kind in _NUMBERS:
        return f"{option}应为整数，请给一个整数。", f"{option} is a whole number; give one."
    if kind == "float_parsing":
        return f"{option}应为数字，请给一个数字。", f"{option} is a number; give one."
    if kind in _BOUNDS:
        return _out_of_range(option, kind, context)
    zh, en = listed([(option, kind, first["msg"])])
    return f"{zh}，请更正。", f"{en}; correct it."


def _out_of_range(option: str, kind: str, context: dict[str, Any]) -> Sentences:
    name, zh, en = _BOUNDS[kind]
    bound = f"{context[name]:g}"
    return option + zh.format(bound=bound), f"{option} {en.format(bound=bound)}"
