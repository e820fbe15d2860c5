"""Over Kafka: a poisoned order waits while others flow, and a read model is rebuilt while it is fed."""

import pytest

from adapters.places import holds
from projections.engine import Rebuilding, parked_counts, verify
from projections.order_board import OrderBoard
from tests.adapters.bus.test_projecting import following, lived
from tests.support.a_bus import BusTown, read_to_the_end
from tests.support.waiting import eventually, running


def all_come(town: BusTown) -> None:
    town.relay_all()
    eventually(lambda: read_to_the_end(town.node))


def test_a_poisoned_order_waits_and_the_others_flow(town: BusTown, monkeypatch: pytest.MonkeyPatch) -> None:
    board = town.node.projectors[0]
    honest = OrderBoard.apply
    with running(following(town).run):
        lived(town, 1)
        poisoned = town.node.store.read(town.node.store.head() - 5, 1)[0].fact.stream

        def failing(self, connection, batch) -> None:
            if any(one.fact.stream == poisoned and one.fact.version > 2 for one in batch):
                raise KeyError("colour")
            honest(self, connection, batch)

        monkeypatch.setattr(OrderBoard, "apply", failing)
        lived(town, 3)
        all_come(town)
    parked = parked_counts(town.node.reads, [board.id])[board.id]
    assert (parked.subjects, parked.facts, parked.why) == (1, 3, "KeyError: 'colour'")
    monkeypatch.setattr(OrderBoard, "apply", honest)
    assert board.retry(town.node.log) == (3, (0, 0, None, ""))
    assert verify(board, town.node.log, holds=holds).ok


def test_it_is_rebuilt_while_it_is_fed(town: BusTown) -> None:
    board = town.node.projectors[0]
    rebuilding = Rebuilding(board, town.node.log, holds)
    with running(following(town).run):
        lived(town)
        town.relay_all()
        assert rebuilding.rebuild().live == 2
        lived(town)
        town.relay_all()
        assert rebuilding.back().live == 1
        lived(town)
        town.relay_all()
        assert rebuilding.rebuild().live == 3
        all_come(town)
    for projector in town.node.projectors:
        assert verify(projector, town.node.log, holds=holds).ok
