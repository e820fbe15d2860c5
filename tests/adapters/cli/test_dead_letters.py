"""What nobody could read: seen, read again, put away, and all of it on record."""

import json
from pathlib import Path

import pytest

from domain.events import CommandRejected, MessageDiscarded, MessageParked, MessageRequeued, OrderPlaced
from tests.adapters.cli.a_terminal import CHEN, LI, OPERATOR, Sidan

ENVELOPE = {
    "specversion": "1.0",
    "id": "7",
    "source": "window-3",
    "type": "PlaceOrder",
    "role": "resident",
    "actor": "r-li",
}
DATA = {"category": "roads/pothole", "area": "lake/east", "details": "路面有坑"}
OPENED = ("--open", "--why", "看是谁发的")


def parked(sidan: Sidan, line: object) -> int:
    """The position of a line that could not be read."""
    text = line if isinstance(line, str) else json.dumps(line, ensure_ascii=False)
    sidan.json("submit", "-", typed=text.encode() + b"\n")
    return sidan.json("dead-letters", "list")["dead_letters"][-1]["position"]


def test_dead_letters_are_listed_and_opened_only_on_request(sidan: Sidan) -> None:
    sidan.json("submit", "-", typed="{张阿姨\n{李叔叔\n".encode())
    first = sidan.json("dead-letters", "list", "--limit", "1")
    rest = sidan.json("dead-letters", "list", "--after", str(first["next"]))
    letters = first["dead_letters"] + rest["dead_letters"]
    assert [one["code"] for one in letters] == ["unreadable", "unreadable"]
    assert rest["next"] is None
    position = str(letters[1]["position"])
    closed, opened = (sidan("dead-letters", "show", position, *more) for more in ((), OPENED))
    assert "李叔叔" not in closed.out
    assert "李叔叔" in opened.out
    assert sidan("dead-letters", "list", "--csv").bytes.startswith(b"\xef\xbb\xbf")


