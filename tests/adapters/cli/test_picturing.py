"""A match shows scores in their parts and the proposal; a dispatch says who did otherwise and why."""

import csv
import io

import pytest
from rich.text import Text

from adapters.bootstrap import Node
from adapters.cli.picturing import CELLS, INK, bar
from adapters.settings import Settings
from domain.ids import AreaPath, ProviderId
from domain.matching import Candidate
from domain.proposal import PART_WORDS, Part
from domain.proposal import Candidate as Proposed
from domain.sealed import Sealed
from domain.stages import Duty, Role
from tests.adapters.cli.a_terminal import CHEN, Sidan
from tests.support.a_node import ask
from tests.support.a_town import ROADS
from tests.support.an_order import a_proposal


def a_candidate(**parts: int) -> Candidate:
    points = {Part(part): value for part, value in parts.items()}
    return Candidate(ProviderId("water"), sum(points.values()), points, (), Duty.MUST, AreaPath("lake"), 5, 0)


def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.cli.filling.at_a_terminal", lambda: True)


def test_every_part_has_words_and_a_sign_of_its_own() -> None:
    assert set(PART_WORDS) == set(INK) == set(Part)
    assert len({sign for sign, _ in INK.values()}) == len(Part)


@pytest.mark.parametrize(
    ("parts", "most", "signs"),
    [
        ({"duty": 600, "evidence": 400}, 1000, "█" * 14 + "▓" * 10),
        ({"duty": 600, "evidence": 400}, 2000, "█" * 7 + "▓" * 5),
        ({"turn": 1, "duty": 999}, 1000, "█" * 23 + "▪"),
        ({}, 0, ""),
    ],
)
def test_a_bar_is_as_long_as_its_score_and_its_parts_as_theirs(
    parts: dict[str, int], most: int, signs: str
) -> None:
    drawn = bar(a_candidate(**parts), most)
    assert (drawn.plain, isinstance(drawn, Text), len(signs) <= CELLS) == (signs, True, True)


def test_a_match_shows_score_parts_evidence_and_proposal(sidan: Sidan) -> None:
    sidan.dispatched()
    order = sidan.placed()
    said = sidan("match", order).out
    for words in (
        "得分 score",
        "█ 权责 duty 50,000",
        "最近1件同社区同事项工单中，1件由水务所办理。",
        "Of the last 1 order of this item in this community, 1 went to 水务所.",
        "权责清单内，应当承办 on its list of duties: it must",
        "系统建议派给水务所 Water Office。",
    ):
        assert words in said, words
    assert "█" * 10 in said


def test_a_match_for_programs_has_score_parts_evidence_and_proposal(sidan: Sidan) -> None:
    sidan.dispatched()
    found = sidan.json("match", sidan.placed())
    best = found["candidates"][0]
    assert best["score"] == sum(best["parts"].values())
    assert (found["learnt"]["water"]["hits"], found["learnt"]["water"]["orders"]) == (1, 1)
    proposal = found["proposal"]
    assert (proposal["winner"], proposal["on_record"], proposal["of"]) == ("water", False, 2)


def test_a_match_for_a_spreadsheet_has_a_column_for_each_part(sidan: Sidan) -> None:
    sidan.dispatched()
    text = sidan("match", sidan.placed(), "--csv").bytes.decode("utf-8-sig")
    best = next(iter(csv.DictReader(io.StringIO(text))))
    points = [int(best[" ".join(PART_WORDS[part])]) for part in Part]
    assert sum(points) == int(best["得分 score"])
    assert best["经验说明"].startswith("最近1件")


def test_a_dispatch_as_proposed_says_nothing_more(sidan: Sidan, monkeypatch: pytest.MonkeyPatch) -> None:
    at_a_terminal(monkeypatch)
    order = sidan.placed()
    said = sidan("dispatch", order, "--provider", "water", *CHEN)
    assert "建议" not in said.out + said.err
    shown = sidan.json("orders", "show", order)
    assert (shown["proposed"], shown["overruled"]) == ("water", False)


