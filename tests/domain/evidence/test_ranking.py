"""What earlier dispatches taught, asked one order at a time."""

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.evidence.contexts import BY_ITEM, Features, Precedent
from domain.evidence.counts import Counts
from domain.evidence.memory import Memory
from domain.evidence.mixing import Weights
from domain.evidence.precedents import Precedents
from domain.evidence.ranking import Evidence, Ranked
from domain.evidence.signals import INSTEAD, RUNS
from tests.domain.evidence.a_history import first, history, lamp, sent, taught

ROOT = Path(__file__).parents[3]
MOST_TOUCHED = 14  # nine contexts, three places of a kind, two kinds that are usual elsewhere
NIGHT_SHIFT = 5  # orders after which a duty that moved overnight is followed, whatever came before
POTHOLE = lamp(subcategory="道路", item="路面坑洼")


def test_who_got_such_orders_here_before_ranks_first() -> None:
    evidence = taught(*[sent("灯务所")] * 3, *[sent("市政所", POTHOLE)] * 5)
    assert first(evidence, lamp()) == "灯务所"
    assert first(evidence, POTHOLE) == "市政所"


def test_nobody_is_known_before_the_first_order() -> None:
    assert Evidence().rank(lamp()) == []


def test_an_order_without_a_provider_teaches_nothing() -> None:
    evidence = taught(sent("灯务所"))
    before = evidence.rank(lamp())
    evidence.learn(Precedent(lamp()))
    assert evidence.rank(lamp()) == before


def test_a_kind_learnt_in_one_street_serves_another() -> None:
    """The east's squad for stalls was never sent with stalls; the west's was, and both are squads."""
    stall = lamp(street="西湖街道", community="西柳社区", item="乱摆卖", subcategory="占道")
    noise = lamp(item="夜间施工", subcategory="噪音")
    evidence = taught(
        *[sent("西湖街道执法队", stall)] * 10,
        sent("东湖街道灯务所"),
        sent("东湖街道执法队", noise),
    )
    assert first(evidence, lamp(item="乱摆卖", subcategory="占道")) == "东湖街道执法队"


STALL_WEST = lamp(street="西湖街道", community="西柳社区", item="乱摆卖")
STALL_SOUTH = lamp(street="南湖街道", community="南柳社区", item="乱摆卖")
HEAP_EAST = lamp(item="垃圾堆放")


def by_item_in_the_east(*told: Precedent) -> set[str]:
    """Whom the stalls of all streets speak for in the east, where nobody had one."""
    precedents = Precedents(Memory())
    for one in told:
        precedents.add(one)
    (said,) = (one for one in precedents.signals(lamp(item="乱摆卖")) if one.row == BY_ITEM)
    return set(said.strengths)


def test_where_all_of_a_kind_are_bound_to_other_streets_it_is_who_does_their_work_here() -> None:
    heap_west = lamp(street="西湖街道", community="西柳社区", item="垃圾堆放")
    told = (
        *[sent("西湖街道执法队", STALL_WEST)] * 4,
        *[sent("西湖街道执法队", heap_west)] * 4,
        sent("东湖综合办", HEAP_EAST),
    )
    assert by_item_in_the_east(*told) == {"东湖综合办"}


def test_who_serves_several_streets_is_expected_in_another_too() -> None:
    told = (
        *[sent("水务公司", STALL_WEST), sent("水务公司", STALL_SOUTH)] * 4,
        *[sent("水务公司", lamp(street="西湖街道", item="垃圾堆放"))] * 4,
        sent("东湖综合办", HEAP_EAST),
    )
    assert by_item_in_the_east(*told) == {"水务公司"}


def test_what_no_count_can_tell_is_learnt_as_a_correction() -> None:
    """Complaints and wishes about the same thing at the same place go to different kinds of units."""
    chance = Random(1)  # noqa: S311 - chance for an example
    told = (sent("执法队", lamp(property="投诉")), sent("城管办", lamp(property="建议")))
    evidence = taught(*(chance.choice(told) for _ in range(300)))
    complaint, wish = (dict(evidence.rank(lamp(property=one)))["执法队"] for one in ("投诉", "建议"))
    assert complaint > wish + 0.2


def test_providers_of_one_kind_are_told_apart_by_a_correction_of_their_own() -> None:
    """Two squads of one kind serve the same street, each for another channel."""
    chance = Random(1)  # noqa: S311 - chance for an example
    told = (sent("东湖街道执法队", lamp(channel="热线")), sent("东湖执法队", lamp(channel="app")))
    evidence = taught(sent("西湖街道执法队", STALL_WEST), *(chance.choice(told) for _ in range(300)))
    assert len({evidence._precedents.roles.of(one.provider) for one in told}) == 1
    hotline, app = (dict(evidence.rank(lamp(channel=one)))["东湖执法队"] for one in ("热线", "app"))
    assert app > hotline + 0.2


def test_what_proved_right_is_believed_otherwise_than_at_first() -> None:
    evidence = taught(*history(200))
    signals = evidence._precedents.signals(history(1, seed=2)[0].features)
    assert all(evidence._weights.of(one) != Weights.at_first().of(one) for one in signals)


