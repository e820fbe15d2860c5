"""All that was learnt, an object a row, and the names that orders and providers are learnt under."""

from typing import Final

from sqlalchemy import Column, MetaData, String, Table

from projections.engine import Code

VERSION: Final = 1
metadata: Final = MetaData()

objects: Final = Table(
    f"evidence_objects_v{VERSION}",
    metadata,
    Column("label", Code, primary_key=True),  # the sort and, as JSON, the key: context [5,"路灯不亮"]
    Column("object", String, nullable=False),  # JSON, every number to the last bit
    sqlite_with_rowid=False,
)

town: Final = Table(
    f"evidence_town_v{VERSION}",
    metadata,
    Column("place", Code, primary_key=True),  # area/<path>, category/<path>; level/community
    Column("name", Code, nullable=False),  # in Chinese; of a level its number, the top one being 0
)
"""The newest rules, as far as names go."""

providers: Final = Table(
    f"evidence_providers_v{VERSION}",
    metadata,
    Column("provider", Code, primary_key=True),
    Column("name", Code, nullable=False),  # in Chinese
)
