"""The sentence beside a proposal says counts that anyone can count again."""

import re
from collections.abc import Callable

from domain.evidence.contexts import Features
from domain.evidence.counts import WINDOW
from domain.evidence.ranking import Evidence
from domain.evidence.roles import COMMUNITY
from tests.domain.evidence.a_history import history, lamp, sent, taught

POTHOLE = lamp(subcategory="道路", item="路面坑洼")
STALL = lamp(street="西湖街道", community="西柳社区", item="乱摆卖", subcategory="占道")

ALIKE: dict[str, Callable[[Features], object]] = {
    "同社区同事项": lambda order: (order.item, order.community),
    "同街道同事项": lambda order: (order.item, order.street),
    "同街道同小类": lambda order: (order.subcategory, order.street),
    "同社区": lambda order: order.community,
    "同街道": lambda order: order.street,
    "各街道同事项": lambda order: order.item,
    "各街道同小类": lambda order: order.subcategory,
    "各街道同渠道同小类": lambda order: (order.channel, order.subcategory),
    "各街道同大类": lambda order: order.category,
}
"""The contexts as a person would count them."""


def test_it_tells_how_many_of_the_last_orders_went_there() -> None:
    told = taught(*[sent("水务公司")] * 9, *[sent("灯务所")] * 31).explain(lamp(), "灯务所")
    assert told is not None
    assert told.zh == "最近40件同社区同事项工单中，31件由灯务所办理"
    assert told.en == "of the last 40 orders of this item in this community, 31 went to 灯务所"


def test_one_order_is_one_order() -> None:
    told = taught(sent("灯务所")).explain(lamp(), "灯务所")
    assert told is not None
    assert told.en.startswith("of the last 1 order of this item in this community, 1 went to")


def test_counts_of_a_kind_say_that_a_kind_is_counted() -> None:
    evidence = taught(
        *[sent("西湖街道执法队", STALL)] * 7, sent("东湖街道执法队", POTHOLE), sent("东湖街道灯务所")
    )
    told = evidence.explain(lamp(item="乱摆卖", subcategory="占道"), "东湖街道执法队")
    assert told is not None
    assert told.zh == "最近7件各街道同事项工单中，7件由“执法队”一类单位办理，东湖街道执法队属此类"
    assert "7 went to providers of the kind 执法队, and 东湖街道执法队 is of that kind" in told.en


def test_a_kind_of_which_there_is_one_is_told_by_its_name() -> None:
    stall = {"item": "乱摆卖", "subcategory": "占道"}
    told = taught(*[sent("水务公司", STALL)] * 7).explain(lamp(**stall), "水务公司")
    assert told is not None
    assert told.zh == "最近7件各街道同事项工单中，7件由水务公司办理"


def test_who_got_nothing_like_it_has_no_reason() -> None:
    other = lamp(
        street="西湖街道", community="西柳社区", category="x", subcategory="x", item="x", channel="x"
    )
    assert taught(sent("水务公司", other), sent("灯务所")).explain(lamp(), "水务公司") is None
    assert Evidence().explain(lamp(), "灯务所") is None


def test_what_the_last_forty_do_not_show_is_no_reason() -> None:
    evidence = taught(sent("市政所"), *[sent("灯务所")] * (WINDOW + 1))
    assert evidence.explain(lamp(), "市政所") is None
    assert evidence.rank(lamp())[1].probability > 0  # its old order still counts a little


def test_every_count_is_the_one_counted_by_hand() -> None:
    """Over a whole history, once its first part has told what the places are."""
    told, evidence, kinds = history(600), Evidence(), 0
    for one in told:
        evidence.learn(one)
    roles = evidence._precedents.roles
    for one in history(80, seed=2):
        provider = evidence.rank(one.features)[0].provider
        why = evidence.explain(one.features, provider)
        if why is None or why.context_zh not in ALIKE:
            continue
        alike = ALIKE[why.context_zh]
        like_it = [old.provider for old in told if alike(old.features) == alike(one.features)][-WINDOW:]
        counts = roles.of if why.kind else lambda name: name
        assert (why.orders, why.hits) == (len(like_it), [counts(p) for p in like_it].count(counts(provider)))
        kinds += bool(why.kind)
    assert kinds < 80


def test_no_mark_is_ever_shown() -> None:
    evidence = taught(*history(300))
    for one in history(60, seed=3):
        for ranked in evidence.rank(one.features)[:5]:
            why = evidence.explain(one.features, ranked.provider)
            assert why is None or not re.search("[\x00-\x1f]", why.zh + why.en)
    assert COMMUNITY not in evidence.called("东柳社区工作站")
