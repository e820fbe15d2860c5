"""What a table teaches as imported orders is what it teaches in the backtest."""

from pathlib import Path

from adapters.tables.dispatches import dispatches_of
from adapters.tables.mapping import load_mapping
from domain.evidence.learnt import Learnt
from domain.evidence.ranking import Evidence
from tests.adapters.tables.a_table import json_table
from tests.adapters.tables.test_importing_a_table import Town, town
from tests.domain.evidence.a_history import as_rows, history

__all__ = ["town"]
ORDERS = 200


def test_imported_orders_rank_as_the_backtest_does(town: Town, tmp_path: Path) -> None:
    told = [{**row, "property": None} for row in as_rows(history(ORDERS))]  # our events do not have it
    table = json_table(tmp_path / "hotline.jsonl", told)
    town.found(table)
    assert {one.status for one in town.submit(table)} == {"recorded"}
    evidence = Evidence()
    orders = [one for _, one in dispatches_of(table, load_mapping()).orders]
    for one in orders:
        evidence.learn(one)
    queries = town.node.queries.evidence
    rows = town.orders()
    for number, one in enumerate(orders):
        row = rows[f"H{number}"]
        expected = Learnt(evidence, one.features)
        found = queries.about(row.category, row.area, one.features.channel)
        assert found.chances == expected.chances
        for provider in expected.chances:
            assert found.why(provider) == expected.why(provider)
