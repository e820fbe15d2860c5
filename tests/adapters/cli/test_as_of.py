"""What the street office saw then: every question can be asked of an earlier moment."""

from time import sleep

import pytest

from tests.adapters.cli.a_terminal import CHEN, LI, POTHOLE, WATER, Sidan

NEED = ("--area", "lake/east", "--title-zh", "树荫", "--title-en", "Shade")


def now(sidan: Sidan) -> str:
    """The moment of the last fact; whatever follows is later."""
    moment = sidan.log()[-1].fact.meta.recorded.isoformat()
    sleep(0.002)
    return moment


def test_the_list_of_orders_is_that_of_the_day(sidan: Sidan) -> None:
    order = sidan.dispatched()
    then = now(sidan)
    sidan.json("accept", order, *WATER)
    sidan.placed()
    today = sidan.json("orders", "list")["orders"]
    (row,) = sidan.json("orders", "list", "--as-of", then)["orders"]
    assert len(today) == 2
    assert (row["order_id"], row["stage"]) == (order, "dispatched")
    assert "待接单" in sidan("orders", "list", "--as-of", then).out


def test_an_order_is_shown_whole_as_it_stood(sidan: Sidan) -> None:
    order = sidan.dispatched()
    then = now(sidan)
    today = sidan.json("orders", "show", order)
    sidan.json("accept", order, *WATER)
    told = sidan.json("orders", "show", order, "--as-of", then)
    assert {name: told[name] for name in today} == today
    assert (told["version"], told["as_of"][:16]) == (2, then[:16])
    number = today["number"]
    assert sidan.json("orders", "show", number, "--happened-by", then)["stage"] == "dispatched"


def test_ratings_are_those_given_by_then(sidan: Sidan) -> None:
    order = sidan.completed()
    then = now(sidan)
    sidan.json("rate", order, "--level", "satisfied", *LI)
    assert sidan.json("rating")["total"]["unrated"] == 0
    total = sidan.json("rating", "--as-of", then)["total"]
    assert (total["completed"], total["unrated"]) == (1, 1)


def test_the_menu_is_that_of_the_rules_and_providers_of_the_day(sidan: Sidan) -> None:
    then = now(sidan)
    sidan.json("provider", "retire", "water", "--reason", "x", *CHEN)
    menu = [sidan.json("menu", "--area", "lake/east", *words) for words in ((), ("--as-of", then))]
    offers = [sum(len(item["offers"]) for group in one["groups"] for item in group["items"]) for one in menu]
    assert offers[0] < offers[1]


def test_who_could_take_an_order_is_asked_of_the_day(sidan: Sidan) -> None:
    order = sidan.placed()
    then = now(sidan)
    sidan.json("provider", "retire", "water", "--reason", "x", *CHEN)
    named = [
        {one["provider"] for one in sidan.json("match", order, *words)["candidates"]}
        for words in ((), ("--as-of", then))
    ]
    assert named[1] - named[0] == {"water"}


def test_needs_are_those_that_stood(sidan: Sidan) -> None:
    before = now(sidan)
    sidan.json("needs", "state", "shade", *NEED, *CHEN)
    then = now(sidan)
    sidan.json("needs", "take-up", "shade", "--provider", "water", *WATER)
    assert len(sidan.json("needs", "show", "shade")["takers"]) == 1
    assert sidan.json("needs", "show", "shade", "--as-of", then)["takers"] == []
    assert sidan.json("needs", "list", "--as-of", before)["needs"] == []
    said = sidan("needs", "show", "shade", "--as-of", before, "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "not_yet")


def test_volunteers_are_those_enrolled_by_then(sidan: Sidan) -> None:
    then = now(sidan)
    sidan.json("provider", "volunteer", "enrol", "water", "mei", "--name", "王小梅", *CHEN)
    assert len(sidan.json("provider", "volunteer", "list", "water")["volunteers"]) == 1
    assert sidan.json("provider", "volunteer", "list", "water", "--as-of", then)["volunteers"] == []


@pytest.mark.parametrize(
    "words",
    [
        ("orders", "list"),
        ("rating",),
        ("menu", "--area", "lake/east"),
        ("needs", "list"),
    ],
)
def test_before_there_was_a_town_there_is_nothing_to_ask(sidan: Sidan, words: tuple[str, ...]) -> None:
    said = sidan(*words, "--as-of", "2020-01-01", "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "not_yet")
    assert sidan(*words, "--as-of", "someday").code == 2
    assert sidan(*words, "--as-of", "2040-01-01").code == 0


def test_asking_about_the_past_leaves_the_record_and_the_present_alone(sidan: Sidan) -> None:
    sidan.completed()
    then, log = now(sidan), sidan.log()
    sidan.json("orders", "list", "--as-of", then)
    sidan.json("match", str(log[-1].fact.stream), "--as-of", then)
    assert sidan.log() == log
    assert len(sidan.json("orders", "list")["orders"]) == 1


def test_placing_is_nothing_to_do_in_the_past(sidan: Sidan) -> None:
    assert sidan("place", *POTHOLE, *LI, "--as-of", "2026-03-03").code == 2
