"""What the API answers with."""

from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from adapters.masking import cover
from domain.stages import Level, ProviderKind, Stage, Urgency
from services.requests import Status


class Out(BaseModel):
    """An answer; read from the read models' own rows."""

    model_config = ConfigDict(from_attributes=True, frozen=True)
    as_it_is: ClassVar[frozenset[str]] = frozenset()
    """What is opened by right, there to be called, or a code; numbers in other texts are covered."""

    @field_validator("*")
    @classmethod
    def _covered(cls, value: Any, info: ValidationInfo) -> Any:
        return value if info.field_name in cls.as_it_is else cover(value)


class Answer(Out):
    """命令已记录，或以前就已记录 · a command is recorded, or was before."""

    status: Status = Field(description="recorded, or repeated where nothing new happened")
    subject: str = Field(description="the order's id, provider/<slug>, need/<slug> or person/<id>")
    positions: tuple[int, ...] = Field(description="places of the new facts in the log")
    after: str = Field(description="hand it to a query as ?after= to read your own write")
    events: tuple[str, ...] = Field(description="what happened, by wire name")
    code: str = Field(description="of a repeat: repeated, or already")
    first: int | None = Field(default=None, description="of a repeat: where the first answer is in the log")
    number: str | None = Field(default=None, description="单号 · of an order placed: read it out")
    query_code: str | None = Field(default=None, description="查询码 · shown here only; follow with both")


class ProblemOut(Out):
    """RFC 9457；代码与总线上的相同 · the codes are those of the bus."""

    type: str = Field(examples=["urn:sidan:forbidden_step"])
    title: str
    status: int
    detail: str
    code: str = Field(examples=["forbidden_step"])
    detail_zh: str
    detail_en: str
    outcome: Status | None = None
    subject: str | None = None
    positions: tuple[int, ...] = ()
    first: int | None = None


TEXTS: Final = ("details", "contact", "address", "said", "notice", "progress", "result", "comment")


class Texts(Out):
    """个人内容，仅有权者可见 · personal texts, for who has the right to read them."""

    as_it_is = frozenset(TEXTS)
    details: str | None
    contact: str | None
    address: str | None
    said: str | None
    notice: str | None
    progress: str | None
    result: str | None
    comment: str | None


class ProposedOut(Out):
    """A candidate that auto-dispatch named."""

    provider: str
    reasons: tuple[str, ...]


class OrderOut(Out):
    """工单 · an order as it stands; moments in UTC."""

    as_it_is = frozenset({"source"})
    order_id: UUID
    number: str
    stage: Stage
    stage_since: datetime
    category: str
    area: str
    placed_at: datetime
    wanted: str | None
    wanted_at: datetime | None
    urgency: Urgency | None = Field(description="null of an imported order")
    channel: str | None
    source: str | None
    provider: str | None
    accountable: str | None
    declines: int
    round: int
    accept_by: datetime | None
    due_at: datetime | None
    deadline: datetime | None
    closed_at: datetime | None
    closed_how: Stage | None
    in_time: bool | None
    resolved: bool | None
    level: Level | None
    bad: bool | None
    bad_ratings: int
    seconders: int
    reason: str | None
    duplicate_of: UUID | None
    proposal: tuple[ProposedOut, ...]
    version: int
    position: int
    overdue: bool = False
    texts: Texts | None = Field(default=None, description="null without the right to read them")


class PageOut(Out):
    """Some orders, and the cursor of the next ones if there are more."""

    orders: tuple[OrderOut, ...]
    next: str | None


class FactOut(Out):
    """One line of an order's record; personal texts stay sealed."""

    position: int
    version: int
    event: str
    meta: dict[str, Any]
    data: dict[str, Any]


class WaitingOut(Out):
    """Orders of one category in one area that wait for somebody."""

    area: str
    category: str
    stage: Stage
    orders: int


class SupplyOut(Out):
    """Who works in an area, with how much room."""

    area: str
    providers: int
    capacity: int
    in_hand: int


class DemandAndSupplyOut(Out):
    """供需 · what waits, and who is there."""

    demand: tuple[WaitingOut, ...]
    supply: tuple[SupplyOut, ...]


class MenuOfferOut(Out):
    """A provider that takes this item here."""

    as_it_is = frozenset({"contact"})
    provider: str
    name_zh: str
    name_en: str
    kind: ProviderKind
    contact: str
    duty: str
    area: str


class MenuItemOut(Out):
    """Something that can be ordered, from whom, and how long it may take."""

    category: str
    name_zh: str
    name_en: str
    kind: str
    accept_hours: int
    finish_hours: int
    offers: tuple[MenuOfferOut, ...]


class MenuGroupOut(Out):
    """A group of the catalogue."""

    category: str | None
    name_zh: str
    name_en: str
    items: tuple[MenuItemOut, ...]


class MenuOut(Out):
    """此处可点的菜单 · what can be ordered in an area."""

    area: str
    name_zh: str
    name_en: str
    groups: tuple[MenuGroupOut, ...]


class DefinitionOut(Out):
    """What a rate measures."""

    code: str
    name_zh: str
    name_en: str
    zh: str
    en: str


class RateOut(Out):
    """A rate as counted; the value is null where there is nothing to measure."""

    numerator: int
    denominator: int
    value: float | None


class RatingRowOut(Out):
    """The figures of one provider, category or area."""

    key: str
    completed: int
    levels: dict[Level, int]
    rated: int
    bad: int
    imported_ratings: int
    unrated: int = Field(description="未评：不计入满意 · never counted as satisfied")
    seconder_levels: dict[Level, int]
    seconder_bad: int
    in_time: int
    late: int
    overdue: int
    accepted: int
    claimed: int
    declined: int
    reopened: int
    answered: int
    not_accepted: int
    duplicate: int
    withdrawn: int
    response: RateOut
    resolution: RateOut
    satisfaction: RateOut


class RatingOut(Out):
    """评单统计，附定义 · rows by key with their total and the definitions of the rates."""

    by: str
    rows: tuple[RatingRowOut, ...]
    total: RatingRowOut
    definitions: tuple[DefinitionOut, ...]


class CategoryLoadOut(Out):
    """How many orders a category has had, and how many of them are open."""

    category: str
    orders: int
    open: int


class BoardOut(Out):
    """四单看板的数字 · the figures of the board."""

    area: str | None
    now: datetime
    by_stage: dict[Stage, int]
    overdue: int
    busiest: tuple[CategoryLoadOut, ...]


class TransitionOut(Out):
    """One line of the transition table."""

    stage: Stage
    command: str
    leads_to: tuple[Stage, ...]


class HealthOut(Out):
    """The process lives."""

    status: str


class FollowerOut(Out):
    """A role that follows the log or a topic."""

    role: str
    name: str
    position: int
    events: int
    seconds: float
    stalled: bool


class UnreadOut(Out):
    """A partition, and what of it is not taken in."""

    partition: str
    end: int
    taken: int
    behind: int
    seconds: float


class ReadyOut(Out):
    """How the engine stands; the same as `sidan status --json`."""

    status: str = Field(description="ok, not_ready, stalled")
    at: datetime
    head: int
    roles: list[FollowerOut]
    topics: list[UnreadOut]
    parked: dict[str, int]
    stalled: list[str]
    not_begun: list[str]
