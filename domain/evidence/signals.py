"""What speaks for whom: the rows of signals, one for each context and for each run against its majority."""

from typing import Final

from domain.evidence.contexts import CONTEXTS, Context
from domain.evidence.counts import Counts
from domain.model import Plain

RUN_FROM: Final = 2
RUN_TO: Final = 4  # longer runs count as this long
RUNS: Final = len(CONTEXTS)  # the first row of runs, one for each close context
INSTEAD: Final = RUNS + sum(context.close for context in CONTEXTS)


class Signal(Plain, frozen=True):
    """What one context says: for each provider how strongly. A provider that is not in it has 0."""

    row: int  # which weight it has
    amount: int  # and for which amount of evidence
    strengths: dict[str, float]
    context: Context | None  # None: a run, which is nothing to count up to people
    counts: Counts
