"""Each guard is needed: without it some schedule of the simulator finds something lost, doubled or stuck."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection

from adapters.bus.producing import SETTINGS
from adapters.bus.relay import POSITION, Relay
from adapters.bus.topics import KafkaAway
from adapters.bus.worker import _Work
from adapters.forgetting import carrying_out as destroying
from adapters.reactors.forgetting import KeptLetters, OrdersOf
from adapters.reactors.runner import Send
from adapters.sealed_log import Notary, SealedLog
from adapters.sealed_log.witness import Appending
from adapters.store.event_store import EventStore, _Writing
from projections.engine import positions
from services.audit.checkpoints import Checkpoint
from services.audit.tiles import grown
from services.erasing import of_person
from services.reactions import KEYS, Message
from services.retention_process import RetentionProcess
from services.state_cache import StateCache
from tests.faults.simulator.keys import Keys
from tests.faults.simulator.schedule import play

ENOUGH = 300  # schedules, of which one at least must need the guard

Patch = pytest.MonkeyPatch


def without_fence(patch: Patch) -> None:
    """Whoever comes with a batch may record it."""
    patch.setattr("services.handling._fence", lambda *_: None)


def _seen_without(patch: Patch, **changes: Any) -> None:
    seen = _Writing.seen.fget
    assert seen is not None
    patch.setattr(_Writing, "seen", property(lambda self: replace(seen(self), **changes)))


def without_versions(patch: Patch) -> None:
    """What was decided before the lock is recorded, whatever has moved."""
    _seen_without(patch, moved=())


def without_foreseen(patch: Patch) -> None:
    """What the batch before was to make is taken for made."""
    patch.setattr(StateCache, "otherwise", lambda *_: [])


def without_asking_for_keys(patch: Patch) -> None:
    """A command is decided as if it came for the first time."""
    _seen_without(patch, answered={})


def without_keys(patch: Patch) -> None:
    """Nothing is remembered of the commands that were answered."""
    encode = EventStore.encode
    patch.setattr(EventStore, "encode", lambda self, facts, _=(): encode(self, facts))


def without_places(patch: Patch) -> None:
    """A read model applies whatever is delivered."""
    patch.setattr("projections.engine.projector._behind", lambda _, batch: list(batch))


def without_stored_places(patch: Patch) -> None:
    """A read model does not look how far it has come."""
    lock_places = positions.lock_places

    def forgotten(connection: Any, model: str, partitions: Sequence[str]) -> Any:
        lock_places(connection, model, partitions)
        return dict.fromkeys(partitions, positions.Place(0))

    patch.setattr(positions, "lock_places", forgotten)


def without_stopping(patch: Patch) -> None:
    """The relay goes on behind what it could not send."""
    run_once = Relay.run_once

    def going_on(self: Relay) -> int:
        try:
            return run_once(self)
        except KafkaAway:
            stored = self._store.read_stored(self._position, 1000)
            self._position = stored[-1].id
            self._store.move_position(POSITION, self._position)
            return len(stored)

    patch.setattr(Relay, "run_once", going_on)


def without_gapless(patch: Patch) -> None:
    """The producer sends what lies behind a message that was refused."""
    settings = {**SETTINGS, "enable.gapless.guarantee": False}
    patch.setattr("adapters.bus.producing.SETTINGS", settings)


def without_destroying(patch: Patch) -> None:
    """A receipt is given, and no key destroyed."""
    patch.setattr(Keys, "destroy_all", lambda *_: 0)


def without_keys_first(patch: Patch) -> None:
    """The receipt goes out in front of what it speaks of."""

    def carrying_out(keys: Keys, send: Send) -> Send:
        def sent(messages: Sequence[Message]) -> None:
            send([message for message in messages if message.topic != KEYS])
            destroying(keys, send)([message for message in messages if message.topic == KEYS])

        return sent

    patch.setattr("tests.faults.simulator.world.carrying_out", carrying_out)


def without_orders_of(patch: Patch) -> None:
    """Who placed which order is not kept, so what staff wrote about it stays."""
    patch.setattr(OrdersOf, "note", lambda *_, **__: None)


def without_whose(patch: Patch) -> None:
    """All that lies at a subject goes, whoever wrote it."""
    patch.setattr(
        "services.erasure_process.of_person",
        lambda *asked: dict.fromkeys(of_person(*asked)),
    )


def without_ticks(patch: Patch) -> None:
    """Time calls on nobody."""
    patch.setattr(RetentionProcess, "tick", lambda *_: ())


def without_letters_noted(patch: Patch) -> None:
    """Nobody remembers what was parked."""
    patch.setattr(KeptLetters, "put", lambda *_: None)


def without_age(patch: Patch) -> None:
    """Letters end as they come."""
    patch.setattr("domain.rules.LETTER_DAYS", 0)


def without_levels_above(patch: Patch) -> None:
    """A tile that is full is counted nowhere."""

    def leaves_alone(*asked: Any) -> Any:
        return {place: hashes for place, hashes in grown(*asked).items() if not place[0]}

    patch.setattr("adapters.sealed_log.notary.grown", leaves_alone)


def without_tile_begun(patch: Patch) -> None:
    """What is sealed goes into tiles of its own."""
    patch.setattr("adapters.sealed_log.notary.leaves_in", lambda *_: None)


def without_one_transaction(patch: Patch) -> None:
    """Tiles are there before the checkpoint over them."""

    @contextmanager
    def sealing(self: SealedLog) -> Generator[Connection]:
        with self._engine.connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    patch.setattr(SealedLog, "sealing", sealing)


def without_making_up(patch: Patch) -> None:
    """A sealer hands out what it signs, and nothing that a crash kept from file and topic."""

    handed_out, behind = Notary._handed_out, Notary._behind

    def from_now_on(self: Notary) -> Checkpoint | None:
        self._out = self._out or (self._sealed_log.last(),)
        return handed_out(self)

    patch.setattr(Notary, "_handed_out", from_now_on)
    patch.setattr(Notary, "_behind", lambda self, size: ([notes[-1]] for notes in behind(self, size)))


def without_cutting_off(patch: Patch) -> None:
    """A note comes behind what was torn."""
    last_of = Appending._last_of

    def as_it_ends(self: Appending, notes: list[bytes], path: Path) -> Any:
        end = self._end
        try:
            return last_of(self, notes, path)
        finally:
            self._end = end

    patch.setattr(Appending, "_last_of", as_it_ends)


def without_new_ones_noted(patch: Patch) -> None:
    """What is new in a batch is found again at each try."""
    prepare = _Work.prepare

    def found_again(self: Any) -> None:
        taken = dict(self._find_new.func.__self__._taken)
        try:
            prepare(self)
        except Exception:
            if self._batch is None:
                self._new = None
                self._find_new.func.__self__._taken = taken
            raise

    patch.setattr(_Work, "prepare", found_again)


@pytest.mark.parametrize(
    "removed",
    [
        without_fence,
        without_versions,
        without_foreseen,
        without_asking_for_keys,
        without_keys,
        without_places,
        without_stored_places,
        without_stopping,
        without_gapless,
        without_destroying,
        without_keys_first,
        without_orders_of,
        without_whose,
        without_ticks,
        without_letters_noted,
        without_age,
        without_levels_above,
        without_tile_begun,
        without_one_transaction,
        without_making_up,
        without_cutting_off,
        without_new_ones_noted,
    ],
)
def test_without_a_guard_some_schedule_goes_wrong(
    monkeypatch: pytest.MonkeyPatch, removed: Callable[[Patch], None]
) -> None:
    removed(monkeypatch)
    assert any(play(seed).violations for seed in range(ENOUGH)), f"no schedule needs it: {removed}"
