"""How read models are fed: from the log or from the bus, each fact once, never both at a time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from threading import Thread
from typing import ClassVar
from uuid import uuid4

import pytest
from sqlalchemy import Connection, Engine, MetaData, event, func, select

from domain.facts import Recorded
from projections.engine import (
    LOG,
    MissedBatch,
    Part,
    Place,
    Projector,
    ReadModel,
    WrongFeed,
    catch_up,
    from_micros,
    to_micros,
)
from projections.engine.arrays import uuids
from projections.engine.rows import Sheet
from projections.matching import Matching
from projections.matching.tables import loads
from projections.order_board import OrderBoard, OrderBoardQueries
from projections.order_board.fold import EMPTY
from projections.order_board.tables import orders
from tests.projections.conftest import Start
from tests.support.a_town import MONDAY
from tests.support.history import History


class Counted:
    """A log that counts how often it is read and decoded."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.decoded = 0

    def read(self, after: int, limit: int) -> Sequence[Recorded]:
        batch = self.history.read(after, limit)
        self.decoded += len(batch)
        return batch


def test_the_log_is_decoded_once_for_all(start: Start, life: History) -> None:
    log = Counted(life)
    assert catch_up([start(OrderBoard), start(Matching)], log, limit=20) == len(life.facts)
    assert log.decoded == len(life.facts)


def test_a_new_read_model_catches_up_beside_an_old_one(start: Start, life: History) -> None:
    old, new = start(OrderBoard), start(Matching)
    old.fill_from(life)
    catch_up([old, new], life)
    assert new.position() == old.position() == life.facts[-1].position
    assert catch_up([old, new], life) == 0


def test_it_can_stop_at_a_position(start: Start, life: History) -> None:
    projector = start(OrderBoard)
    until = life.facts[30].position
    assert projector.fill_from(life, until=until, limit=7) == 31
    assert projector.position() == until
    assert catch_up([], life) == 0


def test_what_comes_from_several_partitions_counts_once_each(start: Start, life: History) -> None:
    projector = start(OrderBoard)
    parts = {f"events[{number}]": Part(life.facts[number::2], 50 + number) for number in (0, 1)}
    assert projector.apply_parts(parts) == len(life.facts)
    assert projector.apply_parts(parts) == 0
    reached = {name: Place(part.batch[-1].position, part.offset) for name, part in parts.items()}
    assert projector.positions() == reached
    digest = projector.digest()
    projector.reset()
    projector.fill_from(life)
    assert digest == projector.digest()


def test_a_batch_whose_predecessor_a_crash_took_along_is_refused(start: Start, life: History) -> None:
    """The process goes on; the database came back without its last commits."""
    projector = start(OrderBoard)
    first, lost, third = (Part(life.facts[n : n + 50], n + 49, n - 1 if n else None) for n in (0, 50, 100))
    projector.apply_parts({"events[0]": first})
    before = projector.digest(), projector.positions()
    with pytest.raises(MissedBatch):
        projector.apply_parts({"events[0]": third})
    assert (projector.digest(), projector.positions()) == before
    assert projector.apply_parts({"events[0]": lost}) == 50
    assert projector.apply_parts({"events[0]": third}) == 50


class Durable(ReadModel):
    """Remembers whether its commit waits for the disk."""

    name: ClassVar = "durable"
    version: ClassVar = 1
    metadata: ClassVar = MetaData()
    said = ""

    def apply(self, connection: Connection, batch: Sequence[Recorded]) -> None:  # noqa: ARG002 - theirs
        self.said = str(connection.exec_driver_sql("SHOW synchronous_commit").scalar())


def test_what_came_over_the_bus_is_on_disk_before_the_next_is_taken(
    postgres_reads: Engine, life: History
) -> None:
    """The process reads on from memory, so a crash of the database alone must not take anything along."""
    model = Durable()
    projector = Projector(model, postgres_reads)
    projector.create()
    projector.apply(life.facts[:5])
    assert model.said == "off"  # from the log: where to read on is asked of the rows each time
    projector.reset()
    projector.apply(life.facts[:5], partition="events[0]", offset=4)
    assert model.said == "on"


