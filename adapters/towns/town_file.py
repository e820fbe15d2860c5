"""One town in one YAML file: read into rules and registrations, or told line by line what is wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import yaml
from pydantic import ValidationError
from yaml import Node

from adapters.towns.area_tree import AreaTree, read_areas, read_levels
from adapters.towns.catalogue import read_catalogue
from adapters.towns.findings import Finding, TownFileFaulty, finding
from adapters.towns.provider_lists import read_providers
from adapters.towns.reading import Reader
from adapters.towns.references import References
from adapters.towns.settings import read_people, read_rules
from domain.commands import EnrolVolunteer, RegisterProvider
from domain.ids import ProviderId
from domain.rules import Category, Person, Rules

SHIPPED: Final = Path(__file__).parent
SECTIONS: Final = ("town", "name", "zone", "levels", "areas", "catalogue", "people", "rules", "providers")
NEEDED: Final = ("town", "name", "levels", "areas", "catalogue")
# The C loader reads a hundred kilobytes in hundredths of a second, the Python one needs a second.
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class TownFile:
    """A town as its file has it: the rules to adopt and the providers to register, in the file's order."""

    rules: Rules
    providers: tuple[RegisterProvider, ...]
    volunteers: Mapping[ProviderId, tuple[EnrolVolunteer, ...]] = field(
        default_factory=dict[ProviderId, tuple[EnrolVolunteer, ...]]
    )
    """Of the providers whose volunteers the file lists; it says nothing of the others'."""
    lines: Mapping[str, int] = field(default_factory=dict[str, int], compare=False)
    """Where in the file things stand: `route 0`, `auto_dispatch 0`, `weight near`, `category care/meals`."""


def shipped() -> tuple[str, ...]:
    """The names of the towns that come with the program."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.yaml")))


def load(path_or_name: str | Path) -> TownFile:
    """The town of a file, or of a name in `shipped()`.

    People's names are as the file has them: in clear, for a command that is sealed when it is decoded.

    Raises:
        TownFileFaulty: with all findings.
    """
    findings, town = _read(path_or_name)
    if town is None:
        raise TownFileFaulty(findings)
    return town


def check(path_or_name: str | Path) -> tuple[Finding, ...]:
    """Everything that is wrong with a file, in order of line; empty where it can be applied."""
    return _read(path_or_name)[0]


def _read(path_or_name: str | Path) -> tuple[tuple[Finding, ...], TownFile | None]:
    try:
        document = yaml.compose(_text(path_or_name), Loader=_LOADER)
    except OSError:
        missing = finding(0, "no_such_file", path=path_or_name, shipped=", ".join(shipped()))
        return (missing,), None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return (_unreadable(error),), None
    if document is None:
        return (finding(1, "missing_key", key=", ".join(NEEDED)),), None
    reader = Reader()
    town = _town(reader, document)
    return tuple(sorted(set(reader.findings))), None if reader.findings else town


def _text(path_or_name: str | Path) -> str:
    path = SHIPPED / f"{path_or_name}.yaml" if path_or_name in shipped() else Path(path_or_name)
    return path.read_text(encoding="utf-8")


def _unreadable(error: Exception) -> Finding:
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    problem = error.problem if isinstance(error, yaml.MarkedYAMLError) else str(error).splitlines()[0]
    return finding(mark.line + 1 if mark else 0, "unreadable", problem=problem)


def _town(reader: Reader, document: Node) -> TownFile | None:
    said = reader.fields(document, SECTIONS, needed=NEEDED)
    levels = read_levels(reader, said["levels"]) if "levels" in said else {}
    tree = read_areas(reader, said["areas"], levels) if "areas" in said else AreaTree()
    catalogue = read_catalogue(reader, said["catalogue"]) if "catalogue" in said else []
    refers = References(reader, tree.paths, frozenset(category.path for category in catalogue))
    people = read_people(reader, said["people"], refers) if "people" in said else []
    known = {person.id for person in people}
    for node, person in tree.named:
        if person not in known:
            reader.note(node, "unknown_person", id=person)
    given = read_rules(reader, said["rules"], refers) if "rules" in said else {}
    given |= _heading(reader, said) | _lists(tree, catalogue, people)
    listed = read_providers(reader, said["providers"], refers, given) if "providers" in said else []
    for node, skill in reader.skills_named:
        if skill not in given.get("skills", {}):
            reader.note(node, "unknown_skill", skill=skill)
    if reader.findings:
        return None
    try:
        return TownFile(
            Rules(**given),
            tuple(one.provider for one in listed),
            {one.provider.provider: one.volunteers for one in listed if one.volunteers is not None},
            reader.lines,
        )
    except ValidationError as error:  # a rule of the domain that the readers do not know
        for problem in error.errors():
            reader.note(document, "invalid", problem=problem["msg"])
        return None


def _lists(tree: AreaTree, catalogue: list[Category], people: list[Person]) -> dict[str, Any]:
    return {
        "levels": tuple(tree.levels.values()),
        "areas": tuple(tree.areas),
        "catalogue": tuple(catalogue),
        "people": tuple(people),
    }


def _heading(reader: Reader, said: dict[str, Node]) -> dict[str, Any]:
    """The town's code, name and zone."""
    readers: dict[str, Callable[[Node], Any]] = {
        "town": reader.code,
        "name": reader.words,
        "zone": lambda node: _zone(reader, node),
    }
    return {key: read(said[key]) for key, read in readers.items() if key in said}


def _zone(reader: Reader, node: Node) -> str | None:
    text = reader.text(node)
    try:
        return text and ZoneInfo(text).key
    except (ValueError, OSError, LookupError):
        reader.note(node, "bad_zone", text=text)
        return None
