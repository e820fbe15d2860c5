"""Plain tables of other systems: read with a mapping, turned into imports and, on request, a town."""

from adapters.tables.deriving import derive_town
from adapters.tables.dispatches import Dispatches, dispatches_of
from adapters.tables.faults import TableFaulty
from adapters.tables.mapping import Mapping, load_mapping
from adapters.tables.messages import messages_of, rows_to_messages
from adapters.tables.recognising import is_table
from adapters.tables.saving import save_town, town_yaml
from adapters.tables.table import Table, open_table

__all__ = [
    "Dispatches",
    "Mapping",
    "Table",
    "TableFaulty",
    "derive_town",
    "dispatches_of",
    "is_table",
    "load_mapping",
    "messages_of",
    "open_table",
    "rows_to_messages",
    "save_town",
    "town_yaml",
]
