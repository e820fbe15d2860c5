"""Checkpoints: the log's size and root, signed, in the words of C2SP (tlog-checkpoint, signed-note).

sidan/guangming              the log's origin
1024                         leaves
CsUYap…=                     root, base64
position 1040                the last sealed event's notification id
time 2026-03-02T10:00:00Z    when it was sealed

— sidan/guangming Az3g…      Ed25519 over all above the blank line, behind four bytes of key id
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, Self

from services.audit.merkle import HASH

Sign = Callable[[bytes], bytes]
"""An Ed25519 signature, 64 bytes, over these bytes."""
Proves = Callable[[bytes, bytes, bytes], bool]
"""(public key, signature, message) → whether the one signed the other."""

_ED25519: Final = b"\x01"
_KEY_ID: Final = 4  # bytes
_DASH: Final = "— "
_LINES: Final = 5  # of ours, above the blank line
_NAME: Final = re.compile(r"[^\s+]+")
_SIZE: Final = re.compile(r"0|[1-9]\d{0,18}")


class BadCheckpoint(ValueError):
    """These bytes are no checkpoint of ours, or not signed by this key."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the log held at one moment."""

    origin: str
    size: int
    root: bytes
    position: int  # notification id of the last sealed event
    time: datetime

    @property
    def body(self) -> bytes:
        """What is signed."""
        when = self.time.astimezone(UTC).isoformat().replace("+00:00", "Z")
        lines = (
            self.origin,
            str(self.size),
            b64encode(self.root).decode(),
            f"position {self.position}",
            f"time {when}",
        )
        return "".join(f"{line}\n" for line in lines).encode()


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A log's name and public key."""

    name: str
    public: bytes  # 32 bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes that go before each signature."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:_KEY_ID]

    @property
    def text(self) -> str:
        """As it is handed out: `name+id+key`."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(_ED25519 + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises BadCheckpoint."""
        name, _, rest = text.strip().partition("+")
        said, _, encoded = rest.partition("+")
        key = _bytes(encoded)
        if _NAME.fullmatch(name) and key[:1] == _ED25519 and len(key) == HASH + 1:
            found = cls(name, key[1:])
            if found.key_id.hex() == said:
                return found
        raise BadCheckpoint("not a verifier key: name+id+key")


def signed(checkpoint: Checkpoint, key: VerifierKey, sign: Sign) -> bytes:
    """The signed note."""
    signature = b64encode(key.key_id + sign(checkpoint.body)).decode()
    return checkpoint.body + f"\n{_DASH}{key.name} {signature}\n".encode()


def parse(note: bytes) -> Checkpoint:
    """What it says, whoever signed it.

    Raises:
        BadCheckpoint: it is not written as one of ours.
    """
    body, _ = _parts(note)
    lines = body.decode().splitlines()
    try:
        origin, size, root, position, time = lines[:_LINES]
        found = Checkpoint(
            origin,
            int(size) if _SIZE.fullmatch(size) else -1,
            _bytes(root),
            int(position.removeprefix("position ")),
            datetime.fromisoformat(time.removeprefix("time ")),
        )
    except ValueError as error:
        raise BadCheckpoint("not a checkpoint: origin, size, root, position, time") from error
    if found.body != body:  # one way only to write it, so that equal ones are equal bytes
        raise BadCheckpoint("not written as a checkpoint is")
    return found


def opened(note: bytes, key: VerifierKey, proves: Proves) -> Checkpoint:
    """What it says, signed by this key.

    Raises:
        BadCheckpoint: it is not a checkpoint, of another log, or not signed by this key.
    """
    checkpoint = parse(note)
    body, signatures = _parts(note)
    if checkpoint.origin != key.name:
        raise BadCheckpoint(f"of the log {checkpoint.origin}, not of {key.name}")
    mine = [one for name, one in signatures if name == key.name and one[:_KEY_ID] == key.key_id]
    if not any(proves(key.public, one[_KEY_ID:], body) for one in mine):
        raise BadCheckpoint("not signed by this key")
    return checkpoint


def each(data: bytes) -> Iterator[bytes]:
    """The notes of a file to which they were appended; a last one that was cut off comes as it is.

    Empty lines between them are nothing: programs that print messages put one behind each.
    """
    note = b""
    for line in data.splitlines(keepends=True):
        if note and b"\n\n" in note and not line.startswith(_DASH.encode()):
            yield note
            note = b""
        note += line if note or line != b"\n" else b""
    if note:
        yield note


def _parts(note: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Body and signatures by name. Raises BadCheckpoint."""
    body, blank, rest = note.partition(b"\n\n")
    try:
        lines = rest.decode().splitlines()
        if not blank or not lines or not rest.endswith(b"\n"):
            raise BadCheckpoint("not a signed note")
        body.decode()
    except UnicodeDecodeError as error:
        raise BadCheckpoint("not a signed note") from error
    return body + b"\n", [_signature(line) for line in lines]


def _signature(line: str) -> tuple[str, bytes]:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    found = _bytes(encoded)
    if not line.startswith(_DASH) or not _NAME.fullmatch(name) or len(found) <= _KEY_ID:
        raise BadCheckpoint("not a signature: — name base64")
    return name, found


def _bytes(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError as error:
        raise BadCheckpoint("not base64") from error
