"""Each guard is needed: without it some schedule of the simulator finds something lost, doubled or stuck."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from adapters.bus.producing import SETTINGS
from adapters.bus.relay import POSITION, Relay
from adapters.bus.topics import KafkaAway
from adapters.store.event_store import EventStore, _Writing
from projections.engine import positions
from services.state_cache import StateCache
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
    ],
)
def test_without_a_guard_some_schedule_goes_wrong(
    monkeypatch: pytest.MonkeyPatch, removed: Callable[[Patch], None]
) -> None:
    removed(monkeypatch)
    assert any(play(seed).violations for seed in range(ENOUGH)), f"no schedule needs it: {removed}"
