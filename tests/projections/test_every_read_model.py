"""What every read model owes its readers, whatever it is about."""

from collections.abc import Mapping
from threading import Thread
from typing import ClassVar

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from domain.events import EVENTS
from domain.facts import Recorded
from domain.ids import Position
from domain.model import Event
from domain.sealed import Sealed
from projections.engine import Projector, ReadModel
from tests.projections.conftest import MODELS, Start
from tests.support.history import History

LETTERS = ("MessageParked", "MessageRequeued", "MessageDiscarded")
Digests = Mapping[type[ReadModel], str]

pytestmark = pytest.mark.parametrize("model", MODELS)


def test_its_facts_hold_every_event_of_orders_providers_and_rules(
    model: type[ReadModel], life: History
) -> None:
    seen = {type(recorded.fact.event).wire for recorded in life.facts}
    assert set(EVENTS) - seen == {"CommandRepeated", "TextsOpened", *LETTERS}


def test_rebuilt_equals_caught_up(model: type[ReadModel], start: Start, life: History) -> None:
    projector = start(model)
    for recorded in life.facts:
        projector.apply([recorded])
    caught_up = projector.digest()
    assert caught_up != Projector.digest(_emptied(projector))
    projector.reset()
    projector.fill_from(life)
    assert projector.digest() == caught_up
    assert projector.position() == life.facts[-1].position


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_batch_size_does_not_matter(
    model: type[ReadModel], start: Start, life: History, digests: Digests, size: int
) -> None:
    projector = start(model)
    assert projector.fill_from(life, limit=size) == len(life.facts)
    assert projector.digest() == digests[model]


def test_a_late_second_delivery_changes_nothing(model: type[ReadModel], start: Start, life: History) -> None:
    projector = start(model)
    projector.fill_from(life)
    before = projector.digest()
    assert sum(projector.apply([recorded]) for recorded in life.facts) == 0
    assert projector.apply(life.facts) == 0
    assert projector.digest() == before


def test_a_batch_that_repeats_itself_counts_once(
    model: type[ReadModel], start: Start, life: History, digests: Digests
) -> None:
    projector = start(model)
    twice = [recorded for one in life.facts for recorded in (one, one)]
    assert projector.apply([*twice, *life.facts]) == len(life.facts)
    assert projector.digest() == digests[model]


class _Novelty(Event):
    wire: ClassVar[str] = "SomethingOfNextYear"


def test_an_unknown_event_is_passed_over(model: type[ReadModel], start: Start, life: History) -> None:
    projector = start(model)
    projector.fill_from(life)
    before = projector.digest()
    last = life.facts[-1]
    novelty = Recorded(Position(last.position + 1), replace(last.fact, event=_Novelty()))
    assert projector.apply([novelty]) == 1
    assert projector.digest() == before
    assert projector.position() == novelty.position


def test_two_processes_at_once_count_once(
    model: type[ReadModel], start: Start, reads: Engine, life: History, digests: Digests
) -> None:
    first = start(model)
    second = Projector(model(), reads)
    threads = [Thread(target=one.fill_from, args=(life,), kwargs={"limit": 40}) for one in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert first.digest() == digests[model]


def test_a_failed_batch_leaves_nothing(model: type[ReadModel], start: Start, life: History) -> None:
    projector = start(model)
    projector.apply(life.facts[:50])
    before = projector.digest(), projector.positions()
    with pytest.raises(PowerCut):
        Projector(_fails_at_the_end(model), projector.engine).apply(life.facts[50:])
    assert (projector.digest(), projector.positions()) == before


def test_another_seal_is_the_same_digest(
    model: type[ReadModel], start: Start, life: History, digests: Digests
) -> None:
    projector = start(model)
    projector.apply([_sealed_again(recorded) for recorded in life.facts])
    assert projector.digest() == digests[model]


class PowerCut(BaseException):
    """No fact is to blame."""


def _sealed_again(recorded: Recorded) -> Recorded:
    event = recorded.fact.event
    texts = {
        name: Sealed("another seal")
        for name in type(event).model_fields
        if isinstance(getattr(event, name), Sealed)
    }
    fact = replace(recorded.fact, event=event.model_copy(update=texts))
    return Recorded(recorded.position, fact)


def _emptied(projector: Projector) -> Projector:
    projector.reset()
    return projector


def _fails_at_the_end(model: type[ReadModel]) -> ReadModel:
    class Failing(model):
        def apply(self, connection, batch) -> None:
            super().apply(connection, batch)
            raise PowerCut

    return Failing()
