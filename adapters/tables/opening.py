"""Opens a table's file: packed or plain, in whatever encoding it was exported."""

import csv
import gzip
import io
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final, cast

from adapters.tables.faults import TableFaulty

_GZIP: Final = b"\x1f\x8b"
_UTF8_MARK: Final = b"\xef\xbb\xbf"
_MARKS: Final = ((_UTF8_MARK, "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_ENOUGH: Final = 500  # lines beyond ASCII that settle the encoding
_CANNOT: Final = (OSError, EOFError, zlib.error, UnicodeError, csv.Error)


@contextmanager
def opened(path: Path) -> Generator[IO[bytes]]:
    """Its bytes, unpacked.

    Raises:
        TableFaulty: it is not there, or cannot be read to its end; also from inside the block.
    """
    try:
        with path.open("rb") as plain:
            if plain.peek(2)[:2] != _GZIP:
                yield plain
                return
            with gzip.GzipFile(fileobj=plain) as unpacked:
                yield cast("IO[bytes]", unpacked)
    except FileNotFoundError as error:
        raise TableFaulty("no_such_table", path=path) from error
    except _CANNOT as error:
        raise TableFaulty("unreadable_table", path=path, problem=error) from error


@contextmanager
def opened_as_text(path: Path, encoding: str) -> Generator[Iterator[str]]:
    """Its lines; bytes that do not fit the encoding stay as surrogates, to be found where used."""
    errors = "strict" if encoding.lower().startswith("utf-16") else "surrogateescape"
    with opened(path) as file, io.TextIOWrapper(file, encoding, errors, newline="") as text:
        yield iter(text)


def encoding_of(path: Path) -> str:
    """By its mark; else UTF-8 or GB18030, as most of its lines read, so that one bad byte does not decide."""
    with opened(path) as file:
        start = cast("Any", file).peek(4)[:4]
        for mark, name in _MARKS:
            if start.startswith(mark):
                return name
        beyond_ascii = (line for line in file if not line.isascii())
        votes = [_is_utf8(line) for line in islice(beyond_ascii, _ENOUGH)]
    return "utf-8" if sum(votes) * 2 >= len(votes) else "gb18030"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def is_json_lines(path: Path, encoding: str) -> bool:
    """Whether the first line that is not blank begins an object."""
    with opened_as_text(path, encoding) as lines:
        for line in lines:
            if line.strip():
                return line.lstrip().startswith("{")
    raise TableFaulty("empty_table", path=path)
