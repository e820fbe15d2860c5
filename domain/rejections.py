"""Why a command is refused.

    Refused
    ├── NotAllowed  wrong_role  not_yours  another_name  outside_area  engine_only  imports_only
    ├── Unknown     unknown_order  unknown_provider  unknown_category  unknown_area  unknown_reason
    │               unknown_letter  unknown_skill  unknown_volunteer  unknown_need  unknown_erasure
    ├── Conflict    forbidden_step  order_exists  dispatched_elsewhere  not_offered  offer_over
    │               claimed_by_another  placement_final  only_by_community  proposal_outdated  nothing_to_join
    │               already_rated  provider_exists  provider_retired  not_retiring  letter_settled
    │               too_many_open_orders  volunteer_exists  need_exists  need_closed  need_full
    │               own_need
    └── Unfit       date_in_future  date_absurd  out_of_order  window_closed  itself  id_reused
                    team_too_small  import_stage  unknown_zone  letter_cut  letter_erased
                    need_over  until_past  kept_longer  not_one_person

Each has a stable code and one sentence, Chinese and English, that tells the person what to do.
"""

from typing import ClassVar


class Refused(Exception):
    """A command that cannot be done; nothing but the refusal is recorded."""

    code: ClassVar[str]
    zh: ClassVar[str]
    en: ClassVar[str]

    def __init__(self, **details: object) -> None:
        super().__init__(self.code, details)
        self.details = details

    @property
    def reason_zh(self) -> str:
        return self.zh.format(**self.details)

    @property
    def reason_en(self) -> str:
        return self.en.format(**self.details)

    def __str__(self) -> str:
        return f"{self.reason_zh} {self.reason_en}"


class NotAllowed(Refused): ...


class WrongRole(NotAllowed):
    code = "wrong_role"
    zh = "{role_zh}无权{command_zh}，请由有权的一方提出。"
    en = "The role {role} may not ask for {command}; have one who may ask for it."


class NotYours(NotAllowed):
    code = "not_yours"
    zh = "此事不是以您的名义办理的，请由本人提出，或由工作人员代为提出。"
    en = "This is not in your name; have the one it belongs to ask, or staff on their behalf."


class EngineOnly(NotAllowed):
    code = "engine_only"
    zh = "{field}只能由系统给出，请去掉后重发。"
    en = "Only the engine says `{field}`; send it again without."


class AnotherName(NotAllowed):
    code = "another_name"
    zh = "您已证明的身份是{proven}，不能以{said}的名义提出，请以本人名义重发。"
    en = "You have proven to be {proven} and cannot ask as {said}; ask in your own name."


class OutsideArea(NotAllowed):
    code = "outside_area"
    zh = "{area}不在您负责的区域（{theirs}）内，请由该区域的派单员办理。"
    en = "{area} lies outside the area you answer for ({theirs}); have its own dispatcher do it."


class OnlyFromImports(NotAllowed):
    code = "imports_only"
    zh = "导入只能经导入通道提出，请用 sidan submit。"
    en = "Orders are imported through the imports door only; use sidan submit."


class Unknown(Refused): ...


class UnknownOrder(Unknown):
    code = "unknown_order"
    zh = "没有工单{order}，请核对单号。"
    en = "There is no order {order}; check its number."


class UnknownProvider(Unknown):
    code = "unknown_provider"
    zh = "没有接单方{provider}，请先登记。"
    en = "There is no provider {provider}; register it first."


class UnknownCategory(Unknown):
    code = "unknown_category"
    zh = "事项清单里没有{category}，请从清单中选择。"
    en = "The catalogue has no {category}; choose one that it lists."


class UnknownArea(Unknown):
    code = "unknown_area"
    zh = "没有区域{area}，请从区域表中选择。"
    en = "There is no area {area}; choose one of the town's areas."


class UnknownReason(Unknown):
    code = "unknown_reason"
    zh = "细则里没有理由代码{reason}，请用：{known}。"
    en = "The rules have no reason {reason}; use one of: {known}."


class UnknownLetter(Unknown):
    code = "unknown_letter"
    zh = "位置{letter}没有读不懂的消息，请看 sidan dead-letters list。"
    en = "At {letter} there is no dead letter; see sidan dead-letters list."


