"""The rules and people of a town file: windows, reasons, rating names, auto-dispatch, who is on duty."""

from collections.abc import Callable
from typing import Any, Final

from yaml import Node

from adapters.towns.reading import MAX_HOURS, Entry, Reader, line_of
from adapters.towns.references import References
from domain.ids import ProviderId
from domain.routes import Route
from domain.rules import MAX_KEPT, MAX_WEIGHT, DispatchSetting, Person, Retention, Weights, Words
from domain.sealed import MAX_TEXT, Sealed
from domain.stages import AutoDispatch, Level, Role

DAYS: Final = ("rate_days", "reopen_days", "letter_days")
CODES: Final = ("decline_reasons", "legal_reasons", "skills")
TEAMS: Final = ("team_members", "team_full_time")
RULE_KEYS: Final = (
    "hours", *DAYS, "declines_to_arbitration", *CODES, "ratings", "bad_ratings", *TEAMS, "auto_dispatch",
    "routes", "weights", "most_per_round", "call_minutes", "retention",
)  # fmt: skip
PERSON_KEYS: Final = ("name", "roles", "area")
SETTING_KEYS: Final = ("mode", "category", "area")
RETENTION_KEYS: Final = ("days", "category")
ROUTE_KEYS: Final = ("provider", "category", "area", "channel", "note")
MAX_DAYS: Final = MAX_HOURS // 24
MAX_MINUTES: Final = 24 * 60


def read_rules(reader: Reader, node: Node, refers: References) -> dict[str, Any]:
    """The fields of domain.rules.Rules that the rules section gives; the others keep their defaults."""
    given: dict[str, Any] = {}
    for key, value in reader.fields(node, RULE_KEYS).items():
        reader.stands(key, value)
        if key == "hours":
            hours = reader.hours(value)
            if hours:
                given["accept_hours"], given["finish_hours"] = hours
        elif key == "auto_dispatch":
            given["dispatch"] = _dispatch_settings(reader, value, refers)
        elif key == "routes":
            given["routes"] = _routes(reader, value, refers)
        elif key == "retention":
            given["retention"] = _retention(reader, value, refers)
        else:
            given[key] = _READ[key](reader, value)
    return {key: value for key, value in given.items() if value is not None}


def _days(reader: Reader, node: Node) -> int | None:
    return reader.whole(node, 1, MAX_DAYS)


def _times(reader: Reader, node: Node) -> int | None:
    return reader.whole(node, 1, 100)


def _codes(reader: Reader, node: Node) -> dict[str, Words]:
    named = {entry.code: reader.words(entry.value) for entry in reader.entries(node)}
    return {code: words for code, words in named.items() if words}


def _ratings(reader: Reader, node: Node) -> dict[Level, Words]:
    said = reader.fields(node, tuple(level.value for level in Level))
    named = {Level(level): reader.words(value) for level, value in said.items()}
    return {level: words for level, words in named.items() if words}


def _bad_ratings(reader: Reader, node: Node) -> tuple[Level, ...]:
    levels = (reader.choice(item, Level) for item in reader.items(node))
    return tuple(level for level in levels if level)


def _weights(reader: Reader, node: Node) -> Weights:
    said = reader.fields(node, tuple(Weights.model_fields))
    for part, value in said.items():
        reader.stands(f"weight {part}", value)
    given = {part: reader.whole(value, 0, MAX_WEIGHT) for part, value in said.items()}
    return Weights(**{part: weight for part, weight in given.items() if weight is not None})


_READ: Final[dict[str, Callable[[Reader, Node], Any]]] = {
    **dict.fromkeys(DAYS, _days),
    "declines_to_arbitration": _times,
    "team_members": _times,
    "team_full_time": lambda reader, node: reader.whole(node, 0, 100),
    **dict.fromkeys(CODES, _codes),
    "ratings": _ratings,
    "bad_ratings": _bad_ratings,
    "weights": _weights,
    "most_per_round": _times,
    "call_minutes": lambda reader, node: reader.whole(node, 1, MAX_MINUTES),
}


def _dispatch_settings(reader: Reader, node: Node, refers: References) -> tuple[DispatchSetting, ...]:
    settings: list[DispatchSetting] = []
    for item in reader.items(node):
        said = reader.fields(item, SETTING_KEYS, needed=("mode",))
        category = refers.category(said["category"]) if "category" in said else None
        area = refers.area(said["area"]) if "area" in said else None
        mode = reader.choice(said["mode"], AutoDispatch) if "mode" in said else None
        if mode:
            reader.stands(f"auto_dispatch {len(settings)}", item)
            settings.append(DispatchSetting(category=category, area=area, mode=mode))
    return tuple(settings)


def _routes(reader: Reader, node: Node, refers: References) -> tuple[Route, ...]:
    routes: list[Route] = []
    for item in reader.items(node):
        said = reader.fields(item, ROUTE_KEYS, needed=("provider",))
        category = refers.category(said["category"]) if "category" in said else None
        area = refers.area(said["area"]) if "area" in said else None
        channel = reader.text(said["channel"]) if "channel" in said else None
        provider = reader.code(said["provider"]) if "provider" in said else None
        note = reader.words(said["note"]) if "note" in said else None
        if not said.keys() & {"category", "area", "channel"}:
            reader.note(item, "route_for_all")
        elif provider and (category or area or channel):
            reader.stands(f"route {len(routes)}", item)
            whom = ProviderId(provider)
            routes.append(Route(category=category, area=area, channel=channel, provider=whom, note=note))
    return tuple(routes)


def _retention(reader: Reader, node: Node, refers: References) -> tuple[Retention, ...]:
    found: dict[str, tuple[int, Retention]] = {}
    for item in reader.items(node):
        said = reader.fields(item, RETENTION_KEYS, needed=("days",))
        days = reader.whole(said["days"], 1, MAX_KEPT) if "days" in said else None
        category = refers.category(said["category"]) if "category" in said else None
        if days is None or ("category" in said and category is None):
            continue
        if (named := category or "*") in found:
            reader.note(item, "duplicate", key=named, first=found[named][0])
            continue
        reader.stands(f"retention {named}", item)
        found[named] = line_of(item), Retention(category=category, days=days)
    return tuple(rule for _, rule in found.values())


def read_people(reader: Reader, node: Node, refers: References) -> list[Person]:
    """People on duty."""
    return [_person(reader, entry, refers) for entry in reader.entries(node)]


def _person(reader: Reader, entry: Entry, refers: References) -> Person:
    said = reader.fields(entry.value, PERSON_KEYS, needed=("name",))
    name = reader.text(said["name"], MAX_TEXT) if "name" in said else None
    roles = [reader.choice(item, Role) for item in reader.items(said["roles"])] if "roles" in said else []
    area = refers.area(said["area"]) if "area" in said else None
    name = name or entry.code  # where it has none there is a finding, and the person still counts as listed
    return Person(
        id=entry.code,
        name=Sealed(name),
        roles=tuple(role for role in roles if role),
        area=area,
    )
