"""A shadow tells whether a read model says what the record says, and where they part if it does not."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import pytest
from sqlalchemy import Connection, MetaData, select, text

from domain.facts import Recorded
from projections.engine import LOG, Place, Projector, ReadModel, comparing, verify
from projections.matching.tables import loads
from projections.order_board import OrderBoard
from projections.order_board.tables import orders
from projections.rating import Rating
from tests.projections.conftest import MODELS, Start
from tests.support.history import History


def filled(start: Start, life: History, model: type[ReadModel] = OrderBoard) -> Projector:
    projector = start(model)
    projector.fill_from(life)
    return projector


def facts_of_somebody(life: History) -> Sequence[Recorded]:
    """An order with a long life."""
    lives: dict[object, list[Recorded]] = {}
    for one in life.facts:
        if "Order" in type(one.fact.event).wire:
            lives.setdefault(one.fact.stream, []).append(one)
    return max(lives.values(), key=len)


@pytest.mark.parametrize("model", MODELS)
def test_every_read_model_is_what_its_shadow_is(model: type[ReadModel], start: Start, life: History) -> None:
    heard: list[int] = []
    found = verify(filled(start, life, model), life, told=heard.append)
    assert found.ok
    assert found.parting is None
    assert found.position == heard[-1] == life.facts[-1].position


@pytest.mark.parametrize("model", MODELS)
def test_one_that_is_behind_is_compared_where_it_is(
    model: type[ReadModel], start: Start, life: History
) -> None:
    projector = start(model)
    projector.fill_from(life, until=life.facts[70].position)
    assert verify(projector, life).ok


def test_one_that_follows_partitions_is_compared_in_each(start: Start, life: History) -> None:
    projector = start(OrderBoard)
    for part in range(3):
        mine = [one for one in life.facts if one.fact.stream.int % 3 == part][: 20 * (part + 1)]
        projector.apply(mine, partition=f"events[{part}]", offset=1)

    def holds(places: Mapping[str, Place], recorded: Recorded) -> bool:
        return recorded.position <= places[f"events[{recorded.fact.stream.int % 3}]"].position

    assert verify(projector, life, holds=holds).ok


def test_an_empty_one_is_what_it_should_be(start: Start, life: History) -> None:
    assert verify(start(OrderBoard), life).ok


def test_the_event_that_was_missed_is_named(start: Start, life: History) -> None:
    """Everything came but one event in the middle of an order's life."""
    missed = facts_of_somebody(life)[-1]
    projector = start(OrderBoard)
    projector.apply([one for one in life.facts if one is not missed])
    found = verify(projector, life)
    assert not found.ok
    assert found.parting is not None
    assert (found.parting.position, found.parting.event) == (missed.position, type(missed.fact.event).wire)
    assert found.parting.subject == str(missed.fact.stream)


def test_a_row_that_was_lost_parts_at_its_first_event(start: Start, life: History) -> None:
    first = facts_of_somebody(life)[0]
    projector = filled(start, life)
    with projector.engine.begin() as connection:
        connection.execute(orders.delete().where(orders.c.order_id == first.fact.stream))
    found = verify(projector, life).parting
    assert found is not None
    assert (found.table, found.position) == ("order_board_v2", first.position)


def test_a_row_nobody_placed_has_no_event(start: Start, life: History) -> None:
    projector = filled(start, life)
    with projector.engine.begin() as connection:
        one = dict(connection.execute(select(orders).limit(1)).mappings().one())
        stranger = UUID(int=1)
        connection.execute(orders.insert().values({**one, "order_id": stranger}))
    found = verify(projector, life).parting
    assert found is not None
    assert (found.key, found.position, found.event) == ((str(stranger),), None, "")


def test_a_sum_that_is_off_is_found(start: Start, life: History) -> None:
    projector = filled(start, life, Rating)
    with projector.engine.begin() as connection:
        connection.execute(text("UPDATE rating_sums_v1 SET completed = completed + 1000"))
    found = verify(projector, life)
    assert not found.ok
    assert found.parting is not None
    assert found.parting.table == "rating_sums_v1"


def test_a_sum_of_nothing_is_nobodys_fault(start: Start, life: History) -> None:
    from projections.matching import Matching  # noqa: PLC0415

    projector = filled(start, life, Matching)
    with projector.engine.begin() as connection:
        connection.execute(loads.insert().values(provider="nobody", in_hand=0, last_given=0))
    assert verify(projector, life).ok


def test_it_may_be_fed_meanwhile(start: Start, life: History, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is compared is one moment of it, also when it moves on between its places and its rows."""
    projector = start(OrderBoard)
    projector.fill_from(life, until=life.facts[50].position)
    honest = comparing.digest_of

    def late(connection: Connection, tables: MetaData) -> str:
        projector.fill_from(life)
        return honest(connection, tables)

    monkeypatch.setattr(comparing, "digest_of", late)
    found = verify(projector, life)
    assert found.ok
    assert found.position == life.facts[50].position
    assert projector.position(LOG) == life.facts[-1].position
