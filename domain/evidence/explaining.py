"""Why a provider comes first, as counts that anyone can count again."""

from typing import Final, Self

from domain.evidence.roles import Roles, shown
from domain.evidence.signals import Signal
from domain.model import Plain

CLEAR: Final = 0.5  # what a count is worth in which nearly all orders went one way
BESIDE: Final = 2  # orders added, so that one of one is not clearer than thirty of forty


class Explanation(Plain, frozen=True):
    """`hits` of the last `orders` of a context went to a provider, or to its kind where that is not empty."""

    called: str
    orders: int
    hits: int
    context_zh: str
    context_en: str
    kind: str = ""  # as people read it
    close: bool = False

    @classmethod
    def of(cls, signal: Signal, provider: str, roles: Roles) -> Self | None:
        """What one signal counted for a provider; None where it counted nothing lately."""
        context, recent = signal.context, signal.counts.recent
        if context is None or provider not in signal.strengths:
            return None
        kind = roles.of(provider) if context.by_kind else ""
        hits = recent.count(kind or provider)
        if not hits:
            return None
        called, kind = roles.called(provider), shown(kind)
        alone = kind == called  # a name without places in it: a kind that only this one is of
        return cls(called, len(recent), hits, context.zh, context.en, "" if alone else kind, context.close)

    @property
    def clearness(self) -> float:
        """Clear and close evidence is easier to say."""
        return CLEAR * self.hits / (self.orders + BESIDE) * (1.0 if self.close else 0.5)

    @property
    def zh(self) -> str:
        counted = f"最近{self.orders}件{self.context_zh}工单中，{self.hits}件"
        if not self.kind:
            return f"{counted}由{self.called}办理"
        return f"{counted}由“{self.kind}”一类单位办理，{self.called}属此类"

    @property
    def en(self) -> str:
        orders = "order" if self.orders == 1 else "orders"
        counted = f"of the last {self.orders} {orders} {self.context_en}, {self.hits} went to"
        if not self.kind:
            return f"{counted} {self.called}"
        return f"{counted} providers of the kind {self.kind}, and {self.called} is of that kind"
