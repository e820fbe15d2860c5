"""Keys in memory: which are alive; and how keys are destroyed."""

from collections.abc import Collection, Sequence

from services.erasing import Keys, Reach


def destroy(keys: Keys, reach: Reach) -> int:
    """Those of these people about these subjects, as they are now; returns how many."""
    return keys.destroy_all(keys.keys_of(reach))


class SomeKeys:
    """See `services.erasing.Keys`."""

    def __init__(self, *alive: tuple[str, str]) -> None:
        """Pairs of person and subject; staff are the person without a name."""
        self.alive = set(alive)
        self._numbers: dict[tuple[str, str], int] = {}

    def subjects_of(self, person: str) -> Sequence[str]:
        return sorted(subject for who, subject in self.alive if who == person)

    def keys_of(self, reach: Reach) -> Sequence[int]:
        known = [key for key in sorted(self.alive) if key[1] in reach and _meant(reach[key[1]], key[0])]
        return [self._numbers.setdefault(key, len(self._numbers)) for key in known]

    def destroy_all(self, numbers: Collection[int]) -> int:
        gone = {key for key in self.alive if self._numbers.get(key) in numbers}
        self.alive -= gone
        return len(gone)


def _meant(whose: frozenset[str] | None, person: str) -> bool:
    return whose is None or person in whose
