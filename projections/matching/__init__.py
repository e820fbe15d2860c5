"""Matching: demand and supply, and for an order the providers that could take it, ranked with reasons."""

from projections.matching.model import Matching
from projections.matching.queries import AreaSupply, Match, MatchingQueries, Named, Waiting

__all__ = ["AreaSupply", "Match", "Matching", "MatchingQueries", "Named", "Waiting"]
