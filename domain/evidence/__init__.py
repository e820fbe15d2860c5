"""Who was sent with orders like this one: counted, believed as far as it proved right, told in a sentence."""

from domain.evidence.backtest import BINS, TOPS, Bin, Score, Try, tries
from domain.evidence.contexts import Features, Precedent, community_level
from domain.evidence.explaining import Explanation
from domain.evidence.learnt import Learnt
from domain.evidence.memory import Memory, Wanted
from domain.evidence.ranking import Evidence, Ranked
from domain.evidence.shelf import Shelf

__all__ = [
    "BINS", "TOPS", "Bin", "Evidence", "Explanation", "Features", "Learnt", "Memory", "Precedent", "Ranked",
    "Score", "Shelf", "Try", "Wanted", "community_level", "tries",
]  # fmt: skip