def test_who_is_ahead_of_what_is_handed_over_misses_nothing(start: Start, life: History) -> None:
    """Another model of the process is behind, so this one sees again what it has."""
    projector = start(OrderBoard)
    projector.apply_parts({"events[0]": Part(life.facts[:100], 99)})
    assert projector.apply_parts({"events[0]": Part(life.facts[50:120], 119, 49)}) == 20


def test_a_process_thought_dead_changes_nothing(start: Start, reads: Engine, life: History) -> None:
    """The zombie holds a batch that another process has written meanwhile."""
    zombie, heir = start(OrderBoard), Projector(OrderBoard(), reads)
    batch = life.facts[:100]
    heir.apply(batch, partition="events[0]", offset=99)
    heir.apply(life.facts[100:], partition="events[0]", offset=300)
    before = heir.digest(), heir.positions()
    assert zombie.apply(batch, partition="events[0]", offset=99) == 0
    assert (heir.digest(), heir.positions()) == before


def test_a_half_stale_batch_adds_only_what_is_new(start: Start, life: History) -> None:
    projector = start(OrderBoard)
    projector.apply(life.facts[:60])
    assert projector.apply(life.facts[40:80]) == 20


def test_each_partition_has_its_own_place(start: Start, life: History) -> None:
    projector = start(OrderBoard)
    projector.apply(life.facts[:10], partition="events[0]", offset=9)
    assert projector.apply(life.facts[:10], partition="events[1]", offset=4) == 10
    last = life.facts[9].position
    assert projector.positions() == {"events[0]": Place(last, 9), "events[1]": Place(last, 4)}


def test_an_offset_moves_on_though_nothing_is_new(start: Start, life: History) -> None:
    projector = start(OrderBoard)
    projector.apply(life.facts[:10], partition="events[0]", offset=9)
    projector.apply(life.facts[:10], partition="events[0]", offset=19)
    projector.apply([], partition="events[0]", offset=12)
    assert projector.positions()["events[0]"] == Place(life.facts[9].position, 19)


# from the log to the bus


def test_a_filled_model_follows_the_bus_from_there(start: Start, life: History) -> None:
    projector = start(OrderBoard)
    until = life.facts[99].position
    projector.fill_from(life, until=until)
    projector.seed_partitions({"events[0]": 41, "events[1]": None}, position=until)
    assert projector.positions() == {"events[0]": Place(until, 41), "events[1]": Place(until, None)}
    assert projector.apply(life.facts, partition="events[0]") == len(life.facts) - 100


def test_it_follows_the_log_or_the_bus_never_both(start: Start, life: History) -> None:
    projector = start(OrderBoard)
    projector.apply(life.facts[:10])
    with pytest.raises(WrongFeed) as refusal:
        projector.apply(life.facts, partition="events[0]")
    assert refusal.value.code == "wrong_feed"
    projector.seed_partitions({"events[0]": None}, position=projector.position(LOG))
    with pytest.raises(WrongFeed):
        projector.fill_from(life)
    assert projector.positions() == {"events[0]": Place(life.facts[9].position)}


def test_rebuilding_lets_it_choose_again(start: Start, life: History) -> None:
    projector = start(OrderBoard)
    projector.apply(life.facts, partition="events[0]")
    digest = projector.digest()
    projector.reset()
    projector.fill_from(life)
    assert projector.digest() == digest
    assert set(projector.positions()) == {LOG}


def test_rebuilding_one_leaves_the_others_alone(start: Start, life: History) -> None:
    board, matching = start(OrderBoard), start(Matching)
    catch_up([board, matching], life)
    board.reset()
    assert (board.position(), matching.position()) == (0, life.facts[-1].position)


