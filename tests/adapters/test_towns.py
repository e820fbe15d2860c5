"""A town file is read whole or told line by line what is wrong; applying it twice changes nothing."""

import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from adapters.sealing import TownSealer
from adapters.towns import TownFile, TownFileFaulty, check, difference, load, shipped
from adapters.towns.findings import SENTENCES
from domain.commands import (
    AdoptRules,
    AmendProvider,
    AnyCommand,
    AnyProviderCommand,
    ChangeCapacity,
    ChangeOffers,
    RegisterProvider,
    RetireProvider,
)
from domain.facts import Actor, CommandKey
from domain.ids import AreaPath, CategoryPath, ProviderId, within
from domain.lifecycle import decide, evolve
from domain.provider import NO_PROVIDER, Provider
from domain.rules import Rules
from domain.sealed import Sealed
from domain.situation import Asked, Situation
from domain.stages import AutoDispatch, Duty, Level, ProviderKind, Role
from domain.town import NO_TOWN, Town
from tests.support.a_town import MONDAY

SMALL = """\
town: lake
name: [湖镇, Lake Town]
zone: Asia/Shanghai
levels:
  street: [街道, street]
  community: [社区, community]
  grid: [网格, grid]
areas:
  lake:
    name: [湖街道, Lake]
    responsible: lead
    parts:
      east: {name: [东社区, East], parts: [120, 80]}
      west: {name: [西社区, West], kind: village, responsible: west-lead, population: 50}
catalogue:
  care:
    name: [养老, Care]
    kind: service
    hours: [12, 72]
    items:
      meals: [助餐, Meals]
      visits: {name: [探访, Visits], hours: [2, 24]}
  roads:
    name: [道路, Roads]
    kind: complaint
    items:
      pothole: [坑洼, Potholes]
people:
  lead: {name: 林嘉禾, roles: [community], area: lake}
  west-lead: {name: 陈思远, roles: [community], area: west}
rules:
  hours: [24, 120]
  rate_days: 20
  decline_reasons: {not-ours: [不属本单位职责, Not our duty]}
  ratings: {satisfied: [还行, fine]}
  bad_ratings: [very-dissatisfied]
  auto_dispatch:
    - {mode: off}
    - {category: care, area: west, mode: on}
providers:
  department:
    works: {name: [工务, Works], contact: 0755-23000001, capacity: 20, takes_by_bus: true, must: [roads]}
  team:
    cooks: {name: [厨队, Cooks], members: 4, full_time: 1, contact: 0755-23000002, capacity: 5,
      areas: [east, lake/west], can: [care/meals]}
"""


