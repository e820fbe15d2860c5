"""Paths of a town, whatever its depth, as street and community, category and item."""

import pytest

from domain.evidence.contexts import BY_ITEM, BY_SUBCATEGORY, CONTEXTS, Features, community_level
from domain.rules import Words

STREET, COMMUNITY, BUILDING = (
    Words(zh="街道", en="street"),
    Words(zh="社区", en="community"),
    Words(zh="楼栋", en="building"),
)


@pytest.mark.parametrize(
    ("levels", "community"),
    [
        ((STREET, COMMUNITY), 1),
        ((STREET, COMMUNITY, BUILDING), 1),
        ((COMMUNITY, BUILDING), 0),
        ((Words(zh="镇街", en="street"), Words(zh="村居", en="Community"), BUILDING), 1),
        ((Words(zh="区", en="district"), Words(zh="片", en="patch")), 1),
    ],
)
def test_the_community_is_the_level_called_so_else_the_deepest(
    levels: tuple[Words, ...], community: int
) -> None:
    assert community_level(levels) == community


def test_a_path_of_three_levels_is_taken_as_it_is() -> None:
    told = Features.of_paths(("东湖", "东柳"), ("市政", "照明", "路灯"), 1, channel="app", property="投诉")
    assert told == Features("app", "投诉", "东湖", "东柳", "市政", "照明", "路灯")


def test_the_street_is_what_the_community_lies_in() -> None:
    told = Features.of_paths(("湖区", "东湖", "东柳", "一栋"), ("市政", "路灯"), 2)
    assert (told.street, told.community) == ("东湖", "东柳")
    assert (told.category, told.subcategory, told.item) == ("市政", "市政", "路灯")


def test_what_a_path_does_not_say_is_empty() -> None:
    assert Features.of_paths((), (), 1) == Features()
    assert Features.of_paths(("东湖",), ("路灯",), 1) == Features(street="东湖", category="路灯", item="路灯")
    assert Features.of_paths(("东柳",), (), 0) == Features(community="东柳")


def test_the_contexts_named_by_their_place_are_those() -> None:
    order = Features(item="路灯", subcategory="照明")
    assert CONTEXTS[BY_ITEM].of(order) == "路灯"
    assert CONTEXTS[BY_SUBCATEGORY].of(order) == "照明"
    assert CONTEXTS[BY_ITEM].by_kind
    assert CONTEXTS[BY_SUBCATEGORY].by_kind
