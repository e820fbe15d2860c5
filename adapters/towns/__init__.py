"""Towns as files: load one, check it line by line, and say what applying it would change."""

from adapters.towns.afterwards import afterwards, as_supplier
from adapters.towns.differing import Difference, difference
from adapters.towns.findings import Finding, TownFileFaulty
from adapters.towns.linting import Linter
from adapters.towns.town_file import TownFile, check, load, shipped

__all__ = [
    "Difference",
    "Finding",
    "Linter",
    "TownFile",
    "TownFileFaulty",
    "afterwards",
    "as_supplier",
    "check",
    "difference",
    "load",
    "shipped",
]
