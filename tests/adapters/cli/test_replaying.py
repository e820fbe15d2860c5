"""The auditor replays one order, or everything, and finds what was not allowed."""

import json
import sqlite3
from uuid import UUID

import pytest

from tests.adapters.cli.a_terminal import CHEN, LI, POTHOLE, WATER, Sidan


def plant(sidan: Sidan, statement: str, *values: object) -> None:
    """Change the record behind the engine's back."""
    with sqlite3.connect(sidan.file) as connection:
        assert connection.execute(statement, values).rowcount == 1
    connection.close()


def test_a_life_is_told_in_either_language_or_both(sidan: Sidan) -> None:
    order = sidan.completed()
    zh, en, both = (sidan("audit", "replay", order, "--lang", lang).out for lang in ("zh", "en", "both"))
    assert "社区 d-chen 派给水务所，按时限4小时内接单" in zh
    assert "Community d-chen dispatched it to Water Office: 4 hours to accept" in en
    assert "→ 待评单" in zh
    assert "→ to rate" in en
    assert all(
        sentence in both
        for sentence in ("接单方 水务所 water 办结", "Provider Water Office water completed it")
    )
    assert "Community" not in zh
    assert "社区 d-chen" not in en


def test_each_step_says_who_when_and_under_which_rules(sidan: Sidan) -> None:
    order = sidan.json("place", *POTHOLE, *CHEN, "--for", "r-li", "--channel", "phone")["order"]
    told = sidan.json("audit", "replay", order)
    (step,) = told["steps"]
    assert {
        name: step[name] for name in ("role", "actor", "on_behalf_of", "channel", "via", "rules", "stage")
    } == {
        "role": "community",
        "actor": "d-chen",
        "on_behalf_of": "r-li",
        "channel": "phone",
        "via": "cli",
        "rules": 1,
        "stage": "placed",
    }
    assert told["ok"]


def test_texts_are_opened_only_on_request(sidan: Sidan) -> None:
    order = sidan.placed()
    assert "路面有坑" not in sidan("audit", "replay", order).out
    said = sidan("audit", "replay", order, "--open", "--why", "核对")
    assert "“路面有坑”" in said.out


def test_as_of_means_what_was_recorded_and_happened_by_what_had_happened(sidan: Sidan) -> None:
    line = {
        "specversion": "1.0",
        "id": "1",
        "source": "test",
        "type": "PlaceOrder",
        "subject": "019cac2e-f380-7000-8000-000000000001",
        "time": "2026-03-03T10:00:00+08:00",
        "role": "resident",
        "actor": "r-li",
        "data": {"category": "roads/lamp", "area": "lake/east", "details": "x"},
    }
    sidan.json("submit", "-", typed=json.dumps(line).encode())
    order = line["subject"]
    assert isinstance(order, str)
    assert len(sidan.json("audit", "replay", order, "--happened-by", "2026-03-03")["steps"]) == 1
    for words in (("--happened-by", "2026-03-02"), ("--as-of", "2026-03-03")):  # it was entered much later
        said = sidan("audit", "replay", order, *words, "--json")
        assert (said.code, said.json["error"]["code"]) == (1, "not_yet")
    assert sidan("audit", "replay", order, "--happened-by", "2026-03-03T09:59").code == 1
    assert sidan("audit", "replay", order, "--happened-by", "2026-03-03T10:00").code == 0


def test_the_whole_record_holds(sidan: Sidan) -> None:
    order = sidan.completed()
    sidan.json("rate", order, "--level", "satisfied", *LI)
    told = sidan.json("audit", "replay", "--all")
    assert told == {"ok": True, "facts": len(sidan.log()), "subjects": 4, "findings": [], "differing": []}


def test_a_planted_step_that_was_not_allowed_is_found(sidan: Sidan) -> None:
    order, other = sidan.placed(), sidan.completed()
    done = "SELECT topic, state FROM stored_events WHERE originator_id = ? AND topic = 'OrderCompleted'"
    with sqlite3.connect(sidan.file) as connection:
        topic, state = connection.execute(done, (UUID(other).hex,)).fetchone()
    connection.close()
    planted = state.replace(other.encode(), order.encode())
    insert = "INSERT INTO stored_events (originator_id, originator_version, topic, state) VALUES (?, 2, ?, ?)"
    plant(sidan, insert, UUID(order).hex, topic, planted)
    said = sidan("audit", "replay", "--all", "--json")
    assert said.code == 1
    (finding,) = said.json["findings"]
    assert (finding["code"], finding["subject"], finding["version"]) == ("forbidden_step", order, 2)
    one = sidan("audit", "replay", order)
    assert one.code == 1
    assert "待派单时不能CompleteOrder" in one.out
    assert sidan("audit", "replay", other).code == 0


def test_a_fact_taken_out_is_found(sidan: Sidan) -> None:
    order = sidan.completed()
    taken_out = "DELETE FROM stored_events WHERE originator_id = ? AND originator_version = 3"
    plant(sidan, taken_out, UUID(order).hex)
    codes = {finding["code"] for finding in sidan("audit", "replay", "--all", "--json").json["findings"]}
    assert {"version_gap", "forbidden_step"} <= codes


def test_a_fact_of_a_stranger_stops_the_replay_with_one_sentence(sidan: Sidan) -> None:
    order = sidan.placed()
    plant(sidan, "UPDATE stored_events SET topic = 'OrderEnchanted' WHERE originator_id = ?", UUID(order).hex)
    said = sidan("audit", "replay", "--all", "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "unreadable_record")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("audit", "replay"), "order_or_all"),
        (("audit", "replay", "x", "--all"), "order_or_all"),
        (("audit", "replay", "--all", "--from-topic"), "no_kafka"),
        (("audit", "replay", "--all", "--as-of", "someday"), "bad_date"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(sidan: Sidan, words: tuple[str, ...], code: str) -> None:
    said = sidan(*words, "--json")
    assert (said.code, said.json["error"]["code"]) == (2, code)


def test_a_declined_order_shows_every_round(sidan: Sidan) -> None:
    order = sidan.dispatched()
    sidan.json("decline", order, "--reason", "not-ours", *WATER)
    assert "退单，理由：不属本单位职责，第1次" in sidan("audit", "replay", order, "--lang", "zh").out
