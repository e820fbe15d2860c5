"""Everything that can be asked, as it comes in. A field nobody knows is an error, not ignored."""

from typing import Annotated, ClassVar, Final

from pydantic import AwareDatetime, StringConstraints

from domain.command import Command
from domain.ids import (
    RULES_SUBJECT,
    AreaRef,
    CategoryRef,
    OrderRef,
    ProviderSlug,
    StreamId,
    provider_subject,
)
from domain.model import A_CODE, CODE, COVERED
from domain.need_commands import AmendNeed, CloseNeed, LetGoOfNeed, StateNeed, TakeUpNeed
from domain.person_commands import ErasePerson, Erasure, FinishErasure, Places
from domain.proposal import Proposal
from domain.provider_commands import (
    AmendProvider,
    ChangeCapacity,
    ChangeOffers,
    ChangeVolunteer,
    EnrolVolunteer,
    FinishRetirement,
    RegisterProvider,
    ReleaseVolunteer,
    RetireProvider,
)
from domain.reached import Because
from domain.rules import Rules
from domain.sealed import Sealed
from domain.stages import Level, Stage, Urgency

Code = Annotated[str, StringConstraints(pattern=CODE)]


class OrderCommand(Command):
    order: OrderRef

    @property
    def subject(self) -> str:
        return str(self.order)

    @property
    def stream(self) -> StreamId:
        return StreamId(self.order)


class PlaceOrder(OrderCommand):
    """点单."""

    wire: ClassVar[str] = "PlaceOrder"
    zh: ClassVar[str] = "点单"
    category: CategoryRef
    area: AreaRef
    details: Sealed
    contact: Sealed | None = None
    address: Sealed | None = None
    wanted: ProviderSlug | None = None
    wanted_at: AwareDatetime | None = None
    urgency: Urgency = Urgency.NORMAL


class AmendOrder(OrderCommand):
    """补充或更正; category and area only until it is dispatched."""

    wire: ClassVar[str] = "AmendOrder"
    zh: ClassVar[str] = "补充或更正"
    category: CategoryRef | None = None
    area: AreaRef | None = None
    details: Sealed | None = None
    contact: Sealed | None = None
    address: Sealed | None = None


class WithdrawOrder(OrderCommand):
    """撤单."""

    wire: ClassVar[str] = "WithdrawOrder"
    zh: ClassVar[str] = "撤单"
    reason: Sealed | None = None


class SecondOrder(OrderCommand):
    """附议."""

    wire: ClassVar[str] = "SecondOrder"
    zh: ClassVar[str] = "附议"


class RateOrder(OrderCommand):
    """评单."""

    wire: ClassVar[str] = "RateOrder"
    zh: ClassVar[str] = "评单"
    level: Level
    comment: Sealed | None = None


class ReopenOrder(OrderCommand):
    """重办."""

    wire: ClassVar[str] = "ReopenOrder"
    zh: ClassVar[str] = "重办"
    reason: Sealed


class DispatchOrder(OrderCommand):
    """派单."""

    wire: ClassVar[str] = "DispatchOrder"
    zh: ClassVar[str] = "派单"
    provider: ProviderSlug
    why: Sealed | None = None  # where somebody else was proposed
    proposal: Proposal | None = None  # the engine's own, when it dispatches by itself
    since: int | None = None  # the version at which the order came to wait for this, when the engine asks

    def also_reads(self) -> tuple[str, ...]:
        return (provider_subject(self.provider),)


class ProposeDispatch(OrderCommand):
    """建议派单: candidates for a person to confirm, best first."""

    wire: ClassVar[str] = "ProposeDispatch"
    zh: ClassVar[str] = "建议派单"
    proposal: Proposal
    since: int | None = None  # as in DispatchOrder


class PoolOrder(OrderCommand):
    """放入抢单池."""

    wire: ClassVar[str] = "PoolOrder"
    zh: ClassVar[str] = "放入抢单池"


class RecallOrder(OrderCommand):
    """收回: from wherever it is, or only from the provider named, where it may have moved on meanwhile.

    With `accept_by`, only the offer that had to be accepted by then and still is not; for the engine to say.
    """

    wire: ClassVar[str] = "RecallOrder"
    zh: ClassVar[str] = "收回"
    reason: Sealed
    provider: ProviderSlug | None = None
    accept_by: AwareDatetime | None = None


class AnswerOrder(OrderCommand):
    """直接答复."""

    wire: ClassVar[str] = "AnswerOrder"
    zh: ClassVar[str] = "直接答复"
    notice: Sealed


