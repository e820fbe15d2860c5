"""The events topic against the record: whatever lacks on one side, is double, or says something else."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from eventsourcing.persistence import Notification

from adapters.bus.auditing import Said, digest_of_message
from adapters.bus.bystander import SILENCE, bystander, messages_of, partitions_of, place_of
from adapters.bus.relay import ASIDE
from adapters.bus.topics import Topics
from adapters.reconciling.findings import Finding, finding
from adapters.reconciling.intervals import Sums, width_for
from adapters.reconciling.record import MOST, as_row
from adapters.settings import Settings
from adapters.store.event_store import EventStore
from adapters.store.whole import each
from services.audit.verifying import leaf_of

BUFFER: Final = 1000
LOOKED_INTO: Final = 10
"""Intervals that are looked into; the first gap is in the first of them."""


@dataclass(slots=True)
class TopicReport:
    """What the topic said."""

    sums: Sums
    findings: list[Finding] = field(default_factory=list[Finding])
    doubles: int = 0
    first_double: Finding | None = None


@dataclass(slots=True)
class TopicCheck:
    """Reads the topic once, then once more what is in the intervals that differ.

    `until`: the relay has sent everything up to there.
    """

    settings: Settings
    store: EventStore
    until: int
    kept: Sums  # what the record says up to there
    _beside: list[Said] = field(default_factory=list[Said])

    @staticmethod
    def is_sent(stored: Notification) -> bool:
        """Whether the relay sends it to this topic."""
        return stored.topic not in ASIDE

    def run(self) -> TopicReport:
        """Raises KafkaAway: the topic is missing or the broker does not answer."""
        report = TopicReport(Sums(self.kept.width))
        for said in self._said(report.findings):
            if not said.passed_over and said.position <= self.until:
                report.sums.add(said.position, said.digest)
                continue
            if said.passed_over:
                report.doubles += 1
                report.first_double = report.first_double or _at("topic_double", said)
            self._beside.append(said)
            if len(self._beside) == BUFFER:
                report.findings += self._compared_beside()
        report.findings += self._compared_beside()
        for interval in self.kept.differing(report.sums)[:LOOKED_INTO]:
            report.findings += self._looked_into(interval)
        report.findings = sorted(report.findings, key=lambda one: one.position or 0)[:MOST]
        return report

    def _said(self, findings: list[Finding]) -> Iterator[Said]:
        """Every event of the topic up to its present end, partition by partition."""
        with bystander(self.settings, consumer_timeout_ms=SILENCE) as consumer:
            partitions = partitions_of(consumer, Topics(self.settings.prefix).events)
            ends: Mapping[Any, int] = consumer.end_offsets(partitions)
            for partition in partitions:
                name, reached = place_of(partition), 0
                for message in messages_of(consumer, partition, ends[partition]):
                    found = digest_of_message(message)
                    if found is None:
                        findings.append(finding("topic_stranger", partition=name, offset=message.offset))
                        continue
                    position, digest = found
                    yield Said(position, digest, name, message.offset, position <= reached)
                    reached = max(reached, position)

    def _compared_beside(self) -> list[Finding]:
        """What no sum holds, against the record one by one."""
        waiting = sorted(self._beside)
        self._beside.clear()
        if not waiting:
            return []
        wanted = {said.position for said in waiting}
        rows = each(self.store, waiting[0].position - 1, waiting[-1].position)
        kept = {one.id: one for one in rows if one.id in wanted and self.is_sent(one)}
        return [one for said in waiting if (one := _compared(said, kept.get(said.position))) is not None]

    def _looked_into(self, interval: int) -> list[Finding]:
        """Fact by fact."""
        begin = interval * self.kept.width
        end = min(begin + self.kept.width - 1, self.until)
        rows = {one.id: one for one in each(self.store, begin - 1, end) if self.is_sent(one)}
        said: dict[int, Said] = {}
        for one in self._said([]):
            if begin <= one.position <= end and (one.position not in said or not one.passed_over):
                said[one.position] = one
        return [
            one
            for position in sorted(rows.keys() | said.keys())
            if (one := apart(said.get(position), rows.get(position))) is not None
        ]


def sums_sent(store: EventStore, until: int) -> Sums:
    """What the topic should say of the record up to there."""
    sums = Sums(width_for(until))
    for stored in each(store, 0, until):
        if TopicCheck.is_sent(stored):
            sums.add(stored.id, leaf_of(stored))
    return sums


def apart(said: Said | None, stored: Notification | None) -> Finding | None:
    """How topic and record differ at one position, of which at least one of them has something."""
    if said is None:
        assert stored is not None
        subject, version = as_row(stored)
        return finding("topic_lacks", position=stored.id, subject=subject, version=version)
    if said.passed_over:
        return _at("topic_out_of_order", said)
    return _compared(said, stored)


def _compared(said: Said, stored: Notification | None) -> Finding | None:
    if stored is None:
        return _at("record_lacks", said)
    if leaf_of(stored) == said.digest:
        return None
    subject, version = as_row(stored)
    return _at("topic_differs", said, subject=subject, version=version)


def _at(code: str, said: Said, **more: object) -> Finding:
    return finding(code, position=said.position, partition=said.partition, offset=said.offset, **more)
