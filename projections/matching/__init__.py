"""Matching: demand and supply, and for an order the providers that could take it, ranked with reasons."""

from projections.matching.model import Matching
from projections.matching.queries import AreaSupply, MatchingQueries, Named, Sides, Waiting

__all__ = ["AreaSupply", "Matching", "MatchingQueries", "Named", "Sides", "Waiting"]
