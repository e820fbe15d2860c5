"""One command for each thing that can be asked of an order, in the order of its life."""

from typing import Annotated, Any, Final

import typer

from adapters.bootstrap import Node
from adapters.cli import filling
from adapters.cli.asking import Envelope, put
from adapters.cli.choosing import candidates, providers, why_not
from adapters.cli.moments import start_of
from adapters.cli.opening import find_order, opened
from adapters.cli.options import WHY, As, By, For, Key, Why, envelope
from adapters.cli.output import AsJson
from domain import commands as c
from domain.facts import Actor
from domain.rules import Words
from domain.stages import LEVEL_NAMES, Level, Role, Urgency

ORDERING: Final = "点单 Order"
DISPATCHING: Final = "派单 Dispatch"
ACCEPTING: Final = "接单 Accept"
RATING: Final = "评单 Rate"

Order = Annotated[str, typer.Argument(metavar="ORDER", help="12位单号或UUID · 12-digit number or UUID")]
Category = Annotated[str | None, typer.Option(help="事项 · category path, such as facilities/lights/street")]
Area = Annotated[str | None, typer.Option(help="区域 · area path")]
Details = Annotated[str | None, typer.Option(help="内容，- 为标准输入 · what it is about, - for stdin")]
Contact = Annotated[str | None, typer.Option(help="联系方式 · how to reach the resident")]
Address = Annotated[str | None, typer.Option(help="详细地址 · exact address")]
Provider = Annotated[str | None, typer.Option(help="接单方代码 · the provider's id")]
Code = Annotated[str | None, typer.Option("--reason", help="理由代码 · a reason code of the rules")]
Notice = Annotated[str | None, typer.Option(help="告知内容 · the notice to the resident")]

NOTICE: Final = Words(zh="告知内容", en="notice")
PROVIDER: Final = Words(zh="接单方（代码或名称）", en="provider (id or name)")


