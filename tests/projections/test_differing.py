"""Two fillings of one read model, row by row."""

from collections.abc import Sequence

from domain.facts import Recorded
from projections.engine import Projector, open_reads, snapshot
from projections.engine.differing import RowPair, differing
from projections.order_board import OrderBoard
from tests.support.a_town import WATER
from tests.support.history import History
from tests.support.random_history import random_history


def pairs(before: Sequence[Recorded], after: Sequence[Recorded]) -> list[RowPair]:
    engines = [open_reads("sqlite://"), open_reads("sqlite://")]
    for engine, facts in zip(engines, (before, after), strict=True):
        projector = Projector(OrderBoard(), engine)
        projector.create()
        projector.apply(facts)
    with snapshot(engines[0]) as one, snapshot(engines[1]) as other:
        found = list(differing(one, other, OrderBoard.metadata))
    for engine in engines:
        engine.dispose()
    return found


def test_the_same_facts_differ_in_no_row() -> None:
    facts = random_history(orders=15).facts
    assert pairs(facts, facts) == []


def test_rows_come_change_and_go() -> None:
    history = History()
    history.register(WATER)
    order = history.place()
    before = list(history.facts)
    history.dispatch(order)
    new = history.place()
    rows = {pair.key: pair for pair in pairs(before, history.facts) if pair.table == "order_board"}
    assert rows[(order,)].before is not None
    assert rows[(order,)].after is not None
    assert (rows[(order,)].before or {})["stage"] == "placed"
    assert (rows[(order,)].after or {})["stage"] == "dispatched"
    assert rows[(new,)].before is None
    gone = {pair.key: pair for pair in pairs(history.facts, before) if pair.table == "order_board"}
    assert gone[(new,)].after is None


def test_each_differing_row_is_found_among_many_that_do_not_differ() -> None:
    facts = random_history(orders=30).facts
    cut = len(facts) * 3 // 4
    touched = {
        one.fact.stream for one in facts[cut:] if type(one.fact.event).wire.startswith(("Order", "Progress"))
    }
    found = {pair.key[0] for pair in pairs(facts[:cut], facts) if pair.table == "order_board"}
    assert found <= touched
    assert len(found) > 3
