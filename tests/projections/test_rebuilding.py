"""The next generation grows beside the live one; queries see the one or the other, whole and never stale."""

from collections.abc import Mapping, Sequence
from threading import Event, Thread

import pytest
from sqlalchemy import Engine, inspect, text

from domain.facts import Recorded
from projections.engine import (
    NoWayBack,
    Place,
    Projector,
    ReadModel,
    Rebuilding,
    parked_counts,
    rebuilding,
    verify,
)
from projections.order_board import OrderBoard, OrderBoardQueries
from tests.projections.conftest import MODELS, Start
from tests.support.history import History

Digests = Mapping[type[ReadModel], str]


class Growing:
    """A record that is still being written: its end moves on."""

    def __init__(self, life: History, end: int) -> None:
        self.life = life
        self.end = end

    def read(self, after: int, limit: int) -> Sequence[Recorded]:
        known = [one for one in self.life.facts[: self.end] if one.position > after]
        return known[:limit]

    def head(self) -> int:
        return self.life.facts[self.end - 1].position


def whole(life: History) -> Growing:
    return Growing(life, len(life.facts))


@pytest.mark.parametrize("model", MODELS)
def test_rebuilt_it_says_the_same(
    model: type[ReadModel], start: Start, life: History, digests: Digests
) -> None:
    projector = start(model)
    projector.fill_from(life)
    heard: list[int] = []
    done = Rebuilding(projector, whole(life)).rebuild(heard.append)
    assert done.verified is not None
    assert done.verified.ok
    assert (done.facts, done.live, done.previous) == (len(life.facts), 2, 1)
    assert heard[-1] == life.facts[-1].position
    assert projector.digest() == digests[model]
    assert projector.position() == life.facts[-1].position
    assert verify(projector, life).ok


@pytest.mark.parametrize("model", MODELS)
def test_it_is_fed_again_and_again_and_built_again(
    model: type[ReadModel], start: Start, life: History, digests: Digests
) -> None:
    record = Growing(life, 60)
    projector = start(model)
    for end in (60, 100, len(life.facts)):
        projector.fill_from(record)
        record.end = end
        Rebuilding(projector, record).rebuild()
    projector.fill_from(record)
    assert projector.digest() == digests[model]
    assert Rebuilding(projector, record).generations() == (4, 3)


def test_what_was_spoilt_is_mended_and_the_way_back_is_open(
    start: Start, life: History, digests: Digests
) -> None:
    projector = start(OrderBoard)
    projector.fill_from(life)
    with projector.engine.begin() as connection:
        connection.execute(text("UPDATE order_board_v2 SET stage = 'lost'"))
    spoilt = projector.digest()
    record = Growing(life, 100)
    record.end = len(life.facts)
    rebuild = Rebuilding(projector, record)
    rebuild.rebuild()
    assert projector.digest() == digests[OrderBoard]
    assert rebuild.back()[1:3] == (1, 2)
    assert projector.digest() == spoilt
    rebuild.back()
    assert projector.digest() == digests[OrderBoard]


def test_the_way_back_leads_to_the_end_of_the_log(start: Start, life: History, digests: Digests) -> None:
    record = Growing(life, 80)
    projector = start(OrderBoard)
    projector.fill_from(record)
    Rebuilding(projector, record).rebuild()
    record.end = len(life.facts)
    projector.fill_from(record)
    done = Rebuilding(projector, record).back()
    assert done.facts == len(life.facts) - 80
    assert projector.digest() == digests[OrderBoard]
    assert projector.position() == record.head()


def test_without_a_former_one_there_is_no_way_back(start: Start, life: History) -> None:
    with pytest.raises(NoWayBack) as refusal:
        Rebuilding(start(OrderBoard), whole(life)).back()
    assert refusal.value.code == "no_way_back"


