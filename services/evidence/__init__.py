"""Who was sent with orders like this one: counted, believed as far as it proved right, told in a sentence."""

from services.evidence.backtest import BINS, TOPS, Bin, Score, Try, tries
from services.evidence.contexts import Features, Precedent, community_level
from services.evidence.explaining import Explanation
from services.evidence.ranking import Evidence, Ranked

__all__ = [
    "BINS", "TOPS", "Bin", "Evidence", "Explanation", "Features", "Precedent", "Ranked", "Score", "Try",
    "community_level", "tries",
]  # fmt: skip
