"""Demand: what each order asks for. Supply: what each provider brings, where, and how much it has in hand."""

from typing import Final

from sqlalchemy import Column, Index, Integer, MetaData, Table, Uuid

from projections.engine import Code, Moment, highest_place, place_column, total

VERSION: Final = 2
metadata: Final = MetaData()

orders: Final = Table(
    f"matching_orders_v{VERSION}",
    metadata,
    Column("order_id", Uuid(), primary_key=True),
    Column("category", Code, nullable=False),
    Column("area", Code, nullable=False),
    Column("stage", Code, nullable=False),
    Column("channel", Code),  # where it came in
    Column("wanted", Code),
    Column("provider", Code),  # who was offered it or has it in hand
    Column("wanted_at", Moment),
    Column("urgency", Code, nullable=False),
    Column("declined_by", Code, nullable=False),  # in this round, or passed over: ids with a space between
    Column("waiting_since", Moment),  # while nobody has it
    place_column(),
)
_waiting = orders.c.waiting_since.is_not(None)
Index(
    f"{orders.name}_waiting",
    orders.c.area,
    orders.c.category,
    sqlite_where=_waiting,
    postgresql_where=_waiting,
)

providers: Final = Table(
    f"matching_providers_v{VERSION}",
    metadata,
    Column("provider", Code, primary_key=True),
    Column("name_zh", Code, nullable=False),
    Column("name_en", Code, nullable=False),
    Column("kind", Code, nullable=False),
    Column("contact", Code, nullable=False),
    Column("standing", Code, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("areas", Code, nullable=False),  # JSON: [area, …]
    Column("offers", Code, nullable=False),  # JSON: [[category, duty], …]
    Column("hours", Code, nullable=False),  # JSON: [{weekdays, start, end}, …]
    Column("skills", Code, nullable=False),  # JSON: [skill, …]
    Column("volunteers", Code, nullable=False),  # JSON: {volunteer: {skills, hours, willing}}
    place_column(),
)

listings: Final = Table(
    f"matching_listings_v{VERSION}",
    metadata,
    Column("category", Code, primary_key=True),
    Column("area", Code, primary_key=True),
    Column("provider", Code, primary_key=True),
    sqlite_with_rowid=False,
)
"""Each provider under each of its offers in each of its areas: one look-up finds who could come."""
Index(f"{listings.name}_provider", listings.c.provider)

loads: Final = Table(
    f"matching_loads_v{VERSION}",
    metadata,
    Column("provider", Code, primary_key=True),
    total("in_hand"),  # offered or accepted, not yet given back or done
    highest_place("last_given"),  # where in the log it was last sent or took something; 0: never
)
