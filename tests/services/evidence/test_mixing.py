"""Weights and corrections move towards what would have been right, in steps that get smaller."""

from itertools import pairwise

from services.evidence.mixing import NOTHING, START, START_RUN, Corrections, Learnt, Weights
from services.evidence.precedents import INSTEAD, RUNS, Precedents, Signal
from tests.services.evidence.a_history import lamp, sent


def signal() -> Signal:
    precedents = Precedents()
    precedents.add(sent("灯务所"))
    return precedents.signals(lamp())[0]


def run_of(length: int) -> Signal:
    precedents = Precedents()
    for provider in ["灯务所"] * 9 + ["市政所"] * length:
        precedents.add(sent(provider))
    return next(one for one in precedents.signals(lamp()) if RUNS <= one.row < INSTEAD)


def test_a_number_moves_towards_what_surprised_and_less_each_time() -> None:
    learnt = Learnt(0.0, 1.0)
    values = [0.0]
    for _ in range(4):
        learnt.move(1.0, 0.1)
        values.append(learnt.value)
    steps = [after - before for before, after in pairwise(values)]
    assert steps == sorted(steps, reverse=True)
    assert all(step > 0 for step in steps)


def test_a_context_that_was_right_is_believed_more_and_one_that_was_wrong_less() -> None:
    said, right, wrong, silent = signal(), Weights(), Weights(), Weights()
    right.learn(said, 1.0)
    wrong.learn(said, -1.0)
    silent.learn(said, 0.0)
    assert wrong.of(said) < silent.of(said) == START < right.of(said)


def test_what_is_learnt_with_little_evidence_counts_in_part_with_much() -> None:
    weights, little = Weights(), signal()
    much = Signal(little.row, 2, little.strengths, little.context, little.counts)
    weights.learn(little, 1.0)
    assert START < weights.of(much) < weights.of(little)


def test_a_longer_run_says_more_up_to_four() -> None:
    said = [Weights().of(run_of(length)) for length in (2, 3, 4, 5)]
    assert said == [START_RUN, 2 * START_RUN, 3 * START_RUN, 3 * START_RUN]


def test_corrections_are_for_names_that_something_speaks_for() -> None:
    corrections, scores = Corrections(), {"灯务所": 1.0}
    corrections.learn(["trait"], {"灯务所": 0.5, "市政所": -0.5, "水务公司": NOTHING / 2})
    corrections.add_to(scores, ["trait", "another"])
    assert scores.keys() == {"灯务所"}
    assert scores["灯务所"] > 1.0
    others = {"市政所": 0.0, "水务公司": 0.0}
    corrections.add_to(others, ["trait"])
    assert others["市政所"] < 0.0 == others["水务公司"]  # a small surprise taught nothing
