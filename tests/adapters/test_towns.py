"""A town file is read whole or told line by line what is wrong."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.towns import TownFile, TownFileFaulty, check, load, shipped
from adapters.towns.findings import SENTENCES
from domain.hours import open_at
from domain.ids import AreaPath, CategoryPath, within
from domain.rules import Retention, Weights
from domain.sealed import Sealed
from domain.stages import AutoDispatch, Duty, Level, ProviderKind
from tests.support.a_town import FRIDAYS, MONDAY, days, hours
from tests.support.a_town_file import SMALL, small


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
    assert (rules.call_minutes, rules.weights.call_near) == (10, 2000)
    assert rules.auto_dispatch(CategoryPath("care/meals"), AreaPath("lake/west")) is AutoDispatch.ON
    assert rules.auto_dispatch(CategoryPath("care/meals"), AreaPath("lake/east")) is AutoDispatch.OFF


def with_routes(*routes: str) -> tuple[str, str]:
    return "rate_days: 20", f"rate_days: 20\n  routes: [{', '.join(f'{{{one}}}' for one in routes)}]"


def test_routes_are_read_in_their_order(tmp_path: Path) -> None:
    first = "provider: works, category: roads, area: east, note: [街道定, By the street]"
    file = load(small(tmp_path, with_routes(first, "provider: cooks, channel: 热线")))
    one, other = file.rules.routes
    assert (one.provider, one.category, one.area, one.channel) == ("works", "roads", "lake/east", None)
    assert one.note is not None
    assert one.note.zh == "街道定"
    assert (other.provider, other.channel) == ("cooks", "热线")
    assert file.lines["route 1"] == line("rate_days") + 1


@pytest.mark.parametrize(
    ("route", "code"),
    [
        ("provider: works", "route_for_all"),
        ("category: roads", "missing_key"),
        ("provider: works, category: moon", "unknown_category"),
        ("provider: works, area: moon", "unknown_area"),
        ("provider: Works!, category: roads", "bad_code"),
        ("provider: works, to: roads", "unknown_key"),
    ],
)
def test_what_is_no_route_is_told(tmp_path: Path, route: str, code: str) -> None:
    assert code in {found.code for found in check(small(tmp_path, with_routes(route)))}


def test_providers_have_their_lists(tmp_path: Path) -> None:
    works, cooks = load(small(tmp_path)).providers
    assert (works.kind, works.areas, works.offers[0].duty) == (ProviderKind.DEPARTMENT, ("lake",), Duty.MUST)
    assert (cooks.members, cooks.areas) == (4, ("lake/east", "lake/west"))
    assert cooks.contact == "0755-23000002"
    assert (works.takes_by_bus, cooks.takes_by_bus) == (True, False)


def test_a_town_says_how_long_it_waits_for_a_call(tmp_path: Path) -> None:
    said = "rate_days: 20\n  call_minutes: 4\n  weights: {call_near: 3000}"
    rules = load(small(tmp_path, ("rate_days: 20", said))).rules
    assert (rules.call_minutes, rules.weights) == (4, Weights(call_near=3000))
    never = small(tmp_path, ("rate_days: 20", "rate_days: 20\n  call_minutes: 0"))
    assert [found.code for found in check(never)] == ["bad_number"]


def with_retention(text: str) -> tuple[str, str]:
    return "rate_days: 20", f"rate_days: 20\n  retention: {text}"


def test_a_town_says_how_long_texts_are_kept(tmp_path: Path) -> None:
    said = with_retention("[{days: 1095}, {category: care, days: 365}]")
    rules = load(small(tmp_path, said)).rules
    assert rules.retention == (Retention(days=1095), Retention(category=CategoryPath("care"), days=365))


def test_a_town_says_how_long_dead_letters_are_kept(tmp_path: Path) -> None:
    said = load(small(tmp_path, ("rate_days: 20", "rate_days: 20\n  letter_days: 90"))).rules
    assert said.letters_for == timedelta(days=90)
    silent = load(small(tmp_path)).rules
    assert (silent.letter_days, silent.letters_for) == (None, timedelta(days=180))
    never = small(tmp_path, ("rate_days: 20", "rate_days: 20\n  letter_days: 0"))
    assert [found.code for found in check(never)] == ["bad_number"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[{category: care}]", "missing_key"),
        ("[{days: 0}]", "bad_number"),
        ("[{category: moon, days: 3}]", "unknown_category"),
        ("[{category: care, days: 3}, {category: care, days: 4}]", "duplicate"),
        ("[{days: 3}, {days: 4}]", "duplicate"),
        ("[{days: 3, why: law}]", "unknown_key"),
    ],
)
def test_what_is_no_retention_rule_is_told(tmp_path: Path, text: str, code: str) -> None:
    assert [found.code for found in check(small(tmp_path, with_retention(text)))] == [code]


AUNT_MEI = "mei: {name: 梅姨, skills: [first-aid], hours: [周五 14:00-17:00], willing: [care]}"
WITH_CREW = (
    ("rate_days: 20", "rate_days: 20\n  skills: {first-aid: [急救, First aid]}\n  team_members: 4"),
    ("name: [探访, Visits], hours: [2, 24]", "name: [探访, Visits], hours: [2, 24], skills: [first-aid]"),
    ("takes_by_bus: true, must", "hours: [Mon-Fri 09:00-18:00, Sat 9:00-12:00], skills: [first-aid], must"),
    (
        "can: [care/meals]}",
        f"can: [care/meals], volunteers: {{{AUNT_MEI}}}}}",
    ),
)


def test_hours_skills_and_volunteers_are_read(tmp_path: Path) -> None:
    town = load(small(tmp_path, *WITH_CREW))
    works, cooks = town.providers
    assert [shift.weekdays for shift in works.hours] == [(1, 2, 3, 4, 5), (6,)]
    assert (works.skills, cooks.skills) == (("first-aid",), ())
    assert town.rules.skills_for(CategoryPath("care/visits")) == ("first-aid",)
    assert (town.rules.team_members, town.rules.team_full_time) == (4, 1)
    assert list(town.volunteers) == ["cooks"]
    (mei,) = town.volunteers[cooks.provider]
    assert (mei.volunteer, mei.skills, mei.willing) == ("mei", ("first-aid",), ("care",))
    assert mei.hours == (FRIDAYS,)


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [
        ("bad_shift", "周五 14:00-17:00", "周五下午"),
        ("bad_shift", "Sat 9:00-12:00", "Sat 9:00-26:00"),
        ("unknown_skill", "{first-aid: [", "{second-aid: ["),
        ("unknown_category", "willing: [care]", "willing: [moon]"),
        ("missing_key", "name: 梅姨, ", ""),
        ("bad_number", "team_members: 4", "team_members: none"),
        ("team_too_small", "team_members: 4", "team_members: 5"),
    ],
)
def test_a_fault_of_a_crew_is_named(tmp_path: Path, code: str, before: str, after: str) -> None:
    text = small(tmp_path, *WITH_CREW).read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "crew.yaml"
    path.write_text(text.replace(before, after), encoding="utf-8")
    assert {found.code for found in check(path)} == {code}


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


def test_every_item_of_guangming_has_somebody_with_the_skills_it_needs_whose_duty_it_is() -> None:
    town = shipped_town()
    able = [
        (offer.category, set(provider.skills))
        for provider in town.providers
        for offer in provider.offers
        if offer.duty is Duty.MUST
    ]
    needing = [(item.path, set(town.rules.skills_for(item.path))) for item in town.rules.catalogue]
    assert [item for item, needs in needing if needs]
    assert [
        item
        for item, needs in needing
        if needs and not any(within(item, category) and needs <= skills for category, skills in able)
    ] == []


def test_guangming_has_a_team_of_volunteers_that_is_there_on_fridays() -> None:
    (volunteers,) = shipped_town().volunteers.values()
    assert len(volunteers) >= 3
    friday, saturday = MONDAY + days(4) + hours(6), MONDAY + days(5) + hours(6)
    assert any(open_at(one.hours, friday, "Asia/Shanghai") for one in volunteers)
    assert not any(open_at(one.hours, saturday, "Asia/Shanghai") for one in volunteers)


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


def test_the_shipped_town_has_nothing_wrong() -> None:
    assert shipped() == ("guangming",)
    assert check("guangming") == ()