def test_a_place_without_a_dead_letter_says_so(sidan: Sidan) -> None:
    said = sidan("dead-letters", "show", "1", "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "unknown_letter")


def test_a_corrected_letter_is_taken_in_as_its_sender_meant_it(sidan: Sidan, tmp_path: Path) -> None:
    position = parked(sidan, {**ENVELOPE, "data": {**DATA, "colour": "red"}})
    corrected = tmp_path / "corrected.json"
    corrected.write_text(json.dumps({**ENVELOPE, "data": DATA}), encoding="utf-8")
    words = (
        "dead-letters",
        "requeue",
        str(position),
        "--body",
        str(corrected),
        "--reason",
        "多了一栏",
        *OPERATOR,
    )
    told = sidan.json(*words)
    assert told["status"] == "recorded"
    placed, requeued = sidan.log()[-2:]
    assert isinstance(placed.fact.event, OrderPlaced)
    assert (placed.fact.meta.actor.id, placed.fact.meta.via) == ("r-li", "imports")
    event = requeued.fact.event
    assert isinstance(event, MessageRequeued)
    assert (event.letter, event.status, event.answered) == (position, "recorded", placed.fact.meta.intake)
    assert (requeued.fact.meta.actor.role, requeued.fact.meta.actor.id) == ("operator", "op-1")
    closed = sidan.json("dead-letters", "show", str(position))
    assert (closed["status"], closed["settled"]["reason"]) == ("requeued", None)
    letter = sidan.json("dead-letters", "show", str(position), *OPENED)
    assert (letter["settled"]["actor"], letter["settled"]["reason"]) == ("op-1", "多了一栏")


def test_read_again_as_it_came_it_is_parked_again(sidan: Sidan) -> None:
    position = parked(sidan, "{没写完")
    said = sidan("dead-letters", "requeue", str(position), *OPERATOR, "--json")
    assert (said.code, said.json["status"], said.json["code"]) == (1, "parked", "unreadable")
    again, requeued = sidan.log()[-2:]
    assert isinstance(again.fact.event, MessageParked)
    assert isinstance(requeued.fact.event, MessageRequeued)
    assert (requeued.fact.event.status, requeued.fact.event.code) == ("parked", "unreadable")
    assert requeued.fact.version == 2
    open_ones = sidan.json("dead-letters", "list", "--unsettled")["dead_letters"]
    assert [one["position"] for one in open_ones] == [again.position]


def test_a_refusal_of_what_was_requeued_is_recorded_with_it(sidan: Sidan) -> None:
    position = parked(sidan, "{")
    body = json.dumps({**ENVELOPE, "data": {**DATA, "category": "moon"}}).encode()
    words = ("dead-letters", "requeue", str(position), "--body", "-", *OPERATOR, "--json")
    said = sidan(*words, typed=body)
    assert (said.code, said.json["status"], said.json["code"]) == (1, "rejected", "unknown_category")
    event = sidan.log()[-1].fact.event
    assert isinstance(event, MessageRequeued)
    assert (event.status, event.code) == ("rejected", "unknown_category")


def test_a_letter_is_put_away_by_somebody_for_a_reason(sidan: Sidan) -> None:
    position = parked(sidan, "{")
    assert sidan.json("dead-letters", "discard", str(position), "--reason", "测试", *OPERATOR)["settled"]
    last = sidan.log()[-1].fact
    assert isinstance(last.event, MessageDiscarded)
    assert (last.event.letter, last.meta.actor.id, last.version) == (position, "op-1", 2)
    assert "测试" not in last.event.reason
    assert sidan.json("dead-letters", "list", "--unsettled")["dead_letters"] == []
    assert sidan.json("audit", "replay", "--all")["findings"] == []


@pytest.mark.parametrize("who", [LI, CHEN])
def test_only_an_operator_sees_to_letters(sidan: Sidan, who: tuple[str, str]) -> None:
    position, head = parked(sidan, "{"), len(sidan.log())
    for words in (("requeue", str(position)), ("discard", str(position), "--reason", "x")):
        said = sidan("dead-letters", *words, *who, "--json")
        assert (said.code, said.json["error"]["code"]) == (1, "wrong_role")
    refused = [one.fact.event for one in sidan.log()[head:]]
    assert [(getattr(one, "command", ""), getattr(one, "code", "")) for one in refused] == [
        ("RequeueMessage", "wrong_role"),
        ("DiscardMessage", "wrong_role"),
    ]
    assert sidan.json("audit", "replay", "--all")["findings"] == []


def test_what_was_seen_to_stays_seen_to(sidan: Sidan) -> None:
    position = parked(sidan, "{")
    sidan.json("dead-letters", "discard", str(position), "--reason", "x", *OPERATOR)
    for words in (("requeue", str(position)), ("discard", str(position), "--reason", "x")):
        said = sidan("dead-letters", *words, *OPERATOR, "--json")
        assert (said.code, said.json["error"]["code"]) == (1, "letter_settled")
    seen_to, *refused = [one.fact for one in sidan.log()[-3:]]
    assert isinstance(seen_to.event, MessageDiscarded)
    for fact in refused:
        assert isinstance(fact.event, CommandRejected)
        assert (fact.event.subject, fact.event.code) == (f"dead-letters/{position}", "letter_settled")
        assert (fact.meta.subject, fact.meta.command) == (fact.event.subject, fact.event.command)
        assert (fact.version, fact.meta.via, fact.meta.actor.id) == (1, "cli", "op-1")


def test_a_body_that_is_not_there_is_a_usage_error(sidan: Sidan) -> None:
    position = parked(sidan, "{")
    said = sidan("dead-letters", "requeue", str(position), "--body", "nowhere.json", *OPERATOR, "--json")
    assert (said.code, said.json["error"]["code"]) == (2, "no_file")
