"""Who is likely the one for an order, as far as was learnt, and why."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Engine

from domain.evidence import Evidence, Learnt
from domain.ids import AreaPath, CategoryPath
from projections.engine import LOG, Place, all_places, snapshot
from projections.evidence.model import EvidenceModel
from projections.evidence.naming import Names
from projections.evidence.shelves import Rows


class About(NamedTuple):
    """What is known of an order that is to be dispatched."""

    category: CategoryPath
    area: AreaPath
    channel: str | None = None  # where it came in


class EvidenceQueries:
    """Questions to the evidence in one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def about(self, category: CategoryPath, area: AreaPath, channel: str | None = None) -> Learnt:
        """What was learnt for an order."""
        (learnt,) = self.about_many([About(category, area, channel)])
        return learnt

    def about_many(self, orders: Sequence[About]) -> list[Learnt]:
        """The same for many, all as of one moment; each row is read once. Like orders share their answer."""
        with snapshot(self._engine) as connection:
            position = all_places(connection, EvidenceModel().id).get(LOG, Place(0)).position
            names = Names(connection, {(one.category, one.area) for one in orders})
            features = {one: names.features(one.category, one.area, one.channel) for one in {*orders}}
            evidence = Evidence(Rows(connection))
            # All that an answer needs is loaded now: it may be asked for when the connection is gone.
            evidence.prepare({*features.values()})
            learnt = {order: Learnt(evidence, order, position) for order in {*features.values()}}
        return [learnt[features[one]] for one in orders]
