"""The record by itself: every stream without gaps, every command key at its fact; and its sums."""

from collections.abc import Callable, Generator
from contextlib import closing
from itertools import islice
from typing import Final

import msgspec
from eventsourcing.persistence import Notification

from adapters.reconciling.findings import Finding, finding
from adapters.store.event_store import EventStore
from adapters.store.recording import KeyRow
from adapters.store.rows import claimed
from adapters.store.whole import PAGE, Astray, each, keys_in_log_order, streams_astray
from domain.facts import CommandKey

MOST: Final = 100
"""Findings of one kind that are told; a record in ruins would else be told whole."""

Told = Callable[[int], None]
"""Hears the position up to which all is read."""


class _Meta(msgspec.Struct):
    subject: str


_read_meta: Final = msgspec.json.Decoder(_Meta).decode


def subject_of(stored: Notification) -> str:
    """What a fact is about; its stream where it does not say."""
    try:
        return _read_meta(stored.state.partition(b"\n")[0]).subject
    except msgspec.MsgspecError:
        return str(stored.originator_id)


def check_streams(store: EventStore) -> list[Finding]:
    """Versions count up by one in each stream, in the order of the log."""
    with closing(streams_astray(store)) as found:
        return [_astray(store, one) for one in islice(found, MOST)]


def check_keys(
    store: EventStore, head: int, take: Callable[[Notification], None], told: Told
) -> list[Finding]:
    """Command keys and first facts point to each other, one to one; `take` is handed every row, in order."""
    with closing(_keys(store, head, take, told)) as found:
        told_first = list(islice(found, MOST))
        for _ in found:  # what is handed on has to be whole
            pass
    return told_first


def _keys(
    store: EventStore, head: int, take: Callable[[Notification], None], told: Told
) -> Generator[Finding]:
    with closing(keys_in_log_order(store)) as keys:
        key = next(keys, None)
        for number, stored in enumerate(each(store, 0, head), start=1):
            take(stored)
            while key is not None and key.position < stored.id:
                yield _key_astray(key)
                key = next(keys, None)
            try:
                wanted = claimed(stored.topic, stored.state)
            except msgspec.MsgspecError:
                yield finding("unreadable_fact", position=stored.id, subject=subject_of(stored))
                continue
            if key is not None and key.position == stored.id:
                if wanted != CommandKey(key.source, key.id) or not key.digest:
                    yield _key_astray(key)
                key = next(keys, None)
            elif wanted is not None:
                yield finding("key_missing", position=stored.id, key=f"{wanted.source} {wanted.id}")
            if not number % PAGE:
                told(stored.id)
        end = store.head()  # what came meanwhile has its keys
        while key is not None:
            if key.position > end or key.position <= head:
                yield _key_astray(key)
            key = next(keys, None)


def _key_astray(key: KeyRow) -> Finding:
    return finding("key_astray", position=key.position, key=f"{key.source} {key.id}")


def _astray(store: EventStore, one: Astray) -> Finding:
    (stored,) = store.read_stored(one.position - 1, 1)
    if not isinstance(one.version, int):
        return finding("unreadable_fact", position=one.position, subject=subject_of(stored))
    where = {
        "position": one.position,
        "subject": subject_of(stored),
        "version": one.version,
        "expected": one.expected,
    }
    if one.version > one.expected:
        return finding("version_gap", **where)
    return finding("version_double" if one.version < one.expected else "against_the_log", **where)


def as_row(stored: Notification) -> tuple[str, int]:
    """Subject and version of a row."""
    return subject_of(stored), stored.originator_version
