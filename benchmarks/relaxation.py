"""The ceiling of a round: its linear relaxation, solved by HiGHS, which shares no code with our solver."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager

import highspy
import numpy as np

from services.rounds import Round


def optimum(asked: Round) -> float:
    """The most that a round could be worth if orders could be cut in pieces."""
    with _greeting_aside():
        highs = highspy.Highs()
    highs.silent()
    highs.passModel(_model(asked))
    highs.run()
    assert highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return highs.getInfo().objective_function_value


@contextmanager
def _greeting_aside() -> Generator[None]:
    """HiGHS greets from C on standard output, which is the report's; it goes to the other one."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def _model(asked: Round) -> highspy.HighsLp:
    """A column for each pair; a row for each order (at most 1) and provider (at most its room)."""
    rows = {provider: len(asked.waiting) + place for place, provider in enumerate(asked.room)}
    most = [max(0, min(room, asked.most.get(provider, room))) for provider, room in asked.room.items()]
    pairs = [
        (place, rows[provider], asked.served + score)
        for place, one in enumerate(asked.waiting)
        for provider, score in one.scores.items()
        if provider in rows
    ]
    columns = np.array(pairs, dtype=np.int64).reshape(-1, 3)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(columns), len(asked.waiting) + len(most)
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = columns[:, 2].astype(float)
    model.col_lower_, model.col_upper_ = np.zeros(len(columns)), np.ones(len(columns))
    model.row_lower_ = np.full(model.num_row_, -highspy.kHighsInf)
    model.row_upper_ = np.array([1] * len(asked.waiting) + most, dtype=float)
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.arange(0, 2 * len(columns) + 1, 2)
    model.a_matrix_.index_ = columns[:, :2].ravel().astype(np.int32)
    model.a_matrix_.value_ = np.ones(2 * len(columns))
    return model
