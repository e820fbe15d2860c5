"""Names for codes, moments and hours as the town's people read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from adapters.web.pages.words import CHANNELS, EVENTS, WORDS
from domain.evidence import Explanation
from domain.ids import AreaPath, CategoryPath, ProviderId, lineage
from domain.matching import REASON_WORDS
from domain.proposal import PART_WORDS, Part
from domain.rules import Area, Category, Rules
from domain.stages import STAGE_NAMES, URGENCY_NAMES, Level, Stage, Urgency

ZH: Final = "zh"
EN: Final = "en"
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNITS: Final = (("天", "d", 86_400), ("小时", "h", 3_600), ("分钟", "min", 60))


@dataclass(frozen=True)
class Names:
    """The names of one town in one language."""

    rules: Rules
    providers: Mapping[ProviderId, tuple[str, str]]
    lang: str

    @property
    def _which(self) -> int:
        return 1 if self.lang == EN else 0

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.rules.zone)

    @property
    def town(self) -> str:
        return self.rules.name.en if self.lang == EN else self.rules.name.zh

    def t(self, key: str) -> str:
        """What the pages say."""
        return WORDS[key][self._which]

    def pick(self, zh: str, en: str) -> str:
        return en if self.lang == EN else zh

    def area(self, path: str) -> str:
        """Where: from the community down, the street's own name where that is all."""
        names = [self._area(one) for one in reversed(lineage(path)[:-1])]
        joined = " › ".join(names[1:] or names)
        return joined or path

    def area_leaf(self, path: str) -> str:
        return self._area(path)

    def _area(self, path: str) -> str:
        found = self.rules.area_by_path.get(AreaPath(path))
        return path if found is None else self.pick(found.name.zh, found.name.en)

    def category(self, path: str) -> str:
        """What about: the item, not the groups it lies in."""
        found = self.rules.category_by_path.get(CategoryPath(path))
        return path if found is None else self.pick(found.name.zh, found.name.en)

    def group(self, path: str) -> str:
        """The outermost group of an item."""
        return self.category(path.partition("/")[0])

    def provider(self, provider: str | None) -> str:
        if provider is None:
            return self.t("nobody_yet")
        if provider == "-":
            return self.t("itself")
        zh, en = self.providers.get(ProviderId(provider), (provider, provider))
        return self.pick(zh, en)

    def stage(self, stage: Stage) -> str:
        return STAGE_NAMES[stage][self._which]

    def level(self, level: Level) -> str:
        words = self.rules.level_name(level)
        return self.pick(words.zh, words.en)

    def urgency(self, urgency: Urgency) -> str:
        return URGENCY_NAMES[urgency][self._which]

    def channel(self, channel: str) -> str:
        return CHANNELS[channel][self._which] if channel in CHANNELS else channel

    def event(self, wire: str) -> str:
        return EVENTS[wire][self._which] if wire in EVENTS else wire

    def why(self, code: str) -> str:
        """A reason of matching."""
        return REASON_WORDS[code][self._which] if code in REASON_WORDS else code

    def part(self, part: Part) -> str:
        """A part of a score."""
        return PART_WORDS[part][self._which]

    def learnt(self, why: Explanation) -> str:
        """What the evidence says, as a sentence."""
        return self.pick(f"{why.zh}。", f"{why.en[0].upper()}{why.en[1:]}.")

    def reason(self, code: str) -> str:
        """A reason code of the rules, or the words that were given."""
        words = self.rules.decline_reasons.get(code) or self.rules.legal_reasons.get(code)
        return code if words is None else self.pick(words.zh, words.en)

    def number(self, number: str) -> str:
        """A 单号 in groups of four, as it is read out."""
        return " ".join(number[at : at + 4] for at in range(0, len(number), 4))

    def when(self, moment: datetime) -> str:
        """Day and time in the town's zone."""
        there = moment.astimezone(self._zone)
        if self.lang == EN:
            return f"{there.day} {_MONTHS[there.month - 1]} {there:%H:%M}"
        return f"{there.month}月{there.day}日 {there:%H:%M}"

    def day(self, moment: datetime) -> str:
        """A day that may lie in another year, in the town's zone."""
        there = moment.astimezone(self._zone)
        if self.lang == EN:
            return f"{there.day} {_MONTHS[there.month - 1]} {there.year}"
        return f"{there.year}年{there.month}月{there.day}日"

    def span(self, length: timedelta) -> str:
        """A length of time in its largest unit."""
        seconds = abs(length.total_seconds())
        for zh, en, unit in _UNITS:
            if seconds >= (2 * unit if unit == _UNITS[0][2] else unit):  # 47 hours say more than 1 day
                count = int(seconds // unit)
                return f"{count} {en}" if self.lang == EN else f"{count}{zh}"
        return "<1 min" if self.lang == EN else "不到1分钟"

    def areas(self, deepest: int) -> Sequence[Area]:
        """The areas of the town down to a level, in the order of the tree."""
        return [area for area in self.rules.areas if area.path.count("/") < deepest]

    def category_known(self, path: str) -> Category | None:
        return self.rules.category_by_path.get(CategoryPath(path))
