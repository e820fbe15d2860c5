"""What of the schema would keep this release from reading what was once written. An empty list is well."""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from eventsourcing.persistence import MapperDeserialisationError
from pydantic import ValidationError

import domain.commands as c
from adapters.store import wire
from tests.golden.events import FILES
from tests.support.an_order import ORDER

UPGRADES: Final = Path(__file__).parents[1] / "upgrades"
ASKED: Final = """
import json
from tests.domain.every_command import EXAMPLES
print(json.dumps({one.command.wire: one.command.model_dump_json(exclude_none=True) for one in EXAMPLES}))
"""


@dataclass(frozen=True)
class Shelf:
    """Bytes of one release: facts of every event, and every command as a refusal stores it."""

    facts: Sequence[Mapping[str, str]]  # topic, meta, data
    asked: Mapping[str, str]

    @classmethod
    def of_tree(cls, tree: Path) -> Self:
        """What a checkout of a release has."""
        files = sorted((tree / FILES.relative_to(UPGRADES.parents[1])).glob("*.json"))
        words = [sys.executable, "-c", ASKED]
        said = subprocess.run(
            words, cwd=tree, env={"PYTHONPATH": str(tree)}, stdout=subprocess.PIPE, check=True
        )
        return cls([json.loads(file.read_text(encoding="utf-8")) for file in files], json.loads(said.stdout))

    @classmethod
    def kept(cls, release: str) -> Self:
        """What was kept of an earlier release."""
        return cls(**json.loads((UPGRADES / release / "golden.json").read_text(encoding="utf-8")))


def faults(shelf: Shelf) -> list[str]:
    """One sentence each."""
    return [*_of_facts(shelf.facts), *_of_steps(), *_of_refusals(shelf.asked)]


def _of_facts(facts: Iterable[Mapping[str, str]]) -> Iterator[str]:
    for one in facts:
        topic, state = one["topic"], f"{one['meta']}\n{one['data']}".encode()
        if topic not in wire.EVENTS:
            yield f"{topic}: no event has this wire name any more; it was renamed or taken out"
            continue
        try:
            fact = wire.decode(topic, state, ORDER, 5)
        except (MapperDeserialisationError, KeyError) as error:
            yield f"{topic}: cannot be read any more: {error}"
            continue
        if fact.meta.class_version == wire.EVENTS[topic].class_version:
            yield from _lost(topic, state, wire.encode(fact))


def _lost(topic: str, before: bytes, after: bytes) -> Iterator[str]:
    for line, now in zip(before.split(b"\n"), after.split(b"\n"), strict=True):
        for name, value in json.loads(line).items():
            if not _says(json.loads(now).get(name), value):
                yield f"{topic}: what stood in {name} is read as something else"


def _says(now: Any, before: Any) -> bool:
    """Whether all that was said is still said; more may be, in fields that came later."""
    if isinstance(before, dict):
        return isinstance(now, dict) and all(_says(now.get(name), one) for name, one in before.items())
    if isinstance(before, list):
        return isinstance(now, list) and len(now) == len(before) and all(map(_says, now, before))
    return now == before


def _of_steps() -> Iterator[str]:
    wanted = {(name, step) for name, event in wire.EVENTS.items() for step in range(1, event.class_version)}
    for name, step in sorted(wanted - wire.UPCASTERS.keys()):
        yield f"{name}: nothing brings version {step} to {step + 1}"
    for name, step in sorted(wire.UPCASTERS.keys() - wanted):
        yield f"{name}: a step from version {step} leads nowhere"


def _of_refusals(asked: Mapping[str, str]) -> Iterator[str]:
    for name, body in asked.items():
        command = c.COMMANDS.get(name)
        if command is None:
            yield f"{name}: no command has this name any more; refusals of it cannot be read"
            continue
        try:
            read = command.model_validate_json(body)
        except ValidationError as error:
            yield f"{name}: a stored refusal of it cannot be read any more: {error.errors()[0]['msg']}"
            continue
        if not _says(json.loads(read.model_dump_json(exclude_none=True)), json.loads(body)):
            yield f"{name}: a stored refusal of it is read as something else"
