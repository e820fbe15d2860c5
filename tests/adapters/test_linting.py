"""What of a valid town file has no effect, or will not go as it was meant: a yes and a no for each code."""

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.towns import Finding, Linter, TownFile, afterwards, check, load, shipped
from adapters.towns.suspicions import SENTENCES
from domain.ids import ProviderId
from domain.matching import Supplier
from domain.on_duty import Crew
from domain.provider import Particulars, Provider, Standing
from tests.support.a_town_file import SMALL, small

Changes = list[tuple[str, str]]
RULES = "rate_days: 20"
EVERYWHERE = "areas: [east, lake/west], can: [care/meals]"
COVERED = (EVERYWHERE, "can: [care]")  # without this nobody makes visits
SKILLED = (RULES, f"{RULES}\n  skills: {{nurse: [护士, Nurse]}}")
VISITS = ("hours: [2, 24]}", "hours: [2, 24], skills: [nurse]}")
NURSES = ("contact: 0755-23000002,", "contact: 0755-23000002, skills: [nurse],")


def rules_line(text: str) -> tuple[str, str]:
    """A line more in the rules section, line 43 or so of the small town."""
    return RULES, f"{RULES}\n  {text}"


def routes(*lines: str) -> tuple[str, str]:
    return rules_line(f"routes: [{', '.join(f'{{{one}}}' for one in lines)}]")


def linted(
    tmp_path: Path, *changes: tuple[str, str], recorded: dict[ProviderId, Provider] | None = None
) -> list[str]:
    path = small(tmp_path, COVERED, *changes)
    assert check(path) == ()
    return [one.code for one in found_in(load(path), recorded or {})]


def found_in(file: TownFile, recorded: dict[ProviderId, Provider]) -> tuple[Finding, ...]:
    return Linter(file.rules, afterwards(file, recorded), file.lines).findings()


def test_a_town_without_flaws_is_told_nothing(tmp_path: Path) -> None:
    assert linted(tmp_path) == []


@pytest.mark.parametrize("town", shipped())
def test_the_towns_that_ship_have_none(town: str) -> None:
    assert found_in(load(town), {}) == ()


FOUND: dict[str, Changes] = {
    "route_unreachable": [
        routes("provider: works, category: roads", "provider: cooks, category: roads/pothole")
    ],
    "route_provider_unknown": [routes("provider: nobody, category: roads")],
    "route_provider_not_in_area": [
        ("can: [care]", "areas: [east], can: [care]"),
        ("must: [roads]", "must: [roads], can: [care]"),
        routes("provider: cooks, category: care"),
    ],
    "route_provider_not_offered": [routes("provider: cooks, category: roads")],
    "route_provider_unskilled": [
        SKILLED,
        VISITS,
        NURSES,
        ("must: [roads]", "must: [roads], can: [care]"),
        routes("provider: works, category: care/visits"),
    ],
    "routes_void": [
        routes("provider: works, category: roads"),
        rules_line("weights: {routed: 0}"),
    ],
    "dispatch_nobody": [("capacity: 5", "capacity: 0")],
    "dispatch_void": [("- {mode: off}", "- {mode: off}\n    - {mode: propose}")],
    "share_void": [("mode: on}", "mode: off}"), rules_line("most_per_round: 2")],
    "skill_nobody_has": [SKILLED, VISITS],
    "item_uncovered": [("can: [care]", "can: [care/meals]")],
    "weights_zero": [
        rules_line(
            "weights: {routed: 0, wanted: 0, duty: 0, evidence: 0, near: 0, room: 0, rating: 0, timely: 0,"
            " turn: 0}"
        )
    ],
    "weight_outweighed": [rules_line("weights: {evidence: 700}")],
    "call_too_slow": [rules_line("call_minutes: 121")],
    "retention_void": [rules_line("retention: [{days: 90}, {category: care/meals, days: 90}]")],
    "retention_early": [rules_line("retention: [{category: care, days: 19}]")],
}