class UnknownSkill(Unknown):
    code = "unknown_skill"
    zh = "细则里没有技能{skill}，请先列入细则，或从其中选择。"
    en = "The rules have no skill {skill}; list it there first or choose one of theirs."


class UnknownVolunteer(Unknown):
    code = "unknown_volunteer"
    zh = "{provider}没有志愿者{volunteer}，请先登记。"
    en = "{provider} has no volunteer {volunteer}; enrol them first."


class UnknownNeed(Unknown):
    code = "unknown_need"
    zh = "没有需求{need}，请看 sidan needs list。"
    en = "There is no need {need}; see sidan needs list."


class UnknownErasure(Unknown):
    code = "unknown_erasure"
    zh = "没有第{erasure}次删除，请核对编号。"
    en = "There was no erasure number {erasure}; check the number."


class Conflict(Refused): ...


class ForbiddenStep(Conflict):
    code = "forbidden_step"
    zh = "工单{stage_zh}，此时不能{step_zh}；请先查看工单。"
    en = "The order is {stage_en}, where {step} is not possible; look at the order first."


class OrderExists(Conflict):
    code = "order_exists"
    zh = "工单{order}已经存在，请换一个新编号。"
    en = "Order {order} exists already; use a new id."


class DispatchedElsewhere(Conflict):
    code = "dispatched_elsewhere"
    zh = "此单已派给{provider}，请先收回。"
    en = "The order is with {provider}; recall it first."


class NotOffered(Conflict):
    code = "not_offered"
    zh = "此单不在{provider}手中，请查看现在派给了谁。"
    en = "The order is not with {provider}; look who it is dispatched to now."


class OfferOver(Conflict):
    code = "offer_over"
    zh = "{provider}已就这次派单作出回应，不必收回。"
    en = "{provider} has answered that offer; there is nothing to recall."


class ClaimedByAnother(Conflict):
    code = "claimed_by_another"
    zh = "此单已由{provider}接下，请选择别的工单。"
    en = "{provider} has this order already; choose another one."


class PlacementFinal(Conflict):
    code = "placement_final"
    zh = "此单经裁定派出，不能再退，请办理或请社区收回。"
    en = "The placement was decided in arbitration and is final; do it or ask the community to recall it."


class OnlyByCommunity(Conflict):
    code = "only_by_community"
    zh = "此单已进入裁定，只能由社区派给一个接单方。"
    en = "The order went to arbitration; only the community can place it, by dispatching it to a provider."


class NothingToJoin(Conflict):
    code = "nothing_to_join"
    zh = "工单{order}{stage_zh}，不能并入；请给出在办或办结的工单。"
    en = "Order {order} is {stage_en} and cannot be joined; name one that is being done or was done."


class ProposalOutdated(Conflict):
    code = "proposal_outdated"
    zh = "此单的事项或区域已变，请按新的情况重新匹配。"
    en = "The order's category or area has changed since; match it again."


class AlreadyRated(Conflict):
    code = "already_rated"
    zh = "您已评为{level_zh}，评价不能更改；如未解决可申请重办。"
    en = "You have rated it {level} and a rating stays; reopen the order if it is not solved."


class ProviderExists(Conflict):
    code = "provider_exists"
    zh = "接单方{provider}已经登记过，请修改它，或换一个代码登记。"
    en = "Provider {provider} was registered before; change it, or register under another id."


class ProviderGone(Conflict):
    code = "provider_retired"
    zh = "接单方{provider}已停止接单，请另选一方。"
    en = "Provider {provider} takes no more orders; choose another."


class NotRetiring(Conflict):
    code = "not_retiring"
    zh = "接单方{provider}没有在退出，请先提出退出。"
    en = "Provider {provider} is not retiring; ask it to retire first."


class VolunteerExists(Conflict):
    code = "volunteer_exists"
    zh = "{provider}已有志愿者{volunteer}，请变更其登记，或换一个代码登记。"
    en = "{provider} has a volunteer {volunteer} already; change them, or enrol under another id."


class NeedExists(Conflict):
    code = "need_exists"
    zh = "需求{need}已经提出过，请更正它，或换一个代码提出。"
    en = "The need {need} was stated before; amend it, or state yours under another id."


