"""The catalogue, the areas and the providers' lists, as the town has them now."""

from typing import Final

from sqlalchemy import Column, Index, Integer, MetaData, Table

from projections.engine import Code, place_column

VERSION: Final = 1
metadata: Final = MetaData()

items: Final = Table(
    f"menu_items_v{VERSION}",
    metadata,
    Column("category", Code, primary_key=True),
    Column("name_zh", Code, nullable=False),
    Column("name_en", Code, nullable=False),
    Column("kind", Code, nullable=False),  # service, complaint or group
    Column("accept_hours", Integer, nullable=False),
    Column("finish_hours", Integer, nullable=False),
)

areas: Final = Table(
    f"menu_areas_v{VERSION}",
    metadata,
    Column("area", Code, primary_key=True),
    Column("name_zh", Code, nullable=False),
    Column("name_en", Code, nullable=False),
)

providers: Final = Table(
    f"menu_providers_v{VERSION}",
    metadata,
    Column("provider", Code, primary_key=True),
    Column("name_zh", Code, nullable=False),
    Column("name_en", Code, nullable=False),
    Column("kind", Code, nullable=False),
    Column("contact", Code, nullable=False),
    Column("standing", Code, nullable=False),
    place_column(),
)

offers: Final = Table(
    f"menu_offers_v{VERSION}",
    metadata,
    Column("area", Code, primary_key=True),
    Column("category", Code, primary_key=True),
    Column("provider", Code, primary_key=True),
    Column("duty", Code, nullable=False),
    sqlite_with_rowid=False,
)
Index(f"{offers.name}_provider", offers.c.provider)
