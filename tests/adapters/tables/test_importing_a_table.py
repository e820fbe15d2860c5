"""A real table's dirt goes through the engine: what comes in, what is refused, and that it all adds up."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.bootstrap import Node
from adapters.envelope import Door
from adapters.settings import Settings
from adapters.tables.deriving import derive_town
from adapters.tables.mapping import load_mapping
from adapters.tables.messages import rows_to_messages
from adapters.tables.names import code_of
from adapters.towns import difference
from domain.commands import AnyCommand
from domain.ids import ProviderId
from domain.stages import Role, Stage
from projections.order_board import Filter, OrderRow
from projections.rating import By, RatingRow
from services.requests import Outcome
from tests.adapters.tables.a_table import (
    DIRTY,
    NOW,
    REFUSED,
    csv_table,
    csv_text,
    dirty_rows,
    json_table,
    row,
    seconds,
)  # fmt: skip
from tests.support.postgres import fresh_database

IMPORTS = Door("imports", trusted_time=True)
CLI = Door("cli", Role.OPERATOR)
LAMPS = ProviderId(code_of("灯务所", "u"))


@dataclass
class Town:
    """A town derived from a table, and what became of the table's rows."""

    node: Node

    def found(self, path: Path) -> None:
        for command in difference(None, {}, derive_town(path, load_mapping(), "湖区")).commands:
            assert self._ask(command).status == "recorded"

    def submit(self, path: Path, door: Door = IMPORTS) -> list[Outcome]:
        messages = rows_to_messages(path, load_mapping())
        outcomes = self.node.desk.ask_all([self.node.decode(one, {}, door) for one in messages])
        self.node.follow()
        return outcomes

    def _ask(self, command: AnyCommand) -> Outcome:
        attributes = {"id": command.subject, "source": "test", "type": command.wire, "actor": "test"}
        return self.node.ask(self.node.decode(command.model_dump_json().encode(), attributes, CLI))

    def orders(self) -> dict[str, OrderRow]:
        return {one.source or "": one for one in self.node.queries.board.page(Filter(), limit=500).orders}

    def figures(self, of: str = "") -> RatingRow:
        report = self.node.queries.rating.report(By.PROVIDER, NOW)
        return next((one for one in report.rows if one.key == of), report.total)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    """An installation that stands at NOW, without a town yet."""
    if request.param == "sqlite":
        yield from _standing(f"sqlite:///{tmp_path / 'town.db'}")
        return
    with fresh_database(request.getfixturevalue("postgres_server")) as url:
        yield from _standing(url)


def _standing(url: str) -> Iterator[Town]:
    with Node(Settings(store=url), clock=lambda: NOW) as node:
        node.create()
        yield Town(node)


def statuses(outcomes: list[Outcome]) -> Counter[str]:
    return Counter(outcome.status.value for outcome in outcomes)


def test_every_row_is_recorded_refused_repeated_or_parked(town: Town, tmp_path: Path) -> None:
    path = json_table(tmp_path / "calls.jsonl", dirty_rows())
    town.found(path)
    outcomes = town.submit(path)
    assert statuses(outcomes) == DIRTY
    assert Counter(one.code for one in outcomes if one.status == "rejected") == REFUSED
    assert sum(DIRTY.values()) == len(dirty_rows())


def test_the_board_and_the_rating_add_up(town: Town, tmp_path: Path) -> None:
    path = json_table(tmp_path / "calls.jsonl", dirty_rows())
    town.found(path)
    town.submit(path)
    stages = town.node.queries.board.count_by_stage()
    assert {stage: number for stage, number in stages.items() if number} == {
        Stage.PLACED: 1,
        Stage.DISPATCHED: 1,
        Stage.COMPLETED: 48,
    }
    total, lamps = town.figures(), town.figures(LAMPS)
    assert (total.completed, total.in_time, total.late, total.unrated) == (48, 47, 1, 48)
    assert (lamps.completed, lamps.in_time, lamps.late) == (46, 45, 1)
    assert (total.accepted, total.claimed, total.rated, total.overdue) == (0, 0, 0, 0)
    assert (total.response.denominator, total.resolution.denominator) == (0, 0)


