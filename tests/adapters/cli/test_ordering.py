"""One command for each thing that can be asked of an order: a yes, a no, and what is missing."""

import io
import sys
from datetime import timedelta

import pytest

from adapters.bootstrap import Node
from adapters.cli.filling import at_a_terminal
from adapters.query_code import query_code
from adapters.settings import Settings
from domain.ids import OrderId, check_digit, is_order_number, stream_of
from tests.adapters.cli.a_terminal import CHEN, LI, OPERATOR, POTHOLE, WATER, Sidan

NO_SUCH = "019cac2e-f380-7000-8000-000000000009"
ORDER = "the order"


def test_an_order_goes_from_its_placing_to_its_rating(sidan: Sidan) -> None:
    placed = sidan.json("place", *POTHOLE, *LI, "--channel", "app", "--contact", "13800138000")
    order = placed["order"]
    steps = [
        sidan.json("amend", order, "--details", "坑更大了", *LI),
        sidan.json("second", order, "--as", "resident:r-wang"),
        sidan.json("dispatch", order, "--provider", "water", *CHEN),
        sidan.json("accept", order, *WATER),
        sidan.json("progress", order, "--note", "正在补", *WATER),
        sidan.json("complete", order, "--result", "补好了", "--unresolved", *WATER),
        sidan.json("rate", order, "--level", "dissatisfied", "--comment", "没补平", *LI),
        sidan.json("reopen", order, "--reason", "没补平", *LI),
        sidan.json("pool", order, *CHEN),
        sidan.json("claim", order, "--provider", "roads"),
        sidan.json("recall", order, "--reason", "派错了", *CHEN),
        sidan.json("answer", order, "--notice", "已列入计划", *CHEN),
    ]
    assert [step["status"] for step in steps] == ["recorded"] * len(steps)
    assert [event for step in steps for event in step["events"]] == [
        "OrderAmended",
        "OrderSeconded",
        "OrderDispatched",
        "OrderAccepted",
        "ProgressReported",
        "OrderCompleted",
        "OrderRated",
        "OrderReopened",
        "OrderPooled",
        "OrderClaimed",
        "OrderRecalled",
        "OrderAnswered",
    ]
    assert {step["subject"] for step in steps} == {order}


def test_the_other_ways_an_order_ends(sidan: Sidan) -> None:
    first, second, third = sidan.placed(), sidan.placed(), sidan.placed()
    assert sidan.json("withdraw", first, *LI)["events"] == ["OrderWithdrawn"]
    refusal = ("--reason", "in-court", "--notice", "请等待判决")
    assert sidan.json("not-accept", second, *refusal, *CHEN)["events"] == ["OrderNotAccepted"]
    same = ("--of", sidan.placed(), "--notice", "已有同样诉求")
    assert sidan.json("mark-duplicate", third, *same, *CHEN)["events"] == ["OrderMarkedDuplicate"]


def test_a_decline_gives_its_reason_by_code(sidan: Sidan) -> None:
    order = sidan.dispatched()
    assert sidan.refused("decline", order, "--reason", "tired", *WATER) == "unknown_reason"
    assert sidan.json("decline", order, "--reason", "not-ours", *WATER)["events"] == ["OrderDeclined"]


REFUSALS: dict[str, tuple[str, ...]] = {
    "amend not_yours": ("--details", "x", "--as", "resident:r-wang"),
    "withdraw not_yours": ("--as", "resident:r-wang"),
    "rate forbidden_step": ("--level", "satisfied", *LI),
    "reopen forbidden_step": ("--reason", "x", *LI),
    "accept forbidden_step": WATER,
    "decline not_offered": ("--reason", "not-ours", *WATER),
    "claim forbidden_step": WATER,
    "progress forbidden_step": ("--note", "x", *WATER),
    "complete forbidden_step": ("--result", "x", *WATER),
    "second wrong_role": WATER,
    "dispatch unknown_provider": ("--provider", "nobody", *CHEN),
    "pool wrong_role": LI,
    "recall wrong_role": ("--reason", "x", *LI),
    "answer wrong_role": ("--notice", "x", *LI),
    "not-accept unknown_reason": ("--reason", "too-hard", "--notice", "x", *CHEN),
    "mark-duplicate unknown_order": ("--of", NO_SUCH, "--notice", "x", *CHEN),
}


