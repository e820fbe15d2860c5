"""A read model as it stood earlier: filled from the record up to the places it had then."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Engine

from projections.engine.comparing import Holds, Told
from projections.engine.database import for_writing
from projections.engine.positions import Place
from projections.engine.projector import REPLAY, Log, Projector, ReadModel

NOWHERE: Final[Mapping[str, Place]] = {}


class Earlier:
    """One read model in a database of its own. Goes on from moment to moment; back is a new beginning."""

    def __init__(self, model: ReadModel, engine: Engine, log: Log, holds: Holds) -> None:
        """`holds` tells whether a read model with some places has taken a fact in."""
        self._projector = Projector(model, engine)
        self._log = log
        self._holds = holds
        self._places = NOWHERE
        self._projector.create()

    def bring_to(self, places: Mapping[str, Place], told: Told = lambda _: None) -> None:
        """Take in every fact that the model had with these places.

        `told` hears how far in the log it has come.
        """
        if not self._goes_on(places):
            self._projector.reset()
            self._places = NOWHERE
        before, end = self._places, max((place.position for place in places.values()), default=0)
        after = min((place.position for place in before.values()), default=0)
        while after < end and (batch := self._log.read(after, REPLAY)):
            after = batch[-1].position
            fresh = [one for one in batch if self._holds(places, one) and not self._holds(before, one)]
            if fresh:
                with for_writing(self._projector.engine).begin() as connection:
                    self._projector.fold(connection, fresh)
            told(min(after, end))
        self._places = dict(places)

    def _goes_on(self, places: Mapping[str, Place]) -> bool:
        if not self._places:
            return True
        same = self._places.keys() == places.keys()
        return same and all(place.position >= self._places[name].position for name, place in places.items())
