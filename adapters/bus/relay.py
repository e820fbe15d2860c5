"""The relay: what is recorded goes out in log order, events to their topic, answers to theirs.

Data goes untouched, meta as headers. Its position moves only after the broker has everything up to it.
"""

from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, Final

import msgspec
import structlog
from eventsourcing.persistence import Notification

from adapters.bus.producing import Outgoing, Sending
from adapters.bus.topics import Topics
from adapters.logs import in_detail
from adapters.metrics import count_batch
from adapters.store.event_store import EventStore
from domain.events import (
    CommandRejected,
    CommandRepeated,
    MessageDiscarded,
    MessageParked,
    MessageRequeued,
    TextsOpened,
)
from domain.facts import CommandKey

POSITION: Final = "relay"
BATCH: Final = 4000
TENDED: Final = frozenset({MessageRequeued.wire, MessageDiscarded.wire})
"""What operators did about dead letters: of interest to who reads these, an answer to nobody."""
LETTERS: Final = frozenset({MessageParked.wire, *TENDED})
KEPT: Final = frozenset({TextsOpened.wire})
"""Goes nowhere: who has read whose texts is told from the record, to who may ask."""
ASIDE: Final = frozenset({CommandRejected.wire, CommandRepeated.wire, *LETTERS, *KEPT})
UNANSWERED: Final = TENDED | KEPT
ANSWERED: Final = b"CommandAnswered"
_UUID_LENGTH: Final = 36
STATUS: Final = {
    CommandRejected.wire: "rejected",
    CommandRepeated.wire: "repeated",
    MessageParked.wire: "parked",
}

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Relay:
    """Publishes from where the last one stopped.

    Two at once double messages but harm nobody: readers keep a high-water mark.
    """

    def __init__(self, store: EventStore, sender: Sending, topics: Topics, town: str) -> None:
        self._store = store
        self._sender = sender
        self._events, self._outcomes, self._letters = topics.events, topics.outcomes, topics.dead_letters
        self._common = [
            ("content-type", b"application/json"),
            ("ce_specversion", b"1.0"),
            ("ce_source", f"sidan/{town}".encode()),
        ]
        self._position = store.positions().get(POSITION, 0)

    def run_once(self) -> int:
        """Send the next batch; returns how many facts it had.

        Raises:
            KafkaAway: not all of it was delivered; the position has not moved.
        """
        begun = monotonic()
        stored = self._store.read_stored(self._position, BATCH)
        if not stored:
            return 0
        messages = [message for one in stored for message in self._messages(one)]
        self._sender.send(messages)
        self._position = stored[-1].id
        self._store.move_position(POSITION, self._position)
        count_batch("relay", len(stored), monotonic() - begun)
        log.debug("relay.sent", facts=len(stored), position=self._position)
        if in_detail():
            _tell(stored)
        return len(stored)

    def run(self, wait: Callable[[], None], stopped: Callable[[], bool]) -> None:
        """Follow the log until told to stop; `wait` returns when there may be more."""
        while not stopped():
            if not self.run_once():
                wait()

    def _messages(self, stored: Notification) -> Sequence[Outgoing]:
        """All have a key: what is sent again must come to the same partition, or a reader passes over it."""
        head, _, data = stored.state.partition(b"\n")
        meta = _read_head(head)
        key = (meta.subject or meta.intake).encode()
        name = f"{stored.originator_id}-{stored.originator_version}"
        common = [*self._common, *_of_both(stored, meta)]
        messages: list[Outgoing] = []
        if stored.topic not in ASIDE:
            headers = [*common, *_of_fact(stored, name, head)]
            messages.append(Outgoing(self._events, key, data, headers))
        elif stored.topic in LETTERS:
            headers = [*common, *_of_fact(stored, name, head)]
            messages.append(Outgoing(self._letters, key, data, headers))
        if stored.topic not in UNANSWERED and meta.part == meta.parts:
            answer = _write(_answer(stored, meta, data))
            headers = [*common, ("ce_id", f"answer-{name}".encode()), ("ce_type", ANSWERED)]
            messages.append(Outgoing(self._outcomes, key, answer, headers))
        return messages


class _Head(msgspec.Struct):
    """What goes into headers and answers of a fact's meta, as it lies in the record; the rest is not read."""

    subject: str
    intake: str
    at: str
    correlation: str
    command: str
    cause: CommandKey
    part: int = 1
    parts: int = 1


_read_head: Final = msgspec.json.Decoder(_Head).decode
_write: Final = msgspec.json.Encoder().encode


def _tell(stored: Sequence[Notification]) -> None:
    """Each fact that went out, for whoever follows one command through the log."""
    for one in stored:
        meta = _read_head(one.state.partition(b"\n")[0])
        log.debug("relay.fact", correlation=meta.correlation, type=one.topic, position=one.id)


def _of_both(stored: Notification, meta: _Head) -> list[tuple[str, bytes]]:
    """The CloudEvents attributes of binary mode that an event and its answer share."""
    headers = [
        ("ce_time", meta.at.encode()),
        ("ce_position", str(stored.id).encode()),
        ("ce_correlationid", meta.correlation.encode()),
    ]
    if meta.subject:
        headers.append(("ce_subject", meta.subject.encode()))
    return headers


def _of_fact(stored: Notification, name: str, head: bytes) -> list[tuple[str, bytes]]:
    """Enough to read the fact back as it lies in the record; an answer has an id and a type of its own."""
    return [
        ("ce_id", name.encode()),
        ("ce_type", stored.topic.encode()),
        ("ce_stream", name[:_UUID_LENGTH].encode()),
        ("ce_version", str(stored.originator_version).encode()),
        ("ce_meta", head),
    ]


def _answer(stored: Notification, meta: _Head, data: bytes) -> dict[str, Any]:
    """What became of a command: its id, where it came in, and why not if not."""
    answer: dict[str, Any] = {
        "status": STATUS.get(stored.topic, "recorded"),
        "source": meta.cause.source,
        "id": meta.cause.id,
        "command": meta.command,
        "subject": meta.subject,
        "intake": meta.intake,
        "position": stored.id,
        "events": meta.parts,
    }
    if stored.topic in ASIDE:
        told = msgspec.json.decode(data)
        answer["code"] = told["code"]
        answer |= {name: told[name] for name in ("reason_zh", "reason_en", "first") if name in told}
    return answer
