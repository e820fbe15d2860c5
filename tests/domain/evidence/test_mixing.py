"""Weights and corrections move towards what would have been right, in steps that get smaller."""

from itertools import pairwise

import pytest

from domain.evidence.memory import Memory
from domain.evidence.mixing import NOTHING, START, START_RUN, Corrections, Tuned, Weights
from domain.evidence.precedents import Precedents
from domain.evidence.signals import INSTEAD, RUNS, Signal
from tests.domain.evidence.a_history import lamp, sent


def signal() -> Signal:
    precedents = Precedents(Memory())
    precedents.add(sent("灯务所"))
    return precedents.signals(lamp())[0]


def run_of(length: int) -> Signal:
    precedents = Precedents(Memory())
    for provider in ["灯务所"] * 9 + ["市政所"] * length:
        precedents.add(sent(provider))
    return next(one for one in precedents.signals(lamp()) if RUNS <= one.row < INSTEAD)


def test_a_number_moves_towards_what_surprised_and_less_each_time() -> None:
    learnt = Tuned(0.0, 1.0)
    values = [0.0]
    for _ in range(4):
        learnt.move(1.0, 0.1)
        values.append(learnt.value)
    steps = [after - before for before, after in pairwise(values)]
    assert steps == sorted(steps, reverse=True)
    assert all(step > 0 for step in steps)


def test_a_context_that_was_right_is_believed_more_and_one_that_was_wrong_less() -> None:
    said, right, wrong, silent = signal(), Weights.at_first(), Weights.at_first(), Weights.at_first()
    right.learn(said, 1.0)
    wrong.learn(said, -1.0)
    silent.learn(said, 0.0)
    assert wrong.of(said) < silent.of(said) == START < right.of(said)


def test_what_is_learnt_with_little_evidence_counts_in_part_with_much() -> None:
    weights, little = Weights.at_first(), signal()
    much = Signal(little.row, 2, little.strengths, little.context, little.counts)
    weights.learn(little, 1.0)
    assert START < weights.of(much) < weights.of(little)


def test_a_longer_run_says_more_up_to_four() -> None:
    said = [Weights.at_first().of(run_of(length)) for length in (2, 3, 4, 5)]
    assert said == [START_RUN, 2 * START_RUN, 3 * START_RUN, 3 * START_RUN]


@pytest.mark.parametrize("wide", [True, False])
def test_corrections_are_for_names_that_something_speaks_for(wide: bool) -> None:
    memory = Memory()
    corrections, scores = Corrections(memory.for_kinds, memory.of_kind), {"灯务所": 1.0}
    trait, another = ("trait", wide), ("another", wide)
    corrections.learn([trait], {"灯务所": 0.5, "市政所": -0.5, "水务公司": NOTHING / 2})
    corrections.add_to(scores, [trait, another])
    assert scores.keys() == {"灯务所"}
    assert scores["灯务所"] > 1.0
    others = {"市政所": 0.0, "水务公司": 0.0}
    corrections.add_to(others, [trait])
    assert others["市政所"] < 0.0 == others["水务公司"]  # a small surprise taught nothing
    assert (bool(memory.of_kind["灯务所"]), bool(memory.for_kinds["trait"])) == (wide, not wide)
