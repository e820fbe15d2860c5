"""The kind of a provider is its name without the places in it, whenever those are learnt."""

from domain.evidence.memory import Memory
from domain.evidence.roles import COMMUNITY, Roles, shown


def roles_of(memory: Memory) -> Roles:
    return Roles(memory.providers, memory.places)


def seen(*named: tuple[str, str, str]) -> Roles:
    """Names of providers, each with the street and the community of one of its orders."""
    roles = roles_of(Memory())
    for name, street, community in named:
        roles.see(name, name, street, community)
    return roles


EAST = ("东湖街道城管办", "东湖街道", "东柳社区")
WEST = ("西湖街道城管办", "西湖街道", "西柳社区")


def test_the_name_of_a_street_is_taken_out() -> None:
    roles = seen(EAST, WEST)
    assert roles.of("东湖街道城管办") == roles.of("西湖街道城管办") == "城管办"


def test_a_place_without_its_ending_is_taken_out_too() -> None:
    assert seen(EAST, WEST, ("东湖城管办", "东湖街道", "")).of("东湖城管办") == "城管办"


def test_an_ending_that_only_one_place_has_is_part_of_its_name() -> None:
    assert seen(("东湖城管办", "东湖街道", "")).of("东湖城管办") == "东湖城管办"


def test_a_place_in_brackets_goes_with_what_stands_beside_it() -> None:
    roles = seen(("城管办（东湖街道办事处）", "东湖街道", ""), ("西湖街道办事处城管办", "西湖街道", ""), EAST)
    assert {roles.of(name) for name, _ in roles._providers.every()} == {"城管办"}


def test_a_community_in_brackets_only_says_where_the_unit_is() -> None:
    assert seen(("环卫所（东柳社区）", "东湖街道", "东柳社区")).of("环卫所（东柳社区）") == "环卫所"


def test_brackets_without_a_place_stay() -> None:
    assert seen(("执法队(夜间)", "东湖街道", "")).of("执法队(夜间)") == "执法队夜间"


def test_a_community_leaves_its_mark_since_each_has_its_own() -> None:
    roles = seen(("东柳社区工作站", "东湖街道", "东柳社区"), ("西柳社区工作站", "西湖街道", "西柳社区"))
    assert roles.of("东柳社区工作站") == roles.of("西柳社区工作站") == f"{COMMUNITY}工作站"
    assert shown(roles.of("东柳社区工作站")) == "某社区工作站"


def test_a_new_place_renews_the_names_it_stands_in() -> None:
    roles = seen(("南湖街道城管办", "东湖街道", ""))
    assert roles.of("南湖街道城管办") == "南湖街道城管办"
    roles.see("水务公司", "水务公司", "南湖街道", "")
    assert roles.of("南湖街道城管办") == "城管办"
    assert roles.of("水务公司") == "水务公司"


def test_what_stands_beside_a_place_renews_older_names() -> None:
    roles = seen(("东湖街道办事处城管办", "东湖街道", ""))
    assert roles.of("东湖街道办事处城管办") == "办事处城管办"
    roles.see("环卫所（东湖街道办事处）", "环卫所（东湖街道办事处）", "东湖街道", "")
    assert roles.of("东湖街道办事处城管办") == "城管办"


def test_the_order_in_which_places_come_does_not_matter() -> None:
    named = [
        EAST,
        WEST,
        ("环卫所（东湖办事处）", "东湖街道", "东柳社区"),
        ("西柳社区站", "西湖街道", "西柳社区"),
    ]
    forth, back = seen(*named), seen(*reversed(named))
    assert all(forth.of(name) == back.of(name) for name, _, _ in named)


def test_a_name_that_is_all_place_is_its_own_kind() -> None:
    assert shown(seen(("东湖街道", "东湖街道", "")).of("东湖街道")) == "某街道"


def test_a_single_letter_is_no_place() -> None:
    assert seen(("A队", "A", "")).of("A队") == "A队"


def test_a_provider_renamed_is_of_the_kind_of_its_new_name() -> None:
    roles = seen(EAST, WEST)
    roles.see("东湖街道城管办", "东湖街道执法队", "东湖街道", "")
    assert roles.of("东湖街道城管办") == "执法队"
    assert roles.called("东湖街道城管办") == "东湖街道执法队"


def test_a_provider_never_seen_is_a_kind_of_its_own() -> None:
    assert roles_of(Memory()).of("水务公司") == roles_of(Memory()).called("水务公司") == "水务公司"