def test_tables_may_be_created_by_many_at_once(reads: Engine, start: Start) -> None:
    failures: list[BaseException] = []

    def create() -> None:
        try:
            Projector(OrderBoard(), reads).create()
        except BaseException as failure:  # noqa: BLE001 - a thread has nobody else to tell
            failures.append(failure)

    threads = [Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_reader_is_not_kept_waiting_by_a_writer(start: Start, life: History) -> None:
    projector = start(OrderBoard)
    projector.apply(life.facts[:10])
    queries = OrderBoardQueries(projector.engine)

    class Peeking(OrderBoard):
        def apply(self, connection, batch) -> None:
            super().apply(connection, batch)
            seen.append(sum(queries.count_by_stage().values()))

    seen: list[int] = []
    before = sum(queries.count_by_stage().values())
    Projector(Peeking(), projector.engine).apply(life.facts[10:])
    assert seen == [before]


# digests and rows


def test_a_digest_notices_one_changed_value(start: Start, life: History) -> None:
    projector = start(OrderBoard)
    projector.fill_from(life)
    before = projector.digest()
    with projector.engine.begin() as connection:
        one = connection.execute(select(orders.c.order_id).limit(1)).scalar_one()
        connection.execute(orders.update().where(orders.c.order_id == one).values(stage="lost"))
    assert projector.digest() != before


def test_a_sum_of_nothing_is_no_row(start: Start) -> None:
    projector = start(Matching)
    before = projector.digest()
    with projector.engine.begin() as connection:
        connection.execute(loads.insert().values(provider="water", in_hand=0, last_given=0))
    assert projector.digest() == before


def test_sums_are_written_in_one_order_so_that_writers_do_not_block_each_other(start: Start) -> None:
    projector = start(Matching)
    written: list[str] = []

    def note(_connection, _cursor, _statement, values, _context, _many) -> None:
        written.append(str(values))

    event.listen(projector.engine, "before_cursor_execute", note)
    with projector.engine.begin() as connection:
        Sheet(loads).add(connection, {("water",): (1, 0), ("roads",): (1, 0), ("parks",): (2, 0)})
    event.remove(projector.engine, "before_cursor_execute", note)
    places = [written[-1].index(name) for name in ("parks", "roads", "water")]
    assert places == sorted(places)


@pytest.mark.postgres
def test_a_batch_is_looked_up_by_key_though_nobody_has_analysed_the_table(postgres_reads: Engine) -> None:
    """The planner, which then knows nothing of it, would read all of a young table for each batch."""
    Projector(OrderBoard(), postgres_reads).create()
    sheet, keys = Sheet(orders), [uuid4().hex for _ in range(2_000)]
    row = EMPTY | {"number": "1", "category": "c", "area": "a", "stage": "placed", "placed_at": 1}
    row |= {"stage_since": 1, "version": 1, "position": 1}
    with postgres_reads.connect() as connection:
        sheet.write(connection, [row | {"order_id": key} for key in keys])
        asked: list[str] = []
        event.listen(connection, "before_cursor_execute", lambda _c, _u, said, *_: asked.append(said))
        assert len(sheet.load(connection, keys[:100])) == 100
        plan = connection.exec_driver_sql(f"EXPLAIN {asked[0]}", (uuids(keys[:100]),)).scalars().all()
        connection.rollback()
    assert not any("Seq Scan" in step for step in plan), plan


def test_more_rows_than_one_statement_takes(start: Start) -> None:
    projector = start(OrderBoard)
    sheet = Sheet(orders)
    about = EMPTY | {"number": "1", "category": "a", "area": "b", "stage": "placed", "placed_at": 1}
    about |= {"stage_since": 1, "version": 1, "position": 1, "bad": True}
    rows = {uuid4().hex: about for _ in range(5_003)}
    with projector.engine.begin() as connection:
        sheet.write(connection, ({**row, "order_id": order} for order, row in rows.items()))
        assert connection.execute(select(func.count()).select_from(orders)).scalar_one() == 5_003
        found = sheet.load(connection, rows.keys())
        assert found.keys() == rows.keys()
        assert {row["bad"] for row in found.values()} == {True}
        sheet.delete(connection, "order_id", list(rows)[:5_001])
        assert connection.execute(select(func.count()).select_from(orders)).scalar_one() == 2


@pytest.mark.parametrize(
    "moment",
    [
        MONDAY,
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2026, 3, 2, 9, 0, 0, 1, tzinfo=timezone(timedelta(hours=8))),
    ],
)
def test_moments_keep_their_microseconds(moment: datetime) -> None:
    assert from_micros(to_micros(moment)) == moment