def test_one_that_follows_partitions_goes_on_at_their_offsets(
    start: Start, life: History, digests: Digests
) -> None:
    """And nothing counts twice, whichever partition was ahead."""
    projector = start(OrderBoard)

    def part(number: int) -> list[Recorded]:
        return [one for one in life.facts if one.fact.stream.int % 3 == number]

    def holds(places: Mapping[str, Place], recorded: Recorded) -> bool:
        return recorded.position <= places[f"events[{recorded.fact.stream.int % 3}]"].position

    for number in range(3):
        projector.apply(part(number)[: 15 * (number + 1)], partition=f"events[{number}]", offset=number)
    rebuild = Rebuilding(projector, Growing(life, 110), holds)
    assert rebuild.rebuild().verified
    head = life.facts[109].position
    assert {place.offset for place in projector.positions().values()} == {0, 1, 2}
    assert all(place.position >= head for place in projector.positions().values())
    rebuild.back()
    for number in range(3):
        projector.apply(part(number), partition=f"events[{number}]", offset=99)
    assert projector.digest() == digests[OrderBoard]


def test_what_a_replay_says_otherwise_is_not_switched_to(
    start: Start, life: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    projector = start(OrderBoard)
    projector.fill_from(life)
    before = projector.digest()
    honest = rebuilding.verify

    def spoil(following: Projector, *args, **more):
        with following.engine.begin() as connection:
            connection.execute(text("UPDATE order_board_v2 SET stage = 'lost'"))
        return honest(following, *args, **more)

    monkeypatch.setattr(rebuilding, "verify", spoil)
    done = Rebuilding(projector, whole(life)).rebuild()
    assert done.verified is not None
    assert not done.verified.ok
    assert projector.digest() == before
    assert (done.live, done.previous) == (1, None)
    assert not [name for name in inspect(projector.engine).get_table_names() if "__g2" in name]


def test_a_rebuild_that_died_leaves_nothing_in_the_way(start: Start, life: History) -> None:
    projector = start(OrderBoard)
    projector.fill_from(life)
    leftover = Projector(OrderBoard(), projector.engine, 2)
    leftover.create()
    leftover.fill_from(life, until=life.facts[30].position)
    assert Rebuilding(projector, whole(life)).rebuild().facts == len(life.facts)


def test_only_the_live_and_the_former_are_kept(start: Start, life: History) -> None:
    projector = start(OrderBoard)
    for _ in range(3):
        Rebuilding(projector, whole(life)).rebuild()
    kept = {
        name.partition("__")[2] for name in inspect(projector.engine).get_table_names() if "board" in name
    }
    assert kept == {"", "g3"}


def test_queries_and_feeders_go_on_all_the_while(start: Start, reads: Engine, life: History) -> None:
    """A reader never sees fewer orders than before, while a feeder writes and three generations come."""
    record = Growing(life, 40)
    projector = start(OrderBoard)
    projector.fill_from(record)
    queries, done, seen, failures = OrderBoardQueries(reads), Event(), [0], []

    def ask() -> None:
        while not done.is_set():
            seen.append(sum(queries.count_by_stage().values()))
            if seen[-1] < seen[-2]:
                failures.append(f"{seen[-2]} became {seen[-1]}")

    def feed() -> None:
        own = Projector(OrderBoard(), reads)
        for end in range(40, len(life.facts) + 1, 3):
            record.end = end
            own.fill_from(record)
        record.end = len(life.facts)
        own.fill_from(record)

    def guarded(work) -> None:
        try:
            work()
        except Exception as failure:  # noqa: BLE001 - a thread has nobody else to tell
            failures.append(repr(failure))

    asking, feeding = (Thread(target=guarded, args=(work,)) for work in (ask, feed))
    asking.start()
    feeding.start()
    for _ in range(3):
        Rebuilding(projector, record).rebuild()
    feeding.join()
    done.set()
    asking.join()
    assert failures == []
    projector.fill_from(record)
    assert verify(projector, life).ok
    assert parked_counts(reads, [projector.id])[projector.id].facts == 0
