"""How the engine stands: what each role has still to take in, since when, and whether it moves."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

STILL: Final = 3.0  # seconds between two looks, after which not having moved means something


@dataclass(frozen=True, slots=True)
class Unread:
    """What one partition of a topic holds that a consumer has not taken in."""

    partition: str  # sidan.events[0]
    end: int  # the offset that the next message will get
    taken: int  # the last offset taken in; -1: none
    behind: int  # messages
    since: datetime | None  # when the oldest was recorded; None: there is none, or we may not read it


@dataclass(frozen=True, slots=True)
class Unsealed:
    """The end of the log that no checkpoint covers yet. Sealed in its own time, it holds nobody up."""

    sealed: int  # events that are
    events: int  # that are not; an upper bound
    since: datetime | None  # when the oldest of them was recorded

    def seconds(self, now: datetime) -> float:
        """How long that one has been recorded."""
        return _waited(self.since, now)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a follower is, as read just now. It has work where `since` says since when."""

    role: str
    name: str
    position: int  # in the log; of the worker: messages taken in
    events: int  # not taken in; of a follower of the log an upper bound, since positions have gaps
    since: datetime | None
    upstream: datetime | None = None  # the oldest fact that has not even reached its topic

    def seconds(self, now: datetime) -> float:
        """How long the oldest fact that it has not taken in has been recorded."""
        return max(_waited(self.since, now), _waited(self.upstream, now))


@dataclass(frozen=True, slots=True)
class Follower:
    """The same, judged."""

    role: str
    name: str
    position: int
    events: int
    seconds: float
    stalled: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How the whole engine stands at one moment."""

    head: int
    roles: Sequence[Follower]
    topics: Sequence[Unread]
    parked: Mapping[str, int]  # what lies aside, by what it is: messages
    waiting_to_begin: Sequence[str]  # read models that hold nothing yet although there is a log
    unsealed: Unsealed
    suspects: bool  # somebody has waited too long; another look will tell if it moves
    at: datetime

    @property
    def stalled(self) -> list[str]:
        """Who has work and does not move."""
        return [f"{one.role}/{one.name}" for one in self.roles if one.stalled]

    @property
    def code(self) -> str:
        """`ok`, `not_ready` or `stalled`."""
        if self.waiting_to_begin:
            return "not_ready"
        return "stalled" if self.stalled else "ok"

    def as_dict(self) -> dict[str, Any]:
        """The stable form of `status --json` and `/readyz`."""
        return {
            "status": self.code,
            "at": self.at,
            "head": self.head,
            "roles": [asdict(one) for one in self.roles],
            "topics": [_told(one, self.at) for one in self.topics],
            "parked": dict(self.parked),
            "sealed": {
                "events": self.unsealed.sealed,
                "unsealed": self.unsealed.events,
                "seconds": round(self.unsealed.seconds(self.at), 3),
            },
            "stalled": self.stalled,
            "not_begun": list(self.waiting_to_begin),
        }


@dataclass
class Watch:
    """Remembers when each follower was first seen where it is: who is behind and moves is not stalled."""

    patience: float  # seconds that the oldest fact may wait for somebody who does not move
    _seen: dict[tuple[str, str], tuple[int, datetime]] = field(
        default_factory=dict[tuple[str, str], tuple[int, datetime]]
    )

    def judge(self, found: Sequence[Progress], now: datetime) -> list[Follower]:
        """Who of them has stalled."""
        return [self._judged(one, now) for one in found]

    def suspects(self, found: Sequence[Progress], now: datetime) -> bool:
        """Whether anybody's oldest fact has waited too long."""
        return any(self._overdue(one, now) for one in found)

    def _judged(self, one: Progress, now: datetime) -> Follower:
        seconds = round(one.seconds(now), 3)
        return Follower(one.role, one.name, one.position, one.events, seconds, self._stuck(one, now))

    def _overdue(self, one: Progress, now: datetime) -> bool:
        return _waited(one.since, now) >= self.patience

    def _stuck(self, one: Progress, now: datetime) -> bool:
        position, first_seen = self._seen.get((one.role, one.name), (-1, now))
        if position != one.position or one.since is None:
            self._seen[one.role, one.name] = one.position, now
            return False
        return self._overdue(one, now) and now - first_seen >= timedelta(seconds=STILL)


def _waited(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since is not None else 0.0


def _told(one: Unread, now: datetime) -> dict[str, Any]:
    return {
        "partition": one.partition,
        "end": one.end,
        "taken": one.taken,
        "behind": one.behind,
        "seconds": round(_waited(one.since, now), 3),
    }
