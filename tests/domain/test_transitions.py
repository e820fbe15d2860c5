"""The one table, stage by command: what it lists can happen and nothing else can."""

from collections.abc import Iterator, Sequence
from typing import Final

import pytest

from domain.commands import ORDER_COMMANDS, FinishOrderErasure, OrderCommand
from domain.model import Event
from domain.order import Order
from domain.rejections import ForbiddenStep, OrderExists, Refused, UnknownOrder
from domain.stages import CLOSED, OPEN, Stage
from domain.transitions import TRANSITIONS, allowed, rows
from tests.domain.every_command import ASKED
from tests.support.a_person import texts_erased
from tests.support.a_town import UNCLE_WANG, WATER
from tests.support.an_order import (
    OTHER,
    accept,
    accepted,
    answered,
    claimed,
    completed,
    declined,
    declined_thrice,
    dispatched,
    done,
    import_order,
    marked_duplicate,
    not_accepted,
    placed,
    pooled,
    rate,
    rated,
    reopened,
    seconded,
    withdrawn,
)
from tests.support.given import Answer, Ask, given, lived

WAYS_THERE: Final[dict[Stage, Sequence[Sequence[Event]]]] = {
    Stage.NONE: [()],
    Stage.PLACED: [(placed(),), (placed(), dispatched(), declined()), (*done(), reopened())],
    Stage.POOLED: [(placed(), pooled())],
    Stage.DISPATCHED: [(placed(), dispatched()), declined_thrice()[:-2]],
    Stage.ACCEPTED: [(placed(), dispatched(), accepted()), (placed(), pooled(), claimed())],
    Stage.ARBITRATION: [declined_thrice()],
    Stage.COMPLETED: [(placed(), seconded(), dispatched(), accepted(), completed())],
    Stage.ANSWERED: [(placed(), seconded(), answered())],
    Stage.RATED: [(placed(), seconded(), dispatched(), accepted(), completed(), rated())],
    Stage.NOT_ACCEPTED: [(placed(), not_accepted())],
    Stage.DUPLICATE: [(placed(), marked_duplicate())],
    Stage.WITHDRAWN: [(placed(), withdrawn())],
}
"""Histories that end at each stage."""


def ways_to_ask(command: type[OrderCommand]) -> Iterator[Ask]:
    yield ASKED[command]
    if command is ASKED_RATING:
        yield rate(by=UNCLE_WANG)
    if command is ASKED_IMPORT:
        yield from (import_order(stage=stage, provider=WATER) for stage in Stage if stage is not Stage.RATED)
        yield import_order(stage=Stage.RATED, level="satisfied")


ASKED_RATING: Final = type(rate().command)
ASKED_IMPORT: Final = type(import_order().command)


def answers(stage: Stage, command: type[OrderCommand]) -> list[Answer]:
    """Every way to ask, after every way to come to the stage."""
    return [
        given(*history, *_first(stage, command)).beside(OTHER, placed()).when(ask)
        for history in WAYS_THERE[stage]
        for ask in ways_to_ask(command)
    ]


def _first(stage: Stage, command: type[OrderCommand]) -> Sequence[Event]:
    """What has to have happened as well, whatever the stage."""
    return (texts_erased(),) if command is FinishOrderErasure and stage is not Stage.NONE else ()


def test_the_histories_end_where_they_say() -> None:
    for stage, histories in WAYS_THERE.items():
        for history in histories:
            order = lived(str(OTHER), history)
            assert isinstance(order, Order)
            assert order.stage is stage


def listed() -> list[object]:
    return [
        pytest.param(stage, command, id=f"{stage}-{command.wire}")
        for stage in Stage
        for command in ORDER_COMMANDS
        if stage in TRANSITIONS[command]
    ]


def not_listed() -> list[object]:
    return [
        pytest.param(stage, command, id=f"{stage}-{command.wire}")
        for stage in Stage
        for command in ORDER_COMMANDS
        if stage not in TRANSITIONS[command]
    ]


@pytest.mark.parametrize(("stage", "command"), listed())
def test_what_is_listed_leads_to_each_listed_stage_and_no_other(
    stage: Stage, command: type[OrderCommand]
) -> None:
    done_or_so_already = [answer.after() for answer in answers(stage, command) if answer.refusal is None]
    assert {order.stage for order in done_or_so_already if isinstance(order, Order)} == allowed(
        stage, command
    )


@pytest.mark.parametrize(("stage", "command"), not_listed())
def test_what_is_not_listed_is_refused(stage: Stage, command: type[OrderCommand]) -> None:
    assert allowed(stage, command) == frozenset()
    for answer in answers(stage, command):
        answer.then_rejected(_refusal(stage, command))


def _refusal(stage: Stage, command: type[OrderCommand]) -> type[Refused]:
    if stage is Stage.NONE:
        return UnknownOrder
    return OrderExists if Stage.NONE in TRANSITIONS[command] else ForbiddenStep


def test_the_table_covers_every_order_command() -> None:
    assert set(TRANSITIONS) == set(ORDER_COMMANDS)


def test_a_step_that_is_not_possible_is_named_in_both_languages() -> None:
    refusal = given(placed()).when(accept()).refusal
    assert refusal is not None
    assert refusal.reason_zh == "工单待派单，此时不能接单；请先查看工单。"
    assert refusal.reason_en.startswith("The order is to dispatch, where AcceptOrder is not possible;")


def test_the_rows_are_the_table_for_people() -> None:
    table = list(rows())
    assert (Stage.DISPATCHED, "DeclineOrder", (Stage.PLACED, Stage.ARBITRATION)) in table
    assert len(table) == sum(len(stages) for stages in TRANSITIONS.values())


def test_a_stage_is_open_or_closed_or_not_yet_there() -> None:
    assert {Stage.NONE} | OPEN | CLOSED == set(Stage)
    assert not OPEN & CLOSED