def test_who_does_otherwise_is_asked_why_at_a_terminal(sidan: Sidan, monkeypatch: pytest.MonkeyPatch) -> None:
    at_a_terminal(monkeypatch)
    order = sidan.placed()
    said = sidan("dispatch", order, "--provider", "roads", *CHEN, typed="水务所今天抢险\n".encode())
    assert "系统建议派给水务所，为何不采纳" in said.err
    assert "未按系统建议（建议派给水务所），已入账。" in said.out
    shown = sidan("orders", "show", order, "--open", "--why", "x").out
    assert "系统建议派给 proposed：水务所 Water Office" in shown
    assert "水务所今天抢险" in shown
    assert "水务所今天抢险" not in sidan("orders", "show", order).out


def proposed(sidan: Sidan, order: str, price: int = 0) -> None:
    """The engine has said, on the record, that the road office should have it."""
    chosen = Proposed(provider=ROADS, score=900, parts={Part.NEAR: 900}, price=price, reasons=("can",))
    proposal = a_proposal(ROADS).model_copy(update={"candidates": (chosen,)})
    data = {"order": order, "proposal": proposal.model_dump(mode="json")}
    with Node(Settings(store=sidan.store)) as node:
        assert ask(node, "ProposeDispatch", data, Role.SYSTEM, "sidan/auto-dispatch").status == "recorded"


def test_a_proposal_on_record_counts_before_what_is_found_now(sidan: Sidan) -> None:
    order = sidan.placed()
    proposed(sidan, order, price=1500)
    found = sidan.json("match", order)["proposal"]
    assert (found["winner"], found["on_record"]) == ("roads", True)
    assert "已建议派给道路养护所 Road Maintenance（名额价1,500），待社区确认。" in sidan("match", order).out
    assert sidan.json("orders", "show", order)["proposed"] == "roads"
    assert "建议派单给道路养护所（得分900），候选：道路养护所。" in sidan("audit", "replay", order).out
    told = sidan.json("dispatch", order, "--provider", "water", *CHEN)
    assert (told["proposed"], told["overruled"]) == ("roads", True)


def test_who_follows_the_proposal_on_record_is_not_asked_why(
    sidan: Sidan, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_a_terminal(monkeypatch)
    order = sidan.placed()
    proposed(sidan, order)
    told = sidan.json("dispatch", order, "--provider", "roads", *CHEN)
    assert (told["proposed"], told["overruled"]) == ("roads", False)


def test_without_a_terminal_nobody_is_asked_why(sidan: Sidan) -> None:
    order = sidan.placed()
    told = sidan.json("dispatch", order, "--provider", "roads", *CHEN)
    assert (told["proposed"], told["overruled"]) == ("water", True)
    assert getattr(sidan.log()[-1].fact.event, "why", "?") is None


def test_a_reason_that_was_given_is_sealed_and_nobody_is_asked(
    sidan: Sidan, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_a_terminal(monkeypatch)
    order = sidan.placed()
    sidan.json("dispatch", order, "--provider", "roads", "--why", "抢险", *CHEN)
    why = getattr(sidan.log()[-1].fact.event, "why", None)
    assert isinstance(why, Sealed)
    assert "抢险" not in why
    assert "未按系统建议（建议派给水务所），理由〔密封〕" in sidan("audit", "replay", order).out


def test_what_came_back_is_no_longer_overruled(sidan: Sidan) -> None:
    order = sidan.placed()
    sidan.json("dispatch", order, "--provider", "roads", *CHEN)
    then = sidan.log()[-1].fact.meta.recorded.isoformat()
    sidan.json("recall", order, "--reason", "派错", *CHEN)
    assert "overruled" not in sidan.json("orders", "show", order)
    assert sidan.json("orders", "show", order, "--as-of", then)["overruled"] is True
