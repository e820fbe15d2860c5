"""Many askers, one handler: while one commit is in flight the next batch gathers, and never waits to fill."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from threading import Lock
from typing import Final

from eventsourcing.persistence import PersistenceError

from adapters.metrics import count_commands
from services.handling import Batch, Handler, Intake, Started
from services.requests import Outcome

LARGEST: Final = 500  # requests in one transaction


class Crowded(RuntimeError):
    """Too many wait already. Nothing of the request was kept; it may be asked again."""


class Desk:
    """Thread-safe front of a Handler, for HTTP, the command line and the reactors."""

    def __init__(
        self, handler: Handler, recorded: Callable[[], None] = lambda: None, most: int = LARGEST
    ) -> None:
        """A desk with no one at it.

        Args:
            recorded: called after each commit.
            most: how many may wait behind the batch in hand.
        """
        self._handler = handler
        self._recorded = recorded
        self._most = most
        self._turn = Lock()
        self._door = Lock()  # held for a moment: to be counted and to get in line are one step
        self._waiting: deque[_Waiting] = deque()

    def ask(self, intake: Intake) -> Outcome:
        """Answer one request; returns once it is durable.

        Raises:
            Crowded: too many wait already; said at once.
            What the record raised. Whether it was recorded is unsure; asking again is safe.
        """
        mine = _Waiting(intake)
        with self._door:
            if len(self._waiting) >= self._most:
                raise Crowded
            self._waiting.append(mine)
        with self._turn:
            while mine.outcome is None and mine.error is None:
                batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), LARGEST))]
                self._answer(batch)
        if mine.error is not None:
            raise mine.error
        assert mine.outcome is not None
        return mine.outcome

    def ask_all(self, intake: Sequence[Intake]) -> list[Outcome]:
        """Answer many requests in one transaction, in order. Raises what the record raised."""
        with self._turn:
            outcomes = self._handler.handle(Batch(intake))
        count_commands(outcomes)
        self._recorded()
        return outcomes

    def _answer(self, batch: "Sequence[_Waiting]") -> None:
        """Give everyone in the batch an outcome or an error."""
        try:
            outcomes = self._handler.handle(Batch([one.intake for one in batch]))
        except PersistenceError as error:
            _fail(batch, error)
        except Exception as error:  # noqa: BLE001 - raised again, to the one whose request it was
            if len(batch) == 1:
                _fail(batch, error)
            for one in batch if len(batch) > 1 else ():
                self._answer([one])
        except BaseException:
            _fail(batch, RuntimeError("正在停止，请稍后重发。 The process is stopping; send it again later."))
            raise
        else:
            for one, outcome in zip(batch, outcomes, strict=True):
                one.outcome = outcome
            count_commands(outcomes)
            self._recorded()


def in_stride(handler: Handler, batches: Iterable[Batch]) -> Iterator[list[Outcome]]:
    """Answer batches in order, each in one transaction: the next is read and decided while one commits.

    Raises:
        What the record raised. Batches behind the one it was raised for are not recorded.
    """
    started: Started | None = None
    for batch in batches:
        prepared = handler.prepare(batch)
        if started is not None:
            yield handler.finish(started)
        started = handler.start(prepared)
    if started is not None:
        yield handler.finish(started)


class _Waiting:
    __slots__ = ("error", "intake", "outcome")

    def __init__(self, intake: Intake) -> None:
        self.intake = intake
        self.outcome: Outcome | None = None
        self.error: Exception | None = None


def _fail(batch: Sequence[_Waiting], error: Exception) -> None:
    for one in batch:
        one.error = error