class NeedIsClosed(Conflict):
    code = "need_closed"
    zh = "需求{need}已经关闭，请另提一项。"
    en = "The need {need} is closed; state a new one."


class NeedIsFull(Conflict):
    code = "need_full"
    zh = "需求{need}已有{most}方认领，人手已齐，请选择别的需求。"
    en = "The need {need} has the {most} takers it wants; choose another one."


class OwnNeed(Conflict):
    code = "own_need"
    zh = "需求{need}是您自己一方提出的，请由另一方认领。"
    en = "The need {need} is your own; have another side take it up."


class TooManyOpenOrders(Conflict):
    code = "too_many_open_orders"
    zh = "居民已有{most}张未办结的工单，请等其中一张办结或撤回一张后，用新编号再点单。"
    en = "The resident has {most} open orders; wait until one is done, or withdraw one; then use a new id."


class LetterSettled(Conflict):
    code = "letter_settled"
    zh = "位置{letter}的消息已经处理过，请看 sidan dead-letters show {letter}。"
    en = "The dead letter at {letter} has been seen to; look at sidan dead-letters show {letter}."


class Unfit(Refused): ...


class DateInFuture(Unfit):
    code = "date_in_future"
    zh = "时间{moment}在未来，请核对日期。"
    en = "The time {moment} lies in the future; check the date."


class DateAbsurd(Unfit):
    code = "date_absurd"
    zh = "时间{moment}不合常理，请核对日期。"
    en = "The time {moment} makes no sense; check the date."


class OutOfOrder(Unfit):
    code = "out_of_order"
    zh = "导入的时间{moment}早于此单已有的记录{last}，请按时间顺序导入。"
    en = "The imported time {moment} is before the order's last, {last}; import in order of time."


class WindowClosed(Unfit):
    code = "window_closed"
    zh = "已超过{days}天期限，请重新点单。"
    en = "The {days} days for this are over; place a new order."


class Itself(Unfit):
    code = "itself"
    zh = "工单不能与自己并案，请给出另一张工单。"
    en = "An order cannot be a duplicate of itself; name the other order."


class IdReused(Unfit):
    code = "id_reused"
    zh = "编号{id}已用于另一条内容不同的请求，请换新编号。"
    en = "The id {id} was used for another request with other content; send it with a new id."


class NeedIsOver(Unfit):
    code = "need_over"
    zh = "需求{need}已于{until}截止，请提出方延长期限，或选择别的需求。"
    en = "The need {need} ended at {until}; have its owner extend it, or choose another one."


class UntilPast(Unfit):
    code = "until_past"
    zh = "截止时间{until}已经过去，请给出以后的时间。"
    en = "The end {until} has passed; give a later one."


class KeptLonger(Unfit):
    code = "kept_longer"
    zh = "工单{order}的内容按细则保存到{until}，届时再删除，或改为应请求删除。"
    en = "The rules keep the texts of order {order} until {until}; erase them then, or because of a request."


class NotOnePerson(Unfit):
    code = "not_one_person"
    zh = "{person}是所有没有具名的人，请按工单逐张删除。"
    en = "{person} is everybody who gave no name; erase their orders one by one."


class TeamTooSmall(Unfit):
    code = "team_too_small"
    zh = "服务队至少要{members}人，其中专职至少{full_time}人，请补齐后登记。"
    en = "A team needs {members} members or more, {full_time} of them full-time; register it when it has."


class WrongStage(Unfit):
    code = "import_stage"
    zh = "导入的阶段{stage}与所给内容不符，请核对映射。"
    en = "The imported stage {stage} does not fit what the row says; check the mapping."


class UnknownZone(Unfit):
    code = "unknown_zone"
    zh = "没有时区{zone}，请写成 Asia/Shanghai 这样的名称。"
    en = "There is no time zone {zone}; use a name such as Asia/Shanghai."


class LetterCut(Unfit):
    code = "letter_cut"
    zh = "位置{letter}的消息太大，只留了开头，请用 --body 给出更正后的全文。"
    en = "Of the dead letter at {letter} only the beginning was kept; give a corrected body with --body."


class LetterErased(Unfit):
    code = "letter_erased"
    zh = "位置{letter}的消息原文已删除，请用 --body 给出全文。"
    en = "What the dead letter at {letter} said was erased; give the whole body with --body."
