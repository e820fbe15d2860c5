"""What a table teaches as imported orders is what it teaches in the backtest."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from adapters.tables.dispatches import dispatches_of
from adapters.tables.mapping import load_mapping
from adapters.trying import Trial, cases, facts_of
from domain.evidence.learnt import Learnt
from domain.evidence.ranking import Evidence
from domain.proposal import Part
from domain.trying import How
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


def test_rules_are_tried_on_imported_orders_too(town: Town, tmp_path: Path) -> None:
    """Each is asked about just before it came in, with its channel, and learnt only then."""
    told = [{**row, "property": None} for row in as_rows(history(ORDERS))]
    table = json_table(tmp_path / "hotline.jsonl", told)
    town.found(table)
    town.submit(table)
    orders = [one for _, one in dispatches_of(table, load_mapping()).orders]
    asked = cases(facts_of(town.node.log), datetime(2000, 1, 1, tzinfo=UTC))
    assert {case.how for case in asked} == {How.IMPORTED}
    evidence = Evidence()
    with closing(Trial(town.node.log, town.node.rules)) as trial:
        found = list(trial.run(asked))
        assert (len(found), trial.missed) == (ORDERS, [])
    for one, tried in zip(orders, found, strict=True):
        expected = Learnt(evidence, one.features).chances
        first = tried.then.ranking.candidates[0]
        assert first.parts.get(Part.EVIDENCE, 0) == 40 * expected.get(first.provider, 0)
        assert tried.case.sent == one.provider
        evidence.learn(one)
