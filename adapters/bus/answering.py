"""What the engine sends when the examples are asked of it."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from pathlib import Path

from adapters.bus.examples import SECRET, START, TOWN, asked
from adapters.bus.producing import Outgoing
from adapters.bus.relay import Relay
from adapters.bus.saying import outgoing
from adapters.bus.topics import DOORS, Topics
from adapters.envelope import Decoder
from adapters.keys.files import KeyFiles
from adapters.keys.keyring import Keyring
from adapters.keys.master import MasterKey
from adapters.keys.owner import letter as letter_of
from adapters.keys.town_key import TownSealer
from adapters.store.event_store import EventStore
from domain.events import MessageDiscarded, MessageParked, MessageRequeued
from domain.facts import Actor, CommandKey, Recorded
from domain.ids import ProviderId, stream_apart
from domain.situation import Asked
from domain.stages import Role
from services.handling import Batch, Handler
from services.requests import Tending, Unreadable
from services.work_process import WorkProcess


class _Kept:
    """Keeps what would be sent."""

    def __init__(self) -> None:
        self.messages: list[Outgoing] = []

    def send(self, messages: Sequence[Outgoing]) -> None:
        self.messages += messages


def sent() -> list[Outgoing]:
    """What is sent when `asked()` is taken in, the first of it again, and one that nobody can read."""
    lines = asked()
    store, keys = EventStore("sqlite:///:memory:"), _keys()
    try:
        handler, decoder, topics = Handler(store), Decoder(keys, SECRET), Topics("sidan")
        bodies = [(line.topic, line.body) for line in lines]
        bodies += [(lines[0].topic, lines[0].body), ("residents", "{没写完 not finished".encode())]
        for offset, (topic, body) in enumerate(bodies):
            recorded = START + timedelta(minutes=offset)
            intake = f"{topics.name(topic)}[0]@{offset}"
            handler.handle(Batch([decoder.decode(body, {}, DOORS[topic], recorded, intake)]))
        kept = _Kept()
        _see_to_letters(store, handler, keys)
        relay = Relay(store, kept, topics, TOWN)
        while relay.run_once():
            pass
        return [*kept.messages, *_work(store, topics)]
    finally:
        store.close()
        keys.close()


def _keys() -> Keyring:
    """Without chance: the examples are the same each time."""
    files = KeyFiles(Path())  # not looked into where a master key is given
    lots = count()
    master = MasterKey(files, SECRET.hex())

    def no_chance(size: int) -> bytes:
        return (next(lots) << 8).to_bytes(size)

    return Keyring("sqlite://", master, TownSealer(SECRET), no_chance)


def _see_to_letters(store: EventStore, handler: Handler, keys: Keyring) -> None:
    """An operator's two ways with what nobody could read; the one letter stands for both."""
    (letter,) = store.read_only(MessageParked, 0, 1)
    place, why = letter.position, keys.seal(letter_of(letter.position), "补全后重读 completed and read again")
    again = MessageRequeued(letter=place, status="", code="", answered="dead-letters@1", reason=why)
    for number, settled in enumerate((again, MessageDiscarded(letter=place, reason=why))):
        intake = f"dead-letters@{number + 1}"
        by = Asked(
            key=CommandKey("cli", intake),
            actor=Actor(role=Role.OPERATOR, id="op-1"),
            via="cli",
            recorded=START + timedelta(hours=2),
            correlation=intake,
            intake=intake,
        )
        stream = stream_apart(by.recorded, intake.encode())
        handler.handle(Batch([_still_unreadable(letter, by), Tending(by, stream, settled)]))


def _still_unreadable(letter: Recorded, by: Asked) -> Unreadable:
    message = letter.fact.event
    assert isinstance(message, MessageParked)
    named = ("code", "reason_zh", "reason_en", "body", "size", "digest")
    return Unreadable(asked=by, **{name: getattr(message, name) for name in named})


def _work(store: EventStore, topics: Topics) -> list[Outgoing]:
    process = WorkProcess(set[ProviderId]())
    facts = store.read(0, 10_000)
    return [outgoing(topics, message) for recorded in facts for message in process.react(recorded)]
