"""A consumer of a group as `adapters.bus.feed` is one: in place again, or on from where the record is."""

from collections.abc import Callable, Generator, Sequence
from random import Random
from typing import Any, Final

from adapters.bus.feed import Displaced, Follower, Work
from adapters.bus.incoming import Partition, partitions_of
from tests.faults.simulator.broker import Broker, Message
from tests.faults.simulator.faults import Crash, Faults, shuffled

TRIES: Final = 3
LARGEST: Final = 8
Steps = Generator[None, None, None]


class Group:
    """Deals the partitions out to who is there; who is deaf hears of it later and is a zombie until then."""

    def __init__(self, partitions: Sequence[Partition]) -> None:
        self._partitions = partitions
        self._members: list[Member] = []

    def join(self, member: "Member") -> None:
        self._members.append(member)
        self.rebalance()

    def leave(self, member: "Member") -> None:
        """A process that died is missed after a while; here at once, and its successor comes later."""
        if member in self._members:
            self._members.remove(member)
            self.rebalance()

    def rebalance(self) -> None:
        """Give each its share, another one than before."""
        self._members = [*self._members[1:], *self._members[:1]]
        for which, member in enumerate(self._members):
            member.told = list(self._partitions[which :: len(self._members)])

    def deafen(self, chance: Random) -> None:
        """One of them does not hear of the next assignment for a while."""
        if self._members:
            chance.choice(self._members).deaf = chance.randint(2, 6)

    def rewind(self, chance: Random) -> None:
        """One of them is given again what it had."""
        if self._members:
            chance.choice(self._members).rewind()


class Member:
    """One consumer and its batches in hand: one that commits, and the next that is prepared meanwhile."""

    def __init__(self, broker: Broker, follower: Follower, chance: Random, faults: Faults) -> None:
        self._broker = broker
        self._follower = follower
        self._chance = chance
        self._faults = faults
        self._next: dict[Partition, int] = {}
        self._committing: _Committing | None = None
        self.told: list[Partition] | None = None  # what it was given and has yet to hear of
        self.deaf = 0  # polls until it hears

    def run(self) -> Steps:
        while True:
            self._hear()
            messages: Any = self._poll()
            if self._committing is not None and (not messages or self._chance.random() < 0.3):
                self._committing.step()
                yield
            if not messages:
                yield
                continue
            yield from self._handle(messages)

    def rewind(self) -> None:
        """What was delivered comes again, from one partition and not from another."""
        for partition in self._next:
            if self._chance.random() < 0.5:
                self._next[partition] = self._chance.randint(0, self._next[partition])

    def _handle(self, messages: Any) -> Steps:
        work = self._follower.work(messages)
        failure = _tried(work.prepare)
        yield
        if not (yield from self._before()):
            work.drop()
            self._seek(partitions_of(messages))
            return
        failure = failure or _tried(work.start)
        yield
        self._committing = _Committing(self._commit(work, messages, failure))

    def _before(self) -> Generator[None, None, bool]:
        before, self._committing = self._committing, None
        while before is not None and before.taken_in is None:
            before.step()
            yield
        return before is None or bool(before.taken_in)

    def _commit(self, work: Work, messages: Any, failure: Exception | None) -> Generator[None, None, bool]:
        steps: Sequence[Callable[[], None]] = (work.finish,)
        for tries_left in reversed(range(TRIES)):
            for step in steps:
                failure = failure or _tried(step)
                yield
            if failure is None:
                return True
            if isinstance(failure, Displaced):
                self._seek(partitions_of(messages))
                return False
            if not tries_left:
                raise failure
            failure, steps = None, (work.prepare, work.start, work.finish)
        return False

    def _hear(self) -> None:
        if self.deaf:
            self.deaf -= 1
        elif self.told is not None:
            starts = self._follower.offsets(self.told)
            self._next = {one: _behind(starts[one]) for one in self.told}
            self.told = None

    def _seek(self, partitions: Sequence[Partition]) -> None:
        ours = [one for one in partitions if one in self._next]
        starts = self._follower.offsets(ours)
        self._next |= {one: _behind(starts[one]) for one in ours}

    def _poll(self) -> list[Message]:
        """Some of what lies ready, partition by partition in any order."""
        found: list[Message] = []
        for partition in shuffled(self._chance, list(self._next)):
            start = self._next[partition]
            ready = self._broker.lying_in(partition)[start : start + LARGEST - len(found)]
            some = ready[: self._chance.randint(1, LARGEST)]
            self._next[partition] += len(some)
            found += some
        return found


class _Committing:
    def __init__(self, steps: Generator[None, None, bool]) -> None:
        self._steps = steps
        self.taken_in: bool | None = None  # None while it is under way

    def step(self) -> None:
        if self.taken_in is not None:
            return
        try:
            next(self._steps)
        except StopIteration as done:
            self.taken_in = done.value


def _behind(taken: int | None) -> int:
    return 0 if taken is None else taken + 1


def _tried(step: Callable[[], None]) -> Exception | None:
    try:
        step()
    except Crash:
        raise
    except Exception as error:  # noqa: BLE001 - as the feed does: it decides what comes next
        return error
    return None
