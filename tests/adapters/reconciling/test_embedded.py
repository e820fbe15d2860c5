"""Record and read models, on both databases: gaps and doubles planted in each are named at their place."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from projections.engine import open_reads
from tests.adapters.cli.a_terminal import LAKE, LI, OPERATOR, Said, Sidan

Plant = Callable[..., None]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def sidan(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sidan:
    """A town with an order that was read, a repeat, a refusal and what nobody could read."""
    for name in ("SIDAN_STORE", "SIDAN_KAFKA", "SIDAN_AS", "SIDAN_READS"):
        monkeypatch.delenv(name, raising=False)
    found = Sidan(tmp_path)
    if request.param == "postgres":
        found.store = request.getfixturevalue("postgres_url")
    assert found("init", "--town", str(LAKE), "--json").code == 0
    order = found.completed()
    for _ in range(2):
        found("rate", order, "--level", "satisfied", *LI, "--id", "mine")
    found.refused("withdraw", order, "--reason", "算了", *LI)
    found.json("submit", "-", typed=b"neither\n")
    found.json("orders", "show", order, "--open", "--why", "x", *OPERATOR)
    return found


def plant(sidan: Sidan, statement: str, **values: Any) -> None:
    """Change the tables behind the engine's back."""
    engine = open_reads(sidan.store)
    with engine.begin() as connection:
        assert connection.execute(text(statement), values).rowcount
    engine.dispose()


def reconciled(sidan: Sidan) -> Said:
    return sidan("audit", "reconcile", "--json")


def codes(said: Said) -> list[tuple[str, int | None]]:
    return [(one["code"], one["position"]) for one in said.json["findings"]]


def place_of(sidan: Sidan, wire: str) -> int:
    return next(one.position for one in sidan.log() if type(one.fact.event).wire == wire)


def test_where_nothing_is_wrong_nothing_is_said(sidan: Sidan) -> None:
    said = reconciled(sidan)
    assert (said.code, said.json["findings"], said.json["ok"]) == (0, [], True)
    assert said.json["store"]["facts"] == len(sidan.log())
    assert said.json["topic"] is None
    assert "0处不一致" in sidan("audit", "reconcile").out


def test_a_fact_taken_out_is_a_gap_in_its_stream_and_its_key_points_nowhere(sidan: Sidan) -> None:
    place = place_of(sidan, "OrderDispatched")
    plant(sidan, "DELETE FROM stored_events WHERE notification_id = :place", place=place)
    said = reconciled(sidan)
    assert said.code == 1
    assert ("version_gap", place + 1) in codes(said)
    assert ("key_astray", place) in codes(said)
    gap = next(one for one in said.json["findings"] if one["code"] == "version_gap")
    assert (gap["version"], gap["expected"]) == (3, 2)
    assert "缺少第2条" in gap["zh"]


def test_a_fact_put_in_twice_is_a_gap_and_has_no_key(sidan: Sidan) -> None:
    place = place_of(sidan, "OrderAccepted")
    doubled = (
        "INSERT INTO stored_events (originator_id, originator_version, topic, state) SELECT originator_id,"
        " originator_version + 7, topic, state FROM stored_events WHERE notification_id = :place"
    )
    plant(sidan, doubled, place=place)
    said = reconciled(sidan)
    head = said.json["head"]
    assert ("version_gap", head) in codes(said)
    assert ("key_missing", head) in codes(said)


def test_facts_that_changed_places_lie_against_the_log(sidan: Sidan) -> None:
    one, other = place_of(sidan, "OrderAccepted"), place_of(sidan, "OrderCompleted")
    for here, there in ((one, -1), (other, one), (-1, other)):
        plant(
            sidan,
            "UPDATE stored_events SET notification_id = :there WHERE notification_id = :here",
            here=here,
            there=there,
        )
    assert ("against_the_log", one) in codes(reconciled(sidan))


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("DELETE FROM command_keys WHERE id = 'mine'", "key_missing"),
        ("UPDATE command_keys SET position = position + 1 WHERE id = 'mine'", "key_astray"),
        ("UPDATE command_keys SET position = 99999 WHERE id = 'mine'", "key_astray"),
        ("UPDATE command_keys SET id = 'yours' WHERE id = 'mine'", "key_astray"),
    ],
)
def test_a_command_key_without_its_fact_is_named(sidan: Sidan, statement: str, code: str) -> None:
    plant(sidan, statement)
    said = reconciled(sidan)
    assert said.code == 1
    assert code in [one["code"] for one in said.json["findings"]]


def test_bytes_that_are_no_fact_are_named(sidan: Sidan) -> None:
    place = place_of(sidan, "OrderRated")
    plant(sidan, "UPDATE stored_events SET state = :junk WHERE notification_id = :at", junk=b"{", at=place)
    assert ("unreadable_fact", place) in codes(reconciled(sidan))


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE order_board_v2 SET declines = 9", "reads_differ"),
        ("DELETE FROM order_board_v2", "reads_differ"),
        ("UPDATE read_positions SET position = 9999 WHERE model = 'menu_v1'", "reads_ahead"),
    ],
)
def test_a_read_model_that_says_something_else_is_named_with_its_first_row(
    sidan: Sidan, statement: str, code: str
) -> None:
    sidan.json("orders", "list")
    plant(sidan, statement)
    said = reconciled(sidan)
    found = next(one for one in said.json["findings"] if one["code"] == code)
    assert said.code == 1
    if code == "reads_differ":
        assert (found["model"], found["position"]) == ("order_board", place_of(sidan, "OrderPlaced"))
        assert found["row"].startswith("order_board_v2 ")


@pytest.mark.parametrize(
    ("dress", "code"),
    [
        ("originator_id = 'nobody'", "version_gap"),
        ("originator_id = upper(originator_id)", "version_gap"),
        ("originator_version = 'first'", "unreadable_fact"),
        ("originator_version = -1", "version_double"),
        ("state = CAST(X'ff' AS TEXT)", "unreadable_fact"),
        ("topic = CAST(topic AS BLOB)", "reads_differ"),
    ],
)
def test_what_no_writer_of_ours_puts_there_is_named_and_stops_nobody(
    sidan: Sidan, dress: str, code: str
) -> None:
    """SQLite takes any value in any column."""
    if sidan.store.startswith("postgres"):
        return
    place = place_of(sidan, "OrderAccepted")
    plant(sidan, f"UPDATE stored_events SET {dress} WHERE notification_id = :place", place=place)  # noqa: S608 - ours
    said = reconciled(sidan)
    assert said.code == 1
    assert code in [one["code"] for one in said.json["findings"]]


@pytest.mark.parametrize("change", ["position = 'nowhere'", "digest = 'nothing'"])
def test_a_command_key_of_another_type_is_named(sidan: Sidan, change: str) -> None:
    if sidan.store.startswith("postgres"):
        return
    plant(sidan, f"UPDATE command_keys SET {change} WHERE id = 'mine'")  # noqa: S608 - ours
    assert "key_astray" in [code for code, _ in codes(reconciled(sidan))]
