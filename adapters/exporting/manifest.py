"""What stands beside an exported file: what it holds, and where in the sealed log that lies."""

from pathlib import Path
from typing import Final

import msgspec

from adapters.exporting.problems import CannotImport
from domain.model import Plain

FORMAT: Final = "sidan-export-1"
MANIFEST: Final = ".manifest.json"
"""Added to the name of the file."""


class Ends(Plain, frozen=True, kw_only=True):
    """A tree of the sealed log; hashes in base64."""

    size: int
    root: str
    subtrees: tuple[str, ...] = ()  # before the first line: the roots of its complete subtrees, largest first


class Manifest(Plain, frozen=True, kw_only=True):
    """See docs/exporting.md."""

    format: str
    log: str  # the log's origin
    key: str  # the verifier key of who signed, name+id+key
    file: str
    bytes: int
    sha256: str  # hex
    facts: int
    keys: int
    first: int  # positions
    last: int
    since: str | None  # as it was asked for, ISO 8601
    until: str | None
    topics: dict[str, int]
    before: Ends
    after: Ends
    checkpoint: str  # signed note, of `after` or of a later tree
    consistency: tuple[str, ...] = ()  # that the tree of the checkpoint grew from `after`; base64


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(Manifest).decode


def manifest_bytes(manifest: Manifest) -> bytes:
    """As it lies in its file: for people too."""
    return msgspec.json.format(_encode(manifest), indent=2) + b"\n"


def read_manifest(path: Path) -> Manifest:
    """Raises CannotImport: no_manifest, manifest_unfit."""
    try:
        found = _decode(path.read_bytes())
    except OSError as error:
        raise CannotImport("no_manifest", str(path)) from error
    except msgspec.MsgspecError as error:
        raise CannotImport("manifest_unfit", str(error)) from error
    if found.format != FORMAT:
        raise CannotImport("manifest_unfit", found.format)
    return found
