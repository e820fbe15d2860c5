"""What the bus feeds may come over partitions in any order; what learns in log order does not."""

from collections.abc import Mapping
from threading import Thread

import pytest
from sqlalchemy import Engine

from projections.engine import Projector, ReadModel, WrongFeed
from projections.evidence import EvidenceModel
from tests.projections.conftest import MODELS, Start
from tests.support.history import History

Digests = Mapping[type[ReadModel], str]
BY_PARTITION = pytest.mark.parametrize("model", [model for model in MODELS if not model.in_log_order])


@BY_PARTITION
def test_partitions_may_come_in_any_order(
    model: type[ReadModel], start: Start, life: History, digests: Digests
) -> None:
    projector = start(model)
    for part in (2, 0, 1):
        batch = [recorded for recorded in life.facts if recorded.fact.stream.int % 3 == part]
        projector.apply(batch, partition=f"events[{part}]", offset=len(batch) - 1)
    assert projector.digest() == digests[model]


@BY_PARTITION
def test_partitions_may_be_followed_at_once(
    model: type[ReadModel], start: Start, reads: Engine, life: History, digests: Digests
) -> None:
    projector = start(model)

    def follow(part: int) -> None:
        mine = [recorded for recorded in life.facts if recorded.fact.stream.int % 3 == part]
        own = Projector(model(), reads)
        for at in range(0, len(mine), 9):
            own.apply(mine[at : at + 9], partition=f"events[{part}]", offset=at)

    threads = [Thread(target=follow, args=(part,)) for part in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert projector.digest() == digests[model]


def test_what_only_the_log_can_feed_takes_nothing_from_the_bus(start: Start, life: History) -> None:
    projector = start(EvidenceModel)
    projector.apply(life.facts[:9])
    with pytest.raises(WrongFeed):
        projector.apply(life.facts[9:], partition="events[0]", offset=1)
    fresh = start(EvidenceModel)
    fresh.reset()
    with pytest.raises(WrongFeed):
        fresh.apply(life.facts, partition="events[0]", offset=1)
    assert fresh.positions() == {}
