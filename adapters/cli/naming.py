"""What codes, stages and moments are called where people read them, Chinese first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from adapters.bootstrap import Node
from adapters.cli.asking import dashed
from adapters.cli.moments import shown
from domain.ids import AreaPath, lineage
from domain.rules import Rules
from domain.stages import STAGE_NAMES, URGENCY_NAMES, Level, Stage, Urgency
from services.story import CHANNELS

LABELS: Final = {
    "number": "单号 number",
    "order_id": "编号 id",
    "stage": "阶段 stage",
    "stage_since": "此阶段始于 since",
    "category": "事项 category",
    "area": "区域 area",
    "placed_at": "点单 placed",
    "resident": "居民 resident",
    "channel": "渠道 channel",
    "entered_by": "代点单 entered by",
    "source": "原编号 source",
    "wanted": "居民点名 wanted",
    "wanted_at": "期望时间 wanted at",
    "urgency": "缓急 urgency",
    "provider": "接单方 provider",
    "accountable": "首接负责 accountable",
    "accept_by": "接单时限 accept by",
    "due_at": "办结时限 due",
    "deadline": "时限 deadline",
    "overdue": "超期 overdue",
    "declines": "退单次数 declines",
    "round": "轮次 round",
    "seconders": "附议人数 seconders",
    "closed_at": "结案 closed",
    "closed_how": "结案方式 closed how",
    "in_time": "按时 in time",
    "resolved": "已解决 resolved",
    "level": "评价 rating",
    "bad": "差评 bad",
    "bad_ratings": "历次差评 bad ratings",
    "reason": "理由 reason",
    "duplicate_of": "并入 duplicate of",
    "proposal": "候选 candidates proposed",
    "proposed": "系统建议派给 proposed",
    "overruled": "未按系统建议 overruled",
    "why": "未按建议的理由 why",
    "details": "内容 details",
    "contact": "联系方式 contact",
    "address": "地址 address",
    "said": "居民说明 said",
    "notice": "告知 notice",
    "progress": "进展 progress",
    "result": "结果 result",
    "comment": "评语 comment",
    "as_of": "截至 as of",
    "version": "版本 version",
    "position": "位置 position",
}

CLOSED_HOW: Final = {
    Stage.COMPLETED: "办结 completed",
    Stage.ANSWERED: "直接答复 answered at once",
    Stage.NOT_ACCEPTED: "不予受理 not accepted",
    Stage.DUPLICATE: "并案 duplicate",
    Stage.WITHDRAWN: "撤单 withdrawn",
}


@dataclass(frozen=True, slots=True)
class Naming:
    """The names of one town; a code that the town no longer knows stands for itself."""

    rules: Rules
    categories: Mapping[str, str]
    areas: Mapping[AreaPath, tuple[str, str]]
    providers: Mapping[str, str]

    @classmethod
    def of(cls, node: Node) -> Self:
        menu = node.queries.menu
        return cls(node.rules, bilingual(menu.categories()), menu.areas(), bilingual(menu.providers()))

    def cell(self, field: str, value: Any) -> str:
        """A field of an order as people read it."""
        match field:
            case "number":
                return dashed(value)
            case "category":
                return self.categories.get(value, value)
            case "area":
                return self.area(value)
            case "provider" | "accountable" | "wanted" | "proposed":
                return self.providers.get(value, value or "")
            case "closed_how":
                return CLOSED_HOW.get(value, "")
            case "overdue":
                return "超期 overdue" if value else ""
            case "channel":
                return " ".join(CHANNELS.get(value, (value or "",)))
            case "proposal":
                return ", ".join(self.providers.get(one["provider"], one["provider"]) for one in value)
            case _:
                return self._plain(value)

    def _plain(self, value: Any) -> str:
        match value:
            case None:
                return ""
            case Stage():
                return stage_name(value)
            case Urgency():
                return both(*URGENCY_NAMES[value])
            case Level():
                words = self.rules.level_name(value)
                return both(words.zh, words.en)
            case datetime():
                return shown(value, self.rules.zone)
            case bool():
                return "是 yes" if value else "否 no"
            case _:
                return str(value)

    def area(self, path: str) -> str:
        """In Chinese with what it lies in, but for the town itself; in English its own name."""
        inside = [AreaPath(one) for one in lineage(path)[:-2] or (path,)]
        if inside[0] not in self.areas:
            return path
        zh = "".join(self.areas[one][0] for one in reversed(inside))
        own_zh, own_en = self.areas[inside[0]]
        return zh if own_zh == own_en else f"{zh} {own_en}"


def bilingual(names: Mapping[Any, tuple[str, str]]) -> dict[str, str]:
    """Both names beside each other."""
    return {key: both(zh, en) for key, (zh, en) in names.items()}


def both(zh: str, en: str) -> str:
    """Chinese first; once where they are the same, as in a town derived from a table."""
    return zh if zh == en else f"{zh} {en}"


def stage_name(stage: Stage) -> str:
    """In both languages."""
    zh, en = STAGE_NAMES[stage]
    return f"{zh} {en}"
