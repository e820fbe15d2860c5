"""One subject as the events topic has it, against its stream in the record."""

from collections.abc import Sequence

from adapters.bus.auditing import topic_facts
from adapters.reconciling.findings import Finding
from adapters.reconciling.topic import apart
from adapters.settings import Settings
from adapters.store.event_store import EventStore
from domain.facts import Recorded
from domain.ids import stream_of


def one_subject(
    settings: Settings, store: EventStore, subject: str
) -> tuple[Sequence[Recorded], list[Finding]]:
    """Its facts by the topic alone, and where the record says something else. Raises KafkaAway."""
    stream, head = stream_of(subject), store.head()
    lines = [line for line in topic_facts(settings, []) if line[0].fact.stream == stream]
    said = {one.position: one for _, one in lines}
    kept = {one.id: one for one in store.history_stored(stream)}
    due = {position for position in kept if position <= head}  # what came meanwhile may be on its way
    found = (apart(said.get(position), kept.get(position)) for position in sorted(due | said.keys()))
    return [recorded for recorded, _ in lines], [one for one in found if one is not None]