def test_each_command_can_be_refused_and_the_refusal_is_recorded(sidan: Sidan) -> None:
    order = sidan.placed()
    for name, words in REFUSALS.items():
        command, code = name.split()
        assert sidan.refused(command, order, *words) == code, name


def test_a_new_order_comes_with_its_number_and_query_code(sidan: Sidan) -> None:
    answer = sidan.json("place", *POTHOLE, *LI)
    assert is_order_number(answer["number"])
    with Node(Settings(store=sidan.store)) as node:
        assert answer["query_code"] == query_code(node.secret, OrderId(stream_of(answer["order"])))
    said = sidan("place", *POTHOLE, *LI)
    assert "单号" in said.out
    assert "查询码" in said.out


def test_an_order_is_found_by_its_number_with_or_without_dashes(sidan: Sidan) -> None:
    answer = sidan.json("place", *POTHOLE, *LI)
    number = answer["number"]
    dashed = f"{number[:4]}-{number[4:8]}-{number[8:]}"
    assert sidan.json("dispatch", number, "--provider", "water", *CHEN)["subject"] == answer["order"]
    assert sidan.json("accept", dashed, *WATER)["subject"] == answer["order"]


def test_a_number_misread_is_noticed_before_it_is_looked_for(sidan: Sidan) -> None:
    number = sidan.json("place", *POTHOLE, *LI)["number"]
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    said = sidan("withdraw", wrong, *LI, "--json")
    assert (said.code, said.json["error"]["code"]) == (2, "bad_number")
    assert sidan("withdraw", "nonsense", *LI).code == 2


