"""Asked about many orders, it says of each what it says when asked about that one alone."""

from domain.evidence.contexts import Features
from domain.evidence.ranking import Evidence
from tests.domain.evidence.a_history import history, taught

LESSONS = 150
KNOWN = history(LESSONS)
ASKED = list({one.features for one in history(3 * LESSONS)})


def alone(order: Features, lessons: int = LESSONS) -> dict[str, float]:
    return dict(taught(*KNOWN[:lessons]).chances(order))


def said(evidence: Evidence) -> list[dict[str, float]]:
    return [dict(evidence.chances(order)) for order in ASKED]


def test_what_it_was_asked_before_changes_no_bit_of_an_answer() -> None:
    assert said(taught(*KNOWN)) == [alone(order) for order in ASKED]


def test_what_it_learns_between_questions_counts_at_once() -> None:
    evidence = taught(*KNOWN[:-20])
    for one in KNOWN[-20:]:
        said(evidence)
        evidence.learn(one)
    assert said(evidence) == [alone(order) for order in ASKED]


def test_what_is_taken_back_between_questions_counts_at_once() -> None:
    untouched, asked = taught(*KNOWN), taught(*KNOWN)
    said(asked)
    for evidence in (untouched, asked):
        evidence.take_back(KNOWN[-1])
    assert said(asked) == said(untouched)


def test_what_is_learnt_does_not_hang_on_what_was_asked() -> None:
    asked = Evidence()
    for number, one in enumerate(KNOWN):
        if number % 7 == 0:
            said(asked)
        asked.learn(one)
    assert said(asked) == said(taught(*KNOWN))
