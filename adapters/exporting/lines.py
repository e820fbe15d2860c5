"""One fact as one line of JSON, from which its stored bytes come back."""

from base64 import b64decode, b64encode
from typing import Final
from uuid import UUID

import msgspec
from eventsourcing.persistence import Notification

from adapters.store.recording import KeyRow
from adapters.store.rows import claimed_if_any
from domain.facts import CommandKey
from domain.ids import Position
from domain.model import Plain

_NEWLINE: Final = "\n"


class Line(Plain, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The stored bytes are `meta`, a newline and `data`, in UTF-8; of bytes that are not so, `state`."""

    position: int
    id: UUID  # the stream
    version: int
    topic: str
    meta: str = ""
    data: str = ""
    state: str = ""  # base64
    key: str = ""  # of a command's first fact: the digest of the command, in hex

    @property
    def bytes(self) -> bytes:
        """What lay in the record."""
        return b64decode(self.state) if self.state else f"{self.meta}\n{self.data}".encode()

    @property
    def stored(self) -> Notification:
        """The row."""
        return Notification(self.id, self.version, self.topic, self.bytes, self.position)

    @property
    def key_row(self) -> KeyRow | None:
        """What is remembered of the command that it is the first fact of."""
        if not self.key:
            return None
        key = cause_of(self.bytes)
        return KeyRow(key.source, key.id, bytes.fromhex(self.key), Position(self.position))

    @property
    def claims_otherwise(self) -> bool:
        """Whether it has a key where none points to it, or lacks the one that does."""
        return (claimed_if_any(self.topic, self.bytes) is not None) != bool(self.key)


class _Caused(msgspec.Struct):
    cause: CommandKey


write_line: Final = msgspec.json.Encoder().encode
read_line: Final = msgspec.json.Decoder(Line).decode
_read_cause: Final = msgspec.json.Decoder(_Caused).decode


def cause_of(state: bytes) -> CommandKey:
    """The key of the command that a fact answers. Raises ValidationError of msgspec."""
    return _read_cause(state.partition(b"\n")[0]).cause


def line_of(stored: Notification, digest: bytes | None) -> Line:
    """The line of a row."""
    assert isinstance(stored.originator_id, UUID)
    found = Line(
        position=stored.id,
        id=stored.originator_id,
        version=stored.originator_version,
        topic=stored.topic,
        key=digest.hex() if digest is not None else "",
    )
    try:
        meta, newline, data = stored.state.decode().partition(_NEWLINE)
    except UnicodeDecodeError:
        newline, meta, data = "", "", ""
    if not newline:
        return msgspec.structs.replace(found, state=b64encode(stored.state).decode())
    return msgspec.structs.replace(found, meta=meta, data=data)
