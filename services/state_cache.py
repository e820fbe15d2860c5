"""The states of orders in flight, held in memory between batches."""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from threading import Lock

from domain.situation import State

States = Mapping[str, State]
"""By subject."""


class StateCache:
    """So many recorded states and no more, the longest unused dropped first.

    On top of them lie the states that batches in hand will have made, so that the next batch can be decided
    while one commits. Whether they came so is asked when its own turn to commit has come.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._states: OrderedDict[str, State] = OrderedDict()
        self._foreseen: list[States] = []
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._states)

    def find(self, wanted: Collection[str]) -> tuple[dict[str, State], dict[str, State]]:
        """Those of them that are recorded, and those that are foreseen."""
        with self._lock:
            held = self._states
            recorded = {subject: held[subject] for subject in wanted if subject in held}
            foreseen: dict[str, State] = {}
            for states in self._foreseen:
                for subject in wanted:
                    if (state := states.get(subject)) is not None and state.version:
                        foreseen[subject] = state
            return recorded, foreseen

    def foresee(self, states: States) -> None:
        """What a batch will have made, until it is kept or evicted."""
        with self._lock:
            self._foreseen.append(states)

    def otherwise(self, foreseen: States) -> list[str]:
        """Those that did not come as they were foreseen."""
        with self._lock:
            return [subject for subject, state in foreseen.items() if self._states.get(subject) != state]

    def keep(self, foreseen: States, recorded: States) -> None:
        """A batch is recorded, as it was foreseen or otherwise."""
        with self._lock:
            self._settle(foreseen)
            for subject, state in recorded.items():
                if state.version:  # an unknown id may come from anyone, and would push out what is in flight
                    self._states[subject] = state
                    self._states.move_to_end(subject)
            while len(self._states) > self._size:
                self._states.popitem(last=False)

    def evict(self, foreseen: States) -> None:
        """A batch may be recorded or not: hold nothing of what it touched."""
        with self._lock:
            self._settle(foreseen)
            for subject in foreseen:
                self._states.pop(subject, None)

    def _settle(self, foreseen: States) -> None:
        self._foreseen = [states for states in self._foreseen if states is not foreseen]
