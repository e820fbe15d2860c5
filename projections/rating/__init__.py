"""Rating: per provider, category and area what was done, in what time, and what the public says of it."""

from projections.rating.model import Rating
from projections.rating.queries import By, RatingQueries, RatingReport, RatingRow
from projections.rating.rates import DEFINITIONS, Definition, Rate

__all__ = [
    "DEFINITIONS",
    "By",
    "Definition",
    "Rate",
    "Rating",
    "RatingQueries",
    "RatingReport",
    "RatingRow",
]
