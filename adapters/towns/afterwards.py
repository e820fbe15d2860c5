"""Who there will be to take orders once a town file is applied: what it lists, and what the record knows."""

from collections.abc import Mapping

from adapters.towns.town_file import TownFile
from domain.commands import EnrolVolunteer, RegisterProvider
from domain.ids import ProviderId
from domain.matching import Supplier
from domain.on_duty import Crew, Hand
from domain.provider import NO_PROVIDER, Provider, Standing, Volunteer


def afterwards(file: TownFile, recorded: Mapping[ProviderId, Provider]) -> dict[ProviderId, Supplier]:
    """Every provider of the file and of the record. A file that lists none leaves those on record alone."""
    found = {slug: as_supplier(slug, state) for slug, state in recorded.items()}
    if file.providers:
        found = {slug: _leaving(slug) for slug in found}
    for one in file.providers:
        found[one.provider] = _listed(one, recorded.get(one.provider, NO_PROVIDER), file)
    return found


def as_supplier(slug: ProviderId, state: Provider) -> Supplier:
    """A provider on record, with nothing in hand."""
    told = state.particulars
    hands = tuple(map(_hand, state.volunteers.values()))
    crew = Crew(told.hours, told.skills, hands)
    return Supplier(slug, state.standing, state.areas, state.offers, state.capacity, crew=crew)


def _leaving(slug: ProviderId) -> Supplier:
    return Supplier(slug, Standing.RETIRED)


def _listed(one: RegisterProvider, before: Provider, file: TownFile) -> Supplier:
    """What the file leaves out stays as it is; who has retired does not come back under the same code."""
    gone = before.standing in (Standing.RETIRING, Standing.RETIRED)
    said = one.model_fields_set
    known = [*before.volunteers.values()]
    crew = Crew(
        one.hours if "hours" in said else before.particulars.hours,
        one.skills if "skills" in said else before.particulars.skills,
        tuple(map(_hand, file.volunteers.get(one.provider, known))),
    )
    standing = before.standing if gone else Standing.ACTIVE
    return Supplier(one.provider, standing, one.areas, one.offers, one.capacity, crew=crew)


def _hand(one: EnrolVolunteer | Volunteer) -> Hand:
    return Hand(skills=one.skills, hours=one.hours, willing=one.willing)