def test_the_same_table_again_changes_nothing(town: Town, tmp_path: Path) -> None:
    path = json_table(tmp_path / "calls.jsonl", dirty_rows())
    town.found(path)
    town.submit(path)
    before = town.orders()
    assert statuses(town.submit(path)) == {"repeated": 54, "rejected": 1, "parked": 3}
    renamed = json_table(tmp_path / "renamed.jsonl", dirty_rows())
    assert statuses(town.submit(renamed))["recorded"] == 0  # another source, the same orders: order_exists
    assert town.orders() == before


def test_an_order_keeps_what_the_row_says_and_no_more(town: Town, tmp_path: Path) -> None:
    path = json_table(tmp_path / "calls.jsonl", [row(1), row(2, closed_at="2026-03-01T11:00:00+08:00")])
    town.found(path)
    town.submit(path)
    bare, closed = town.orders()["1"], town.orders()["2"]
    assert (bare.stage, bare.provider, bare.channel, bare.in_time) == (Stage.COMPLETED, LAMPS, "热线", True)
    created = datetime.fromisoformat("2026-03-01T09:00:00+08:00")
    assert (bare.placed_at, bare.closed_at, bare.due_at, bare.resident) == (created, None, None, None)
    assert closed.closed_at == closed.stage_since == created + seconds(7200)
    assert bare.stage_since == created  # the board knows no better


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_spreadsheet_says_the_same_as_json_lines(town: Town, tmp_path: Path, encoding: str) -> None:
    town.found(json_table(tmp_path / "calls.jsonl", dirty_rows()))
    path = csv_table(tmp_path / "calls.csv.gz", csv_text(dirty_rows()), encoding)
    assert statuses(town.submit(path)) == DIRTY
    assert statuses(town.submit(tmp_path / "calls.jsonl"))["recorded"] == 0


def test_the_door_says_why_a_row_is_parked(town: Town, tmp_path: Path) -> None:
    rows: list[Any] = [
        row(1, created_at="soon"),
        row(1, created_at=None),
        row(""),
        row(2, level="一般"),
        "no row",
    ]
    path = json_table(tmp_path / "calls.jsonl", rows)
    town.found(json_table(tmp_path / "first.jsonl", [row(1)]))
    outcomes = town.submit(path)
    assert [
        (outcome.code, outcome.reason_en.partition(":")[2].split(":")[0].strip()) for outcome in outcomes
    ] == [
        ("not_cloudevent", "time"),
        ("not_cloudevent", "time"),
        ("not_cloudevent", "id"),
        ("invalid_field", "level"),
        ("unreadable", ""),
    ]


def test_a_table_comes_in_by_the_imports_only(town: Town, tmp_path: Path) -> None:
    path = json_table(tmp_path / "calls.jsonl", [row(1)])
    town.found(path)
    [outcome] = town.submit(path, CLI)
    assert outcome.code == "imports_only"


def test_a_name_the_town_has_not_is_refused(town: Town, tmp_path: Path) -> None:
    town.found(json_table(tmp_path / "calls.jsonl", [row(1)]))
    rows = [row(1), row(2, street="山街道"), row(3, item="灯杆"), row(4, agency="水务所")]
    outcomes = town.submit(json_table(tmp_path / "later.jsonl", rows))
    assert [outcome.code for outcome in outcomes] == [
        "",
        "unknown_area",
        "unknown_category",
        "unknown_provider",
    ]


def test_an_imported_order_goes_on_from_where_it_stands(town: Town, tmp_path: Path) -> None:
    """Told here of the record: the row itself is all there is of its past."""
    path = json_table(tmp_path / "calls.jsonl", [row(1)])
    town.found(path)
    [outcome] = town.submit(path)
    state = town.node.store.state(outcome.subject)
    assert (state.version, getattr(state, "stage", None)) == (1, Stage.COMPLETED)
