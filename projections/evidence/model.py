"""Learns from the log, fact after fact, who is sent with which orders."""

from collections.abc import Sequence
from typing import ClassVar, Final, cast, get_args

from sqlalchemy import Connection

from domain.events import (
    OrderClaimed,
    OrderDeclined,
    OrderDispatched,
    OrderImported,
    ProviderAmended,
    ProviderRegistered,
    RulesAdopted,
)
from domain.evidence import Evidence, Precedent
from domain.facts import Recorded
from projections.engine import ReadModel
from projections.evidence import tables
from projections.evidence.naming import Names
from projections.evidence.shelves import Rows

_Sent = OrderDispatched | OrderClaimed | OrderImported | OrderDeclined
_Names = RulesAdopted | ProviderRegistered | ProviderAmended
_OURS: Final = frozenset(get_args(_Sent | _Names))  # by type: most facts of a log are none of them


class EvidenceModel(ReadModel):
    """Who was sent with orders like this one. What comes first is learnt first, so the log alone feeds it."""

    name: ClassVar = "evidence"
    version: ClassVar = tables.VERSION
    metadata: ClassVar = tables.metadata
    in_log_order: ClassVar = True

    def apply(self, connection: Connection, batch: Sequence[Recorded]) -> None:
        ours = [event for recorded in batch if type(event := recorded.fact.event) in _OURS]
        if ours:
            _learn(connection, _lessons(connection, cast("list[_Sent | _Names]", ours)))


_Lesson = tuple[Precedent, bool]
"""Who was sent with which order, and whether it was declined."""


def _lessons(connection: Connection, events: Sequence[_Sent | _Names]) -> list[_Lesson]:
    """What the events teach, under the names that are known when each happens."""
    orders = [event for event in events if isinstance(event, _Sent)]
    names = Names(
        connection,
        {(event.category, event.area) for event in orders},
        {event.provider for event in orders if event.provider},
    )
    lessons: list[_Lesson] = []
    for event in events:
        if isinstance(event, RulesAdopted):
            names.adopt(event.rules)
        elif isinstance(event, ProviderRegistered | ProviderAmended):
            names.call(event.provider, event.name_zh)
        elif event.provider:
            features = names.features(event.category, event.area, event.channel)
            one = Precedent(features, event.provider, names.called(event.provider))
            lessons.append((one, isinstance(event, OrderDeclined)))
    names.write()
    return lessons


def _learn(connection: Connection, lessons: Sequence[_Lesson]) -> None:
    if not lessons:
        return
    rows = Rows(connection)
    evidence = Evidence(rows)
    evidence.prepare({one.features for one, _ in lessons}, {one.provider for one, _ in lessons})
    for one, declined in lessons:
        if declined:
            evidence.take_back(one)
        else:
            evidence.learn(one)
    rows.write()
