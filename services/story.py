"""Tells a subject's life from its facts in plain sentences: when, who, for whom, what, under which rules."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from string import Formatter
from typing import Any, Final
from zoneinfo import ZoneInfo

from domain import events as e
from domain.facts import Actor, Meta, Recorded
from domain.ids import AreaPath, ProviderId
from domain.lifecycle import evolve, initial
from domain.model import Event
from domain.order import Order
from domain.proposal import Proposal
from domain.reached import BECAUSE_NAMES, Because, How, told_of
from domain.rules import Rules, Words
from domain.sealed import Sealed
from domain.stages import (
    ROLE_NAMES,
    STAGE_NAMES,
    URGENCY_NAMES,
    Channel,
    Level,
    RatingSource,
    Role,
    Stage,
    Urgency,
)
from services.story_of_lists import EN, LISTED, TOLD_OF_LISTS, ZH, Parts, listed

TOLD: Final[Mapping[type[Event], tuple[Parts, Parts]]] = {
    e.OrderPlaced: (
        (
            "点单：{category}，{area}，单号{number}",
            "，希望由{wanted}办理",
            "，希望时间{wanted_at}",
            "，{urgency}",
            "，内容{details}",
        ),
        (
            "ordered {category} at {area}, number {number}",
            ", wants {wanted}",
            ", at {wanted_at}",
            " ({urgency})",
            ": {details}",
        ),
    ),
    e.OrderAmended: (
        ("补充或更正：现为{category}，{area}", "，内容{details}"),
        ("amended it: now {category} at {area}", ": {details}"),
    ),
    e.OrderSeconded: (("附议", "（{resident}）"), ("seconded it", " ({resident})")),
    e.OrderWithdrawn: (("撤单", "，理由{reason}"), ("withdrew it", ": {reason}")),
    e.OrderAnswered: (
        ("直接答复，不派单", "，告知{notice}"),
        ("answered at once without dispatch", ": {notice}"),
    ),
    e.OrderNotAccepted: (
        ("不予受理，依据：{reason}", "，告知{notice}"),
        ("did not accept it by law: {reason}", "; {notice}"),
    ),
    e.OrderMarkedDuplicate: (
        ("并入工单{of}", "，告知{notice}"),
        ("closed it as a duplicate of {of}", "; {notice}"),
    ),
    e.DispatchProposed: (
        ("建议派单", "给{proposed}", "（得分{score}）", "，候选：{candidates}"),
        ("proposed to dispatch it", " to {proposed}", " (score {score})", "; candidates: {candidates}"),
    ),
    e.OrderDispatched: (
        (
            "派给{provider}，按时限{accept_limit}内接单（{accept_by}前）、",
            "{finish_hours}小时内办结（{due_at}前），{accountable}负首接责任",
            "，{overruled}",
            "（建议派给{instead_of}）",
            "，理由{why}",
        ),
        (
            "dispatched it to {provider}: {accept_limit} to accept (by {accept_by}), ",
            "{finish_hours} to finish (by {due_at}); {accountable} is accountable",
            "; {overruled}",
            ", which was {instead_of}",
            "; why: {why}",
        ),
    ),
    e.OrderPooled: (
        ("放入抢单池，按时限{finish_hours}小时内办结（{due_at}前）",),
        ("put it into the pool: {finish_hours} hours to finish (by {due_at})",),
    ),
    e.OrderClaimed: (
        ("抢单", "：{provider}", "，{due_at}前办结"),
        ("claimed it", " for {provider}", ", due {due_at}"),
    ),
    e.OrderRecalled: (
        ("收回", "（原在{provider}）", "，{passed_on}", "，理由：{reason}"),
        ("recalled it", " from {provider}", "; {passed_on}", ": {reason}"),
    ),
    e.OrderAccepted: (("接单", "：{provider}"), ("accepted it", " for {provider}")),
    e.OrderDeclined: (
        ("退单", "：{provider}", "，理由：{reason}，第{declines}次"),
        ("declined it", " for {provider}", ": {reason}, decline number {declines}"),
    ),
    e.OrderSentToArbitration: (
        ("退单满{declines}次，按细则转裁定，只能由社区派单",),
        ("after {declines} declines it went to arbitration, where only the community can place it",),
    ),
    e.ProgressReported: (("反馈进展", "：{note}"), ("reported progress", ": {note}")),
    e.OrderCompleted: (
        ("办结", "：{provider}", "，{in_time}", "（时限{due_at}）", "，{resolved}", "，结果{result}"),
        ("completed it", " for {provider}", ", {in_time}", " (due {due_at})", ", {resolved}", ": {result}"),
    ),
    e.OrderRated: (
        ("评单：{level}", "{bad}", "（{source}）", "，评语{comment}"),
        ("rated it {level}", "{bad}", " ({source})", ": {comment}"),
    ),
    e.OrderReopened: (
        ("要求重办，进入第{round}轮", "，理由{reason}"),
        ("reopened it for round {round}", ": {reason}"),
    ),
    e.OrderTextsErased: (
        ("删除工单内容：{because}，第{erasure}次", "，理由{reason}"),
        ("erased its texts: {because}, erasure number {erasure}", "; {reason}"),
    ),
    e.OrderErasureFinished: (
        ("第{erasure}次删除已完成：{reached}",),
        ("finished erasure number {erasure}: {reached}",),
    ),
    e.OrderImported: (
        (
            "从别的系统导入（原编号{source}）：{category}，{area}，单号{number}，阶段{stage}",
            "，承办{provider}",
            "，接单{accepted_at}",
            "，结案{closed_at}",
            "，评价{level}",
        ),
        (
            "imported it from another system (its number there {source}): {category} at {area}, ",
            "number {number}, {stage}",
            ", with {provider}",
            ", accepted {accepted_at}",
            ", closed {closed_at}",
            ", rated {level}",
        ),
    ),
}

_EVERY: Final[Mapping[type[Event], tuple[Parts, Parts]]] = {**TOLD, **TOLD_OF_LISTS}

CHANNELS: Final[Mapping[Channel, tuple[str, str]]] = {
    Channel.WINDOW: ("窗口", "at the window"),
    Channel.PHONE: ("电话", "by phone"),
    Channel.APP: ("线上", "online"),
    Channel.SCREEN: ("大屏", "at a screen"),
    Channel.RECEPTION: ("接访日", "on a reception day"),
    Channel.PATROL: ("巡查", "on patrol"),
    Channel.VISIT: ("上门走访", "on a visit"),
}
UNUSUAL: Final[Mapping[RatingSource | Urgency, tuple[str, str]]] = {
    RatingSource.SECONDER: ("附议人", "a seconder"),
    RatingSource.IMPORTED: ("导入", "imported"),
    Urgency.URGENT: URGENCY_NAMES[Urgency.URGENT],
    Urgency.CALL: URGENCY_NAMES[Urgency.CALL],
}
"""What is told of them; the resident's own rating and the usual hurry go without saying."""
_BY_PROVIDERS: Final = (e.OrderAccepted, e.OrderDeclined, e.OrderClaimed, e.OrderCompleted)
_FORMATTER: Final = Formatter()
_SOON: Final = timedelta(minutes=1)  # recorded as it happened
SEALED: Final = ("〔密封〕", "[sealed]")
_FLAGS: Final[Mapping[str, tuple[tuple[str, str], tuple[str, str] | None]]] = {
    "in_time": (("按时", "in time"), ("超期", "late")),
    "passed_on": (("呼叫逾时未接", "the call was not accepted in time"), None),
    "resolved": (("已解决", "solved"), ("未解决", "not solved")),
    "bad": (("（差评）", " (bad)"), None),
    "overruled": (("未按系统建议", "not as the engine proposed"), ("按系统建议", "as the engine proposed")),
}