NOT_FOUND: dict[str, Changes] = {
    "route_unreachable": [
        routes("provider: works, category: roads/pothole", "provider: works, category: roads")
    ],
    "route_provider_unknown": [routes("provider: works, category: roads")],
    "route_provider_retired": [routes("provider: works, category: roads")],
    "route_provider_not_in_area": [
        ("can: [care]", "areas: [east, lake/west], can: [care]"),
        routes("provider: cooks, category: care"),
    ],
    "route_provider_not_offered": [routes("provider: cooks, category: care/visits")],
    "route_provider_unskilled": [SKILLED, VISITS, NURSES, routes("provider: cooks, category: care/visits")],
    "routes_void": [rules_line("weights: {routed: 0}")],
    "dispatch_nobody": [("mode: on}", "mode: propose}")],
    "dispatch_void": [("- {mode: off}", "- {mode: off}\n    - {category: care, mode: propose}")],
    "share_void": [rules_line("most_per_round: 2")],
    "skill_nobody_has": [SKILLED, VISITS, NURSES],
    "item_uncovered": [("can: [care]", "areas: [east, lake/west], can: [care]")],
    "weights_zero": [rules_line("weights: {near: 1}")],
    "weight_outweighed": [rules_line("weights: {evidence: 200, turn: 1, timely: 0}")],
    "call_too_slow": [rules_line("call_minutes: 120")],
    "retention_void": [rules_line("retention: [{days: 90}, {category: care, days: 91}]")],
    "retention_early": [rules_line("retention: [{category: care, days: 20}]")],
}


@pytest.mark.parametrize("code", FOUND)
def test_it_is_found(tmp_path: Path, code: str) -> None:
    assert code in linted(tmp_path, *FOUND[code])


@pytest.mark.parametrize("code", NOT_FOUND)
def test_where_it_has_an_effect_nothing_is_said_of_it(tmp_path: Path, code: str) -> None:
    assert code not in linted(tmp_path, *NOT_FOUND[code])


def test_every_code_is_tried_here() -> None:
    assert {*FOUND, "route_provider_retired"} == set(SENTENCES)
    assert set(NOT_FOUND) == set(SENTENCES)
    assert all(zh.endswith("。") and en.endswith(".") for zh, en in SENTENCES.values())


@pytest.mark.parametrize("standing", [Standing.RETIRING, Standing.RETIRED])
def test_who_has_retired_does_not_come_back_with_the_file(tmp_path: Path, standing: Standing) -> None:
    gone = {ProviderId("works"): Provider(standing=standing)}
    assert "route_provider_retired" in linted(
        tmp_path, routes("provider: works, category: roads"), recorded=gone
    )


def test_who_is_on_record_and_not_in_the_file_leaves_with_it(tmp_path: Path) -> None:
    there = {ProviderId("others"): Provider(standing=Standing.ACTIVE)}
    said = linted(tmp_path, routes("provider: others, category: roads"), recorded=there)
    assert said == ["route_provider_retired"]


def test_a_file_that_lists_nobody_leaves_those_on_record(tmp_path: Path) -> None:
    file = load(small(tmp_path, COVERED))
    recorded = {
        one.provider: Provider(
            standing=Standing.ACTIVE, areas=one.areas, offers=one.offers, capacity=one.capacity
        )
        for one in file.providers
    }
    assert found_in(replace(file, providers=()), recorded) == ()
    assert found_in(replace(file, providers=()), {}) != ()


def test_what_the_file_leaves_out_stays_as_it_is_on_record(tmp_path: Path) -> None:
    nurses = {
        ProviderId("cooks"): Provider(standing=Standing.ACTIVE, particulars=Particulars(skills=("nurse",)))
    }
    assert "skill_nobody_has" not in linted(tmp_path, SKILLED, VISITS, recorded=nurses)
    file = load(small(tmp_path))
    assert afterwards(file, nurses)[ProviderId("cooks")].crew == Crew(skills=("nurse",))
    assert afterwards(file, {})[ProviderId("works")] == Supplier(
        ProviderId("works"), Standing.ACTIVE, file.providers[0].areas, file.providers[0].offers, 20
    )


def test_it_says_where_in_the_file(tmp_path: Path) -> None:
    file = load(small(tmp_path, COVERED, routes("provider: nobody, category: roads")))
    (found,) = found_in(file, {})
    line = 2 + next(number for number, said in enumerate(SMALL.splitlines()) if RULES in said)
    assert (found.line, found.code) == (line, "route_provider_unknown")
    assert "nobody" in found.zh
    assert "nobody" in found.en
