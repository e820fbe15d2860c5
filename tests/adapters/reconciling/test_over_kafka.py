"""The events topic of a real broker against the record: doubles, gaps and strangers, at their offsets."""

from collections.abc import Sequence

from adapters.bus.producing import Outgoing


class Catching:
    """A sender that keeps what the relay would send."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []

    def send(self, messages: Sequence[Outgoing]) -> None:
        self.sent += messages