@dataclass(frozen=True, slots=True)
class Names:
    """What things are called: the rules by version, the providers; and who may open what was sealed."""

    rules: Callable[[int], Rules]
    providers: Mapping[ProviderId, Words]
    unseal: Callable[[Sealed], str] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One fact of a life, told in both languages."""

    position: int
    version: int
    event: str  # wire name
    at: datetime
    recorded: datetime
    role: Role
    actor: str
    on_behalf_of: str | None
    channel: Channel | None
    via: str
    command: str
    rules: int
    part: int
    parts: int
    stage: Stage | None  # after it; None where it is no order's
    zh: str
    en: str


def tell(facts: Sequence[Recorded], names: Names) -> list[Step]:
    """The life so far. Facts of one subject, oldest first."""
    if not facts:
        return []
    state = initial(facts[0].fact.meta.subject)
    steps: list[Step] = []
    for recorded in facts:
        state = evolve(state, recorded.fact.event, recorded.fact.meta.at)
        steps.append(_step(recorded, state.stage if isinstance(state, Order) else None, names))
    return steps


def texts_told(facts: Iterable[Recorded]) -> Iterator[tuple[str, Sealed]]:
    """The personal texts that the sentences hold, field by field: all that has to be opened to tell them."""
    for recorded in facts:
        event = recorded.fact.event
        for name in type(event).model_fields:
            if isinstance(text := getattr(event, name), Sealed) and _tells(event, name):
                yield name, text


def _tells(event: Event, name: str) -> bool:
    """Whether its sentence has this field."""
    parts, _ = _EVERY.get(type(event), ((), ()))
    return any(name == named for part in parts for _, named, _, _ in _FORMATTER.parse(part))


def _step(recorded: Recorded, stage: Stage | None, names: Names) -> Step:
    meta = recorded.fact.meta
    return Step(
        position=recorded.position,
        version=recorded.fact.version,
        event=type(recorded.fact.event).wire,
        at=meta.at,
        recorded=meta.recorded,
        role=meta.actor.role,
        actor=meta.actor.id,
        on_behalf_of=meta.on_behalf_of,
        channel=meta.channel,
        via=meta.via,
        command=meta.command,
        rules=meta.rules,
        part=meta.part,
        parts=meta.parts,
        stage=stage,
        zh=_sentence(recorded, names, ZH),
        en=_sentence(recorded, names, EN),
    )


def _sentence(recorded: Recorded, names: Names, lang: int) -> str:
    meta, event = recorded.fact.meta, recorded.fact.event
    rules = names.rules(meta.rules)
    parts = _EVERY.get(type(event), ((type(event).wire,), (type(event).wire,)))[lang]
    values = _values(event, rules, names, lang)
    if isinstance(event, _BY_PROVIDERS) and meta.actor == Actor(role=Role.PROVIDER, id=event.provider):
        del values["provider"]  # who has been named already
    if meta.actor.role is Role.SYSTEM:
        values.pop("overruled", None)  # it does as it proposes
    told = "".join(part.format(**values) for part in parts if _has_all(part, values))
    when = _when(meta.at, rules)
    late = _when(meta.recorded, rules) if meta.recorded - meta.at >= _SOON else ""
    who = _who(meta, names, lang)
    if lang == ZH:
        return f"{when} {who}{told}。依据细则第{meta.rules}版" + (f"，{late}入库。" if late else "。")
    under = f" Under version {meta.rules} of the rules" + (f", recorded {late}." if late else ".")
    return f"{when} {who} {told}.{under}"


def _who(meta: Meta, names: Names, lang: int) -> str:
    """Role and id, for whom, and how it came in."""
    role = ROLE_NAMES[meta.actor.role][lang]
    name = names.providers.get(ProviderId(meta.actor.id)) if meta.actor.role is Role.PROVIDER else None
    called = f" {name.zh if lang == ZH else name.en}" if name else ""
    who = f"{role}{called} {meta.actor.id}" if lang == ZH else f"{role.capitalize()}{called} {meta.actor.id}"
    if meta.on_behalf_of and meta.on_behalf_of != meta.actor.id:
        who += f"代居民 {meta.on_behalf_of}" if lang == ZH else f" on behalf of resident {meta.on_behalf_of}"
    if meta.channel:
        said = CHANNELS[meta.channel][lang]
        who += f"（{said}）" if lang == ZH else f" {said}"
    return who if lang == EN else who + " "


def _values(event: Event, rules: Rules, names: Names, lang: int) -> dict[str, str]:
    """Each field in words; what is absent is left out."""
    found: dict[str, str] = {}
    for name in type(event).model_fields:
        value = getattr(event, name)
        if value is None or (isinstance(value, Sealed) and not _tells(event, name)):
            continue  # no text is opened that is not told
        said = _said(name, value, rules, names, lang)
        if said is not None:
            found[name] = said
    if isinstance(event, e.OrderDispatched | e.DispatchProposed) and event.proposal:
        found |= _proposed(event, event.proposal, names, lang)
    if isinstance(event, e.OrderEvent):
        accept, finish = rules.limits(event.category)
        limit = (f"{accept}小时", f"{accept} hours")
        if isinstance(event, e.OrderDispatched) and event.call:
            limit = (f"{rules.call_minutes}分钟", f"{rules.call_minutes} minutes")
        found |= {"accept_limit": limit[lang], "finish_hours": str(finish)}
    return found


def _proposed(event: Event, proposal: Proposal, names: Names, lang: int) -> dict[str, str]:
    """Whom the engine proposed, with its score, and who else could have taken it."""
    called = [_provider(one.provider, names, lang) for one in proposal.candidates]
    found = {"candidates": ("、" if lang == ZH else ", ").join(called)} if called else {}
    if proposal.winner is None:
        return found
    found["proposed"] = _provider(proposal.winner, names, lang)
    scores = [one.score for one in proposal.candidates if one.provider == proposal.winner]
    if any(scores):
        found["score"] = f"{scores[0]:,}"
    if isinstance(event, e.OrderDispatched) and event.overruled:
        found["instead_of"] = found["proposed"]
    return found


def _said(name: str, value: Any, rules: Rules, names: Names, lang: int) -> str | None:
    if name in LISTED:
        return listed(name, value, rules, lang)
    if name in _FLAGS:
        words = _FLAGS[name][0 if value else 1]
        return words[lang] if words else None
    if isinstance(value, Sealed):
        return f"“{names.unseal(value)}”" if names.unseal else SEALED[lang]
    if isinstance(value, datetime):
        return _when(value, rules)
    if isinstance(value, Level):
        return _of(rules.level_name(value), lang)
    if isinstance(value, Stage):
        return STAGE_NAMES[value][lang]
    if isinstance(value, RatingSource | Urgency):
        return UNUSUAL[value][lang] if value in UNUSUAL else None
    if isinstance(value, Because):
        return BECAUSE_NAMES[value][lang]
    return _named(name, value, rules, names, lang)


def _named(name: str, value: Any, rules: Rules, names: Names, lang: int) -> str | None:
    """What only its field's name tells how to say."""
    match name:
        case "reached":
            return ("；", "; ")[lang].join(told_of(one)[lang] for one in value if one.how is not How.NONE)
        case "category" | "old_category":
            known = rules.category_by_path.get(value)
            return _of(known.name, lang) if known else value
        case "area" | "old_area":
            return _area(value, rules, lang)
        case "provider" | "accountable" | "wanted":
            return _provider(value, names, lang)
        case "reason":
            words = rules.decline_reasons.get(value) or rules.legal_reasons.get(value)
            return f"{_of(words, lang)}" if words else str(value)
        case "proposal":
            return None  # told by whom it names
        case _:
            return str(value)


def _area(path: str, rules: Rules, lang: int) -> str:
    """With the areas it lies in, but for the town itself."""
    parts = path.split("/")
    chain = ["/".join(parts[:depth]) for depth in range(2 if len(parts) > 1 else 1, len(parts) + 1)]
    known = [(one, rules.area_by_path.get(AreaPath(one))) for one in chain]
    words = [_of(area.name, lang) if area else one.rpartition("/")[2] for one, area in known]
    return "".join(words) if lang == ZH else ", ".join(reversed(words))


def _provider(provider: ProviderId, names: Names, lang: int) -> str:
    known = names.providers.get(provider)
    return _of(known, lang) if known else provider


def _of(words: Words, lang: int) -> str:
    return words.zh if lang == ZH else words.en


def _when(moment: datetime, rules: Rules) -> str:
    return moment.astimezone(ZoneInfo(rules.zone)).strftime("%Y-%m-%d %H:%M")


def _has_all(part: str, values: Mapping[str, str]) -> bool:
    return all(name in values for _, name, _, _ in _FORMATTER.parse(part) if name)
