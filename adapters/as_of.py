"""The engine as it stood at a moment: read models filled in memory from what the record held then."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final

from eventsourcing.persistence import Notification

from adapters.bootstrap import READ_MODELS, Node, wall_clock
from adapters.desk import Desk
from adapters.moment import Moment
from adapters.opening import TextOpening
from adapters.settings import Settings
from adapters.store.event_store import EventStore
from domain.facts import Recorded
from domain.ids import RULES_SUBJECT, StreamId, stream_of
from domain.lifecycle import evolve, initial
from domain.situation import State
from domain.town import Town
from projections.engine import ReadModel, catch_up
from projections.engine.comparing import Told
from projections.engine.projector import REPLAY
from services.handling import Handler
from services.ports import Subjects, Writing

_ALL: Final = 1 << 62
_IN_MEMORY: Final = "sqlite://"
_PAGE: Final = 2_000


class ReadOnly(TypeError):
    """Somebody tried to write into the past."""


class EarlierStore(EventStore):
    """The record as far as it went at a moment; nothing can be written to it."""

    def __init__(self, url: str, moment: Moment) -> None:
        super().__init__(url)
        self._moment = moment

    def read_stored(self, after: int, limit: int) -> Sequence[Notification]:
        """Fewer than `limit` only at the end, so a page without any that was there is passed over."""
        while page := super().read_stored(after, limit):
            if had := [one for one in page if self._moment.had_stored(one)]:
                return had
            after = page[-1].id
        return ()

    def earlier(self, streams: Collection[StreamId], before: int = _ALL) -> Iterable[Recorded]:
        return list(self._moment.had_of(super().earlier(streams, before)))

    def history(self, stream: StreamId) -> Iterable[Recorded]:
        return list(self._moment.had_of(super().history(stream)))

    def writing(self, *_: object, **__: object) -> Writing:
        raise ReadOnly

    def load(self, subjects: Subjects) -> dict[str, State]:
        states = {subject: initial(subject) for subject in subjects}
        subject_of = {stream: subject for subject, stream in subjects.items()}
        for one in self.earlier(list(subjects.values())):
            subject = subject_of[one.fact.stream]
            states[subject] = evolve(states[subject], one.fact.event, one.fact.meta.at)
        return states


class EarlierNode(Node):
    """A node to ask and nothing else: its clock stands, its rules are those of that moment."""

    def __init__(self, settings: Settings, moment: Moment) -> None:
        store = EarlierStore(settings.store, moment)
        super().__init__(replace(settings, reads=_IN_MEMORY), lambda: moment.now, store)
        # Whoever reads what was written then reads it today, and that goes on record.
        self._today = EventStore(settings.store)
        self.opening = TextOpening(self.keys, Desk(Handler(self._today)), wall_clock)

    def close(self) -> None:
        self._today.close()
        super().close()

    @property
    def town(self) -> Town:
        """The rules that were in force then."""
        town = self.store.state(RULES_SUBJECT)
        assert isinstance(town, Town)
        return town

    def fill(
        self,
        models: Collection[type[ReadModel]] = READ_MODELS,
        subjects: Iterable[str] | None = None,
        told: Told = lambda _: None,
    ) -> None:
        """Fill these read models, from the whole record or from these subjects alone.

        The latter suits models whose rows depend on the facts of one key. `told` hears how far in the log
        it has come.
        """
        following = [one for one in self.projectors if type(one.model) in models]
        for projector in self.projectors:
            projector.create()  # what is not filled is empty, not missing
        if subjects is None:
            catch_up(following, self.log, limit=REPLAY, told=told)
            return
        facts = sorted(self.store.earlier([stream_of(one) for one in subjects], _ALL), key=_position)
        for projector in following:
            projector.apply(facts)


def head_then(store: EventStore, moment: Moment) -> int:
    """The place in the log of the last fact that was there; 0 where none was.

    Commits are not in the order of the doors' clocks, so a few before it may have been recorded later.
    """
    end = store.head()
    while end > 0:
        begin = max(end - _PAGE, 0)
        if had := [one.id for one in store.read_stored(begin, _PAGE) if moment.had_stored(one)]:
            return had[-1]
        end = begin
    return 0


def _position(recorded: Recorded) -> int:
    return recorded.position
