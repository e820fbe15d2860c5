"""The ceiling of command handling: the same transactions of ready-made rows, with no logic at all."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from eventsourcing.persistence import StoredEvent

from adapters.bootstrap import Node
from adapters.store.event_store import EventStore
from adapters.store.recording import BatchRecorder, KeyRow
from adapters.store.wire import FactMapper
from benchmarks.load import Line, decoded
from domain.facts import Fact
from services.handling import Batch
from services.requests import Request


@dataclass(frozen=True, slots=True)
class Ready:
    """The rows of one batch, and what its transaction asks before it writes them."""

    events: list[StoredEvent]
    keys: list[tuple[str, str, bytes]]
    streams: list[Any]


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
        keys = [(one.asked.key.source, one.asked.key.id, one.digest) for one in requests]
        made.append(Ready(events, keys, sorted({event.originator_id for event in events}, key=str)))
    return made


def _facts_behind(node: Node, count: int) -> list[Fact]:
    head = node.store.head()
    return [recorded.fact for recorded in node.store.read(head - count, count)]


def write(store: EventStore, batch: Ready, number: int) -> None:
    """One transaction: lock, notify, position, command keys, versions, rows, keys, position."""
    recorder = cast("BatchRecorder", store.recorder)
    with recorder.writing() as transaction:
        transaction.positions(["ceiling[0]"])
        transaction.command_keys([(source, id_) for source, id_, _ in batch.keys])
        transaction.versions(batch.streams)
        positions = transaction.insert(batch.events)
        transaction.insert_keys(
            [
                KeyRow(source, id_, digest, place)
                for (source, id_, digest), place in zip(batch.keys, positions, strict=True)
            ]
        )
        transaction.set_positions({"ceiling[0]": number})
