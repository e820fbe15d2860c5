"""Providers register, offer, change and retire; a town adopts its rules."""

import pytest

from domain.commands import AdoptRules
from domain.events import (
    ProviderAmended,
    ProviderCapacityChanged,
    ProviderOffersChanged,
    ProviderRegistered,
    ProviderRetired,
    ProviderRetiring,
    RulesAdopted,
)
from domain.ids import CategoryPath
from domain.provider import Standing
from domain.provider_events import Offer
from domain.rejections import (
    NotRetiring,
    NotYours,
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
from domain.stages import Duty, ProviderKind, Role
from tests.support.a_provider import (
    OFFERS,
    amend,
    amended,
    change_capacity,
    change_offers,
    finish_retirement,
    register,
    registered,
    retire,
    retired,
    retiring,
)
from tests.support.a_town import EAST, MEALS, OFFICE_HOURS, ROADS, RULES, WATER, WEST, rules_with
from tests.support.an_order import OPERATOR
from tests.support.given import Ask, given

MOON = (Offer(category=CategoryPath("moon")),)


def test_a_unit_registers_with_what_it_offers() -> None:
    known = given().when(register()).then(ProviderRegistered, provider=WATER, offers=OFFERS, capacity=5)
    known.leaving(standing=Standing.ACTIVE, areas=(EAST,), offers=OFFERS, capacity=5)


def test_a_provider_registers_once() -> None:
    given(registered()).when(register()).then_rejected(ProviderExists)
    given(registered(), retiring(), retired()).when(register()).then_rejected(ProviderExists)


def test_a_provider_offers_what_the_town_knows() -> None:
    given().when(register(areas=("moon",))).then_rejected(UnknownArea)
    given().when(register(offers=MOON)).then_rejected(UnknownCategory)


@pytest.mark.parametrize(("members", "full_time"), [(2, 1), (3, 0), (None, None), (3, None)])
def test_a_small_team_is_refused(members: int | None, full_time: int | None) -> None:
    team = register(kind=ProviderKind.TEAM, members=members, full_time=full_time)
    given().when(team).then_rejected(TeamTooSmall, members=3, full_time=1)


def test_a_team_has_three_members_one_of_them_full_time() -> None:
    team = register(kind=ProviderKind.TEAM, members=3, full_time=1)
    given().when(team).then(ProviderRegistered, members=3, full_time=1)


def test_how_large_a_team_has_to_be_is_the_towns_rule() -> None:
    larger = given().under(rules_with(team_members=5, team_full_time=2))
    team = {"kind": ProviderKind.TEAM, "members": 5}
    larger.when(register(**team, full_time=1)).then_rejected(TeamTooSmall, members=5, full_time=2)
    larger.when(register(**team, full_time=2)).then(ProviderRegistered)
    four = {"kind": ProviderKind.TEAM, "members": 4, "full_time": 2}
    larger.when(register(**four)).then_rejected(TeamTooSmall)
    given(registered()).under(larger.rules).when(amend(**team)).then_rejected(TeamTooSmall, members=5)


def test_a_unit_registers_with_its_hours_and_skills() -> None:
    open_daily = {"hours": (OFFICE_HOURS,), "skills": ("electrician",)}
    known = given().when(register(**open_daily)).then(ProviderRegistered, **open_daily)
    after = given(*known.events)
    after.when(amend(**open_daily)).then_nothing()
    after.when(amend(contact="1")).then(ProviderAmended, **open_daily)
    after.when(amend(hours=(), skills=())).then(ProviderAmended, hours=(), skills=())


def test_a_skill_is_one_that_the_town_has_a_word_for() -> None:
    given().when(register(skills=("flying",))).then_rejected(UnknownSkill, skill="flying")
    given(registered()).when(amend(skills=("flying",))).then_rejected(UnknownSkill, skill="flying")


def test_a_provider_is_called_and_reached_otherwise() -> None:
    corrected = given(registered()).when(amend(name_zh="供水", contact="96319"))
    corrected.then(ProviderAmended, name_zh="供水", name_en="Water", contact="96319", members=None)
    after = given(registered(), *corrected.events)
    after.when(amend(name_zh="供水")).then_nothing()
    after.when(amend(contact="12345")).then(ProviderAmended, name_zh="供水", contact="12345")


def test_a_provider_begins_and_ends_to_take_work_by_its_topic() -> None:
    given(registered()).when(amend(takes_by_bus=True)).then(ProviderAmended, takes_by_bus=True)
    given(registered(), amended()).when(amend(takes_by_bus=False)).then(ProviderAmended, takes_by_bus=False)


def test_particulars_that_say_the_same_or_nothing_are_silent() -> None:
    given(registered()).when(amend(name_zh="水务", contact="12345", takes_by_bus=False)).then_nothing()
    given(registered()).when(amend()).then_nothing()


def test_what_becomes_a_team_has_the_members_of_one() -> None:
    team = {"kind": ProviderKind.TEAM}
    given(registered()).when(amend(**team)).then_rejected(TeamTooSmall)
    given(registered()).when(amend(**team, members=3, full_time=1)).then(ProviderAmended, members=3)
    given(registered(), amended(**team)).when(amend(members=2)).then_rejected(TeamTooSmall)


def test_a_provider_changes_its_lists() -> None:
    offers = (Offer(category=MEALS, duty=Duty.MUST),)
    changed = given(registered()).when(change_offers(areas=(WEST,), offers=offers))
    changed.then(ProviderOffersChanged, areas=(WEST,), offers=offers).leaving(areas=(WEST,), offers=offers)


def test_lists_that_say_the_same_are_silent() -> None:
    given(registered()).when(change_offers()).then_nothing()


def test_changed_lists_name_what_the_town_knows() -> None:
    given(registered()).when(change_offers(offers=MOON)).then_rejected(UnknownCategory)
    given(registered()).when(change_offers(areas=("moon",))).then_rejected(UnknownArea)


def test_a_provider_changes_only_its_own() -> None:
    given(registered()).when(change_capacity(9).said_by(Role.PROVIDER, ROADS)).then_rejected(NotYours)
    given(registered()).when(change_capacity(9).said_by(Role.PROVIDER, WATER)).then(ProviderCapacityChanged)


def test_a_provider_changes_its_capacity() -> None:
    changed = given(registered()).when(change_capacity(0)).then(ProviderCapacityChanged, capacity=0)
    changed.leaving(capacity=0)


def test_the_same_capacity_is_silent() -> None:
    given(registered()).when(change_capacity(5)).then_nothing()


@pytest.mark.parametrize("change", [amend(contact="1"), change_offers(), change_capacity(9), retire()])
def test_an_unknown_provider_changes_nothing(change: Ask) -> None:
    given().when(change).then_rejected(UnknownProvider)


@pytest.mark.parametrize("change", [amend(contact="1"), change_offers(), change_capacity(9)])
def test_who_leaves_changes_nothing(change: Ask) -> None:
    given(registered(), retiring()).when(change).then_rejected(ProviderGone)


def test_a_provider_retires_in_two_steps() -> None:
    leaving = given(registered()).when(retire()).then(ProviderRetiring).leaving(standing=Standing.RETIRING)
    gone = given(registered(), *leaving.events).when(finish_retirement()).then(ProviderRetired, returned=2)
    gone.leaving(standing=Standing.RETIRED)


def test_retiring_twice_is_silent_at_both_steps() -> None:
    given(registered(), retiring()).when(retire()).then_nothing()
    given(registered(), retiring(), retired()).when(retire()).then_nothing()
    given(registered(), retiring(), retired()).when(finish_retirement()).then_nothing()


def test_a_retirement_begins_before_it_ends() -> None:
    given(registered()).when(finish_retirement()).then_rejected(NotRetiring)
    given().when(finish_retirement()).then_rejected(NotRetiring)


def test_a_town_adopts_its_rules() -> None:
    given().when(adopt(RULES)).then(RulesAdopted, version=1, rules=RULES).leaving(rules=RULES, version=1)


def test_the_next_rules_are_the_next_version() -> None:
    newer = rules_with(reopen_days=7)
    in_force = RulesAdopted(version=1, rules=RULES)
    given(in_force).when(adopt(newer)).then(RulesAdopted, version=2).leaving(rules=newer)


def test_the_same_rules_again_are_silent_even_after_they_were_used() -> None:
    in_force = RulesAdopted(version=1, rules=Rules.model_validate(RULES.model_dump()))
    in_force.rules.limits(MEALS)
    given(in_force).when(adopt(RULES)).then_nothing()


@pytest.mark.parametrize("zone", ["Mars/Base", "", "../etc/passwd", "Asia", "x" * 300])
def test_a_town_lies_in_a_time_zone_that_there_is(zone: str) -> None:
    given().when(adopt(rules_with(zone=zone))).then_rejected(UnknownZone, zone=zone)
    given().when(adopt(rules_with(zone="Europe/Berlin"))).then(RulesAdopted)


def adopt(rules: Rules) -> Ask:
    return Ask(AdoptRules(rules=rules), OPERATOR)
