"""Tells a plain table from a file of messages, which `sidan submit` takes both."""

from collections.abc import Collection
from itertools import islice
from pathlib import Path
from typing import Final, cast

import pydantic_core

from adapters.tables.opening import encoding_of, opened

_LOOKED_AT: Final = 100  # lines; a few may be damaged


def is_table(path: Path) -> bool:
    """Whether it holds rows: it is no JSON lines, or none of its first objects is a CloudEvent.

    Raises:
        TableFaulty: no such file.
    """
    with opened(path) as file:
        keys = [_keys(line.removeprefix(b"\xef\xbb\xbf")) for line in islice(file, _LOOKED_AT)]
    if any(keys):
        return not any("specversion" in names for names in keys)
    return _has_columns(path)


def _keys(line: bytes) -> Collection[str]:
    """Those of the object a line is; none where it is no object."""
    try:
        said = pydantic_core.from_json(line)
    except ValueError:
        return ()
    return cast("dict[str, object]", said) if isinstance(said, dict) else ()


def _has_columns(path: Path) -> bool:
    """A file without a single JSON object is a table, unless nothing in it could be cells."""
    encoding = encoding_of(path)
    if encoding == "utf-16":
        return True
    with opened(path) as file:
        return any(
            not line.lstrip().startswith((b"{", b"[")) and line.strip() for line in islice(file, _LOOKED_AT)
        )
