"""The auditor replays one order, or everything, and finds what was not allowed."""

import json
import sqlite3
from time import sleep
from uuid import UUID

import pytest

from domain.facts import Recorded
from services.audit.auditor import Auditor
from services.audit.findings import Finding
from tests.adapters.cli.a_terminal import CHEN, LI, POTHOLE, WATER, Sidan

INTERRUPTED = 130
FIRST = "019cac2e-f380-7000-8000-000000000001"
SECOND = "019cac2e-f380-7000-8000-000000000002"


def plant(sidan: Sidan, statement: str, *values: object) -> None:
    """Change the record behind the engine's back."""
    with sqlite3.connect(sidan.file) as connection:
        assert connection.execute(statement, values).rowcount == 1
    connection.close()


def rewrite(sidan: Sidan, before: str, after: str, where: str) -> None:
    """Put one word of one stored event in another's place."""
    state = "CAST(replace(CAST(state AS TEXT), ?, ?) AS BLOB)"
    plant(sidan, f"UPDATE stored_events SET state = {state} WHERE {where}", before, after)  # noqa: S608 - a test's own words


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
    commands = {"accepted": len(sidan.log()), "refused": 0, "at_the_door": {}, "repeated": 0, "parked": 0}
    counted = {"facts": len(sidan.log()), "subjects": 4, "commands": commands}
    assert told == {"ok": True, **counted, "findings": [], "differing": []}


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


def test_an_event_changed_in_a_way_that_no_step_forbids_is_found(sidan: Sidan) -> None:
    order = sidan.completed()
    told = sidan.json("audit", "replay", "--all")
    assert told["ok"]
    rewrite(sidan, '"resolved":true', '"resolved":true,"in_time":false', "topic = 'OrderCompleted'")
    said = sidan("audit", "replay", "--all", "--json")
    assert said.code == 1
    (finding,) = said.json["findings"]
    assert (finding["code"], finding["subject"]) == ("decided_otherwise", order)
    assert "in_time False → True" in finding["en"]


def test_a_refusal_is_decided_again_and_one_that_was_made_up_is_found(sidan: Sidan) -> None:
    order = sidan.placed()
    assert sidan.refused("accept", order, *WATER) == "forbidden_step"
    counted = sidan.json("audit", "replay", "--all")["commands"]
    assert counted["refused"] == 1
    rewrite(sidan, "forbidden_step", "outside_area", "topic = 'CommandRejected'")
    said = sidan("audit", "replay", "--all")
    assert said.code == 1
    assert "[refused_otherwise]" in said.out


def test_a_senders_time_that_was_refused_is_on_record_and_refused_again(sidan: Sidan) -> None:
    line = {
        "specversion": "1.0",
        "source": "test",
        "type": "PlaceOrder",
        "role": "resident",
        "actor": "r-li",
        "data": {"category": "roads/lamp", "area": "lake/east", "details": "x"},
    }
    dated = [
        line | {"id": "1", "subject": FIRST, "time": "2026-03-03T10:00:00+08:00"},
        line | {"id": "2", "subject": SECOND, "time": "2090-01-01T10:00:00+08:00"},
        line
        | {"id": "3", "subject": FIRST, "time": "2026-03-02T10:00:00+08:00"}
        | {"type": "WithdrawOrder", "data": {}},
    ]
    typed = "".join(json.dumps(one) + "\n" for one in dated).encode()
    said = sidan("submit", "-", "--json", typed=typed)
    assert (said.json["recorded"], said.json["rejected"]) == (1, 2), said.out
    told = sidan.json("audit", "replay", "--all")
    assert (told["ok"], told["commands"]["refused"]) == (True, 2)
    assert {getattr(one.fact.event, "code", "") for one in sidan.log()} >= {"date_in_future", "out_of_order"}


def test_what_a_door_refuses_is_counted_apart(sidan: Sidan) -> None:
    order = sidan.placed()
    again = ("withdraw", order, *LI, "--id", "the-same")
    sidan.json(*again)
    sidan.refused("withdraw", sidan.placed(), *LI, "--id", "the-same")
    sidan.json(*again)
    counted = sidan.json("audit", "replay", "--all")["commands"]
    assert counted["at_the_door"] == {"id_reused": 1}
    assert (counted["refused"], counted["repeated"]) == (0, 1)
    assert "入口处拒绝1个、重复1个" in sidan("audit", "replay", "--all").out


