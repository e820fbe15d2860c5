"""The ceiling of command handling: the same transactions of ready-made rows, with no logic at all."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from adapters.bootstrap import Node
from adapters.store.event_store import EventStore
from adapters.store.recording import BatchRecorder, Keys, Rows, rows_of
from adapters.store.wire import FactMapper
from benchmarks.load import Line, decoded
from domain.facts import CommandKey, Fact
from services.handling import Batch
from services.requests import Request


@dataclass(frozen=True, slots=True)
class Ready:
    """The rows of one batch, and what its transaction asks before it writes them."""

    rows: Rows
    keys: Keys
    asked: list[CommandKey]
    streams: list[tuple[UUID, int]]  # with the version each is expected to have


def ready_made(node: Node, batches: Iterable[list[Line]], numbers: Iterator[int]) -> list[Ready]:
    """Decide the batches once, off the clock, on a store of their own; keep only the rows."""
    mapper = FactMapper()
    made: list[Ready] = []
    for lines in batches:
        batch: Batch = decoded(node.decoder, lines, next(numbers))
        node.handler.handle(batch)
        facts = _facts_behind(node, len(lines))
        requests = [one for one in batch.intake if isinstance(one, Request)]
        events = [mapper.to_stored_event(fact) for fact in facts]
        keys = Keys(
            [one.asked.key.source for one in requests],
            [one.asked.key.id for one in requests],
            [one.digest for one in requests],
            [len(events) - 1 - index for index in range(len(requests))],
        )
        expected: dict[UUID, int] = {}
        for event in events:
            expected.setdefault(cast("UUID", event.originator_id), event.originator_version - 1)
        made.append(Ready(rows_of(events), keys, [one.asked.key for one in requests], list(expected.items())))
    return made


def _facts_behind(node: Node, count: int) -> list[Fact]:
    head = node.store.head()
    return [recorded.fact for recorded in node.store.read(head - count, count)]


def write(store: EventStore, batch: Ready, number: int) -> None:
    """One transaction: lock, notify, position, command keys, versions, rows, keys, position."""
    recorder = cast("BatchRecorder", store.recorder)
    with recorder.writing() as transaction:
        transaction.look(batch.streams, batch.asked, ["ceiling[0]"])
        ready = recorder.ready(batch.rows, batch.keys)
        transaction.looked()
        transaction.insert(ready)
        transaction.set_positions({"ceiling[0]": number})
    transaction.wait()
    transaction.inserted()
