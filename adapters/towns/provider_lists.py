"""The providers of a town file, by kind, with what each must and can take, where, and how much at once."""

from collections.abc import Iterator, Mapping
from typing import Final

from yaml import Node

from adapters.towns.reading import Entry, Reader, line_of
from adapters.towns.references import References
from domain.commands import RegisterProvider
from domain.events import Offer
from domain.ids import AreaPath, ProviderId
from domain.providing import TEAM_FULL_TIME, TEAM_MEMBERS
from domain.stages import Duty, ProviderKind

PROVIDER_KEYS: Final = (
    "name", "contact", "capacity", "members", "full_time", "takes_by_bus", "areas", "must", "can",
)  # fmt: skip
NEEDED: Final = ("name", "contact", "capacity")
MOST: Final = 100_000


def read_providers(reader: Reader, node: Node, refers: References) -> list[RegisterProvider]:
    """Every provider as the command that registers it, in the file's order."""
    found: list[RegisterProvider] = []
    lines: dict[str, int] = {}
    for kind, entry in _by_kind(reader, node):
        if entry.code in lines:
            reader.note(entry.key, "duplicate", key=entry.code, first=lines[entry.code])
            continue
        lines[entry.code] = line_of(entry.key)
        provider = _provider(reader, entry, kind, refers)
        if provider is not None:
            found.append(provider)
    return found


def _by_kind(reader: Reader, node: Node) -> Iterator[tuple[ProviderKind, Entry]]:
    for name, group in reader.fields(node, tuple(kind.value for kind in ProviderKind)).items():
        for entry in reader.entries(group):
            yield ProviderKind(name), entry


def _provider(
    reader: Reader, entry: Entry, kind: ProviderKind, refers: References
) -> RegisterProvider | None:
    said = reader.fields(entry.value, PROVIDER_KEYS, needed=NEEDED)
    name = reader.words(said["name"]) if "name" in said else None
    contact = reader.text(said["contact"]) if "contact" in said else None
    counts = {
        key: reader.whole(said[key], 0, MOST) for key in ("capacity", "members", "full_time") if key in said
    }
    offers = _offers(reader, entry, said, refers)
    areas = refers.all_areas(said["areas"]) if "areas" in said else _whole_town(refers)
    _staffed(reader, entry, kind, counts)
    if name is None or contact is None or counts.get("capacity") is None or not areas:
        return None  # each of these has its finding
    return RegisterProvider(
        provider=ProviderId(entry.code),
        name_zh=name.zh,
        name_en=name.en,
        kind=kind,
        contact=contact,
        capacity=counts["capacity"] or 0,
        members=counts.get("members"),
        full_time=counts.get("full_time"),
        takes_by_bus="takes_by_bus" in said and reader.yes(said["takes_by_bus"]),
        areas=areas,
        offers=offers,
    )


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


def _staffed(reader: Reader, entry: Entry, kind: ProviderKind, counts: Mapping[str, int | None]) -> None:
    members, full_time = counts.get("members"), counts.get("full_time")
    if kind is ProviderKind.TEAM and ((members or 0) < TEAM_MEMBERS or (full_time or 0) < TEAM_FULL_TIME):
        reader.note(
            entry.key, "team_too_small", slug=entry.code, members=TEAM_MEMBERS, full_time=TEAM_FULL_TIME
        )
    if members is not None and full_time is not None and full_time > members:
        reader.note(entry.key, "full_time", full_time=full_time, members=members)