def test_a_replay_goes_on_from_its_file_with_what_has_come_since(sidan: Sidan) -> None:
    file = str(sidan.folder / "replay.json")
    sidan.completed()
    first = sidan.json("audit", "replay", "--all", "--resume", file)
    assert first == sidan.json("audit", "replay", "--all", "--resume", file)
    sidan.completed()
    assert sidan.json("audit", "replay", "--all", "--resume", file) == sidan.json("audit", "replay", "--all")


@pytest.mark.parametrize("held", [1, 50_000])
def test_an_interrupted_replay_leaves_a_whole_file_and_goes_on(
    sidan: Sidan, monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    for _ in range(3):
        sidan.completed()
    rewrite(sidan, '"accountable":"water"', '"accountable":"roads"', "rowid = 5")
    whole = sidan("audit", "replay", "--all", "--json").json
    assert not whole["ok"]
    file = sidan.folder / "replay.json"
    monkeypatch.setattr("adapters.apart.PAGE", 3)
    monkeypatch.setattr("adapters.apart.HELD", held)
    taken = 0
    real = Auditor.take

    def interrupted(auditor: Auditor, recorded: Recorded) -> list[Finding]:
        nonlocal taken
        taken += 1
        if taken == 8:
            raise KeyboardInterrupt
        return real(auditor, recorded)

    with monkeypatch.context() as patch:
        patch.setattr(Auditor, "take", interrupted)
        said = sidan("audit", "replay", "--all", "--resume", str(file), "--json")
        assert said.code == INTERRUPTED
    kept = json.loads(file.read_text())
    assert kept["reached"]["facts"] == 6
    assert not file.with_name(file.name + ".new").exists()
    assert sidan("audit", "replay", "--all", "--resume", str(file), "--json").json == whole


def test_a_file_that_does_not_fit_is_not_gone_on_from(sidan: Sidan) -> None:
    sidan.completed()
    file = sidan.folder / "replay.json"
    words = ("audit", "replay", "--all", "--resume", str(file), "--json")
    assert sidan(*words).code == 0
    said = sidan(*words, "--as-of", "2040-01-01")
    assert (said.code, said.json["error"]["code"]) == (1, "progress_of_another_question")
    rewrite(sidan, "water", "roads", "rowid = 7")
    said = sidan(*words)
    assert (said.code, said.json["error"]["code"]) == (1, "progress_of_another_record")
    file.write_text("{")
    assert sidan(*words).json["error"]["code"] == "progress_unreadable"


def test_where_the_progress_cannot_be_kept_nothing_is_begun(
    sidan: Sidan, monkeypatch: pytest.MonkeyPatch
) -> None:
    began: list[object] = []
    monkeypatch.setattr(Auditor, "take_page", lambda *page: began.append(page) or [])
    said = sidan("audit", "replay", "--all", "--resume", str(sidan.folder / "nowhere" / "x"), "--json")
    assert (said.code, said.json["error"]["code"], began) == (1, "progress_unwritable", [])


def test_up_to_a_moment_the_whole_record_is_decided_again_as_far_as_it_went(sidan: Sidan) -> None:
    sidan.completed()
    then = sidan.log()[-1].fact.meta.recorded.isoformat()
    went = len(sidan.log())
    sleep(0.002)
    sidan.completed()
    told = sidan.json("audit", "replay", "--all", "--as-of", then)
    assert (told["ok"], told["facts"]) == (True, went)
    rewrite(sidan, '"accountable":"water"', '"accountable":"roads"', f"rowid = {went + 2}")
    assert not sidan("audit", "replay", "--all", "--json").json["ok"]
    assert sidan.json("audit", "replay", "--all", "--as-of", then)["ok"]
    said = sidan("audit", "replay", "--all", "--as-of", "2020-01-01", "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "not_yet")


def test_what_one_doors_clock_recorded_late_is_no_gap_for_those_behind_it(sidan: Sidan) -> None:
    order = sidan.dispatched()
    recorded = sidan.log()[-1].fact.meta.recorded.isoformat().replace("+00:00", "Z")
    sidan.json("accept", order, *WATER)
    moment = sidan.log()[-1].fact.meta.recorded.isoformat()
    fast = f'"recorded":"{int(recorded[:4]) + 1}{recorded[4:]}"'
    rewrite(sidan, f'"recorded":"{recorded}"', fast, "topic = 'OrderDispatched'")
    told = sidan.json("audit", "replay", order, "--as-of", moment)
    assert [step["event"] for step in told["steps"]] == ["OrderPlaced"]
    assert told["ok"]
    words = ("audit", "diff", order, "--from", "2020-01-01", "--to", moment)
    stage = next(one for one in sidan.json(*words)["changes"] if one["field"] == "stage")
    assert stage["after"] == "placed"


def test_any_subjects_life_is_told_as_it_was_then(sidan: Sidan) -> None:
    then = sidan.log()[-1].fact.meta.recorded.isoformat()
    sidan.json("provider", "capacity", "water", "3", *CHEN)
    told = sidan.json("audit", "replay", "provider/water")
    assert [step["event"] for step in told["steps"]] == ["ProviderRegistered", "ProviderCapacityChanged"]
    assert (told["subject"], told["stage"], told["ok"]) == ("provider/water", None, True)
    assert len(sidan.json("audit", "replay", "provider/water", "--as-of", then)["steps"]) == 1
    assert "采用第1版细则" in sidan("audit", "replay", "rules").out
    assert "容量改为3" in sidan("audit", "replay", "provider/water").out


@pytest.mark.parametrize(
    ("subject", "code"), [("provider/nobody", "unknown_provider"), ("need/none", "unknown_need")]
)
def test_what_is_not_on_record_has_no_life(sidan: Sidan, subject: str, code: str) -> None:
    for moment in ((), ("--as-of", "2040-01-01")):  # no later time would help
        said = sidan("audit", "replay", subject, *moment, "--json")
        assert (said.code, said.json["error"]["code"]) == (1, code)
    said = sidan("audit", "replay", "provider/water", "--as-of", "2020-01-01", "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "not_yet")


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
        (("audit", "replay", "rules", "--as-of", ""), "bad_date"),
        (("audit", "replay", "--all", "--happened-by", "2026-03-03"), "all_is_by_record"),
        (("audit", "replay", "--all", "--open", "--why", "x"), "open_needs_one"),
        (("audit", "replay", "hello"), "bad_number"),
        (("audit", "replay", "provider/"), "bad_number"),
        (("audit", "replay", "１２３"), "bad_number"),
        (("audit", "replay", "rules", "--resume", "x"), "resume_needs_all"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(sidan: Sidan, words: tuple[str, ...], code: str) -> None:
    said = sidan(*words, "--json")
    assert (said.code, said.json["error"]["code"]) == (2, code)


@pytest.mark.parametrize(
    ("subject", "code"), [("provider/waterr", "unknown_provider"), ("need/waterr", "unknown_need")]
)
def test_an_auditor_who_misspells_a_name_is_not_told_to_register_it(
    sidan: Sidan, subject: str, code: str
) -> None:
    said = sidan("audit", "replay", subject, "--json")
    assert (said.code, said.json["error"]["code"]) == (1, code)
    assert said.json["error"]["reason_en"] == f"Nothing is on record of {subject}; check how it is written."


def test_a_number_may_be_typed_in_full_width_digits(sidan: Sidan) -> None:
    number = sidan.json("orders", "show", sidan.placed())["number"]
    wide = str(number).translate({ord("0") + digit: ord("０") + digit for digit in range(10)})
    assert sidan.json("audit", "replay", wide)["ok"] is True


def test_a_declined_order_shows_every_round(sidan: Sidan) -> None:
    order = sidan.dispatched()
    sidan.json("decline", order, "--reason", "not-ours", *WATER)
    assert "退单，理由：不属本单位职责，第1次" in sidan("audit", "replay", order, "--lang", "zh").out
