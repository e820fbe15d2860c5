"""The count after a storm finds what it is there to find: each harm planted once."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from msgspec.structs import replace

from domain.facts import Recorded
from tests.faults.storm import checking
from tests.support.a_bus import Heard
from tests.support.history import History


@pytest.fixture
def facts() -> list[Recorded]:
    history = History()
    for _ in range(3):
        history.place()
    return history.facts


def changed(one: Recorded, **meta: object) -> Recorded:
    return replace(one, fact=replace(one.fact, meta=replace(one.fact.meta, **meta)))


Harm = Callable[[Sequence[Recorded]], list[Recorded]]
DOUBLED: dict[str, Harm] = {
    "the same part twice": lambda facts: [*facts, facts[-1]],
    "the same command, taken in twice": lambda facts: [*facts, changed(facts[-1], intake="imports[0]@99")],
}
DISORDERED: dict[str, Harm] = {
    "a version left out": lambda facts: [
        *facts[:-1],
        replace(facts[-1], fact=replace(facts[-1].fact, version=facts[-1].fact.version + 1)),
    ],
    "time going back": lambda facts: [
        *facts,
        changed(
            replace(facts[-1], fact=replace(facts[-1].fact, version=facts[-1].fact.version + 1)),
            at=facts[-1].fact.meta.at - timedelta(seconds=1),
        ),
    ],
}


def test_a_record_without_harm_counts_none(facts: list[Recorded]) -> None:
    assert (checking._doubled(facts), checking._disordered(facts)) == (0, 0)


@pytest.mark.parametrize("harm", DOUBLED.values(), ids=list(DOUBLED))
def test_what_took_effect_twice_is_found(facts: list[Recorded], harm: Harm) -> None:
    assert checking._doubled(harm(facts)) > 0


@pytest.mark.parametrize("harm", DISORDERED.values(), ids=list(DISORDERED))
def test_what_is_out_of_order_is_found(facts: list[Recorded], harm: Harm) -> None:
    assert checking._disordered(harm(facts)) > 0


def heard(*positions: int) -> list[Heard]:
    return [
        Heard("events", 0, offset, None, b"", {"ce_position": str(position)})
        for offset, position in enumerate(positions)
    ]


def test_what_the_relay_says_again_is_passed_over_and_what_comes_late_is_found() -> None:
    assert checking._once(heard(1, 2, 3, 2, 3, 4)) == ([1, 2, 3, 4], 2)
    assert checking._backwards(heard(1, 2, 3, 2, 3, 4)) == 0
    assert checking._backwards(heard(1, 3, 2)) == 1


def test_an_answer_that_never_went_out_is_found(facts: list[Recorded]) -> None:
    everything = [one.position for one in facts]
    assert checking._unfinished(facts, everything) == set()
    assert checking._unfinished(facts, everything[:-1]) == {everything[-1]}
