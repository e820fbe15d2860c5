"""A unit that declines is not counted for that order; what was learnt beside the counts stays."""

import pytest

from domain.evidence.memory import Memory
from domain.evidence.precedents import Precedents
from domain.evidence.ranking import Evidence
from tests.domain.evidence.a_history import first, history, lamp, sent, taught

POTHOLE = lamp(subcategory="道路", item="路面坑洼")


def why(evidence: Evidence, provider: str) -> tuple[int, int] | None:
    told = evidence.explain(lamp(), provider)
    return told and (told.hits, told.orders)


def test_after_a_decline_31_of_the_last_40_are_30_of_39() -> None:
    evidence = taught(*[sent("市政所")] * 9, *[sent("灯务所")] * 31)
    assert why(evidence, "灯务所") == (31, 40)
    evidence.take_back(sent("灯务所"))
    assert why(evidence, "灯务所") == (30, 39)
    assert why(evidence, "市政所") == (9, 39)


def test_who_declined_the_only_order_is_expected_no_more() -> None:
    evidence = taught(sent("市政所", POTHOLE), sent("灯务所"))
    evidence.take_back(sent("灯务所"))
    assert why(evidence, "灯务所") is None
    assert first(evidence, lamp()) == "市政所"
    assert set(evidence.chances(lamp())) == {"市政所"}


def test_who_was_never_sent_cannot_be_taken_back() -> None:
    evidence = taught(*history(50))
    before = evidence.rank(lamp())
    evidence.take_back(sent("气象台"))
    evidence.take_back(sent(""))
    evidence.take_back(sent("灯务所", lamp(street="西山街道", community="x", category="y", item="z")))
    assert evidence.rank(lamp()) == before


def test_all_taken_back_in_any_sequence_leaves_no_counts() -> None:
    told = history(30)
    memory = Memory()
    precedents = Precedents(memory)
    for one in told:
        precedents.roles.see(one.provider, one.called, one.features.street, one.features.community)
    for one in told:  # all names and places are known, so kinds stay what they are
        precedents.add(one)
    for one in told[::2] + told[1::2]:
        precedents.take_back(one)
    left = (memory.contexts, memory.here, memory.everywhere, memory.streets)
    assert [key for shelf in left for key, _ in shelf.every()] == []
    assert not any(known.bound for _, known in memory.providers.every())


@pytest.mark.parametrize("times", [1, 3])
def test_a_learnt_order_taken_back_and_learnt_again_counts_once(times: int) -> None:
    evidence = taught(*[sent("市政所")] * 5)
    for _ in range(times):
        evidence.learn(sent("灯务所"))
        evidence.take_back(sent("灯务所"))
    evidence.learn(sent("灯务所"))
    assert why(evidence, "灯务所") == (1, 6)
