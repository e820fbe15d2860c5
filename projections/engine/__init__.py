"""What every read model stands on: tables, bulk rows, places in the log, digests, and what feeds it."""

from projections.engine.columns import (
    Code,
    Moment,
    fixed,
    from_micros,
    highest_place,
    lies_in,
    place_column,
    sealed,
    to_micros,
    total,
)
from projections.engine.comparing import Parting, Verified, verify
from projections.engine.cursor import BadCursor, read_cursor, write_cursor
from projections.engine.database import open_reads, snapshot
from projections.engine.digest import digest_of
from projections.engine.parking import Parked, TooManyParked, Undecoded, parked_counts, undecoded
from projections.engine.positions import LOG, Place, WrongFeed, all_places, seen_by
from projections.engine.projector import (
    BATCH,
    Log,
    MissedBatch,
    OnlyInOrder,
    Part,
    Projector,
    ReadModel,
    Retried,
    catch_up,
)
from projections.engine.rebuilding import NoWayBack, Rebuilding, Rebuilt, Record
from projections.engine.rows import Row, Sheet

__all__ = [
    "BATCH",
    "LOG",
    "BadCursor",
    "Code",
    "Log",
    "MissedBatch",
    "Moment",
    "NoWayBack",
    "OnlyInOrder",
    "Parked",
    "Part",
    "Parting",
    "Place",
    "Projector",
    "ReadModel",
    "Rebuilding",
    "Rebuilt",
    "Record",
    "Retried",
    "Row",
    "Sheet",
    "TooManyParked",
    "Undecoded",
    "Verified",
    "WrongFeed",
    "all_places",
    "catch_up",
    "digest_of",
    "fixed",
    "from_micros",
    "highest_place",
    "lies_in",
    "open_reads",
    "parked_counts",
    "place_column",
    "read_cursor",
    "sealed",
    "seen_by",
    "snapshot",
    "to_micros",
    "total",
    "undecoded",
    "verify",
    "write_cursor",
]
