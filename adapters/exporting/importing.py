"""Takes an exported record into an empty store: the same facts at the same places, or nothing."""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, cast

import msgspec
from eventsourcing.persistence import IntegrityError

from adapters.exporting.lines import Line, read_line
from adapters.exporting.manifest import Manifest
from adapters.exporting.problems import CannotImport
from adapters.sealed_log import proves
from adapters.store.event_store import EventStore
from adapters.store.recording import BatchRecorder
from services.audit.checkpoints import BadCheckpoint, VerifierKey, opened
from services.audit.merkle import CompactRange, leaf_hash, only_grew

PAGE: Final = 1000
_END: Final = 1 << 63  # of what a database can count
Told = Callable[[int], None]
"""Hears how many facts are in."""


class Imported(NamedTuple):
    """What was taken in."""

    facts: int
    keys: int
    head: int
    root: str  # base64


def restore(
    file: Path,
    manifest: Manifest,
    store: EventStore,
    told: Told = lambda _: None,
    keys: Sequence[VerifierKey] = (),
) -> Imported:
    """Insert every fact with its command key, in one transaction.

    Args:
        keys: of whoever may have signed it; none: whoever the manifest names.

    Raises:
        CannotImport: nothing was taken in.
    """
    if manifest.before.size:
        raise CannotImport("partial_export")
    _check_signature(manifest, keys)
    try:
        with file.open("rb") as lines, cast("BatchRecorder", store.recorder).writing() as transaction:
            if store.head():
                raise CannotImport("store_not_empty")
            read = _Reading(lines)
            while page := list(islice(read.lines(), PAGE)):
                known = [key for key in (line.key_row for line in page) if key is not None]
                transaction.restore([line.stored for line in page], known)
                read.keys += len(known)
                told(read.tree.size)
            read.compare(manifest)
        transaction.wait()
    except (msgspec.MsgspecError, ValueError, IntegrityError) as error:
        if isinstance(error, CannotImport):
            raise
        raise CannotImport("manifest_unfit", _first_line(error)) from error
    return Imported(read.tree.size, read.keys, read.last, manifest.after.root)


class _Reading:
    """The lines of a file, and what they come to."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._sha = sha256()
        self._bytes = 0
        self.tree = CompactRange()
        self.keys = 0
        self.last = 0

    def lines(self) -> Iterator[Line]:
        """Each line, once; positions ascend."""
        for text in self._file:
            self._sha.update(text)
            self._bytes += len(text)
            line = read_line(text)
            if not self.last < line.position < _END or not 0 <= line.version < _END:
                raise CannotImport("manifest_unfit", f"position {line.position}")
            if line.claims_otherwise:
                raise CannotImport("manifest_unfit", f"key {line.position}")
            self.last = line.position
            self.tree.append(leaf_hash(line.id, line.version, line.topic, line.bytes))
            yield line

    def compare(self, manifest: Manifest) -> None:
        """Raises CannotImport where they come to something else."""
        found = {
            "bytes": self._bytes,
            "sha256": self._sha.hexdigest(),
            "facts": self.tree.size,
            "keys": self.keys,
            "last": self.last,
        }
        for name, value in found.items():
            if value != getattr(manifest, name):
                raise CannotImport("manifest_unfit", f"{name} {value}")
        if b64encode(self.tree.root).decode() != manifest.after.root:
            raise CannotImport("manifest_unfit", "root")


def _check_signature(manifest: Manifest, keys: Sequence[VerifierKey]) -> None:
    """The checkpoint is signed by the key that the manifest names, and is of a tree that grew from ours.

    Of a record that ends at the checkpoint that one also says the last position.
    """
    try:
        key = VerifierKey.parse(manifest.key)
        if keys and key not in keys:
            raise CannotImport("signed_by_another", key.text)
        checkpoint = opened(manifest.checkpoint.encode(), key, proves)
        path = [b64decode(one, validate=True) for one in manifest.consistency]
        root = b64decode(manifest.after.root, validate=True)
    except (BadCheckpoint, NotBase64) as error:
        raise CannotImport("manifest_unfit", str(error)) from error
    if not only_grew(manifest.after.size, root, checkpoint.size, checkpoint.root, path):
        raise CannotImport("manifest_unfit", "checkpoint")
    if checkpoint.size == manifest.after.size and checkpoint.position != manifest.last:
        raise CannotImport("manifest_unfit", f"last {manifest.last}")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
