"""Providers register, offer, change and retire; a town adopts its rules."""

from dataclasses import asdict, fields, replace
from typing import TypeVar
from zoneinfo import ZoneInfo

from domain.commands import (
    AdoptRules,
    AmendProvider,
    ChangeCapacity,
    ChangeOffers,
    FinishRetirement,
    RegisterProvider,
    RetireProvider,
)
from domain.events import (
    ProviderAmended,
    ProviderCapacityChanged,
    ProviderOffersChanged,
    ProviderRegistered,
    ProviderRetired,
    ProviderRetiring,
    RulesAdopted,
)
from domain.ids import AreaPath, CategoryPath
from domain.provider import Particulars, Provider, Standing, Volunteer
from domain.provider_commands import ProviderCommand
from domain.provider_events import Offer
from domain.rejections import (
    NotRetiring,
    ProviderExists,
    ProviderGone,
    TeamTooSmall,
    UnknownArea,
    UnknownCategory,
    UnknownProvider,
    UnknownSkill,
    UnknownZone,
)
from domain.rules import Rules
from domain.situation import Situation
from domain.stages import ProviderKind
from domain.town import Town

Told = TypeVar("Told", Particulars, Volunteer)


def register(command: RegisterProvider, provider: Provider, now: Situation) -> list[ProviderRegistered]:
    """A unit or team joins the town."""
    if provider.standing is not Standing.UNKNOWN:
        raise ProviderExists(provider=command.provider)
    _large_enough(now.rules, command.kind, command.members, command.full_time)
    _on_the_lists(now.rules, command.areas, command.offers)
    known_skills(now.rules, command.skills)
    return [
        ProviderRegistered(
            provider=command.provider,
            name_zh=command.name_zh,
            name_en=command.name_en,
            kind=command.kind,
            contact=command.contact,
            capacity=command.capacity,
            members=command.members,
            full_time=command.full_time,
            takes_by_bus=command.takes_by_bus,
            hours=command.hours,
            skills=command.skills,
            areas=command.areas,
            offers=command.offers,
        )
    ]


def amend(command: AmendProvider, provider: Provider, now: Situation) -> list[ProviderAmended]:
    """Who it is and how to reach it, corrected; what the command leaves out stays."""
    takes_part(command, provider)
    after = told(provider.particulars, command)
    if after == provider.particulars:
        return []
    _large_enough(now.rules, after.kind, after.members, after.full_time)
    known_skills(now.rules, after.skills)
    return [ProviderAmended(provider=command.provider, **asdict(after))]


def change_offers(command: ChangeOffers, provider: Provider, now: Situation) -> list[ProviderOffersChanged]:
    """What it takes and where."""
    takes_part(command, provider)
    if (command.areas, command.offers) == (provider.areas, provider.offers):
        return []
    _on_the_lists(now.rules, command.areas, command.offers)
    return [ProviderOffersChanged(provider=command.provider, areas=command.areas, offers=command.offers)]


def change_capacity(
    command: ChangeCapacity, provider: Provider, _: Situation
) -> list[ProviderCapacityChanged]:
    """How many orders it can have in hand at once."""
    takes_part(command, provider)
    if command.capacity == provider.capacity:
        return []
    return [ProviderCapacityChanged(provider=command.provider, capacity=command.capacity)]


def retire(command: RetireProvider, provider: Provider, _: Situation) -> list[ProviderRetiring]:
    """It takes nothing new; the retirement process brings its open orders back to the community."""
    if provider.standing in (Standing.RETIRING, Standing.RETIRED):
        return []
    takes_part(command, provider)
    return [ProviderRetiring(provider=command.provider, reason=command.reason)]


def finish_retirement(command: FinishRetirement, provider: Provider, _: Situation) -> list[ProviderRetired]:
    """The last open order is back."""
    if provider.standing is Standing.RETIRED:
        return []
    if provider.standing is not Standing.RETIRING:
        raise NotRetiring(provider=command.provider)
    return [ProviderRetired(provider=command.provider, returned=command.returned)]


def adopt(command: AdoptRules, town: Town, _: Situation) -> list[RulesAdopted]:
    """A new version of the town's rules comes into force."""
    if command.rules == town.rules:
        return []
    _known_zone(command.rules.zone)
    return [RulesAdopted(version=town.version + 1, rules=command.rules)]


def _known_zone(zone: str) -> None:
    """Days and hours are shown in it ever after, so it has to be one."""
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, LookupError) as error:
        raise UnknownZone(zone=zone) from error


def takes_part(command: ProviderCommand, provider: Provider) -> None:
    """It is registered and not on its way out. Raises UnknownProvider, ProviderGone."""
    if provider.standing is Standing.UNKNOWN:
        raise UnknownProvider(provider=command.provider)
    if provider.standing is not Standing.ACTIVE:
        raise ProviderGone(provider=command.provider)


def told(before: Told, command: ProviderCommand) -> Told:
    """What was known, with what the command says in its place."""
    said = {field.name: getattr(command, field.name) for field in fields(before)}
    return replace(before, **{name: value for name, value in said.items() if value is not None})


def known_skills(rules: Rules, skills: tuple[str, ...]) -> None:
    """The town has a word for each of them. Raises UnknownSkill."""
    for skill in skills:
        if skill not in rules.skills:
            raise UnknownSkill(skill=skill)


def known_category(rules: Rules, category: CategoryPath) -> None:
    """An item or a group of the catalogue. Raises UnknownCategory."""
    if category not in rules.category_by_path:
        raise UnknownCategory(category=category)


def _large_enough(
    rules: Rules, kind: ProviderKind | None, members: int | None, full_time: int | None
) -> None:
    too_small = (members or 0) < rules.team_members or (full_time or 0) < rules.team_full_time
    if kind is ProviderKind.TEAM and too_small:
        raise TeamTooSmall(members=rules.team_members, full_time=rules.team_full_time)


def _on_the_lists(rules: Rules, areas: tuple[AreaPath, ...], offers: tuple[Offer, ...]) -> None:
    for area in areas:
        if area not in rules.area_by_path:
            raise UnknownArea(area=area)
    for offer in offers:
        known_category(rules, offer.category)
