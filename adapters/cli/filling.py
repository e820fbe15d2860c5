"""Asks for what a command still needs, at a terminal; elsewhere says which option is missing."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.prompt import Confirm, Prompt

from adapters.cli.output import aside
from adapters.cli.problems import Problem, Usage
from adapters.envelope import MAX_READ
from adapters.hours import read_shift
from domain.facts import Actor
from domain.hours import Shift
from domain.rules import Rules, Words
from domain.stages import Role

SHOWN: Final = 20  # choices listed at once

Choices = Mapping[str, Words]


def at_a_terminal() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def text(option: str, value: str | None, words: Words) -> str:
    """What was given, or what the person types now; "-" is read from standard input.

    Raises:
        Usage: missing_option.
    """
    if value == "-":
        return sys.stdin.read(MAX_READ)
    if value is not None:
        return value
    _must_be_at_a_terminal(option)
    return _typed(words)


def some_text(option: str, value: str | None, words: Words) -> str:
    """The same, where blanks are no answer.

    Raises:
        Usage: missing_option.
    """
    said = text(option, value, words)
    if not said.strip():
        raise Usage("missing_option", f"{option}不能为空，请写明。", f"{option} is empty; say it in words.")
    return said


def choice(option: str, value: str | None, words: Words, choices: Choices) -> str:
    """What was given, or one of the choices, found by its code or a part of its name.

    What was given is not checked here: the domain refuses it with its own code, and records that.

    Raises:
        Usage: missing_option.
    """
    if value is not None:
        return value
    _must_be_at_a_terminal(option)
    found = _fitting(choices, "")
    while True:
        if 1 < len(found) <= SHOWN:
            _list(found)
        answer = _typed(words)
        if answer in choices:
            return answer
        found = _named(choices, answer) or _fitting(choices, answer)
        if len(found) == 1:
            _list(found)
            return next(iter(found))
        if not found or len(found) > SHOWN:
            aside().print(f"{len(found)}项相符，请再具体些。 {len(found)} fit; say it more closely.")


def actor(value: str | None, default: Actor | None = None) -> Actor:
    """Who asks, from ROLE:ID.

    Raises:
        Usage: missing_option, bad_actor.
    """
    if value is None and default is not None:
        return default
    said = text("--as", value, Words(zh="以谁的身份（角色:编号）", en="as whom (ROLE:ID)"))
    role, _, person = said.partition(":")
    if role not in set(Role) or not person.strip():
        roles = ", ".join(Role)
        raise Usage(
            "bad_actor",
            f"“{said}”不是身份，请写成 角色:编号，角色为{roles}之一。",
            f"{said} is not who asks; write ROLE:ID with one of {roles}.",
        )
    return Actor(role=Role(role), id=person.strip())


def areas(rules: Rules) -> Choices:
    """The areas by path."""
    return {area.path: area.name for area in rules.areas}


def items(rules: Rules) -> Choices:
    """What can be ordered, by path."""
    return {one.path: one.name for one in rules.catalogue if one.kind != "group"}


def _must_be_at_a_terminal(option: str) -> None:
    if not at_a_terminal():
        raise Usage("missing_option", f"缺少{option}，请加上它。", f"{option} is missing; add it.")


def _typed(words: Words) -> str:
    answer = ""
    while not answer.strip():
        answer = Prompt.ask(f"{words.zh} {words.en}", console=aside()) or ""
    return answer.strip()


def _named(choices: Choices, name: str) -> Choices:
    """The one that is called just this, by its last code or its name."""
    found = {
        code: words
        for code, words in choices.items()
        if name in (code.rpartition("/")[2], words.zh, words.en)
    }
    return found if len(found) == 1 else {}


def _fitting(choices: Choices, part: str) -> Choices:
    part = part.lower()
    return {
        code: words
        for code, words in choices.items()
        if part in code or part in words.zh or part in words.en.lower()
    }


def _list(choices: Choices) -> None:
    for code, words in choices.items():
        aside().print(f"  {code}  {words.zh} {words.en}", markup=False)


def paths(values: Sequence[str] | None) -> tuple[str, ...]:
    """Options given several times, or once with commas."""
    return tuple(part.strip() for value in values or () for part in value.split(",") if part.strip())


def codes(values: Sequence[str] | None) -> tuple[str, ...] | None:
    """The same, where not to say anything is another thing than to say that there are none ('')."""
    return None if values is None else paths(values)


def shifts(values: Sequence[str] | None) -> list[dict[str, Any]] | None:
    """Working hours, one shift an option; '' alone: always.

    Raises:
        Usage: bad_shift.
    """
    if values is None:
        return None
    return [_shift(value).model_dump() for value in values if value.strip()]


def _shift(text: str) -> Shift:
    try:
        return read_shift(text)
    except ValueError as error:
        raise Usage(
            "bad_shift",
            f"“{text}”不是服务时间，请写成“周一至周五 9:00-18:00”。",
            f"{text} is no working time; write it as 'Mon-Fri 9:00-18:00'.",
        ) from error


def agreed(question: str) -> None:
    """Go on only if a person at a terminal says yes.

    Raises:
        Usage: needs_yes, where nobody can be asked.
        Problem: not_applied.
    """
    if not at_a_terminal():
        raise Usage("needs_yes", "请加 --yes 确认。", "Add --yes to do it.")
    if not Confirm.ask(question, console=aside()):
        raise Problem("not_applied", "未作任何变更。", "Nothing was changed.")
