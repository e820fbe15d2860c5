"""Keys leave with the record for another database, wrapped: the file opens nothing without the master key."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from adapters.keys import rows
from adapters.keys.keyring import Keyring
from adapters.keys.owner import Owner
from adapters.keys.rows import KeyRow

FORMAT: Final = "sidan-keys-1"
PAGE: Final = 500  # rows compared and added in one go
Told = Callable[[int], None]
"""Hears how many keys are done."""


class NotKeys(ValueError):
    """The file does not hold exported keys."""

    code: Final = "not_keys"
    reason_zh: Final = "文件不是导出的密钥，请用 sidan keys export 的文件。"
    reason_en: Final = "The file holds no exported keys; give one that sidan keys export wrote."

    def __init__(self) -> None:
        super().__init__(f"{self.reason_zh} {self.reason_en}")


class _Line(BaseModel):
    """One key; without `wrapped` it was destroyed."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    id: int
    subject: str
    person: str
    wrapped: str | None
    master: str

    @classmethod
    def of(cls, row: KeyRow) -> Self:
        wrapped = None if row.wrapped is None else b64encode(row.wrapped).decode()
        owner = row.owner
        said = {"subject": owner.subject, "person": owner.person, "master": row.master}
        return cls(id=row.number, wrapped=wrapped, **said)

    def row(self) -> KeyRow:
        wrapped = None if self.wrapped is None else b64decode(self.wrapped, validate=True)
        return KeyRow(self.id, Owner(self.subject, self.person), wrapped, self.master)


def exported(keyring: Keyring, told: Told = lambda _: None) -> Iterator[bytes]:
    """A heading, then a JSON line for each key, the destroyed ones too: they say that they were."""
    done = 0
    with keyring.reading() as connection:
        yield json.dumps({"format": FORMAT, "master": keyring.master}).encode() + b"\n"
        for page in rows.pages(connection):
            yield from (_Line.of(row).model_dump_json().encode() + b"\n" for row in page)
            done += len(page)
            told(done)


def imported(keyring: Keyring, lines: Iterable[bytes], told: Told = lambda _: None) -> int:
    """Add the keys that are not there yet, all or none; returns how many.

    Raises:
        NotKeys: the file is another one, or spoilt.
        OtherMasterKey: they are wrapped with another master key than the town's here.
    """
    coming = iter(lines)
    keyring.expect(_heading(next(coming, b"")))
    brought = done = 0
    with keyring.writing() as connection:
        while page := _rows(islice(coming, PAGE)):
            brought += rows.bring(connection, page)
            done += len(page)
            told(done)
    return brought


def _heading(line: bytes) -> str:
    try:
        read: Any = json.loads(line)
        if read["format"] == FORMAT:
            return str(read["master"])
    except (ValueError, KeyError, TypeError) as error:
        raise NotKeys from error
    raise NotKeys


def _rows(lines: Iterable[bytes]) -> Sequence[KeyRow]:
    try:
        return [_Line.model_validate_json(line).row() for line in lines]
    except (ValidationError, ValueError) as error:
        raise NotKeys from error
