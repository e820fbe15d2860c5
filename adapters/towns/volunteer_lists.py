"""The volunteers of a town file: who, with what skills, when, for what. Health stands in no file."""

from typing import Final

from yaml import Node

from adapters.towns.reading import Entry, Reader
from adapters.towns.references import References
from domain.commands import EnrolVolunteer
from domain.ids import ProviderId, VolunteerId
from domain.sealed import MAX_TEXT, Sealed

VOLUNTEER_KEYS: Final = ("name", "skills", "hours", "willing")


def read_volunteers(
    reader: Reader, node: Node | None, provider: ProviderId, refers: References
) -> tuple[EnrolVolunteer, ...] | None:
    """Each as the command that enrols it; None where there is no list."""
    if node is None:
        return None
    found = (_volunteer(reader, entry, provider, refers) for entry in reader.entries(node))
    return tuple(one for one in found if one is not None)


def _volunteer(
    reader: Reader, entry: Entry, provider: ProviderId, refers: References
) -> EnrolVolunteer | None:
    said = reader.fields(entry.value, VOLUNTEER_KEYS, needed=("name",))
    skills = reader.skills(said["skills"]) if "skills" in said else ()
    hours = reader.shifts(said["hours"]) if "hours" in said else ()
    willing = refers.all_categories(said["willing"]) if "willing" in said else ()
    name = reader.text(said["name"], MAX_TEXT) if "name" in said else None
    if name is None:
        return None  # which has its finding
    return EnrolVolunteer(
        provider=provider,
        volunteer=VolunteerId(entry.code),
        name=Sealed(name),
        skills=skills,
        hours=hours,
        willing=willing,
    )
