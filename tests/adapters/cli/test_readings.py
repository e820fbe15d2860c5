"""Reading at the command line says what for, is on record, and is told by `audit readings`."""

import csv
import io
from itertools import pairwise

import pytest

from adapters.opening import TextOpening, Unrecorded
from adapters.readings import all_readings
from adapters.store.event_store import EventStore
from domain.events import TextsOpened
from tests.adapters.cli.a_terminal import CHEN, LAKE, Sidan

WHY = ("--open", "--why", "回访")


def test_who_opens_says_what_for(sidan: Sidan) -> None:
    order = sidan.placed()
    for words in (("orders", "show", order), ("audit", "replay", order), ("needs", "show", "x")):
        said = sidan(*words, "--open", "--json")
        assert (said.code, said.json["error"]["code"]) == (2, "missing_option")
        assert "--why" in said.err + said.out
    assert not [one for one in sidan.log() if isinstance(one.fact.event, TextsOpened)]


@pytest.mark.parametrize(
    "words",
    [
        ("orders", "show", "x"),
        ("needs", "show", "x"),
        ("dead-letters", "show", "1"),
        ("audit", "replay", "rules"),
        ("audit", "replay", "--all"),
        ("audit", "readings"),
    ],
)
def test_a_purpose_without_opening_anything_is_no_silence(sidan: Sidan, words: tuple[str, ...]) -> None:
    said = sidan(*words, "--why", "回访", "--json")
    assert (said.code, said.json["error"]["code"]) == (2, "why_needs_open")


@pytest.mark.parametrize("blank", ["", " ", "-"])
def test_an_empty_purpose_opens_nothing(sidan: Sidan, blank: str) -> None:
    order = sidan.placed()
    said = sidan("orders", "show", order, "--open", "--why", blank, "--json")
    assert (said.code, said.json["error"]["code"]) == (2, "missing_option")
    assert not [one for one in sidan.log() if isinstance(one.fact.event, TextsOpened)]


def test_readings_of_an_order_are_told(sidan: Sidan) -> None:
    order = sidan.completed()
    sidan.json("orders", "show", order, *WHY, *CHEN)
    sidan.json("audit", "replay", order, *WHY)
    shown, replayed = sidan.json("audit", "readings", order)["readings"]
    assert (shown["role"], shown["actor"], shown["right"], shown["via"]) == (
        *("community", "d-chen"),
        *("operator", "cli"),
    )
    assert (shown["fields"], shown["person"]) == (["details", "result"], "r-li")
    assert (replayed["actor"], replayed["fields"]) == ("unnamed", ["details", "result"])
    assert (shown["purpose_given"], shown["purpose"]) == (True, None)


def test_what_it_was_read_for_is_opened_on_record_too(sidan: Sidan) -> None:
    order = sidan.placed()
    sidan.json("orders", "show", order, *WHY)
    (one,) = sidan.json("audit", "readings", order, "--open", "--why", "抽查")["readings"]
    assert one["purpose"] == "回访"
    _, again = sidan.json("audit", "readings", order)["readings"]
    assert again["fields"] == ["purpose"]


def test_readings_are_found_by_person_by_actor_and_by_time(sidan: Sidan) -> None:
    first, second = sidan.placed(), sidan.placed()
    sidan.json("orders", "show", first, *WHY, *CHEN)
    sidan.json("orders", "show", second, *WHY)

    def found(*words: str) -> list[str]:
        return [one["subject"] for one in sidan.json("audit", "readings", *words)["readings"]]

    assert found() == found("--person", "r-li") == [first, second]
    assert found("--person", "r-wang") == []
    assert found("--by", "d-chen") == [first]
    assert found("--since", "2099-01-01") == found("--until", "2001-01-01") == []
    assert found("--since", "2001-01-01", "--until", "2099-01-01") == [first, second]
    for words in ((first, "--by", "d-chen"), ("--person", ""), ("--by", ""), ("--since", "")):
        assert sidan("audit", "readings", *words).code == 2, words


@pytest.mark.parametrize("store", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_the_record_is_looked_through_stretch_by_stretch(
    sidan: Sidan, store: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is missed at their edges, and how far it has come is told where nobody read anything."""
    monkeypatch.setattr("adapters.readings.STRETCH", 3)
    monkeypatch.setattr("adapters.readings.PAGE", 2)
    if store == "postgres":
        monkeypatch.chdir(sidan.folder)  # where its keys come to lie
        sidan.store = request.getfixturevalue("postgres_url")
        assert sidan("init", "--town", str(LAKE), "--json").code == 0
    order = sidan.placed()
    for _ in range(5):
        sidan.json("orders", "show", order, *WHY)
    sidan.placed()
    opened = [one.position for one in sidan.log() if isinstance(one.fact.event, TextsOpened)]
    reached: list[int] = []
    record = EventStore(sidan.store)
    try:
        assert [one.position for one in all_readings(record, reached.append)] == opened
        assert reached == sorted(set(reached))
        assert reached[-1] == record.head()
        assert max(b - a for a, b in pairwise([0, *reached])) <= 3
    finally:
        record.close()


def test_readings_are_told_in_both_languages_and_as_csv(sidan: Sidan) -> None:
    order = sidan.placed()
    sidan.json("orders", "show", order, *WHY)
    told = sidan("audit", "readings", order).out
    for words in ("运维 operator", "内容 details", "共1次查阅。 Readings: 1.", "given, closed"):
        assert words in told
    assert "回访" not in told
    said = sidan("audit", "readings", order, "--csv")
    (row,) = csv.DictReader(io.StringIO(said.bytes.decode("utf-8-sig")))
    assert row["对象 subject"] == order
    assert sidan.json("audit", "readings", "need/none")["readings"] == []


def test_what_cannot_be_put_on_record_is_not_told(sidan: Sidan, monkeypatch: pytest.MonkeyPatch) -> None:
    order = sidan.placed()

    def unrecorded(*_: object) -> None:
        raise Unrecorded

    monkeypatch.setattr(TextOpening, "open", unrecorded)
    said = sidan("orders", "show", order, *WHY, "--json")
    assert (said.code, said.json["error"]["code"]) == (3, "reading_unrecorded")
    assert "路面有坑" not in said.out


def test_a_town_file_is_compared_without_a_reading(sidan: Sidan) -> None:
    before = len(sidan.log())
    sidan.json("town", "apply", str(LAKE), "--yes")
    assert len(sidan.log()) == before
