"""The three rates (三率) with their numerators, denominators and what exactly they mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Definition:
    """What a rate is called and what it measures, to be printed beside it."""

    code: str
    name_zh: str
    name_en: str
    zh: str
    en: str


RESPONSE: Final = Definition(
    "response",
    "响应率",
    "response rate",
    "在接单时限内接单或退单的派单数 ÷ 应响应的派单数。应响应的派单包括：已接单或退单的；"
    "超过接单时限仍未响应的；超时未响应而被收回或撤单的。尚在时限内的不计，抢单不计。",
    "Offers accepted or declined within the time to accept ÷ offers due for an answer. Due are those "
    "answered, those past their time and unanswered, and those taken back after their time had run out. "
    "Offers still within their time and claims from the pool do not count.",
)
RESOLUTION: Final = Definition(
    "resolution",
    "解决率",
    "resolution rate",
    "接单方办结时注明已解决、且居民此后未要求重办的办结数 ÷ 接单方注明是否解决的办结数。"
    "重办后再次办结的另计一次。直接答复、不予受理、重复件、撤单和未注明是否解决的导入工单不计。",
    "Completions the provider stated as solved and the resident has not reopened since ÷ completions with "
    "such a statement. Each round counts for itself. Direct answers, refusals by law, duplicates, "
    "withdrawals and imported orders without a statement do not count.",
)
SATISFACTION: Final = Definition(
    "satisfaction",
    "满意率",
    "satisfaction rate",
    "诉求人评价中非差评的件数（按评价当日的细则，通常为非常满意、满意、基本满意）÷ 诉求人已评价的件数。"
    "未评的不计入满意，另列；附议人的评价另列；每轮办结或答复各计一次。",
    "Ratings by the resident that are not bad under the rules of that day (usually the upper three levels) ÷ "
    "all ratings by the resident. Unrated orders never count as satisfied and are shown beside; seconders' "
    "ratings are shown apart; each round counts for itself.",
)
DEFINITIONS: Final[Mapping[str, Definition]] = {
    definition.code: definition for definition in (RESPONSE, RESOLUTION, SATISFACTION)
}


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate as counted."""

    code: str  # response, resolution or satisfaction
    numerator: int
    denominator: int

    @property
    def definition(self) -> Definition:
        """What it is called and means."""
        return DEFINITIONS[self.code]

    @property
    def value(self) -> float | None:
        """Between 0 and 1; None where there is nothing to measure."""
        return self.numerator / self.denominator if self.denominator else None