def test_a_number_that_no_order_has_is_unknown(sidan: Sidan) -> None:
    digits = "12345678901"
    said = sidan("withdraw", digits + str(check_digit(digits)), *LI, "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "unknown_order")


def test_staff_enters_an_order_for_a_resident(sidan: Sidan) -> None:
    """代点单."""
    order = sidan.json("place", *POTHOLE, *CHEN, "--for", "r-li", "--channel", "phone")["order"]
    row = sidan.json("orders", "show", order)
    assert (row["resident"], row["entered_by"], row["channel"]) == ("r-li", "d-chen", "phone")


def test_the_same_id_is_recorded_once_and_answers_with_the_same_number(sidan: Sidan) -> None:
    first = sidan.json("place", *POTHOLE, *LI, "--id", "call-1")
    again = sidan.json("place", *POTHOLE, *LI, "--id", "call-1")
    assert (first["status"], again["status"]) == ("recorded", "repeated")
    assert (again["order"], again["number"]) == (first["order"], first["number"])


def test_what_is_so_already_is_no_error(sidan: Sidan) -> None:
    order = sidan.dispatched()
    said = sidan.json("dispatch", order, "--provider", "water", *CHEN)
    assert (said["status"], said["code"]) == ("repeated", "already")


def test_a_text_is_read_from_standard_input(sidan: Sidan) -> None:
    where = ("--category", "roads/pothole", "--area", "lake/east")
    order = sidan.json("place", *where, "--details", "-", *LI, typed="门口有坑".encode())["order"]
    assert sidan.json("orders", "show", order, "--open", "--why", "x")["details"] == "门口有坑"


MISSING: dict[str, tuple[str, ...]] = {
    "--category": ("place", *LI),
    "--area": ("place", "--category", "roads/pothole", *LI),
    "--details": ("place", "--category", "roads/pothole", "--area", "lake/east", *LI),
    "--as": ("place", *POTHOLE),
    "--provider": ("dispatch", ORDER),
    "--level": ("rate", ORDER, *LI),
    "--notice": ("answer", ORDER, *CHEN),
    "--note": ("progress", ORDER, *WATER),
}


def test_without_a_terminal_what_is_missing_is_a_usage_error(sidan: Sidan) -> None:
    order = sidan.placed()
    for option, words in MISSING.items():
        said = sidan(*(order if word == ORDER else word for word in words), "--json")
        assert (said.code, said.json["error"]["code"]) == (2, "missing_option"), option
        assert option in said.err


def test_at_a_terminal_it_asks_for_what_is_missing(sidan: Sidan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.cli.filling.at_a_terminal", lambda: True)
    answers = "坑\n西社区\n门口有坑\nresident:r-li\n"  # a part of a name is enough
    said = sidan("place", "--json", typed=answers.encode())
    assert said.code == 0, said.err
    row = sidan.json("orders", "show", said.json["order"])
    assert (row["category"], row["area"], row["resident"]) == ("roads/pothole", "lake/west", "r-li")


def test_at_a_terminal_the_choices_come_from_the_rules(sidan: Sidan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.cli.filling.at_a_terminal", lambda: True)
    order = sidan.placed()
    said = sidan("dispatch", order, *CHEN, "--json", typed=b"nobody\nwater\n")
    assert said.code == 0
    assert "水务所 Water Office" in said.err
    assert "0项相符" in said.err
    assert sidan.json("orders", "show", order)["provider"] == "water"


def test_at_a_terminal_a_team_is_asked_how_many_it_is(sidan: Sidan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.cli.filling.at_a_terminal", lambda: True)
    answers = "红小二\nTeam\nteam\n12348\n5\n东社区\n4\n1\n"
    said = sidan("provider", "register", "team-1", *CHEN, "--json", typed=answers.encode())
    assert said.json["events"] == ["ProviderRegistered"], said.err
    event = sidan.log()[-1].fact.event
    assert (getattr(event, "members", 0), getattr(event, "full_time", 0)) == (4, 1)


def test_who_asks_is_written_as_role_and_id(sidan: Sidan) -> None:
    for wrong in ("r-li", "judge:1", "resident:"):
        said = sidan("place", *POTHOLE, "--as", wrong, "--json")
        assert (said.code, said.json["error"]["code"]) == (2, "bad_actor")


def test_who_asks_may_stand_in_the_environment(sidan: Sidan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIDAN_AS", "resident:r-zhao")
    order = sidan.json("place", *POTHOLE)["order"]
    assert sidan.json("orders", "show", order)["resident"] == "r-zhao"


def test_a_day_that_is_wanted_is_a_day_of_the_town(sidan: Sidan) -> None:
    day = (
        (sidan.log()[-1].fact.meta.recorded + timedelta(days=1)).date().isoformat()
    )  # whatever the hour here
    order = sidan.json("place", *POTHOLE, *LI, "--wanted-at", day)["order"]
    assert sidan.json("orders", "show", order)["wanted_at"].endswith("T16:00:00Z")  # midnight at the lake


def test_a_provider_is_registered_changed_and_retired(sidan: Sidan) -> None:
    about = ("--name-zh", "园林所", "--name-en", "Parks", "--kind", "department", "--contact", "12347")
    lists = ("--capacity", "3", "--area", "lake", "--can", "care,roads/lamp")
    assert sidan.json("provider", "register", "parks", *about, *lists, *CHEN)["events"] == [
        "ProviderRegistered"
    ]
    changed = sidan.json("provider", "offers", "parks", "--must", "care", "--as", "provider:parks")
    assert changed["events"] == ["ProviderOffersChanged"]
    assert sidan.json("provider", "capacity", "parks", "9")["events"] == ["ProviderCapacityChanged"]
    corrected = ("--contact", "12348", "--takes-by-bus")
    assert sidan.json("provider", "amend", "parks", *corrected)["events"] == ["ProviderAmended"]
    assert sidan.json("provider", "amend", "parks", *corrected)["status"] == "repeated"
    sidan.json("provider", "retire", "parks", "--reason", "并入", *OPERATOR)
    assert [one.fact.event.wire for one in sidan.log()][-2:] == ["ProviderRetiring", "ProviderRetired"]
    assert sidan.refused("provider", "capacity", "parks", "1") == "provider_retired"


def test_a_team_too_small_is_not_registered(sidan: Sidan) -> None:
    about = ("--name-zh", "红小二", "--name-en", "Team", "--kind", "team", "--contact", "1", "--members", "2")
    lists = ("--capacity", "3", "--area", "lake", "--can", "care")
    assert sidan.refused("provider", "register", "team-1", *about, *lists, *CHEN) == "team_too_small"


def test_nobody_is_asked_when_only_the_input_is_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert not at_a_terminal()
