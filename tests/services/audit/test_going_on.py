"""An auditor holds few subjects in memory, and goes on from where another one stopped."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from domain.facts import Recorded
from services.audit.auditor import Auditor
from tests.services.audit.a_record import a_day, a_town
from tests.support.a_town import ROADS, WATER
from tests.support.random_history import random_history


def played(facts: Sequence[Recorded], held: int, page: int = 10) -> Auditor:
    """Read page by page with so few subjects in memory."""
    auditor = Auditor(earlier=_earlier(facts), held=held)
    for start in range(0, len(facts), page):
        auditor.expect(facts[start : start + page])
        assert [one for recorded in facts[start : start + page] for one in auditor.take(recorded)] == []
    assert auditor.finish() == []
    return auditor


def _earlier(facts: Sequence[Recorded]) -> Callable[[Any, int], list[Recorded]]:
    return lambda streams, before: [
        one for one in facts if one.fact.stream in set(streams) and one.position < before
    ]


def test_with_few_subjects_in_memory_it_says_the_same() -> None:
    facts = random_history().facts
    few, all_of_them = played(facts, held=3), played(facts, held=100_000)
    assert few.again.counted == all_of_them.again.counted
    assert few.subjects == all_of_them.subjects
    assert few.facts == all_of_them.facts == len(facts)


def test_no_more_subjects_are_held_than_a_page_is_about() -> None:
    facts = random_history().facts
    auditor = played(facts, held=3)
    subjects = {one.fact.meta.subject for one in facts}
    held = [subject for subject in subjects if auditor.state(subject) is not None]
    assert len(held) < 30 < auditor.subjects


def test_what_no_fact_says_was_read_is_looked_for_all_the_same() -> None:
    facts = [
        replace(one, fact=replace(one.fact, meta=replace(one.fact.meta, reads=()))) for one in a_day().facts
    ]
    assert played(facts, held=3, page=2).subjects == 5


@pytest.mark.parametrize("cut", [1, 40, 200])
def test_another_one_goes_on_from_where_one_stopped(cut: int) -> None:
    facts = random_history().facts
    first = Auditor(earlier=_earlier(facts))
    first.expect(facts[:cut])
    for one in facts[:cut]:
        first.take(one)
    second = Auditor(earlier=_earlier(facts))
    second.go_on(first.reached())
    second.expect(facts[cut:])
    assert [one for recorded in facts[cut:] for one in second.take(recorded)] == []
    whole = played(facts, held=100_000)
    assert (second.facts, second.subjects) == (whole.facts, whole.subjects)
    assert second.again.counted == whole.again.counted


def test_a_command_cut_in_two_by_the_stop_is_remembered() -> None:
    history = a_town()
    order = history.place()
    for provider in (WATER, ROADS, WATER):
        history.dispatch(order, provider)
        history.decline(order, provider)
    facts = history.facts[:-1]
    first = Auditor(earlier=_earlier(facts))
    first.expect(facts)
    for one in facts:
        first.take(one)
    second = Auditor(earlier=_earlier(facts))
    second.go_on(first.reached())
    assert [one.code for one in second.finish()] == ["incomplete_command"]
    third = Auditor(earlier=_earlier(history.facts))
    third.go_on(first.reached())
    assert third.take(history.facts[-1]) == []
    assert third.finish() == []
