"""The providers of a town file, by kind: what each must and can take, where, when, how much, with whom."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from yaml import Node

from adapters.towns.reading import Entry, Reader, line_of
from adapters.towns.references import References
from adapters.towns.volunteer_lists import read_volunteers
from domain.commands import EnrolVolunteer, RegisterProvider
from domain.ids import AreaPath, ProviderId
from domain.provider_events import Offer
from domain.rules import Rules
from domain.stages import Duty, ProviderKind

PROVIDER_KEYS: Final = (
    "name", "contact", "capacity", "members", "full_time", "takes_by_bus", "hours", "skills", "areas", "must",
    "can", "volunteers",
)  # fmt: skip
NEEDED: Final = ("name", "contact", "capacity")
MOST: Final = 100_000
TEAMS: Final = ("team_members", "team_full_time")


@dataclass(frozen=True, slots=True)
class Listed:
    """A provider of the file, with its volunteers where the file lists them."""

    provider: RegisterProvider
    volunteers: tuple[EnrolVolunteer, ...] | None = None


@dataclass(frozen=True, slots=True)
class _Unit:
    """A provider as it stands in the file."""

    entry: Entry
    kind: ProviderKind
    said: Mapping[str, Node]


def read_providers(reader: Reader, node: Node, refers: References, given: Mapping[str, Any]) -> list[Listed]:
    """Every provider as the commands that register it, in the file's order.

    Args:
        given: what the rules section says.
    """
    found: list[Listed] = []
    lines: dict[str, int] = {}
    least = Rules(**{key: given[key] for key in TEAMS if key in given})
    for kind, entry in _by_kind(reader, node):
        if entry.code in lines:
            reader.note(entry.key, "duplicate", key=entry.code, first=lines[entry.code])
            continue
        lines[entry.code] = line_of(entry.key)
        said = reader.fields(entry.value, PROVIDER_KEYS, needed=NEEDED)
        counts = _counts(reader, said)
        _staffed(reader, entry, kind, counts, least)
        provider = _provider(reader, _Unit(entry, kind, said), counts, refers)
        whom = ProviderId(entry.code)
        hands = read_volunteers(reader, said.get("volunteers"), whom, refers)
        if provider is not None:
            found.append(Listed(provider, hands))
    return found


def _by_kind(reader: Reader, node: Node) -> Iterator[tuple[ProviderKind, Entry]]:
    for name, group in reader.fields(node, tuple(kind.value for kind in ProviderKind)).items():
        for entry in reader.entries(group):
            yield ProviderKind(name), entry


def _provider(
    reader: Reader, unit: _Unit, counts: Mapping[str, int | None], refers: References
) -> RegisterProvider | None:
    entry, said = unit.entry, unit.said
    name = reader.words(said["name"]) if "name" in said else None
    contact = reader.text(said["contact"]) if "contact" in said else None
    offers = _offers(reader, entry, said, refers)
    areas = refers.all_areas(said["areas"]) if "areas" in said else _whole_town(refers)
    if name is None or contact is None or counts.get("capacity") is None or not areas:
        return None  # each of these has its finding
    return RegisterProvider(
        provider=ProviderId(entry.code),
        name_zh=name.zh,
        name_en=name.en,
        kind=unit.kind,
        contact=contact,
        capacity=counts["capacity"] or 0,
        members=counts.get("members"),
        full_time=counts.get("full_time"),
        takes_by_bus="takes_by_bus" in said and reader.yes(said["takes_by_bus"]),
        areas=areas,
        offers=offers,
        **_when_and_how(reader, said),
    )


def _when_and_how(reader: Reader, said: Mapping[str, Node]) -> dict[str, Any]:
    """Hours and skills, where the file tells them; on record they stay as they are where it does not."""
    read: dict[str, Callable[[Node], Any]] = {"hours": reader.shifts, "skills": reader.skills}
    return {key: read[key](said[key]) for key in read if key in said}


def _offers(reader: Reader, entry: Entry, said: Mapping[str, Node], refers: References) -> tuple[Offer, ...]:
    """Must before can; a category stands on one of the two lists."""
    offers: dict[str, Offer] = {}
    for duty in (Duty.MUST, Duty.CAN):
        if duty.value in said:
            for category in refers.all_categories(said[duty.value]):
                if category in offers:
                    reader.note(said[duty.value], "duplicate", key=category, first=line_of(entry.key))
                offers.setdefault(category, Offer(category=category, duty=duty))
    if "must" not in said and "can" not in said:
        reader.note(entry.key, "offers_nothing", slug=entry.code)
    return tuple(offers.values())


def _whole_town(refers: References) -> tuple[AreaPath, ...]:
    return tuple(AreaPath(path) for path in refers.areas if "/" not in path)


def _counts(reader: Reader, said: Mapping[str, Node]) -> dict[str, int | None]:
    keys = ("capacity", "members", "full_time")
    return {key: reader.whole(said[key], 0, MOST) for key in keys if key in said}


def _staffed(
    reader: Reader, entry: Entry, kind: ProviderKind, counts: Mapping[str, int | None], rules: Rules
) -> None:
    members, full_time = counts.get("members"), counts.get("full_time")
    too_small = (members or 0) < rules.team_members or (full_time or 0) < rules.team_full_time
    if kind is ProviderKind.TEAM and too_small:
        least = {"members": rules.team_members, "full_time": rules.team_full_time}
        reader.note(entry.key, "team_too_small", slug=entry.code, **least)
    if members is not None and full_time is not None and full_time > members:
        reader.note(entry.key, "full_time", full_time=full_time, members=members)
