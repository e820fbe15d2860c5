"""The rights that docs/security.md grants, as a broker takes them."""

# pyright: reportPrivateImportUsage=false
# confluent-kafka documents these names there and does not list them.

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    ResourcePatternType,
    ResourceType,
)

from tests.support.compose import ROOT

PROVIDER: Final = "<provider>"
_TOPIC: Final = re.compile(r"^\| `(sidan\.[^`]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
_BESIDES: Final = re.compile(r"^\| (\w+) \| (\w+) \| (group|topic) `(sidan\.[^`]+)` \|$", re.MULTILINE)
ROADS: Final = "roads"  # a provider with a topic of its own
_FRONTS: Final = ("residents", "community")
OUTSIDE: Final = (*_FRONTS, "departments", ROADS)
OURS: Final = ("worker", "relay", "project", "process", "web", "operator", "auditor")
USERS: Final = (*OUTSIDE, *OURS)
_WHO: Final[Mapping[str, tuple[str, ...]]] = {
    "providers that trust each other": ("departments",),
    "residents' front": ("residents",),
    "community's front": ("community",),
    "that provider": (ROADS,),
    "providers": ("departments", ROADS),
    "fronts": _FRONTS,
    **{name: (name,) for name in OURS},
}
"""In the words of the table → users; the longer words first."""


class Right(NamedTuple):
    user: str
    operation: str
    kind: str  # topic, group
    name: str  # ends in * for all that begin so


def topics() -> Mapping[str, tuple[str, str, str]]:
    """Topic → what it proves, who writes, who reads."""
    return {row[0]: (row[1], row[2], row[3]) for row in _TOPIC.findall(_text())}


def rights() -> Iterator[Right]:
    """Everything that anybody may."""
    for topic, (_, writes, reads) in topics().items():
        for operation, cell in (("Write", writes), ("Read", reads)):
            for user in _users(cell):
                whose = ROADS if user in OUTSIDE else "*"  # each of ours has to do with every provider's
                yield Right(user, operation, "topic", topic.replace(PROVIDER, whose))
    yield from (Right(*row) for row in _BESIDES.findall(_text()))


def as_acl(right: Right) -> AclBinding:
    operation = re.sub(r"(?<!^)([A-Z])", r"_\1", right.operation).upper()
    return AclBinding(
        ResourceType[right.kind.upper()],
        right.name.rstrip("*"),
        ResourcePatternType.PREFIXED if right.name.endswith("*") else ResourcePatternType.LITERAL,
        f"User:{right.user}",
        "*",
        AclOperation[operation],
        AclPermissionType.ALLOW,
    )


def _users(cell: str) -> Iterator[str]:
    for words, users in _WHO.items():
        if words in cell:
            cell = cell.replace(words, "")
            yield from users


def _text() -> str:
    return (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
