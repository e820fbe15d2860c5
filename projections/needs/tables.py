"""One row for each need, one for each side that has taken it up, and the providers with what they offer."""

from typing import Final

from sqlalchemy import Column, Index, Integer, MetaData, Table

from projections.engine import Code, Moment, fixed, place_column, sealed

VERSION: Final = 1
COMMUNITY: Final = ""  # where a column would name a provider
metadata: Final = MetaData()

needs: Final = Table(
    f"needs_v{VERSION}",
    metadata,
    fixed("need", Code, primary_key=True),
    fixed("owner", Code),  # the provider whose need it is, or the community
    fixed("stated_at", Moment),
    Column("title_zh", Code, nullable=False),
    Column("title_en", Code, nullable=False),
    Column("category", Code),
    Column("area", Code, nullable=False),
    Column("takers_wanted", Integer),  # None: any number
    Column("until", Moment),
    Column("takers", Integer, nullable=False),
    Column("stage", Code, nullable=False),
    Column("closed_at", Moment),
    Column("version", Integer, nullable=False),
    place_column(),
)
Index(f"{needs.name}_newest", needs.c.stage, needs.c.stated_at)
Index(f"{needs.name}_area", needs.c.area, needs.c.stage)
Index(f"{needs.name}_owner", needs.c.owner, needs.c.stage)

takers: Final = Table(
    f"needs_takers_v{VERSION}",
    metadata,
    Column("need", Code, primary_key=True),
    Column("provider", Code, primary_key=True),  # or the community
    Column("since", Moment, nullable=False),
    sealed("note"),
    sqlite_with_rowid=False,
)
Index(f"{takers.name}_provider", takers.c.provider)

providers: Final = Table(
    f"needs_providers_v{VERSION}",
    metadata,
    Column("provider", Code, primary_key=True),
    Column("name_zh", Code, nullable=False),
    Column("name_en", Code, nullable=False),
    Column("standing", Code, nullable=False),
    Column("offers", Code, nullable=False),  # categories, as JSON
    place_column(),
)

areas: Final = Table(
    f"needs_areas_v{VERSION}",
    metadata,
    Column("provider", Code, primary_key=True),
    Column("area", Code, primary_key=True),
    sqlite_with_rowid=False,
)
"""Where each provider works."""
