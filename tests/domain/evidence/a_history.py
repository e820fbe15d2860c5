"""Orders of a made-up town at a lake, and a made-up history of its hotline."""

from collections.abc import Sequence
from random import Random
from typing import Any, Final

from domain.evidence.contexts import Features, Precedent
from domain.evidence.ranking import Evidence

STREETS: Final = ("东湖街道", "西湖街道", "南湖街道", "北湖街道", "中湖街道")
COMMUNITIES: Final = ("柳", "竹", "梅", "桃")  # one of each in every street, under the street's first letter
ITEMS: Final = (
    ("市容", "占道", "乱摆卖", "城管办（{street}办事处）"),
    ("市容", "垃圾", "垃圾堆放", "{street}环卫所"),
    ("市容", "广告", "乱张贴", "城管办（{street}办事处）"),
    ("市政", "照明", "路灯不亮", "湖区灯务所"),
    ("市政", "道路", "路面坑洼", "{street}市政服务中心"),
    ("市政", "排水", "井盖缺失", "湖区水务公司"),
    ("治安", "噪音", "夜间施工", "{street}执法队"),
    ("治安", "消防", "通道堵塞", "{community}工作站"),
)
"""Category, subcategory, item, and what is called whoever gets it."""


def lamp(**said: str) -> Features:
    """A lamp that is out, in Willow at the east of the lake."""
    told = {
        "channel": "热线",
        "street": "东湖街道",
        "community": "东柳社区",
        "category": "市政",
        "subcategory": "照明",
        "item": "路灯不亮",
        **said,
    }
    return Features(**told)


def sent(provider: str, order: Features | None = None, called: str = "") -> Precedent:
    return Precedent(order or lamp(), provider, called or provider)


def taught(*history: Precedent) -> Evidence:
    evidence = Evidence()
    for one in history:
        evidence.learn(one)
    return evidence


def first(evidence: Evidence, order: Features) -> str:
    return evidence.rank(order)[0].provider


def history(orders: int, seed: int = 1, noise: float = 0.1) -> list[Precedent]:
    """Orders as the town's duties have them, but for some noise."""
    chance = Random(seed)  # noqa: S311 - chance for an example
    return [_order(chance, noise) for _ in range(orders)]


def _order(chance: Random, noise: float) -> Precedent:
    street = chance.choice(STREETS)
    community = f"{street[0]}{chance.choice(COMMUNITIES)}社区"
    category, subcategory, item, whose = chance.choice(ITEMS)
    if chance.random() < noise:
        whose = chance.choice(ITEMS)[3]
    unit = whose.format(street=street, community=community)
    order = Features(
        channel=chance.choice(("热线", "app")),
        property=chance.choice(("投诉", "建议")),
        street=street,
        community=community,
        category=category,
        subcategory=subcategory,
        item=item,
    )
    return Precedent(order, unit, unit)


def as_rows(orders: Sequence[Precedent]) -> list[dict[str, Any]]:
    """The same as rows of a table under the usual headers, a minute apart."""
    fields = ("channel", "property", "street", "community", "category", "subcategory", "item")
    return [
        {
            "source_id": f"H{number}",
            "created_at": f"2026-01-{number // 1440 + 1:02}T{number // 60 % 24:02}:{number % 60:02}:00+08:00",
            **{name: getattr(one.features, name) or None for name in fields},
            "agency": one.called or None,
        }
        for number, one in enumerate(orders)
    ]
