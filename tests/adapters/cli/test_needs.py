"""The needs list at the command line: a yes, a no, a silent case and what is missing for each command."""

import pytest

from tests.adapters.cli.a_terminal import CHEN, WATER, Sidan

SHADE = ("shade", "--title-zh", "遮阳棚", "--title-en", "A shelter", "--area", "lake/east")
HALL = ("hall", "--title-zh", "活动场地", "--title-en", "A hall", "--area", "lake")


def test_both_sides_state_needs_and_take_up_those_of_the_other(sidan: Sidan) -> None:
    more = ("--category", "roads", "--takers", "2", "--until", "2099-06-30")
    steps = [
        sidan.json("needs", "state", *SHADE, *more, *CHEN),
        sidan.json("needs", "state", *HALL, "--provider", "water"),
        sidan.json("needs", "take-up", "shade", "--provider", "water", "--note", "有材料"),
        sidan.json("needs", "take-up", "hall", *CHEN),
        sidan.json("needs", "amend", "hall", "--takers", "1", *WATER),
        sidan.json("needs", "let-go", "shade", "--provider", "water"),
        sidan.json("needs", "close", "shade", "--reason", "已建成", *CHEN),
    ]
    assert [event for step in steps for event in step["events"]] == [
        "NeedStated",
        "NeedStated",
        "NeedTakenUp",
        "NeedTakenUp",
        "NeedAmended",
        "NeedLetGo",
        "NeedClosed",
    ]
    assert {step["subject"] for step in steps} == {"need/shade", "need/hall"}


def test_what_was_said_before_is_not_recorded_again(sidan: Sidan) -> None:
    for words in (
        ("state", *SHADE, *CHEN),
        ("take-up", "shade", "--provider", "water"),
        ("amend", "shade", "--takers", "3", *CHEN),
        ("let-go", "shade", "--provider", "water"),
        ("close", "shade", *CHEN),
    ):
        assert sidan.json("needs", *words)["status"] == "recorded"
        assert sidan.json("needs", *words)["code"] == "already"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("state", *SHADE, "--takers", "2", *CHEN), "need_exists"),
        (("take-up", "shade", *CHEN), "own_need"),
        (("take-up", "shade", "--provider", "nobody"), "unknown_provider"),
        (("take-up", "nothing", "--provider", "water"), "unknown_need"),
        (("amend", "shade", "--until", "2020-01-01", *CHEN), "until_past"),
        (("amend", "shade", "--takers", "2", *WATER), "not_yours"),
        (("let-go", "shade", "--provider", "water", "--as", "resident:r-li"), "wrong_role"),
        (("close", "shade", *WATER), "not_yours"),
    ],
)
def test_what_does_not_fit_is_refused_on_the_record(sidan: Sidan, words: tuple[str, ...], code: str) -> None:
    sidan.json("needs", "state", *SHADE, *CHEN)
    assert sidan.refused("needs", *words) == code


@pytest.mark.parametrize(
    "words", [("state", "shade", *CHEN), ("close", "shade"), ("take-up", "shade"), ("amend", "shade")]
)
def test_what_is_missing_is_named(sidan: Sidan, words: tuple[str, ...]) -> None:
    said = sidan("needs", *words, "--json")
    assert (said.code, said.json["error"]["code"]) == (2, "missing_option")


def a_few(sidan: Sidan) -> None:
    sidan.json("needs", "state", *SHADE, "--takers", "2", *CHEN)
    sidan.json("needs", "state", *HALL, "--provider", "water")
    sidan.json("needs", "take-up", "shade", "--provider", "water", "--note", "有材料")


def test_the_list_shows_what_stands_open_and_who_has_taken_it_up(sidan: Sidan) -> None:
    a_few(sidan)
    hall, shade = sidan.json("needs", "list")["needs"]
    assert (hall["need"], hall["owner"], hall["side"]) == ("hall", "water", "provider")
    assert (shade["owner"], shade["takers_wanted"], shade["full"]) == (None, 2, False)
    assert [(one["provider"], one["note"]) for one in shade["takers"]] == [("water", None)]
    told = sidan("needs", "list").out
    assert "遮阳棚 A shelter" in told
    assert "1/2" in told


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("--area", "lake/east"), ["shade"]),
        (("--side", "provider"), ["hall"]),
        (("--owner", "water"), ["hall"]),
        (("--taker", "water"), ["shade"]),
        (("--open-to", "roads"), ["hall", "shade"]),
        (("--open-to", "water"), []),
        (("--category", "roads"), []),
        (("--limit", "1"), ["hall"]),
    ],
)
def test_the_list_is_filtered(sidan: Sidan, words: tuple[str, ...], found: list[str]) -> None:
    a_few(sidan)
    assert [one["need"] for one in sidan.json("needs", "list", *words)["needs"]] == found


def test_the_list_goes_on_where_the_page_ended(sidan: Sidan) -> None:
    a_few(sidan)
    first = sidan.json("needs", "list", "--limit", "1")
    again = sidan.json("needs", "list", "--limit", "1", "--cursor", first["next"])
    assert ([one["need"] for one in again["needs"]], again["next"]) == (["shade"], None)
    assert "--cursor" in sidan("needs", "list", "--limit", "1").out


def test_closed_needs_are_shown_when_asked_for(sidan: Sidan) -> None:
    a_few(sidan)
    sidan.json("needs", "close", "shade", *CHEN)
    assert [one["need"] for one in sidan.json("needs", "list")["needs"]] == ["hall"]
    assert [one["need"] for one in sidan.json("needs", "list", "--all")["needs"]] == ["hall", "shade"]
    assert "已关闭 closed" in sidan("needs", "show", "shade").out


def test_the_list_opens_in_a_spreadsheet(sidan: Sidan) -> None:
    a_few(sidan)
    said = sidan("needs", "list", "--csv")
    assert said.bytes.startswith(b"\xef\xbb\xbf")
    assert len(said.out.strip().splitlines()) == 3


def test_one_need_is_shown_and_its_notes_only_when_opened(sidan: Sidan) -> None:
    a_few(sidan)
    assert sidan.json("needs", "show", "shade")["takers"][0]["note"] is None
    opened = ("needs", "show", "shade", "--open", "--why", "联席会议")
    assert sidan.json(*opened)["takers"][0]["note"] == "有材料"
    assert "有材料" not in sidan("needs", "show", "shade").out
    assert "有材料" in sidan(*opened).out
    said = sidan("needs", "show", "nothing", "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "unknown_need")


def test_a_provider_that_retires_leaves_no_need_behind(sidan: Sidan) -> None:
    a_few(sidan)
    sidan.json("provider", "retire", "water", "--reason", "撤并", *CHEN)
    (shade,) = sidan.json("needs", "list")["needs"]
    assert (shade["need"], shade["takers"]) == ("shade", [])
    assert sidan.json("needs", "show", "hall")["stage"] == "closed"
    assert sidan.json("audit", "replay", "--all")["findings"] == []
