"""Writes a stretch of the record to a file, and beside it a manifest that proves where in the log it lies."""

from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, cast
from uuid import UUID

from eventsourcing.persistence import Notification

from adapters.exporting.lines import line_of, write_line
from adapters.exporting.manifest import FORMAT, MANIFEST, Ends, Manifest, manifest_bytes
from adapters.exporting.problems import CannotExport
from adapters.sealed_log import SealedLog
from adapters.store.event_store import EventStore
from adapters.store.recording import KeyRow
from adapters.store.rows import claimed_if_any
from adapters.store.whole import PAGE, each, keys_in_log_order
from adapters.store.wire import recorded_at
from domain.facts import CommandKey
from services.audit.checkpoints import Checkpoint
from services.audit.merkle import CompactRange, consistency, leaf_hash, left_of, root_at

Told = Callable[[int], None]
"""Hears the position up to which all is done."""


@dataclass(frozen=True, slots=True)
class Export:
    """What to export: facts recorded in a time, both ends included; None: from the first, to the last."""

    file: Path
    since: datetime | None = None
    until: datetime | None = None


@dataclass(slots=True)
class _Written:
    """What went into the file so far."""

    tree: CompactRange
    sha: Any = field(default_factory=sha256)
    size: int = 0  # bytes
    keys: int = 0
    topics: Counter[str] = field(default_factory=Counter[str])

    def add(self, line: bytes, leaf: bytes, topic: str, key: KeyRow | None) -> None:
        self.sha.update(line)
        self.size += len(line)
        self.keys += key is not None
        self.topics[topic] += 1
        self.tree.append(leaf)


@dataclass(frozen=True, slots=True)
class Exporter:
    """Exports what is sealed of one record.

    `checkpoint`: up to which that is, None before anything is; `key`: the verifier key of who signed it.
    """

    store: EventStore
    sealed_log: SealedLog
    checkpoint: Checkpoint | None
    key: str

    def write(self, export: Export, told: Told = lambda _: None) -> Manifest:
        """Write the file and its manifest; both are there, or neither.

        Raises:
            CannotExport: nothing was written. OSError: the files cannot be written.
        """
        stretch = self._stretch(export)
        if stretch is None:
            raise CannotExport("nothing_to_export")
        before = self.sealed_log.index_of(stretch[0])
        if before is None:
            raise CannotExport("not_as_sealed", str(stretch[0]))
        start = CompactRange(before, left_of(before, self.sealed_log.tree().subtree))
        begun = Ends(size=before, root=_text(start.root), subtrees=tuple(map(_text, start.subtrees)))
        with _files(export.file) as (file, beside):
            written = _Written(start)
            for stored, key in _with_keys(self.store, *stretch):
                leaf = _leaf(stored)
                line = write_line(line_of(stored, key.digest if key else None)) + b"\n"
                file.write(line)
                written.add(line, leaf, stored.topic, key)
                if not written.tree.size % PAGE:
                    told(stored.id)
            beside.write(manifest_bytes(manifest := self._manifest(export, stretch, begun, written)))
        told(stretch[1])
        return manifest

    def _stretch(self, export: Export) -> tuple[int, int] | None:
        """The first and last position.

        Clocks may run apart, so the log is not quite in order of time: from the first fact that is not too
        early to the last that is not too late, whatever lies between.
        """
        if self.checkpoint is None:
            return None
        first, last = 0, 0
        for one in each(self.store, 0, self.checkpoint.position):
            recorded = recorded_at(one.state)
            if not first and (export.since is None or recorded >= export.since):
                first = one.id
            if first and export.until is None:
                return first, self.checkpoint.position
            if export.until is not None and recorded <= export.until:
                last = one.id
        return (first, last) if 0 < first <= last else None

    def _manifest(
        self, export: Export, stretch: tuple[int, int], before: Ends, written: _Written
    ) -> Manifest:
        assert self.checkpoint is not None
        tree, size = self.sealed_log.tree(), written.tree.size
        if root_at(size, tree.subtree) != written.tree.root:
            raise CannotExport("not_as_sealed", "–".join(map(str, stretch)))
        ((sealed, note), *_) = self.sealed_log.notes(size - 1, 1)  # the first that holds it all
        return Manifest(
            format=FORMAT,
            log=self.checkpoint.origin,
            key=self.key,
            file=export.file.name,
            bytes=written.size,
            sha256=written.sha.hexdigest(),
            facts=size - before.size,
            keys=written.keys,
            first=stretch[0],
            last=stretch[1],
            since=export.since.isoformat() if export.since else None,
            until=export.until.isoformat() if export.until else None,
            topics=dict(sorted(written.topics.items())),
            before=before,
            after=Ends(size=size, root=_text(written.tree.root)),
            checkpoint=note.decode(),
            consistency=tuple(map(_text, consistency(size, sealed, tree.subtree))),
        )


def _leaf(stored: Notification) -> bytes:
    """Of what a file can say again; a leaf of anything else could not be made from it."""
    stream = cast("UUID", stored.originator_id)
    try:
        return leaf_hash(stream, stored.originator_version, stored.topic, stored.state)
    except (AttributeError, OverflowError, UnicodeEncodeError) as error:
        raise CannotExport("not_as_sealed", str(stored.id)) from error


def _with_keys(store: EventStore, first: int, last: int) -> Generator[tuple[Notification, KeyRow | None]]:
    """Each fact, with the key of the command that it is the first fact of."""
    with closing(keys_in_log_order(store)) as every:
        yield from _paired((key for key in every if key.position >= first), store, first, last)


def _paired(
    keys: Iterator[KeyRow], store: EventStore, first: int, last: int
) -> Iterator[tuple[Notification, KeyRow | None]]:
    key = next(keys, None)
    for stored in each(store, first - 1, last):
        wanted = claimed_if_any(stored.topic, stored.state)
        here = key if key is not None and key.position <= stored.id else None
        if here is None and wanted is None:
            yield stored, None
            continue
        said = CommandKey(here.source, here.id) if here is not None else None
        if said != wanted or (here is not None and (here.position < stored.id or not here.digest)):
            astray = said or wanted
            assert astray is not None
            raise CannotExport("keys_astray", f"{astray.source} {astray.id}")
        yield stored, here
        key = next(keys, None)
    if key is not None and key.position <= last:
        raise CannotExport("keys_astray", f"{key.source} {key.id}")


@contextmanager
def _files(path: Path) -> Generator[Sequence[BinaryIO]]:
    """File and manifest, under other names until both are whole."""
    names = [path, path.with_name(path.name + MANIFEST)]
    parts = [name.with_name(name.name + ".part") for name in names]
    for name in names:
        if name.exists():
            raise CannotExport("file_exists", str(name))
    try:
        with parts[0].open("wb") as file, parts[1].open("wb") as manifest:
            yield file, manifest
        for part, name in zip(parts, names, strict=True):
            part.rename(name)
    finally:
        for part in parts:
            part.unlink(missing_ok=True)


def _text(found: bytes) -> str:
    return b64encode(found).decode()
