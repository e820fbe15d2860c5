"""Whom a town file's lists of volunteers enrol, change and release."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from adapters.towns.town_file import TownFile
from domain.commands import AnyCommand, ChangeVolunteer, EnrolVolunteer, ReleaseVolunteer
from domain.ids import ProviderId, VolunteerId
from domain.provider import Provider, Standing, Volunteer
from domain.rules import Words
from domain.sealed import Sealed

Unseal = Callable[[Sealed], str]


def enrolled(
    providers: Mapping[ProviderId, Provider], file: TownFile, unseal: Unseal
) -> Iterator[tuple[Words, AnyCommand]]:
    """Only of providers whose volunteers the file lists: those of the others are their own affair."""
    for provider, wanted in file.volunteers.items():
        state = providers.get(provider, Provider())
        if state.standing not in (Standing.RETIRING, Standing.RETIRED):
            yield from _of_one(provider, state, wanted, unseal)


def _of_one(
    provider: ProviderId, state: Provider, wanted: Sequence[EnrolVolunteer], unseal: Unseal
) -> Iterator[tuple[Words, AnyCommand]]:
    for one in wanted:
        known = state.volunteers.get(one.volunteer)
        if known is None:
            yield _said("登记志愿者", "Enrol volunteer", one.volunteer, provider), one
        elif changes := _changes(known, one, unseal):
            change = ChangeVolunteer(provider=provider, volunteer=one.volunteer, **changes)
            yield _said("变更志愿者", "Change volunteer", one.volunteer, provider), change
    for volunteer in sorted(state.volunteers.keys() - {one.volunteer for one in wanted}):
        left = ReleaseVolunteer(provider=provider, volunteer=volunteer)
        yield _said("志愿者退出", "Release volunteer", volunteer, provider), left


def _changes(known: Volunteer, wanted: EnrolVolunteer, unseal: Unseal) -> dict[str, Any]:
    """What differs; of health the file says nothing."""
    names = [field.name for field in fields(Volunteer) if field.name != "health"]
    before = {name: getattr(known, name) for name in names} | {"name": unseal(known.name)}
    return {name: getattr(wanted, name) for name in names if getattr(wanted, name) != before[name]}


def _said(zh: str, en: str, volunteer: VolunteerId, provider: ProviderId) -> Words:
    which = f"{volunteer} [{provider}]"
    return Words(zh=f"{zh} {which}", en=f"{en} {which}")
