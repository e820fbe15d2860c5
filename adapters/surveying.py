"""Looks at the record, the read models and the topics, and says how the engine stands."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from adapters.sealed_log import SealedLog
from adapters.settings import Settings
from adapters.standing import Progress, Standing, Unread, Unsealed, Watch
from adapters.store.event_store import EventStore
from adapters.store.wire import recorded_at
from domain.events import MessageDiscarded, MessageParked, MessageRequeued
from projections.engine import Projector, parked_counts
from services.audit.checkpoints import BadCheckpoint, parse

_SEEN_TO = (MessageRequeued, MessageDiscarded)
RELAY = "relay"  # the relay's name among the record's positions


class Survey:
    """Looks as often as it is asked, and remembers what it need not look at twice."""

    def __init__(
        self, settings: Settings, store: EventStore, projectors: Sequence[Projector], sealed_log: SealedLog
    ) -> None:
        self._settings = settings
        self._sealed_log = sealed_log
        self._store = store
        self._projectors = projectors
        self._watch = Watch(settings.stalled)
        self._parked = 0
        self._counted = 0  # parked messages are counted up to here

    def look(self, reactors: Mapping[str, int], now: datetime) -> Standing:
        """How it stands now.

        Args:
            reactors: how far each process manager has read.

        Raises:
            KafkaAway: the broker does not answer. What the databases raise.
        """
        head = self._store.head()
        found: list[Progress] = []
        topics: list[Unread] = []
        if self._settings.embedded:
            models = self._projectors
            found += [self._in_log("project", one.model.name, one.position(), head) for one in models]
        else:
            found, topics = self._on_the_bus(head)
        found += [self._in_log("process", name, position, head) for name, position in reactors.items()]
        return Standing(
            head=head,
            suspects=self._watch.suspects(found, now),
            roles=self._watch.judge(found, now),
            topics=topics,
            parked={"messages": self._parked_up_to(head), **self._parked_by_model()},
            waiting_to_begin=[one.model.name for one in self._shown() if head and not one.positions()],
            unsealed=self._unsealed(head),
            at=now,
        )

    def _unsealed(self, head: int) -> Unsealed:
        """The end of the log that no checkpoint covers yet."""
        note = self._sealed_log.last_note()
        try:
            size, position = (last.size, last.position) if (last := parse(note) if note else None) else (0, 0)
        except BadCheckpoint:  # audit verify tells more
            size, position = 0, 0
        tail = self._in_log("seal", "notary", position, head)
        return Unsealed(size, tail.events, tail.since)

    def _parked_by_model(self) -> dict[str, int]:
        """Facts that a read model fails on, and those that wait behind them."""
        waiting: dict[str, int] = {}
        for one in self._projectors:
            for parked in parked_counts(one.engine, [one.id]).values():
                waiting[one.model.name] = parked.facts
        return {name: number for name, number in waiting.items() if number}

    def _on_the_bus(self, head: int) -> tuple[list[Progress], list[Unread]]:
        from adapters.bus import lags  # noqa: PLC0415 - the embedded default needs no Kafka

        positions = self._store.positions()
        relay = self._in_log("relay", RELAY, positions.get(RELAY, 0), head)
        commands = lags.command_lags(self._settings, positions)
        places = {one.model.name: one.positions() for one in self._shown()}
        taken = {
            name: {where: at.offset for where, at in found.items() if at.offset is not None}
            for name, found in places.items()
        }
        events = lags.event_lags(self._settings, taken)
        reached = {
            name: max((at.position for at in found.values()), default=0) for name, found in places.items()
        }
        models = [_model(name, reached[name], unread, relay) for name, unread in events.items()]
        return [relay, _worker(commands), *models, *self._learning(head)], [*commands, *_slowest(events)]

    def _shown(self) -> list[Projector]:
        """Without those that only rank: there are answers while they learn."""
        return [one for one in self._projectors if not one.model.in_log_order]

    def _learning(self, head: int) -> list[Progress]:
        """Those that only the log can feed: the role that runs the process managers sees to them."""
        models = [one for one in self._projectors if one.model.in_log_order]
        return [self._in_log("process", one.model.name, one.position(), head) for one in models]

    def _in_log(self, role: str, name: str, position: int, head: int) -> Progress:
        unread = self._store.read_stored(position, 1 if position < head else 0)
        since = recorded_at(unread[0].state) if unread else None  # whether or not it can be decoded
        return Progress(role, name, position, max(0, head - position), since)

    def _parked_up_to(self, head: int) -> int:
        """Messages that nobody could read and that no operator has seen to yet."""
        new = self._store.count_of(MessageParked.wire, self._counted, head)
        seen_to = [self._store.count_of(one.wire, self._counted, head) for one in _SEEN_TO]
        self._parked += new - sum(seen_to)
        self._counted = head
        return self._parked


def _worker(commands: Sequence[Unread]) -> Progress:
    return Progress(
        "worker", "worker", sum(one.taken + 1 for one in commands), _events(commands), _oldest(commands)
    )


def _model(name: str, position: int, unread: Sequence[Unread], relay: Progress) -> Progress:
    """What the relay has not sent yet is missing here too; that is no fault of the read model's."""
    behind = _events(unread) + relay.events
    return Progress("project", name, position, behind, _oldest(unread), relay.since)


def _events(unread: Sequence[Unread]) -> int:
    return sum(one.behind for one in unread)


def _oldest(unread: Sequence[Unread]) -> datetime | None:
    return min((one.since for one in unread if one.since is not None), default=None)


def _slowest(events: Mapping[str, Sequence[Unread]]) -> Iterator[Unread]:
    """Of each partition, how far the last of the read models is."""
    for same in zip(*events.values(), strict=True):
        yield min(same, key=lambda one: one.taken)
