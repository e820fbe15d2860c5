"""What every read model stands on: tables, bulk rows, places in the log, digests, and what feeds it."""

from projections.engine.columns import (
    Code,
    Moment,
    fixed,
    from_micros,
    lies_in,
    place_column,
    sealed,
    to_micros,
    total,
)
from projections.engine.cursor import BadCursor, read_cursor, write_cursor
from projections.engine.database import open_reads
from projections.engine.digest import digest_of
from projections.engine.positions import LOG, Place, WrongFeed
from projections.engine.projector import BATCH, FellBack, Log, Part, Projector, ReadModel, catch_up
from projections.engine.rows import Row, Sheet

__all__ = [
    "BATCH",
    "LOG",
    "BadCursor",
    "Code",
    "FellBack",
    "Log",
    "Moment",
    "Part",
    "Place",
    "Projector",
    "ReadModel",
    "Row",
    "Sheet",
    "WrongFeed",
    "catch_up",
    "digest_of",
    "fixed",
    "from_micros",
    "lies_in",
    "open_reads",
    "place_column",
    "read_cursor",
    "sealed",
    "to_micros",
    "total",
    "write_cursor",
]
