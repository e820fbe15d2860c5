"""A fact that a read model fails on waits with all that follow in its stream; the others flow."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError, OperationalError

from domain.events import OrderEvent
from domain.facts import Recorded
from domain.ids import StreamId
from projections.engine import (
    OnlyInOrder,
    Part,
    Projector,
    ReadModel,
    Rebuilding,
    TooManyParked,
    Undecoded,
    parked_counts,
    parking,
    undecoded,
    verify,
)
from projections.evidence import EvidenceModel
from projections.order_board import OrderBoard
from projections.rating import Rating
from tests.projections.conftest import MODELS
from tests.projections.test_rebuilding import whole
from tests.support.history import History


def poison_of(life: History) -> Recorded:
    """The second event of the order with the longest life."""
    lives: dict[StreamId, list[Recorded]] = {}
    for one in life.facts:
        if isinstance(one.fact.event, OrderEvent):
            lives.setdefault(one.fact.stream, []).append(one)
    return max(lives.values(), key=len)[1]


def stumbling(model: type[ReadModel], at: Recorded, error: Any = None) -> Any:
    """A read model that fails on one fact until it is mended."""

    class Stumbling(model):
        broken = True

        def apply(self, connection: Connection, batch: Sequence[Recorded]) -> None:
            super().apply(connection, batch)
            if self.broken and any(one.position == at.position for one in batch):
                raise error or KeyError("colour")

    return Stumbling()


def mend(projector: Any) -> None:
    projector.model.broken = False


def behind(life: History, poison: Recorded) -> list[Recorded]:
    return [
        one for one in life.facts if one.fact.stream == poison.fact.stream and one.position >= poison.position
    ]


def created(model: ReadModel, reads: Engine) -> Projector:
    projector = Projector(model, reads)
    projector.create()
    return projector


@pytest.mark.parametrize("model", [model for model in MODELS if not model.in_log_order])
@pytest.mark.parametrize("size", [1, 7, 500])
def test_its_order_waits_and_all_others_flow(
    model: type[ReadModel], size: int, reads: Engine, life: History, digests
) -> None:
    poison = poison_of(life)
    projector = created(stumbling(model, poison), reads)
    projector.fill_from(life, limit=size)
    waits = behind(life, poison)
    assert projector.position() == life.facts[-1].position
    parked = parked_counts(reads, [projector.id])[projector.id]
    assert (parked.subjects, parked.facts, parked.first) == (1, len(waits), poison.position)
    assert parked.why == "KeyError: 'colour'"
    others = [one for one in life.facts if one not in waits]
    assert projector.digest() == _digest(model, others, reads)
    mend(projector)
    done = projector.retry(life)
    assert (done.applied, done.left.facts) == (len(waits), 0)
    assert projector.digest() == digests[model]


@pytest.mark.parametrize("size", [1, 7, 500])
def test_what_learns_in_log_order_takes_nothing_in_later(
    size: int, reads: Engine, life: History, digests
) -> None:
    poison = poison_of(life)
    projector = created(stumbling(EvidenceModel, poison), reads)
    projector.fill_from(life, limit=size)
    waits = behind(life, poison)
    others = [one for one in life.facts if one not in waits]
    assert projector.digest() == _digest(EvidenceModel, others, reads)
    mend(projector)
    with pytest.raises(OnlyInOrder):
        projector.retry(life)
    assert parked_counts(reads, [projector.id])[projector.id].facts == len(waits)
    Rebuilding(projector, whole(life)).rebuild()
    assert parked_counts(reads, [projector.id])[projector.id].facts == 0
    assert projector.digest() == digests[EvidenceModel]
    assert projector.retry(life).applied == 0


def _digest(model: type[ReadModel], facts: Sequence[Recorded], reads: Engine) -> str:
    beside = Projector(model(), reads, 9)
    beside.create()
    beside.apply(facts)
    return beside.digest()


def test_over_several_partitions_too(reads: Engine, life: History, digests) -> None:
    poison = poison_of(life)
    projector = created(stumbling(Rating, poison), reads)
    for start in range(0, len(life.facts), 30):
        batch = life.facts[start : start + 30]
        parts = {
            f"events[{number}]": Part([one for one in batch if one.fact.stream.int % 3 == number], start)
            for number in range(3)
        }
        projector.apply_parts(parts)
    assert parked_counts(reads, [projector.id])[projector.id].facts == len(behind(life, poison))
    mend(projector)
    projector.retry(life)
    assert projector.digest() == digests[Rating]


def test_what_still_fails_goes_on_waiting_and_says_why(reads: Engine, life: History) -> None:
    poison = poison_of(life)
    projector = created(stumbling(OrderBoard, poison), reads)
    projector.fill_from(life)
    done = projector.retry(life)
    assert (done.applied, done.left.facts) == (0, len(behind(life, poison)))
    assert done.left.why == "KeyError: 'colour'"


def test_a_later_fact_of_a_parked_order_never_overtakes(reads: Engine, life: History, digests) -> None:
    poison = poison_of(life)
    projector = created(stumbling(OrderBoard, poison), reads)
    until = behind(life, poison)[1].position
    projector.fill_from(life, until=until)
    mend(projector)  # mended, but nobody has said so
    projector.fill_from(life)
    assert parked_counts(reads, [projector.id])[projector.id].facts == len(behind(life, poison))
    projector.retry(life)
    assert projector.digest() == digests[OrderBoard]


def test_a_second_delivery_of_a_parked_fact_changes_nothing(reads: Engine, life: History) -> None:
    projector = created(stumbling(OrderBoard, poison_of(life)), reads)
    projector.fill_from(life)
    before = parked_counts(reads, [projector.id])
    assert projector.apply(life.facts) == 0
    assert parked_counts(reads, [projector.id]) == before


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("SELECT 1", {}, Exception("server closed the connection")),
        KeyboardInterrupt(),
    ],
)
def test_a_database_that_is_away_is_no_fact_s_fault(error, reads: Engine, life: History) -> None:
    projector = created(stumbling(OrderBoard, poison_of(life), error), reads)
    with pytest.raises(type(error)):
        projector.fill_from(life)
    assert parked_counts(reads, [projector.id])[projector.id].facts == 0


def test_a_value_the_database_refuses_is(reads: Engine, life: History) -> None:
    refused = IntegrityError("INSERT …", {"phone": "13900000000"}, Exception("null\nFailing row 13900000000"))
    projector = created(stumbling(OrderBoard, poison_of(life), refused), reads)
    projector.fill_from(life)
    assert parked_counts(reads, [projector.id])[projector.id].why == "Exception: null"


def test_tables_that_are_missing_are_no_fact_s_fault(reads: Engine, life: History) -> None:
    projector = created(OrderBoard(), reads)
    with reads.begin() as connection:
        connection.execute(text("DROP TABLE order_board_counts_v2"))
    with pytest.raises(Exception, match="order_board_counts_v2"):
        projector.fill_from(life)
    assert parked_counts(reads, [projector.id])[projector.id].facts == 0


def test_a_model_that_fails_on_everything_stops(
    small_reads: Engine, life: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parking, "MOST", 3)

    class Broken(OrderBoard):
        def apply(self, connection, batch) -> None:  # noqa: ARG002
            raise ValueError

    projector = created(Broken(), small_reads)
    with pytest.raises(TooManyParked) as refusal:
        projector.fill_from(life)
    assert refusal.value.code == "too_many_parked"
    assert projector.position() == 0


def test_what_nobody_can_decode_waits_too_until_it_can_be(reads: Engine, life: History, digests) -> None:
    poison = poison_of(life)

    class OfNextYear:
        def read(self, after: int, limit: int) -> Sequence[Recorded]:
            return [
                undecoded(one.position, one.fact.stream, one.fact.version, "OrderSung", "no OrderSung known")
                if one is poison
                else one
                for one in life.read(after, limit)
            ]

    projector = created(OrderBoard(), reads)
    projector.fill_from(OfNextYear())
    parked = parked_counts(reads, [projector.id])[projector.id]
    assert (parked.subjects, parked.facts, parked.why) == (1, len(behind(life, poison)), "no OrderSung known")
    assert projector.retry(OfNextYear()).applied == 0
    assert projector.retry(life).left.facts == 0
    assert projector.digest() == digests[OrderBoard]


def test_no_read_model_ever_sees_what_nobody_can_decode(small_reads: Engine, life: History) -> None:
    class Looking(OrderBoard):
        def apply(self, connection, batch) -> None:  # noqa: ARG002
            assert not any(isinstance(one.fact.event, Undecoded) for one in batch)

    first = life.facts[0]
    unread = undecoded(first.position, first.fact.stream, 1, "X", "x")
    created(Looking(), small_reads).apply([unread, *life.facts[1:]])


def test_a_mended_model_is_rebuilt_with_nothing_parked_and_the_way_back_keeps_what_was(
    reads: Engine, life: History, digests
) -> None:
    poison = poison_of(life)
    projector = created(stumbling(OrderBoard, poison), reads)
    projector.fill_from(life)
    mend(projector)
    rebuild = Rebuilding(projector, whole(life))
    parting = verify(projector, life).parting
    assert parting is not None
    assert parting.position == poison.position
    rebuild.rebuild()
    assert parked_counts(reads, [projector.id])[projector.id].facts == 0
    assert projector.digest() == digests[OrderBoard]
    rebuild.back()
    assert parked_counts(reads, [projector.id])[projector.id].facts == len(behind(life, poison))
    projector.retry(life)
    assert projector.digest() == digests[OrderBoard]
