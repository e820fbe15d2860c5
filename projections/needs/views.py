"""A need and its takers as they are shown."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.ids import AreaPath, CategoryPath, NeedId, ProviderId
from domain.need import NeedStage
from domain.sealed import Sealed


class Side(StrEnum):
    """Whose need it is."""

    COMMUNITY = "community"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class Taker:
    """One side that has taken a need up; no provider: the community."""

    provider: ProviderId | None
    name_zh: str
    name_en: str
    since: datetime
    note: Sealed | None


@dataclass(frozen=True, slots=True)
class NeedRow:
    """A need as it stands; no owner: the community's."""

    need: NeedId
    stage: NeedStage
    owner: ProviderId | None
    owner_zh: str
    owner_en: str
    title_zh: str
    title_en: str
    category: CategoryPath | None
    area: AreaPath
    takers_wanted: int | None
    until: datetime | None
    stated_at: datetime
    closed_at: datetime | None
    takers: tuple[Taker, ...]  # the first to take it up first
    version: int
    position: int

    @property
    def side(self) -> Side:
        return Side.PROVIDER if self.owner else Side.COMMUNITY

    @property
    def full(self) -> bool:
        """Whether it has as many takers as it wants."""
        return self.takers_wanted is not None and len(self.takers) >= self.takers_wanted

    def over(self, now: datetime) -> bool:
        """Whether its time has passed."""
        return self.until is not None and self.until <= now

    def taken_by(self, provider: ProviderId | None) -> bool:
        return any(taker.provider == provider for taker in self.takers)

    def may_be_taken_by(self, provider: ProviderId | None, now: datetime) -> bool:
        """Whether this side could take it up now; no provider: the community."""
        to_have = self.stage is NeedStage.OPEN and not self.full and not self.over(now)
        return to_have and provider != self.owner and not self.taken_by(provider)


@dataclass(frozen=True, slots=True)
class NeedFilter:
    """Which needs; what is not given does not matter."""

    area: AreaPath | None = None  # with everything in it
    category: CategoryPath | None = None  # with everything in it
    side: Side | None = None
    owner: ProviderId | None = None
    taker: ProviderId | None = None
    open_at: datetime | None = None  # only those that stand open at this moment


@dataclass(frozen=True, slots=True)
class NeedPage:
    """Some needs, and the cursor of the next ones if there are more."""

    needs: tuple[NeedRow, ...]
    next: str | None
