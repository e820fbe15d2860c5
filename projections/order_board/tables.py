"""One row for each order, its texts, and how many orders stand at each stage, by area and category."""

from typing import Final

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, Table, Uuid

from projections.engine import Code, Moment, fixed, place_column, sealed, total

VERSION: Final = 2
metadata: Final = MetaData()

orders: Final = Table(
    f"order_board_v{VERSION}",
    metadata,
    fixed("order_id", Uuid(), primary_key=True),
    fixed("number", Code),  # 单号
    fixed("placed_at", Moment),
    Column("category", Code, nullable=False),
    Column("area", Code, nullable=False),
    Column("stage", Code, nullable=False),
    Column("stage_since", Moment, nullable=False),
    Column("resident", Code),
    Column("wanted", Code),  # the provider the resident asked for by name
    Column("wanted_at", Moment),
    Column("urgency", Code),  # None: imported, nobody knows
    Column("channel", Code),
    Column("entered_by", Code),  # 代点单: who entered it for the resident
    Column("source", Code),  # an imported order's number in the other system
    Column("provider", Code),
    Column("accountable", Code),  # 首接负责
    Column("declines", Integer, nullable=False),
    Column("round", Integer, nullable=False),
    Column("accept_by", Moment),  # while it is offered
    Column("due_at", Moment),
    Column("deadline", Moment),  # while it is open: the first moment after which it is overdue
    Column("closed_at", Moment),
    Column("closed_how", Code),  # the stage it first closed at
    Column("in_time", Boolean),  # of a completion
    Column("resolved", Boolean),  # of a completion, as the provider states it
    Column("level", Code),  # the resident's rating of this round
    Column("bad", Boolean),  # 差评, likewise
    Column("bad_ratings", Integer, nullable=False),  # of every round and rater; never taken back
    Column("seconders", Integer, nullable=False),
    Column("reason", Code),  # the last reason code or word: of a decline, a recall, a refusal by law
    Column("duplicate_of", Uuid()),
    Column("proposal", Code),  # candidates as JSON: [[provider, [reason code, …]], …]
    Column("version", Integer, nullable=False),
    place_column(),
)
Index(f"{orders.name}_number", orders.c.number)
Index(f"{orders.name}_newest", orders.c.placed_at)
Index(f"{orders.name}_stage", orders.c.stage, orders.c.placed_at)
Index(f"{orders.name}_provider", orders.c.provider, orders.c.stage, orders.c.placed_at)
_open = orders.c.deadline.is_not(None)
Index(f"{orders.name}_deadline", orders.c.deadline, sqlite_where=_open, postgresql_where=_open)
_unclosed = orders.c.closed_at.is_(None)
Index(f"{orders.name}_resident", orders.c.resident, sqlite_where=_unclosed, postgresql_where=_unclosed)

texts: Final = Table(
    f"order_board_texts_v{VERSION}",
    metadata,
    fixed("order_id", Uuid(), primary_key=True),
    sealed("details"),
    sealed("contact"),
    sealed("address"),
    sealed("said"),  # why the resident withdrew or reopened it
    sealed("notice"),
    sealed("progress"),
    sealed("result"),
    sealed("comment"),
)
"""The last of each text people wrote, beside the row because it is long and seldom changes."""
TEXTS: Final = tuple(column.name for column in texts.columns if not column.primary_key)

counts: Final = Table(
    f"order_board_counts_v{VERSION}",
    metadata,
    Column("area", Code, primary_key=True),
    Column("category", Code, primary_key=True),
    Column("stage", Code, primary_key=True),
    total("orders"),
    sqlite_with_rowid=False,
)