def small(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    """The small town with pieces of its text replaced."""
    text = SMALL
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    path = tmp_path / "lake.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def line(text: str) -> int:
    """The line of the small town in which a piece of text stands."""
    return next(number for number, said in enumerate(SMALL.splitlines(), 1) if text in said)


# reading


def test_areas_are_nested_numbered_and_added_up(tmp_path: Path) -> None:
    areas = load(small(tmp_path)).rules.area_by_path
    assert list(areas) == ["lake", "lake/east", "lake/east/grid-1", "lake/east/grid-2", "lake/west"]
    assert areas[AreaPath("lake")].population == 250
    assert areas[AreaPath("lake/east/grid-2")].name.zh == "2号网格"
    assert areas[AreaPath("lake/west")].kind == "village"


def test_who_answers_for_an_area_answers_for_its_parts(tmp_path: Path) -> None:
    areas = load(small(tmp_path)).rules.area_by_path
    assert areas[AreaPath("lake/east/grid-1")].responsible == "lead"
    assert areas[AreaPath("lake/west")].responsible == "west-lead"


def test_items_take_over_kind_and_hours_of_their_group(tmp_path: Path) -> None:
    rules = load(small(tmp_path)).rules
    assert rules.category_by_path[CategoryPath("care")].kind == "group"
    assert rules.category_by_path[CategoryPath("care/meals")].kind == "service"
    assert rules.limits(CategoryPath("care/meals")) == (12, 72)
    assert rules.limits(CategoryPath("care/visits")) == (2, 24)
    assert rules.limits(CategoryPath("roads/pothole")) == (24, 120)


def test_rules_are_read_with_their_words(tmp_path: Path) -> None:
    rules = load(small(tmp_path)).rules
    assert (rules.rate_days, rules.reopen_days) == (20, 15)
    assert rules.level_name(Level.SATISFIED).zh == "还行"
    assert rules.bad_ratings == (Level.VERY_DISSATISFIED,)
    assert rules.auto_dispatch(CategoryPath("care/meals"), AreaPath("lake/west")) is AutoDispatch.ON
    assert rules.auto_dispatch(CategoryPath("care/meals"), AreaPath("lake/east")) is AutoDispatch.OFF


def test_providers_have_their_lists(tmp_path: Path) -> None:
    works, cooks = load(small(tmp_path)).providers
    assert (works.kind, works.areas, works.offers[0].duty) == (ProviderKind.DEPARTMENT, ("lake",), Duty.MUST)
    assert (cooks.members, cooks.areas) == (4, ("lake/east", "lake/west"))
    assert cooks.contact == "0755-23000002"
    assert (works.takes_by_bus, cooks.takes_by_bus) == (True, False)


def test_names_are_sealed_where_a_sealer_is_given(tmp_path: Path) -> None:
    sealer = TownSealer(b"secret")
    name = load(small(tmp_path), sealer).rules.people[0].name
    assert "林" not in str(name)
    assert sealer.open(name) == "林嘉禾"


# checking

FAULTS = [
    ("unknown_key", "  rate_days: 20", "  rating_days: 20", "rate_days"),
    ("missing_key", "{name: [东社区, East], parts", "{parts", "东社区"),
    ("wrong_shape", "name: [道路, Roads]", "name: Roads", "道路"),
    ("bad_code", "      pothole:", "      Pot hole:", "pothole"),
    ("bad_text", "name: 林嘉禾", "name: ''", "林嘉禾"),
    ("bad_number", "rate_days: 20", "rate_days: twenty", "rate_days"),
    ("bad_hours", "hours: [2, 24]", "hours: [24, 2]", "visits"),
    ("bad_hours", "hours: [12, 72]", "hours: [12]", "hours: [12, 72]"),
    ("bad_word", "mode: on}", "mode: perhaps}", "mode: on"),
    ("bad_zone", "Asia/Shanghai", "Asia/Guangming", "zone"),
    ("duplicate", "      visits:", "      meals:", "visits"),
    ("duplicate", "    cooks:", "    works:", "cooks"),
    ("too_deep", "kind: village, ", "parts: {a: {name: [甲, A], parts: [7]}}, ", "west: {name"),
    ("missing_parent", "can: [care/meals]", "can: [health/clinic/eyes]", "areas: [east"),
    ("unknown_category", "must: [roads]", "must: [roads/lamps]", "must"),
    ("unknown_area", "areas: [east,", "areas: [north,", "areas: [east"),
    ("missing_parent", "area: west, mode", "area: north/one, mode", "mode: on"),
    ("unknown_person", "responsible: lead", "responsible: nobody", "responsible: lead"),
    ("population", "parts: [120, 80]", "parts: [120, 80], population: 201", "parts: [120"),
    ("team_too_small", "members: 4", "members: 2", "members"),
    ("team_too_small", "full_time: 1", "full_time: 0", "members"),
    ("full_time", "full_time: 1", "full_time: 5", "members"),
    ("offers_nothing", ", must: [roads]", "", "must"),
    ("unreadable", "rules:\n", "rules: [\n", "rules:"),
    ("bad_word", "takes_by_bus: true", "takes_by_bus: perhaps", "must"),
    ("bad_word", "roles: [community], area: lake", "roles: [mayor], area: lake", "林嘉禾"),
]


@pytest.mark.parametrize(("code", "before", "after", "where"), FAULTS)
def test_a_fault_is_named_with_its_line(
    tmp_path: Path, code: str, before: str, after: str, where: str
) -> None:
    findings = check(small(tmp_path, (before, after)))
    assert [found.code for found in findings][:1] == [code]
    if code != "unreadable":  # where a bracket was forgotten YAML only knows where it gave up
        assert findings[0].line == line(where)


def test_a_whole_file_names_all_its_faults_in_order_of_line(tmp_path: Path) -> None:
    path = small(
        tmp_path, ("rate_days: 20", "rate_days: 0"), ("members: 4", "members: 1"), ("lead: {", "l: {")
    )
    findings = check(path)
    assert {found.code for found in findings} == {"bad_number", "team_too_small", "unknown_person"}
    assert [found.line for found in findings] == sorted(found.line for found in findings)


def test_a_town_of_one_level_is_refused(tmp_path: Path) -> None:
    text = ("  community: [社区, community]\n  grid: [网格, grid]\n", "")
    assert "bad_levels" in {found.code for found in check(small(tmp_path, text))}


def test_every_sentence_ends_and_says_both_languages(tmp_path: Path) -> None:
    assert all(zh.endswith("。") and en.endswith(".") for zh, en in SENTENCES.values())
    found = check(small(tmp_path, ("members: 4", "members: 2")))[0]
    assert "补齐" in found.zh
    assert "fill it up" in found.en


@pytest.mark.parametrize(
    "text", ["", "- a\n", "just words\n", "a: &x {b: *x}\n", "\x00", "town: [", "? [a]\n: b\n"]
)
def test_nonsense_is_told_not_raised(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    assert check(path)


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"town: \xff\xfe")
    assert [found.code for found in check(path)] == ["unreadable"]


def test_an_area_that_lies_in_itself_is_told(tmp_path: Path) -> None:
    path = small(tmp_path, ("{name: [东社区, East], parts: [120, 80]}", "&e {name: [东, E], parts: {x: *e}}"))
    assert "too_deep" in {found.code for found in check(path)}


def test_a_category_that_lies_in_itself_is_told(tmp_path: Path) -> None:
    path = small(
        tmp_path, ("visits: {name: [探访, Visits], hours: [2, 24]}", "v: &v {name: [甲, A], items: {x: *v}}")
    )
    assert "too_deep" in {found.code for found in check(path)}


def test_a_file_that_is_not_there_says_which_towns_are() -> None:
    with pytest.raises(TownFileFaulty) as faulty:
        load("atlantis")
    assert "guangming" in str(faulty.value)
    assert "line" not in str(faulty.value)  # there is none to point at


# the difference


def apply(commands: Iterable[AnyCommand], town: Town, providers: dict[ProviderId, Provider]) -> Town:
    """What the record holds once the domain has taken the commands."""
    actor = Actor(role=Role.OPERATOR, id="operator-1")
    asked = Asked(CommandKey(source="t", id="1"), actor, "cli", MONDAY, "1", intake="1")
    for command in commands:
        now = Situation(asked=asked, at=MONDAY, rules=town.rules, others={})
        if isinstance(command, AdoptRules):
            for event in decide(command, town, now):
                after = evolve(town, event, MONDAY)
                assert isinstance(after, Town)
                town = after
        elif isinstance(command, AnyProviderCommand):
            state = providers.get(command.provider, NO_PROVIDER)
            for event in decide(command, state, now):
                after = evolve(state, event, MONDAY)
                assert isinstance(after, Provider)
                providers[command.provider] = after
    return town


def test_a_new_town_is_adopted_and_everyone_registered(tmp_path: Path) -> None:
    told = difference(None, {}, load(small(tmp_path)))
    assert [type(command) for command in told.commands] == [AdoptRules, RegisterProvider, RegisterProvider]
    assert "5个区域" in told.lines[0].zh


def test_applying_twice_changes_nothing() -> None:
    file, providers = load("guangming"), dict[ProviderId, Provider]()
    town = apply(difference(None, providers, file).commands, NO_TOWN, providers)
    again = difference(town.rules, providers, load("guangming"))
    assert (again.lines, again.commands) == ((), ())


def applied(path: Path) -> tuple[Rules, dict[ProviderId, Provider]]:
    providers: dict[ProviderId, Provider] = {}
    town = apply(difference(None, providers, load(path)).commands, NO_TOWN, providers)
    return town.rules, providers


def changed(tmp_path: Path, *changes: tuple[str, str]) -> tuple[list[type], list[str]]:
    rules, providers = applied(small(tmp_path))
    told = difference(rules, providers, load(small(tmp_path, *changes)))
    return [type(command) for command in told.commands], [words.en for words in told.lines]


def test_changed_rules_are_told_setting_by_setting(tmp_path: Path) -> None:
    commands, lines = changed(
        tmp_path,
        ("rate_days: 20", "rate_days: 10"),
        ("hours: [2, 24]", "hours: [2, 30]"),
        ("[120, 80]", "[200]"),
    )
    assert commands == [AdoptRules]
    assert "  rate_days: 20 → 10" in lines
    assert "  changed category (1): care/visits" in lines
    assert "  removed area (1): lake/east/grid-2" in lines


def test_what_a_provider_takes_and_how_much_is_compared(tmp_path: Path) -> None:
    commands, lines = changed(
        tmp_path, ("capacity: 20", "capacity: 30"), ("must: [roads]", "must: [roads], can: [care]")
    )
    assert commands == [ChangeOffers, ChangeCapacity]
    assert "Change the capacity of Works [works] (20 → 30)" in lines


def test_who_a_provider_is_and_how_to_reach_it_is_compared(tmp_path: Path) -> None:
    commands, lines = changed(
        tmp_path,
        ("[工务, Works], contact: 0755-23000001", "[工务, Roadworks], contact: 0755-23000009"),
        ("members: 4, full_time: 1", "members: 6, full_time: 1"),
    )
    assert commands == [AmendProvider, AmendProvider]
    assert lines == [
        "Amend Roadworks [works] (name_en: Works → Roadworks, contact: 0755-23000001 → 0755-23000009)",
        "Amend Cooks [cooks] (members: 4 → 6)",
    ]


def test_a_number_that_the_file_no_longer_tells_stays(tmp_path: Path) -> None:
    commands, lines = changed(
        tmp_path,
        ("  team:\n    cooks", "  social:\n    cooks"),
        ("members: 4, full_time: 1, ", ""),
        ("takes_by_bus: true, ", ""),
    )
    assert commands == [AmendProvider, AmendProvider]
    assert lines[0] == "Amend Works [works] (takes_by_bus: True → False)"
    assert lines[1] == "Amend Cooks [cooks] (kind: team → social)"


def test_a_provider_left_out_retires(tmp_path: Path) -> None:
    works = SMALL[SMALL.index("  department:") : SMALL.index("  team:")]
    commands, _ = changed(tmp_path, (works, ""))
    assert commands == [RetireProvider]


def test_one_that_has_retired_is_told_but_not_registered_again(tmp_path: Path) -> None:
    rules, providers = applied(small(tmp_path))
    leave = RetireProvider(provider=ProviderId("works"), reason=Sealed("-"))
    apply([leave], Town(rules=rules, version=1), providers)
    told = difference(rules, providers, load(small(tmp_path)))
    assert told.commands == ()
    assert "new code" in told.lines[0].en


def test_a_sealed_name_is_compared_opened(tmp_path: Path) -> None:
    sealer = TownSealer(b"secret")
    recorded = load(small(tmp_path), sealer).rules
    _, providers = applied(small(tmp_path))
    assert difference(recorded, providers, load(small(tmp_path)), sealer.open).commands == ()
    renamed = load(small(tmp_path, ("林嘉禾", "林小满")))
    assert [type(c) for c in difference(recorded, providers, renamed, sealer.open).commands] == [AdoptRules]


def test_no_name_stands_in_the_sentences(tmp_path: Path) -> None:
    _, lines = changed(tmp_path, ("林嘉禾", "林小满"))
    assert not any("林" in said for said in lines)


# the town that is shipped


def shipped_town() -> TownFile:
    return load("guangming")


def test_guangming_has_the_reported_figures() -> None:
    town = shipped_town()
    depths = Counter(area.path.count("/") for area in town.rules.areas)
    assert (depths[0], depths[1], depths[2], depths[3]) == (1, 6, 48, 150)
    kinds = Counter(provider.kind for provider in town.providers)
    assert (kinds[ProviderKind.TEAM], kinds[ProviderKind.SQUAD]) == (270, 6)
    squads = [one for one in town.providers if one.kind is ProviderKind.SQUAD]
    assert sum(one.members or 0 for one in squads) == 490
    assert 129_000 < (town.rules.areas[0].population or 0) < 131_000


def test_every_item_of_guangming_is_somebodys_duty_in_every_grid() -> None:
    town = shipped_town()
    musts = [
        (area, offer.category)
        for provider in town.providers
        for area in provider.areas
        for offer in provider.offers
        if offer.duty is Duty.MUST
    ]
    items = [item.path for item in town.rules.catalogue if item.kind != "group"]
    nobodys = [
        (item, grid.path)
        for item in items
        for grid in town.rules.areas
        if grid.kind == "grid"
        and not any(within(item, category) and within(grid.path, area) for area, category in musts)
    ]
    assert nobodys == []


def test_nobody_of_guangming_is_called_like_another() -> None:
    town = shipped_town()
    for names in ([p.name_zh for p in town.providers], [p.name_en for p in town.providers]):
        assert [name for name, times in Counter(names).items() if times > 1] == []
    phones = Counter(provider.contact for provider in town.providers)
    assert [phone for phone, times in phones.items() if times > 1] == []
    assert all(phone.startswith("0755-2300") for phone in phones)


def test_a_persons_code_does_not_spell_the_name() -> None:
    places = {part for area in shipped_town().rules.areas for part in area.path.split("/")}
    duties = {"lead", "dispatch", "area", "operator", "street"}
    for person in shipped_town().rules.people:
        assert all(word in duties | places or word.isdigit() for word in person.id.split("-"))
        assert isinstance(person.name, Sealed)


def test_the_shipped_town_loads_in_a_moment() -> None:
    assert shipped() == ("guangming",)
    started = time.perf_counter()
    assert check("guangming") == ()
    assert time.perf_counter() - started < 1
