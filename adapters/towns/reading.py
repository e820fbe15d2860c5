"""Reading YAML nodes with their lines: each reader returns what it could use and notes what it could not."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar, cast

from yaml import MappingNode, Node, ScalarNode, SequenceNode

from adapters.hours import read_shift
from adapters.towns.findings import Finding, finding
from domain.hours import Shift
from domain.model import CODE
from domain.rules import Words

Choice = TypeVar("Choice", bound=StrEnum)
MAX_HOURS = 24 * 365
PAIR = 2
_CODE = re.compile(CODE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a mapping whose keys are codes."""

    code: str
    key: Node
    value: Node


class Reader:
    """Collects the findings of one file."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.skills_named: list[tuple[Node, str]] = []  # the rules, which list them, are read later
        self.lines: dict[str, int] = {}  # where in the file things stand, by what they are

    def stands(self, what: str, node: Node) -> None:
        """Note where something stands, for those who have more to say about it than this reader."""
        self.lines[what] = line_of(node)

    def note(self, node: Node, code: str, **details: object) -> None:
        self.findings.append(finding(line_of(node), code, **details))

    def fields(self, node: Node, known: Collection[str], needed: Collection[str] = ()) -> dict[str, Node]:
        """The values of a mapping with these keys and no others."""
        found: dict[str, Node] = {}
        for key, value in self._pairs(node):
            name = str(key.value)
            if name in known:
                found[name] = value
            else:
                self.note(key, "unknown_key", key=name, known=", ".join(known))
        if isinstance(node, MappingNode):
            for name in needed:
                if name not in found:
                    self.note(node, "missing_key", key=name)
        return found

    def entries(self, node: Node) -> Iterator[Entry]:
        """The lines of a mapping whose keys are the town's own codes."""
        for key, value in self._pairs(node):
            if _CODE.match(str(key.value)):
                yield Entry(str(key.value), key, value)
            else:
                self.note(key, "bad_code", text=key.value)

    def _pairs(self, node: Node) -> Iterator[tuple[Node, Node]]:
        if not isinstance(node, MappingNode):
            self.note(node, "wrong_shape", zh="“名称: 内容”各行", en="lines of `key: value`")
            return
        seen: dict[str, int] = {}
        for key, value in cast("list[tuple[Node, Node]]", node.value):
            if not isinstance(key, ScalarNode):
                self.note(key, "wrong_shape", zh="一个名称", en="a plain key")
            elif key.value in seen:
                self.note(key, "duplicate", key=key.value, first=seen[key.value])
            else:
                seen[key.value] = line_of(key)
                yield key, value

    def items(self, node: Node) -> list[Node]:
        """The members of a list."""
        if isinstance(node, SequenceNode):
            return cast("list[Node]", node.value)
        self.note(node, "wrong_shape", zh="一个列表，如 [甲, 乙]", en="a list such as [a, b]")
        return []

    def text(self, node: Node, most: int = 120) -> str | None:
        """A text as it is written, whatever YAML would make of it (on, off, 0755-23000000)."""
        if not isinstance(node, ScalarNode):
            self.note(node, "wrong_shape", zh="一段文字", en="a text")
            return None
        text = str(node.value).strip()
        if 1 <= len(text) <= most:
            return text
        self.note(node, "bad_text", most=most, length=len(text))
        return None

    def code(self, node: Node) -> str | None:
        text = self.text(node)
        if text is None or _CODE.match(text):
            return text
        self.note(node, "bad_code", text=text)
        return None

    def skills(self, node: Node) -> tuple[str, ...]:
        """Codes of skills."""
        named = [(item, self.code(item)) for item in self.items(node)]
        found = [(item, skill) for item, skill in named if skill is not None]
        self.skills_named += found
        return tuple(skill for _, skill in found)

    def shifts(self, node: Node) -> tuple[Shift, ...]:
        """Working hours: [Mon-Fri 09:00-18:00, Sat 09:00-12:00]."""
        found: list[Shift] = []
        for item in self.items(node):
            text = self.text(item)
            try:
                if text is not None:
                    found.append(read_shift(text))
            except ValueError:
                self.note(item, "bad_shift", text=text)
        return tuple(found)

    def whole(self, node: Node, least: int, most: int) -> int | None:
        """A whole number within bounds."""
        text = str(node.value) if isinstance(node, ScalarNode) else "…"
        if re.fullmatch(r"[0-9]{1,9}", text) and least <= int(text) <= most:
            return int(text)
        self.note(node, "bad_number", text=text, least=least, most=most)
        return None

    def yes(self, node: Node) -> bool:
        """One of the two words `true` and `false`."""
        text = self.text(node)
        if text not in (None, "true", "false"):
            self.note(node, "bad_word", text=text, known="true, false")
        return text == "true"

    def words(self, node: Node) -> Words | None:
        """A name in both languages: [中文, English]."""
        if not isinstance(node, SequenceNode) or len(node.value) != PAIR:
            self.note(node, "wrong_shape", zh="中英文名称，如 [路灯, Street lights]", en="[中文, English]")
            return None
        zh, en = (self.text(part) for part in cast("list[Node]", node.value))
        return Words(zh=zh, en=en) if zh and en else None

    def hours(self, node: Node) -> tuple[int, int] | None:
        """Hours to accept and hours to finish: [24, 120]."""
        parts = cast("list[Node]", node.value) if isinstance(node, SequenceNode) else []
        values = [str(part.value) for part in parts]
        if len(values) == PAIR and all(re.fullmatch(r"[0-9]{1,4}", value) for value in values):
            accept, finish = map(int, values)
            if 1 <= accept <= finish <= MAX_HOURS:
                return accept, finish
        self.note(node, "bad_hours")
        return None

    def choice(self, node: Node, choices: type[Choice]) -> Choice | None:
        """One word of a fixed list."""
        text = self.text(node)
        if text is None:
            return None
        if text in {choice.value for choice in choices}:
            return choices(text)
        self.note(node, "bad_word", text=text, known=", ".join(choices))
        return None


def line_of(node: Node) -> int:
    """Counted from 1, as editors do."""
    return int(node.start_mark.line) + 1
