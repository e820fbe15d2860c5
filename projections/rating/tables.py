"""What providers did and how the public rates it, as sums by provider, category and area."""

from typing import Final

from sqlalchemy import Boolean, Column, Index, MetaData, Table, Uuid

from domain.stages import Level
from projections.engine import Code, Moment, place_column, total

VERSION: Final = 1
metadata: Final = MetaData()

NOBODY: Final = "-"
"""Stands for the provider where there was none: the community answered or closed it itself."""

LEVELS: Final = {level: level.value.replace("-", "_") for level in Level}
"""The column of each level of satisfaction."""
SECONDER_LEVELS: Final = {level: f"seconder_{name}" for level, name in LEVELS.items()}

SUMS: Final = (
    "responded",  # offers accepted or declined
    "responded_in_time",  # of these, within the time to accept
    "missed",  # offers taken back after their time had run out without an answer
    "accepted",
    "claimed",
    "declined",
    "completed",  # each round for itself
    "in_time",
    "late",
    "stated",  # of the completions, those where the provider stated whether it is solved
    "resolved",  # of these, stated as solved and not reopened since
    "reopened",
    *LEVELS.values(),  # the resident's own rating
    "bad",  # of these, 差评 by the rules of that day
    "imported_ratings",  # of these, given in another system
    "unrated",  # completed or answered, and not rated by the resident (未评)
    *SECONDER_LEVELS.values(),
    "seconder_bad",
    "answered",
    "not_accepted",
    "duplicate",
    "withdrawn",
)

sums: Final = Table(
    f"rating_sums_v{VERSION}",
    metadata,
    Column("provider", Code, primary_key=True),
    Column("category", Code, primary_key=True),
    Column("area", Code, primary_key=True),
    *(total(name) for name in SUMS),
    sqlite_with_rowid=False,
)

orders: Final = Table(
    f"rating_orders_v{VERSION}",
    metadata,
    Column("order_id", Uuid(), primary_key=True),
    Column("category", Code, nullable=False),
    Column("area", Code, nullable=False),
    Column("provider", Code),  # who was offered it or has it in hand
    Column("accept_by", Moment),  # while it is offered
    Column("due_at", Moment),  # while somebody has it
    Column("resolved", Boolean, nullable=False),  # its last completion counts as solved
    place_column(),
)
"""What later facts of the same order are measured against."""
_offered = orders.c.accept_by.is_not(None)
_in_hand = orders.c.due_at.is_not(None)
Index(f"{orders.name}_offered", orders.c.accept_by, sqlite_where=_offered, postgresql_where=_offered)
Index(f"{orders.name}_due", orders.c.due_at, sqlite_where=_in_hand, postgresql_where=_in_hand)
