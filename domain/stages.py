"""The stages of an order's life and the few fixed word lists of the four orders."""

from enum import StrEnum
from typing import Final


class Stage(StrEnum):
    """Where an order stands."""

    NONE = "none"  # not placed yet
    PLACED = "placed"  # 待派单
    POOLED = "pooled"  # 待抢单
    DISPATCHED = "dispatched"  # 待接单
    ACCEPTED = "accepted"  # 办理中
    ARBITRATION = "arbitration"  # 待裁定
    COMPLETED = "completed"  # 待评单
    ANSWERED = "answered"  # 直接答复
    RATED = "rated"  # 已评单
    NOT_ACCEPTED = "not-accepted"  # 不予受理
    DUPLICATE = "duplicate"  # 重复件
    WITHDRAWN = "withdrawn"  # 已撤单


OPEN: Final = frozenset({Stage.PLACED, Stage.POOLED, Stage.DISPATCHED, Stage.ACCEPTED, Stage.ARBITRATION})
CLOSED: Final = frozenset(Stage) - OPEN - {Stage.NONE}
WITH_COMMUNITY: Final = frozenset({Stage.PLACED, Stage.POOLED, Stage.ARBITRATION})  # no provider has it
GIVEN_UP: Final = frozenset({Stage.WITHDRAWN, Stage.NOT_ACCEPTED, Stage.DUPLICATE})  # nobody works on it

STAGE_NAMES: Final[dict[Stage, tuple[str, str]]] = {
    Stage.NONE: ("未点单", "not placed"),
    Stage.PLACED: ("待派单", "to dispatch"),
    Stage.POOLED: ("待抢单", "to claim"),
    Stage.DISPATCHED: ("待接单", "to accept"),
    Stage.ACCEPTED: ("办理中", "in hand"),
    Stage.ARBITRATION: ("待裁定", "in arbitration"),
    Stage.COMPLETED: ("待评单", "to rate"),
    Stage.ANSWERED: ("直接答复", "answered"),
    Stage.RATED: ("已评单", "rated"),
    Stage.NOT_ACCEPTED: ("不予受理", "not accepted"),
    Stage.DUPLICATE: ("重复件", "duplicate"),
    Stage.WITHDRAWN: ("已撤单", "withdrawn"),
}


class Role(StrEnum):
    """Who may ask. A Kafka topic or a token proves it."""

    RESIDENT = "resident"
    COMMUNITY = "community"
    PROVIDER = "provider"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    SYSTEM = "system"


ROLE_NAMES: Final[dict[Role, tuple[str, str]]] = {
    Role.RESIDENT: ("居民", "resident"),
    Role.COMMUNITY: ("社区", "community"),
    Role.PROVIDER: ("接单方", "provider"),
    Role.AUDITOR: ("审计", "auditor"),
    Role.OPERATOR: ("运维", "operator"),
    Role.SYSTEM: ("系统", "system"),
}


class Right(StrEnum):
    """By which right somebody reads personal texts."""

    OPERATOR = "operator"  # keeps the system, or sits at its command line
    COMMUNITY = "community"  # answers for the area
    PROVIDER = "provider"  # has the order, or it is its own
    QUERY_CODE = "query-code"  # number and code are the resident's


RIGHT_NAMES: Final[dict[Right, tuple[str, str]]] = {
    Right.OPERATOR: ("运维", "as the operator"),
    Right.COMMUNITY: ("所属社区", "as the community of the area"),
    Right.PROVIDER: ("承办或本单位", "as its provider"),
    Right.QUERY_CODE: ("凭查询码", "with its query code"),
}


class Channel(StrEnum):
    """Where an order came in."""

    WINDOW = "window"
    PHONE = "phone"
    APP = "app"
    SCREEN = "screen"
    RECEPTION = "reception"  # 接访日
    PATROL = "patrol"
    VISIT = "visit"  # 上门走访


class Urgency(StrEnum):
    """How soon somebody has to come."""

    NORMAL = "normal"
    URGENT = "urgent"  # 紧急
    CALL = "call"  # 一键呼叫: the nearest who can, at once


URGENCY_NAMES: Final[dict[Urgency, tuple[str, str]]] = {
    Urgency.NORMAL: ("一般", "normal"),
    Urgency.URGENT: ("紧急", "urgent"),
    Urgency.CALL: ("一键呼叫", "one-key call"),
}


class Level(StrEnum):
    """Five levels of satisfaction; the lower two are 差评."""

    VERY_SATISFIED = "very-satisfied"
    SATISFIED = "satisfied"
    BASICALLY_SATISFIED = "basically-satisfied"
    DISSATISFIED = "dissatisfied"
    VERY_DISSATISFIED = "very-dissatisfied"


BAD: Final = (Level.DISSATISFIED, Level.VERY_DISSATISFIED)
LEVEL_NAMES: Final[dict[Level, tuple[str, str]]] = {
    Level.VERY_SATISFIED: ("非常满意", "very satisfied"),
    Level.SATISFIED: ("满意", "satisfied"),
    Level.BASICALLY_SATISFIED: ("基本满意", "basically satisfied"),
    Level.DISSATISFIED: ("不满意", "dissatisfied"),
    Level.VERY_DISSATISFIED: ("非常不满意", "very dissatisfied"),
}


class RatingSource(StrEnum):
    """Whose rating it is; kept and counted apart."""

    RESIDENT = "resident"
    SECONDER = "seconder"
    IMPORTED = "imported"


class ProviderKind(StrEnum):
    """What kind of 接单方 it is."""

    DEPARTMENT = "department"  # 承办单位
    SQUAD = "squad"  # 综合治理中队
    INSTITUTION = "institution"  # 驻区单位
    SOCIAL = "social"  # 社会组织
    PROPERTY = "property"  # 物业
    TEAM = "team"  # 服务队


KIND_NAMES: Final[dict[ProviderKind, tuple[str, str]]] = {
    ProviderKind.DEPARTMENT: ("承办单位", "department"),
    ProviderKind.SQUAD: ("综合治理中队", "squad"),
    ProviderKind.INSTITUTION: ("驻区单位", "institution"),
    ProviderKind.SOCIAL: ("社会组织", "social organisation"),
    ProviderKind.PROPERTY: ("物业", "property company"),
    ProviderKind.TEAM: ("服务队", "team"),
}
"""What people read for it: Chinese, English."""


class Duty(StrEnum):
    """What binds a provider to a category."""

    MUST = "must"  # 权责清单
    CAN = "can"  # 服务清单


class AutoDispatch(StrEnum):
    """How far the machine goes by itself."""

    OFF = "off"
    PROPOSE = "propose"
    ON = "on"
