"""A provider's volunteers (志愿者): enrolled with what they can, will and when, changed, released."""

from dataclasses import fields, replace
from typing import Any

from domain.commands import ChangeVolunteer, EnrolVolunteer, ReleaseVolunteer
from domain.events import VolunteerChanged, VolunteerEnrolled, VolunteerReleased
from domain.provider import Provider, Volunteer
from domain.provider_commands import VolunteerCommand
from domain.providing import known_category, known_skills, takes_part, told
from domain.rejections import UnknownVolunteer, VolunteerExists
from domain.rules import Rules
from domain.situation import Situation


def enrol(command: EnrolVolunteer, provider: Provider, now: Situation) -> list[VolunteerEnrolled]:
    """Somebody joins; one who was released may come back."""
    takes_part(command, provider)
    one = Volunteer(**{field.name: getattr(command, field.name) for field in fields(Volunteer)})
    known = provider.volunteers.get(command.volunteer)
    if known == one:
        return []
    if known is not None:
        raise VolunteerExists(provider=command.provider, volunteer=command.volunteer)
    _fits(now.rules, one)
    return [VolunteerEnrolled(**_all_of(command, one))]


def change(command: ChangeVolunteer, provider: Provider, now: Situation) -> list[VolunteerChanged]:
    """What the command leaves out stays."""
    takes_part(command, provider)
    known = provider.volunteers.get(command.volunteer)
    if known is None:
        raise UnknownVolunteer(provider=command.provider, volunteer=command.volunteer)
    after = told(known, command)
    if command.forget_health:
        after = replace(after, health=None)
    if after == known:
        return []
    _fits(now.rules, after)
    return [VolunteerChanged(**_all_of(command, after))]


def release(command: ReleaseVolunteer, provider: Provider, _: Situation) -> list[VolunteerReleased]:
    """Comes no more."""
    takes_part(command, provider)
    if command.volunteer in provider.released:
        return []
    if command.volunteer not in provider.volunteers:
        raise UnknownVolunteer(provider=command.provider, volunteer=command.volunteer)
    return [VolunteerReleased(provider=command.provider, volunteer=command.volunteer)]


def _fits(rules: Rules, one: Volunteer) -> None:
    known_skills(rules, one.skills)
    for category in one.willing:
        known_category(rules, category)


def _all_of(command: VolunteerCommand, one: Volunteer) -> dict[str, Any]:
    said = {field.name: getattr(one, field.name) for field in fields(Volunteer)}
    return {"provider": command.provider, "volunteer": command.volunteer, **said}
