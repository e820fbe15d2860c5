"""Several processes decide the record again, each a stretch of it, and say together what one says alone."""

import sqlite3
from pathlib import Path

import pytest

from adapters.apart import stretch_ends
from adapters.store.event_store import EventStore
from tests.adapters.cli.a_terminal import LI, WATER, Sidan


@pytest.fixture
def sidan(sidan: Sidan, monkeypatch: pytest.MonkeyPatch) -> Sidan:
    """A town with a few lives on record, of which a stretch is much."""
    orders = [sidan.completed() for _ in range(5)]
    for order in orders:
        sidan.json("rate", order, "--level", "satisfied", *LI)
    sidan("accept", orders[0], *WATER)  # refused
    monkeypatch.setattr("adapters.apart.LEAST", 8)
    monkeypatch.setattr("adapters.apart.STRETCH", 8)
    monkeypatch.setattr("adapters.apart._processes", lambda: 2)
    return sidan


def alone(sidan: Sidan, *words: str) -> dict[str, object]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.apart._processes", lambda: 1)
        return sidan("audit", "replay", "--all", *words, "--json").json


def test_together_they_say_what_one_says(sidan: Sidan) -> None:
    together = sidan.json("audit", "replay", "--all")
    assert together == alone(sidan)
    assert (together["ok"], together["commands"]["refused"]) == (True, 1)
    assert together["facts"] == len(sidan.log()) > 24


def test_what_was_changed_in_any_stretch_is_found(sidan: Sidan) -> None:
    rated = [one.position for one in sidan.log() if one.fact.event.wire == "OrderRated"]
    with sqlite3.connect(sidan.file) as connection:
        connection.execute(
            "UPDATE stored_events SET state = CAST(replace(state, '\"satisf', '\"dissatisf') AS BLOB)"
            " WHERE topic = 'OrderRated'"
        )
    said = sidan("audit", "replay", "--all", "--json")
    assert said.code == 1
    assert [one["position"] for one in said.json["findings"]] == rated
    assert said.json == alone(sidan)


def test_an_earlier_moment_is_asked_of_each(sidan: Sidan) -> None:
    facts = len(sidan.log())
    words = ("--as-of", sidan.log()[-1].fact.meta.recorded.isoformat())
    for _ in range(3):
        sidan.completed()
    told = sidan.json("audit", "replay", "--all", *words)
    assert (told["ok"], told["facts"]) == (True, facts)
    assert told == alone(sidan, *words)


def test_it_goes_on_from_a_file(sidan: Sidan, tmp_path: Path) -> None:
    file = str(tmp_path / "progress")
    first = sidan.json("audit", "replay", "--all", "--resume", file)
    for _ in range(3):
        sidan.completed()
    after = sidan.json("audit", "replay", "--all", "--resume", file)
    assert after == alone(sidan)
    assert after["facts"] == len(sidan.log()) > first["facts"]


def test_a_command_is_never_cut_in_two(sidan: Sidan, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        order = sidan.dispatched()
        for number in range(3):
            if number:
                sidan.json("dispatch", order, "--provider", "water", "--as", "community:d-chen")
            sidan.json("decline", order, "--reason", "not-ours", *WATER)
    two = [one.position for one in sidan.log() if one.fact.meta.parts > 1]
    assert two
    for size in (1, 2, 3):
        monkeypatch.setattr("adapters.apart.STRETCH", size)
        head = sidan.log()[-1].position
        store = EventStore(sidan.store)
        ends = list(stretch_ends(store, 0, head))
        store.close()
        assert ends[-1] == head
        firsts = {one.position for one in sidan.log() if one.fact.meta.part < one.fact.meta.parts}
        assert not firsts & set(ends)