@pytest.mark.parametrize("before", [20, 100, 400])
def test_a_duty_that_moves_overnight_is_followed_soon(before: int) -> None:
    evidence = taught(*[sent("灯务所")] * before)
    evidence.learn(sent("市政所", POTHOLE))
    after = 0
    while first(evidence, lamp()) != "市政所":
        evidence.learn(sent("市政所"))
        after += 1
        assert after <= NIGHT_SHIFT


def test_a_single_exception_moves_nothing() -> None:
    evidence = taught(*[sent("灯务所")] * 20, sent("市政所"))
    assert first(evidence, lamp()) == "灯务所"


def test_equals_are_ranked_by_id() -> None:
    elsewhere = lamp(street="西湖街道", community="西柳社区", category="x", subcategory="x", item="x")
    evidence = taught(sent("b"), sent("a"), sent("c"))
    assert [one.provider for one in evidence.rank(elsewhere)] == ["a", "b", "c"]
    assert {one.probability for one in evidence.rank(elsewhere)} == {0.0}


def test_a_provider_is_told_from_others_by_its_id_and_its_kind_by_its_name() -> None:
    stall = lamp(street="西湖街道", community="西柳社区", item="乱摆卖")
    evidence = taught(
        *[sent("u-1", stall, called="西湖街道执法队")] * 10, sent("u-2", called="东湖街道执法队"), sent("u-3")
    )
    assert first(evidence, lamp(item="乱摆卖")) == "u-2"
    assert evidence.called("u-2") == "东湖街道执法队"


def test_asking_in_between_changes_nothing() -> None:
    told = history(300)
    quiet, asked = Evidence(), Evidence()
    for one in told:
        quiet.learn(one)
        for order in (told[0].features, one.features, told[-1].features):
            for ranked in asked.rank(order)[:2]:
                asked.explain(order, ranked.provider)
        asked.learn(one)
    assert all(quiet.rank(one.features) == asked.rank(one.features) for one in told[:50])


RANKS = """
from domain.evidence.ranking import Evidence
from tests.domain.evidence.a_history import history
evidence = Evidence()
for one in history(400):
    evidence.learn(one)
for one in history(40, seed=2):
    print(evidence.rank(one.features))
    print(evidence.explain(one.features, evidence.rank(one.features)[0].provider))
"""


def test_how_python_hashes_does_not_matter() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", RANKS],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1
    assert len(said.pop().splitlines()) == 80


def test_learning_touches_as_many_counts_after_thousands_of_orders_as_at_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    touched: list[str] = []
    add = Counts.add

    def noted(counts: Counts, name: str) -> None:
        touched.append(name)
        add(counts, name)

    monkeypatch.setattr(Counts, "add", noted)
    evidence, most = Evidence(), []
    for one in history(2_000):
        touched.clear()
        evidence.learn(one)
        most.append(len(touched))
    assert max(most[-100:]) <= max(most[:100]) <= MOST_TOUCHED


def test_what_speaks_for_an_order_is_bounded_however_long_the_history() -> None:
    precedents = Precedents(Memory())
    for one in history(2_000):
        precedents.add(one)
    for one in history(50, seed=2):
        rows = [signal.row for signal in precedents.signals(one.features)]
        assert len(rows) == len(set(rows)) <= INSTEAD + 1


def test_a_run_against_the_majority_is_a_signal_of_its_own() -> None:
    def rows(*providers: str) -> set[int]:
        precedents = Precedents(Memory())
        for provider in providers:
            precedents.add(sent(provider))
        return {signal.row for signal in precedents.signals(lamp()) if RUNS <= signal.row < INSTEAD}

    assert rows("灯务所", "灯务所", "灯务所", "市政所", "市政所") == {RUNS, RUNS + 1, RUNS + 2}
    assert rows("灯务所", "灯务所", "灯务所", "市政所") == set()
    assert rows("灯务所", "灯务所", "灯务所") == set()


SOME = st.sampled_from(("", "东湖街道", "西湖街道", "柳社区"))
ORDERS = st.builds(
    lamp, street=SOME, community=SOME, item=st.sampled_from(("路灯不亮", "乱摆卖", "")), category=SOME
)
PROVIDERS = st.sampled_from(
    ("", "东湖街道执法队", "西湖街道执法队", "柳社区站", "（东湖街道办）队", "（", "a")
)
HISTORIES = st.lists(st.builds(sent, PROVIDERS, ORDERS), max_size=30)


@settings(max_examples=150, deadline=None)
@given(HISTORIES, ORDERS)
def test_every_known_provider_is_ranked_once_and_probabilities_add_up(
    told: list[Precedent], order: Features
) -> None:
    evidence = taught(*told)
    ranked: list[Ranked] = evidence.rank(order)
    assert sorted(one.provider for one in ranked) == sorted({one.provider for one in told} - {""})
    whole = sum(one.probability for one in ranked)
    assert whole == pytest.approx(1) or whole == 0
    assert ranked == sorted(ranked, key=lambda one: (-one.probability, one.provider))
    assert ranked == evidence.rank(order)
