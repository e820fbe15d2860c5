"""A moment in the past, and which facts were there by then."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
from eventsourcing.persistence import Notification

from domain.facts import Recorded
from domain.ids import StreamId


class _Moments(msgspec.Struct):
    """Of a meta line of whatever release."""

    recorded: datetime
    at: datetime


_read_moments: Final = msgspec.json.Decoder(_Moments).decode


@dataclass(frozen=True, slots=True)
class Moment:
    """Up to what was recorded, or had happened, by then; both given, both count."""

    recorded_by: datetime | None = None
    happened_by: datetime | None = None

    @property
    def now(self) -> datetime:
        """The clock's hand then: the earlier of the two."""
        return min(one for one in (self.recorded_by, self.happened_by) if one is not None)

    def holds(self, recorded: datetime, at: datetime) -> bool:
        """Whether such a fact was there.

        Doors differ in their clocks: one that came behind a later fact is dated (`at`) like that one.
        """
        return (self.recorded_by is None or max(recorded, at) <= self.recorded_by) and (
            self.happened_by is None or at <= self.happened_by
        )

    def had(self, recorded: Recorded) -> bool:
        """Whether this fact was there."""
        return self.holds(recorded.fact.meta.recorded, recorded.fact.meta.at)

    def had_of(self, facts: Iterable[Recorded]) -> Iterator[Recorded]:
        """Those of whole streams, each oldest first, that were there: none without all before it."""
        ended: set[StreamId] = set()
        for one in facts:
            if one.fact.stream in ended:
                continue
            if self.had(one):
                yield one
            else:
                ended.add(one.fact.stream)

    def had_stored(self, stored: Notification) -> bool:
        """The same of its bytes, of whatever release they are."""
        try:
            moments = _read_moments(stored.state.partition(b"\n")[0])
        except (ValueError, msgspec.MsgspecError):
            return True  # whoever decodes it will say that it cannot be read
        return self.holds(moments.recorded, moments.at)
