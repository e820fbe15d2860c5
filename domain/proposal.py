"""What the engine proposes (建议派单): candidates with the parts of their scores, and what it had seen.

A proposal can be worked out again from the record: the same log as far as it was seen, under the same version
of the rules and at the same moment, gives the same candidates.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AwareDatetime, FailFast, Field

from domain.ids import AreaRef, CategoryRef, ProviderSlug
from domain.model import A_CODE, Value

SHOWN: Final = 5  # candidates on the record beside the one who is sent
MOST: Final = 20  # candidates that a command may name


class Part(StrEnum):
    """A named part of a score; a stable code."""

    ROUTED = "routed"  # a route of the rules names it (指定承办)
    WANTED = "wanted"  # the resident asked for it
    DUTY = "duty"  # it must by the list of duties (权责清单)
    EVIDENCE = "evidence"  # it has done orders like this one
    NEAR = "near"  # hops between its area and the order's (就近)
    ROOM = "room"  # how much of its capacity is free
    RATING = "rating"  # lower bound of the share of ratings that are not bad
    TIMELY = "timely"  # lower bound of the share done in time
    TURN = "turn"  # among equals, who was given something longest ago


PART_WORDS: Final[Mapping[Part, tuple[str, str]]] = {
    Part.ROUTED: ("指定", "routed"),
    Part.WANTED: ("点名", "asked for"),
    Part.DUTY: ("权责", "duty"),
    Part.EVIDENCE: ("经验", "evidence"),
    Part.NEAR: ("就近", "near"),
    Part.ROOM: ("余力", "room"),
    Part.RATING: ("评价下限", "rating at least"),
    Part.TIMELY: ("及时下限", "in time at least"),
    Part.TURN: ("轮候", "turn"),
}
"""What people read for a part: Chinese, English."""

Points = Annotated[int, Field(ge=0, le=10**9)]


class Candidate(Value):
    """One provider that could take the order: its score, the points of each part, and codes of reasons."""

    provider: ProviderSlug
    score: Points = 0
    parts: Mapping[Part, Points] = {}  # only those with points; their sum is the score
    price: Points = 0  # what its room was worth to other orders of the same round
    reasons: Annotated[tuple[Annotated[str, A_CODE], ...], FailFast()] = ()

    @property
    def net(self) -> int:
        """What is left of the score after the price; the winner of a round has the highest."""
        return self.score - self.price


class Proposal(Value):
    """Candidates, the best first, and all that has to be known to work them out again."""

    category: CategoryRef  # what the order was then
    area: AreaRef
    rules: Annotated[int, Field(ge=0)]  # the version whose weights count
    at: AwareDatetime  # the moment that hours and limits were looked at
    seen: Mapping[
        Annotated[str, A_CODE], int
    ] = {}  # read model/partition → log position up to which it had read
    of: Annotated[int, Field(ge=0)] = 0  # how many could have taken it
    winner: ProviderSlug | None = None  # whom it proposes; None: nobody could take it, or a person decides
    routed: ProviderSlug | None = None  # whom a route of the rules names
    broken: Annotated[str, A_CODE] | None = (
        None  # a domain.routes.Broken: that route cannot be followed, so a person decides
    )
    candidates: Annotated[tuple[Candidate, ...], Field(max_length=MOST, fail_fast=True)] = ()
