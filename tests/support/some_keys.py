"""Keys in memory: which are alive, and in what order they were destroyed."""

from collections.abc import Sequence


class SomeKeys:
    """See `services.erasing.Keys`."""

    def __init__(self, *alive: tuple[str, str]) -> None:
        """Pairs of person and subject; staff are the person without a name."""
        self.alive = set(alive)
        self.destroyed: list[tuple[str, str]] = []

    def subjects_of(self, person: str) -> Sequence[str]:
        return sorted(subject for who, subject in self.alive if who == person)

    def destroy(self, *, person: str | None = None, subject: str | None = None) -> int:
        gone = [key for key in sorted(self.alive) if person in (None, key[0]) and subject in (None, key[1])]
        self.alive -= set(gone)
        self.destroyed += gone
        return len(gone)