def place(
    ctx: typer.Context,
    *,
    category: Category = None,
    area: Area = None,
    details: Details = None,
    contact: Contact = None,
    address: Address = None,
    wanted: Annotated[str | None, typer.Option(help="希望由谁办 · the provider asked for")] = None,
    wanted_at: Annotated[str | None, typer.Option(help="希望何时 · when it is wanted")] = None,
    urgency: Annotated[Urgency, typer.Option(help="缓急 · how soon somebody has to come")] = Urgency.NORMAL,
    as_: As = None,
    for_: For = None,
    channel: By = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """点单 · Place an order; prints its number and query code."""
    with opened(ctx) as node:
        rules = node.rules
        what, where = Words(zh="事项", en="category"), Words(zh="区域", en="area")
        fields = {
            "category": filling.choice("--category", category, what, filling.items(rules)),
            "area": filling.choice("--area", area, where, filling.areas(rules)),
            "details": filling.text("--details", details, Words(zh="内容", en="details")),
            "contact": contact,
            "address": address,
            "wanted": wanted,
            "wanted_at": start_of(wanted_at, rules.zone) if wanted_at else None,
            "urgency": urgency,
        }
        put(node, c.PlaceOrder, fields, envelope(as_, key, for_=for_, channel=channel), as_json=as_json)


def amend(
    ctx: typer.Context,
    *,
    order: Order,
    category: Category = None,
    area: Area = None,
    details: Details = None,
    contact: Contact = None,
    address: Address = None,
    as_: As = None,
    for_: For = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """补充或更正 · Add to an order or correct it."""
    with opened(ctx) as node:
        fields = {
            "category": category,
            "area": area,
            "details": filling.text("--details", details, WHY) if details else None,
            "contact": contact,
            "address": address,
        }
        _of_order(node, c.AmendOrder, order, fields, envelope(as_, key, for_=for_), as_json=as_json)


def withdraw(
    ctx: typer.Context,
    *,
    order: Order,
    reason: Why = None,
    as_: As = None,
    for_: For = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """撤单 · Withdraw an order."""
    with opened(ctx) as node:
        _of_order(
            node, c.WithdrawOrder, order, {"reason": reason}, envelope(as_, key, for_=for_), as_json=as_json
        )


def second(
    ctx: typer.Context,
    *,
    order: Order,
    as_: As = None,
    for_: For = None,
    channel: By = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """附议 · Second an order: it affects you too."""
    with opened(ctx) as node:
        _of_order(
            node, c.SecondOrder, order, {}, envelope(as_, key, for_=for_, channel=channel), as_json=as_json
        )


def dispatch(
    ctx: typer.Context,
    *,
    order: Order,
    provider: Provider = None,
    why: Annotated[
        str | None,
        typer.Option(help="不按系统建议的理由，- 为标准输入 · why not as proposed, - for stdin"),
    ] = None,
    as_: As = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """派单 · Dispatch an order to a provider."""
    with opened(ctx) as node:
        chosen = filling.choice("--provider", provider, PROVIDER, candidates(node, order, provider))
        fields = {"provider": chosen, "why": why_not(node, order, chosen, why)}
        _of_order(node, c.DispatchOrder, order, fields, envelope(as_, key), as_json=as_json)


def pool(
    ctx: typer.Context, *, order: Order, as_: As = None, key: Key = None, as_json: AsJson = False
) -> None:
    """放入抢单池 · Put an order into the pool, for the first who claims it."""
    with opened(ctx) as node:
        _of_order(node, c.PoolOrder, order, {}, envelope(as_, key), as_json=as_json)


def recall(
    ctx: typer.Context,
    *,
    order: Order,
    reason: Why = None,
    provider: Annotated[str | None, typer.Option(help="仅当在此方手上 · only from this provider")] = None,
    as_: As = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """收回 · Take an order back to the community."""
    with opened(ctx) as node:
        fields = {"reason": filling.text("--reason", reason, WHY), "provider": provider}
        _of_order(node, c.RecallOrder, order, fields, envelope(as_, key), as_json=as_json)


def answer(
    ctx: typer.Context,
    *,
    order: Order,
    notice: Notice = None,
    as_: As = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """直接答复 · Answer at once, without dispatching."""
    with opened(ctx) as node:
        fields = {"notice": filling.text("--notice", notice, NOTICE)}
        _of_order(node, c.AnswerOrder, order, fields, envelope(as_, key), as_json=as_json)


def not_accept(
    ctx: typer.Context,
    *,
    order: Order,
    reason: Code = None,
    notice: Notice = None,
    as_: As = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """不予受理 · Close an order that the law does not let the community take up."""
    with opened(ctx) as node:
        fields = {
            "reason": filling.choice("--reason", reason, WHY, node.rules.legal_reasons),
            "notice": filling.text("--notice", notice, NOTICE),
        }
        _of_order(node, c.NotAcceptOrder, order, fields, envelope(as_, key), as_json=as_json)


def mark_duplicate(
    ctx: typer.Context,
    *,
    order: Order,
    of: Annotated[str | None, typer.Option("--of", help="并入哪一单 · the order that goes on")] = None,
    notice: Notice = None,
    as_: As = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """并案 · Close an order as a duplicate of another."""
    with opened(ctx) as node:
        other = filling.text("--of", of, Words(zh="并入哪一单", en="the order that goes on"))
        fields = {"of": find_order(node, other), "notice": filling.text("--notice", notice, NOTICE)}
        _of_order(node, c.MarkDuplicate, order, fields, envelope(as_, key), as_json=as_json)


def accept(
    ctx: typer.Context,
    *,
    order: Order,
    provider: Provider = None,
    as_: As = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """接单 · Accept an order you were offered."""
    with opened(ctx) as node:
        _of_provider(node, c.AcceptOrder, order, provider, {}, as_=as_, key=key, as_json=as_json)


def decline(
    ctx: typer.Context,
    *,
    order: Order,
    provider: Provider = None,
    reason: Code = None,
    as_: As = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """退单 · Decline an order, with a reason code."""
    with opened(ctx) as node:
        fields = {"reason": filling.choice("--reason", reason, WHY, node.rules.decline_reasons)}
        _of_provider(node, c.DeclineOrder, order, provider, fields, as_=as_, key=key, as_json=as_json)


def claim(
    ctx: typer.Context,
    *,
    order: Order,
    provider: Provider = None,
    as_: As = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """抢单 · Claim an order from the pool."""
    with opened(ctx) as node:
        _of_provider(node, c.ClaimOrder, order, provider, {}, as_=as_, key=key, as_json=as_json)


def progress(
    ctx: typer.Context,
    *,
    order: Order,
    provider: Provider = None,
    note: Annotated[str | None, typer.Option(help="进展 · how far it is")] = None,
    as_: As = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """反馈进展 · Report progress."""
    with opened(ctx) as node:
        fields = {"note": filling.text("--note", note, Words(zh="进展", en="progress"))}
        _of_provider(node, c.ReportProgress, order, provider, fields, as_=as_, key=key, as_json=as_json)


def complete(
    ctx: typer.Context,
    *,
    order: Order,
    provider: Provider = None,
    result: Annotated[str | None, typer.Option(help="办理结果 · what was done")] = None,
    resolved: Annotated[
        bool, typer.Option("--resolved/--unresolved", help="是否解决 · whether it is solved")
    ] = True,
    as_: As = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """办结 · Complete an order with its result."""
    with opened(ctx) as node:
        said = filling.text("--result", result, Words(zh="办理结果", en="result"))
        fields = {"result": said, "resolved": resolved}
        _of_provider(node, c.CompleteOrder, order, provider, fields, as_=as_, key=key, as_json=as_json)


def rate(
    ctx: typer.Context,
    *,
    order: Order,
    level: Annotated[Level | None, typer.Option(help="满意度 · level of satisfaction")] = None,
    comment: Annotated[str | None, typer.Option(help="评语 · comment")] = None,
    as_: As = None,
    for_: For = None,
    channel: By = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """评单 · Rate how it was done."""
    with opened(ctx) as node:
        levels = {one.value: node.rules.level_name(one) for one in LEVEL_NAMES}
        how = filling.choice("--level", level, Words(zh="满意度", en="level"), levels)
        _of_order(
            node,
            c.RateOrder,
            order,
            {"level": how, "comment": comment},
            envelope(as_, key, for_=for_, channel=channel),
            as_json=as_json,
        )


def reopen(
    ctx: typer.Context,
    *,
    order: Order,
    reason: Why = None,
    as_: As = None,
    for_: For = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """重办 · Reopen an order that is not solved."""
    with opened(ctx) as node:
        fields = {"reason": filling.text("--reason", reason, WHY)}
        _of_order(node, c.ReopenOrder, order, fields, envelope(as_, key, for_=for_), as_json=as_json)


def _of_order(
    node: Node,
    command: type[c.AnyCommand],
    order: str,
    fields: dict[str, Any],
    asking: Envelope,
    *,
    as_json: bool,
) -> None:
    put(node, command, {"order": find_order(node, order), **fields}, asking, as_json=as_json)


def _of_provider(
    node: Node,
    command: type[c.AnyCommand],
    order: str,
    provider: str | None,
    fields: dict[str, Any],
    *,
    as_: str | None,
    key: str | None,
    as_json: bool,
) -> None:
    """A provider asks for itself: one of --provider and --as is enough."""
    if provider is None and as_ is not None and as_.startswith("provider:"):
        provider = as_.removeprefix("provider:")
    slug = filling.choice("--provider", provider, PROVIDER, providers(node) if provider is None else {})
    asking = envelope(as_, key, default=Actor(role=Role.PROVIDER, id=slug))
    _of_order(node, command, order, {"provider": slug, **fields}, asking, as_json=as_json)
