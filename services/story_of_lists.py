"""Sentences for what happens to providers, their volunteers, standing needs and the town's rules."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from domain import events as e
from domain import need_events as n
from domain.hours import Shift
from domain.ids import AreaPath, CategoryPath
from domain.model import Event
from domain.provider_events import Offer
from domain.rules import Rules
from domain.stages import KIND_NAMES, Duty

ZH, EN = 0, 1
Parts = tuple[str, ...]
"""A sentence in parts; a part that names something the event does not have is left out."""

_WHO: Final[tuple[Parts, Parts]] = (
    (
        "{name_zh}（{name_en}），{kind}",
        "，联系{contact}",
        "，成员{members}名",
        "，专职{full_time}名",
        "，{takes_by_bus}",
        "，服务时间{hours}",
        "，技能{skills}",
    ),
    (
        "{name_en} ({name_zh}), {kind}",
        ", reached at {contact}",
        ", {members} members",
        ", {full_time} full-time",
        ", {takes_by_bus}",
        ", open {hours}",
        ", skills {skills}",
    ),
)
_ONE: Final[tuple[Parts, Parts]] = (
    ("{volunteer}，姓名{name}", "，技能{skills}", "，时间{hours}", "，愿做{willing}", "，健康{health}"),
    (
        "{volunteer}, name {name}",
        ", skills {skills}",
        ", on duty {hours}",
        ", willing {willing}",
        ", health {health}",
    ),
)
_NEED: Final[tuple[Parts, Parts]] = (
    ("{title_zh}", "，{category}", "，{area}", "，需{takers_wanted}方", "，{until}前"),
    ("{title_en}", ", {category}", " at {area}", ", {takers_wanted} wanted", ", until {until}"),
)

TOLD_OF_LISTS: Final[Mapping[type[Event], tuple[Parts, Parts]]] = {
    e.ProviderRegistered: (
        ("登记接单方", *_WHO[ZH], "，容量{capacity}", "，区域{areas}", "，服务{offers}"),
        ("registered ", *_WHO[EN], ", capacity {capacity}", ", areas {areas}", ", offers {offers}"),
    ),
    e.ProviderAmended: (("更正登记信息，现为", *_WHO[ZH]), ("amended it, now ", *_WHO[EN])),
    e.ProviderOffersChanged: (
        ("变更服务清单，区域{areas}", "，服务{offers}"),
        ("changed what it takes: areas {areas}", ", offers {offers}"),
    ),
    e.ProviderCapacityChanged: (("容量改为{capacity}",), ("changed its capacity to {capacity}",)),
    e.VolunteerEnrolled: (("登记志愿者", *_ONE[ZH]), ("enrolled volunteer ", *_ONE[EN])),
    e.VolunteerChanged: (("变更志愿者", *_ONE[ZH]), ("changed volunteer ", *_ONE[EN])),
    e.VolunteerReleased: (("志愿者{volunteer}退出",), ("released volunteer {volunteer}",)),
    e.ProviderRetiring: (("开始退出接单", "，理由{reason}"), ("began to retire it", ": {reason}")),
    e.ProviderRetired: (
        ("完成退出，退回{returned}张工单",),
        ("finished its retirement; {returned} orders went back",),
    ),
    n.NeedStated: (("提出需求：", *_NEED[ZH]), ("stated a need: ", *_NEED[EN])),
    n.NeedAmended: (("更正需求，现为：", *_NEED[ZH]), ("amended it, now: ", *_NEED[EN])),
    n.NeedTakenUp: (
        ("认领", "：{provider}", "，共{takers}方", "，说明{note}"),
        ("took it up", " for {provider}", ", {takers} in all", ": {note}"),
    ),
    n.NeedLetGo: (
        ("退出认领", "：{provider}", "，还有{takers}方"),
        ("let go of it", " for {provider}", ", {takers} left"),
    ),
    n.NeedClosed: (("关闭需求", "，理由{reason}"), ("closed it", ": {reason}")),
    e.RulesAdopted: (
        ("采用第{version}版细则：{rules}",),
        ("adopted version {version} of the rules: {rules}",),
    ),
}
"""As `services.story.TOLD`: a part that names something the event does not have is left out."""

_DAYS: Final = (
    ("一", "二", "三", "四", "五", "六", "日"),
    ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
)
LISTED: Final = frozenset({"kind", "rules", "takes_by_bus", "hours", "skills", "willing", "areas", "offers"})
"""The fields that `listed` puts into words."""
_JOINED: Final = ("、", ", ")


def listed(name: str, value: Any, rules: Rules, lang: int) -> str | None:
    """One of these fields in words; None: it goes without saying."""
    match name:
        case "kind":
            return KIND_NAMES[value][lang]
        case "rules":
            return _rules(value, lang)
        case "takes_by_bus":
            return ("自有系统从主题接单", "takes work from a topic of its own")[lang] if value else None
        case _:
            return _JOINED[lang].join(_one(each, rules, lang) for each in value) or None


def _one(value: Any, rules: Rules, lang: int) -> str:
    if isinstance(value, Shift):
        return _shift(value, lang)
    if isinstance(value, Offer):
        must = ("（必办）", " (must)")[lang] if value.duty is Duty.MUST else ""
        return _called(value.category, rules, lang) + must
    return _called(str(value), rules, lang)


def _shift(shift: Shift, lang: int) -> str:
    days = _days(shift.weekdays, lang)
    return f"周{days} {shift.start}-{shift.end}" if lang == ZH else f"{days} {shift.start}-{shift.end}"


def _days(weekdays: Iterable[int], lang: int) -> str:
    return _JOINED[lang].join(_DAYS[lang][day - 1] for day in weekdays)


def _called(code: str, rules: Rules, lang: int) -> str:
    """An area, a category or a skill by its name, a code that the rules do not know by itself."""
    area, item = rules.area_by_path.get(AreaPath(code)), rules.category_by_path.get(CategoryPath(code))
    words = area.name if area else item.name if item else rules.skills.get(code)
    if words is None:
        return code
    return words.zh if lang == ZH else words.en


def _rules(rules: Rules, lang: int) -> str:
    name = rules.name.zh if lang == ZH else rules.name.en
    counts = len(rules.areas), len(rules.catalogue), len(rules.people)
    if lang == ZH:
        return "{}，{}个区域、{}个事项、{}名人员".format(name, *counts)
    return "{}, {} areas, {} items, {} people".format(name, *counts)
