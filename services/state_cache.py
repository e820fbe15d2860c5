"""The states of orders in flight, held in memory between batches."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping

from domain.ids import StreamId
from domain.situation import State


class StateCache:
    """So many states and no more, the longest unused dropped first. What is not recorded is not kept."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._states: OrderedDict[StreamId, State] = OrderedDict()

    def __len__(self) -> int:
        return len(self._states)

    def find(self, wanted: Iterable[StreamId]) -> dict[StreamId, State]:
        """Those of them that are held."""
        held = self._states
        return {stream: held[stream] for stream in wanted if stream in held}

    def update(self, states: Mapping[StreamId, State]) -> None:
        """Hold these, as the ones used last."""
        for stream, state in states.items():
            if state.version:  # an unknown id may come from anyone, and would push out what is in flight
                self._states[stream] = state
                self._states.move_to_end(stream)
        while len(self._states) > self._size:
            self._states.popitem(last=False)

    def evict(self, streams: Iterable[StreamId]) -> None:
        """Hold these no longer."""
        for stream in streams:
            self._states.pop(stream, None)