class NotAcceptOrder(OrderCommand):
    """不予受理."""

    wire: ClassVar[str] = "NotAcceptOrder"
    zh: ClassVar[str] = "不予受理"
    reason: Code
    notice: Sealed


class MarkDuplicate(OrderCommand):
    """并案."""

    wire: ClassVar[str] = "MarkDuplicate"
    zh: ClassVar[str] = "并案"
    of: OrderRef
    notice: Sealed

    def also_reads(self) -> tuple[str, ...]:
        return (str(self.of),)


class AcceptOrder(OrderCommand):
    """接单."""

    wire: ClassVar[str] = "AcceptOrder"
    zh: ClassVar[str] = "接单"
    provider: ProviderSlug


class DeclineOrder(OrderCommand):
    """退单."""

    wire: ClassVar[str] = "DeclineOrder"
    zh: ClassVar[str] = "退单"
    provider: ProviderSlug
    reason: Code


class ClaimOrder(OrderCommand):
    """抢单."""

    wire: ClassVar[str] = "ClaimOrder"
    zh: ClassVar[str] = "抢单"
    provider: ProviderSlug

    def also_reads(self) -> tuple[str, ...]:
        return (provider_subject(self.provider),)


class ReportProgress(OrderCommand):
    """反馈进展."""

    wire: ClassVar[str] = "ReportProgress"
    zh: ClassVar[str] = "反馈进展"
    provider: ProviderSlug
    note: Sealed


class CompleteOrder(OrderCommand):
    """办结."""

    wire: ClassVar[str] = "CompleteOrder"
    zh: ClassVar[str] = "办结"
    provider: ProviderSlug
    result: Sealed
    resolved: bool = True


class EraseOrder(OrderCommand):
    """删除工单内容: all texts of a closed order. Why is kept apart from them."""

    wire: ClassVar[str] = "EraseOrder"
    zh: ClassVar[str] = "删除工单内容"
    because: Because = Because.REQUEST
    reason: Sealed | None = None


class FinishOrderErasure(OrderCommand):
    """Said by the erasure process once it is carried out."""

    wire: ClassVar[str] = "FinishOrderErasure"
    zh: ClassVar[str] = "完成删除工单内容"
    erasure: Erasure
    reached: Places


class ImportOrder(OrderCommand):
    """导入: one row of another system's table."""

    wire: ClassVar[str] = "ImportOrder"
    zh: ClassVar[str] = "导入"
    category: CategoryRef
    area: AreaRef
    stage: Stage
    source: Annotated[str, StringConstraints(min_length=1, max_length=120), A_CODE]
    channel: Annotated[str, StringConstraints(max_length=120), COVERED] | None = None
    provider: ProviderSlug | None = None
    accepted_at: AwareDatetime | None = None
    closed_at: AwareDatetime | None = None
    due_at: AwareDatetime | None = None
    in_time: bool | None = None
    level: Level | None = None
    details: Sealed | None = None

    def also_reads(self) -> tuple[str, ...]:
        return (provider_subject(self.provider),) if self.provider else ()


class AdoptRules(Command):
    wire: ClassVar[str] = "AdoptRules"
    zh: ClassVar[str] = "采用细则"
    rules: Rules

    @property
    def subject(self) -> str:
        return RULES_SUBJECT


AnyOrderCommand = (
    PlaceOrder
    | AmendOrder
    | WithdrawOrder
    | SecondOrder
    | RateOrder
    | ReopenOrder
    | DispatchOrder
    | ProposeDispatch
    | PoolOrder
    | RecallOrder
    | AnswerOrder
    | NotAcceptOrder
    | MarkDuplicate
    | AcceptOrder
    | DeclineOrder
    | ClaimOrder
    | ReportProgress
    | CompleteOrder
    | EraseOrder
    | FinishOrderErasure
    | ImportOrder
)
AnyProviderCommand = (
    RegisterProvider
    | AmendProvider
    | ChangeOffers
    | ChangeCapacity
    | EnrolVolunteer
    | ChangeVolunteer
    | ReleaseVolunteer
    | RetireProvider
    | FinishRetirement
)
AnyNeedCommand = StateNeed | AmendNeed | TakeUpNeed | LetGoOfNeed | CloseNeed
AnyPersonCommand = ErasePerson | FinishErasure
AnyCommand = AnyOrderCommand | AnyProviderCommand | AnyNeedCommand | AnyPersonCommand | AdoptRules

ORDER_COMMANDS: Final = AnyOrderCommand.__args__
COMMANDS: Final[dict[str, type[AnyCommand]]] = {command.wire: command for command in AnyCommand.__args__}
"""Wire name → class, for decoding what comes in."""
