"""Keys in memory: which are alive."""

from collections.abc import Sequence

from services.erasing import Reach


class SomeKeys:
    """See `services.erasing.Keys`."""

    def __init__(self, *alive: tuple[str, str]) -> None:
        """Pairs of person and subject; staff are the person without a name."""
        self.alive = set(alive)

    def subjects_of(self, person: str) -> Sequence[str]:
        return sorted(subject for who, subject in self.alive if who == person)

    def destroy_all(self, reach: Reach) -> int:
        gone = {key for key in self.alive if key[1] in reach and _meant(reach[key[1]], key[0])}
        self.alive -= gone
        return len(gone)


def _meant(whose: frozenset[str] | None, person: str) -> bool:
    return whose is None or person in whose
