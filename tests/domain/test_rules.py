"""One town's rules (实施细则): limits are inherited, the closest setting wins, all of it hangs together."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.ids import AreaPath, CategoryPath
from domain.rules import Area, Category, DispatchSetting, Person, Rules
from domain.sealed import Sealed
from domain.stages import AutoDispatch, Level
from tests.support.a_town import EAST, LAMP, MEALS, POTHOLE, RULES, STREET, WEST, rules_with, words

ROADS_GROUP = CategoryPath("roads")
A_NAME = words("某", "some")


def test_limits_are_the_items_own() -> None:
    assert RULES.limits(LAMP) == (2, 24)


def test_limits_not_given_are_those_of_the_group_then_of_the_town() -> None:
    assert RULES.limits(POTHOLE) == (4, 48)
    assert RULES.limits(ROADS_GROUP) == (4, 120)
    assert RULES.limits(MEALS) == (24, 120)


def test_limits_of_what_has_left_the_catalogue_are_still_known() -> None:
    assert RULES.limits(CategoryPath("roads/tunnel")) == (4, 120)
    assert RULES.limits(CategoryPath("moon")) == (24, 120)


def test_skills_not_given_are_those_of_the_group() -> None:
    needed = ("electrician",)
    group, pothole, lamp = (
        RULES.category_by_path[path].model_copy(update={"skills": skills})
        for path, skills in ((ROADS_GROUP, needed), (POTHOLE, ()), (LAMP, None))
    )
    rules = rules_with(catalogue=(group, pothole, lamp))
    assert rules.skills_for(LAMP) == needed
    assert rules.skills_for(POTHOLE) == ()
    assert rules.skills_for(CategoryPath("roads/tunnel")) == needed
    assert rules.skills_for(MEALS) == ()


def test_the_machine_is_off_until_the_rules_say_otherwise() -> None:
    assert RULES.auto_dispatch(POTHOLE, EAST) is AutoDispatch.OFF


def test_the_deepest_setting_wins_and_the_category_counts_first() -> None:
    rules = rules_with(
        dispatch=(
            DispatchSetting(mode=AutoDispatch.PROPOSE),
            DispatchSetting(category=ROADS_GROUP, mode=AutoDispatch.ON),
            DispatchSetting(category=POTHOLE, mode=AutoDispatch.PROPOSE),
            DispatchSetting(category=POTHOLE, area=WEST, mode=AutoDispatch.OFF),
            DispatchSetting(area=EAST, mode=AutoDispatch.OFF),
        )
    )
    assert rules.auto_dispatch(LAMP, EAST) is AutoDispatch.ON
    assert rules.auto_dispatch(POTHOLE, EAST) is AutoDispatch.PROPOSE
    assert rules.auto_dispatch(POTHOLE, WEST) is AutoDispatch.OFF
    assert rules.auto_dispatch(MEALS, EAST) is AutoDispatch.OFF
    assert rules.auto_dispatch(MEALS, WEST) is AutoDispatch.PROPOSE


def test_levels_have_the_names_of_the_town_or_the_common_ones() -> None:
    renamed = rules_with(ratings={Level.DISSATISFIED: words("差", "poor")})
    assert renamed.level_name(Level.DISSATISFIED).en == "poor"
    assert renamed.level_name(Level.SATISFIED).zh == "满意"


def test_rules_come_back_from_the_record_as_they_were() -> None:
    RULES.limits(POTHOLE)
    assert Rules.model_validate_json(RULES.model_dump_json()) == RULES


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"areas": (Area(path=EAST, name=A_NAME),)}, "area lake/east lies in one that is not listed"),
        ({"catalogue": (Category(path=LAMP, name=A_NAME, kind="complaint"),)}, "category roads/lamp lies in"),
        (
            {"catalogue": (Category(path=ROADS_GROUP, name=A_NAME, kind="group", skills=("flying",)),)},
            "category roads names skill flying, which is not listed",
        ),
        ({"areas": (*RULES.areas, Area(path=STREET, name=A_NAME))}, "area lake is listed twice"),
        ({"catalogue": (*RULES.catalogue, RULES.catalogue[0])}, "category roads is listed twice"),
        ({"people": (*RULES.people, RULES.people[0])}, "person d-chen is listed twice"),
        ({"people": ()}, "names d-chen, who is not among the people"),
        (
            {"areas": (*RULES.areas, Area(path=AreaPath("lake/east/a"), name=A_NAME))},
            "deeper than the 2 levels",
        ),
        ({"levels": RULES.levels[:1]}, "has 1 levels, a town has 2 to 6"),
        (
            {"people": (*RULES.people, Person(id="p", name=Sealed("s"), area=AreaPath("moon")))},
            "person p names area moon",
        ),
        (
            {"dispatch": (DispatchSetting(area=AreaPath("moon"), mode=AutoDispatch.ON),)},
            "a dispatch setting names area moon",
        ),
        (
            {"dispatch": (DispatchSetting(category=CategoryPath("moon"), mode=AutoDispatch.ON),)},
            "a dispatch setting names category moon",
        ),
        ({"finish_hours": 0}, "greater than 0"),
        ({"finish_hours": 10**12}, "less than or equal"),
        ({"declines_to_arbitration": 0}, "greater than or equal to 1"),
        ({"holidays": ()}, "Extra inputs are not permitted"),
    ],
)
def test_rules_that_do_not_hang_together_are_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        rules_with(**changes)
