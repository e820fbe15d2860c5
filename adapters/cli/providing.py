"""Providers (接单方): register, correct, change what they offer and how much they can take, retire."""

from typing import Annotated, Any, Final

import typer

from adapters.bootstrap import Node
from adapters.cli import filling
from adapters.cli.asking import Envelope, put
from adapters.cli.opening import opened
from adapters.cli.options import WHY, As, Key, Why, envelope
from adapters.cli.output import AsJson
from adapters.cli.problems import Usage
from domain import commands as c
from domain.facts import Actor
from domain.ids import ProviderId, provider_subject
from domain.provider import Provider
from domain.rules import Words
from domain.stages import KIND_NAMES, Duty, ProviderKind, Role

app = typer.Typer(
    no_args_is_help=True,
    help=(
        "接单方：登记、更正、清单、接单能力、志愿者、退出"
        " · Providers: register, amend, offers, capacity, volunteers, retire"
    ),
)

Slug = Annotated[str, typer.Argument(metavar="PROVIDER", help="接单方代码 · the provider's id")]
Areas = Annotated[
    list[str] | None, typer.Option("--area", help="服务区域，可多次 · area it works in, again for more")
]
Must = Annotated[list[str] | None, typer.Option(help="权责清单事项 · category it must take")]
Can = Annotated[list[str] | None, typer.Option(help="服务清单事项 · category it can take")]
NameZh = Annotated[str | None, typer.Option(help="中文名称 · Chinese name")]
NameEn = Annotated[str | None, typer.Option(help="英文名称 · English name")]
Kind = Annotated[ProviderKind | None, typer.Option(help="类别 · kind")]
Contact = Annotated[str | None, typer.Option(help="对外电话或窗口 · public phone or desk")]
Members = Annotated[int | None, typer.Option(help="人数 · members")]
FullTime = Annotated[int | None, typer.Option(help="专职人数 · full-time members")]
Hours = Annotated[
    list[str] | None,
    typer.Option(
        help="服务时间，可多次，'' 为不限 · such as 'Mon-Fri 9:00-18:00', again for more, '' for always"
    ),
]
Skill = Annotated[
    list[str] | None, typer.Option("--skill", help="技能，可多次，'' 为无 · skill, '' for none")
]
Capacity = Annotated[int | None, typer.Option(help="同时在办上限 · orders in hand at once")]

CAPACITY: Final = Words(zh="同时在办上限", en="orders in hand at once")
MEMBERS: Final = Words(zh="人数", en="members")
FULL_TIME: Final = Words(zh="其中专职", en="of them full-time")
KINDS: Final = {kind: Words(zh=zh, en=en) for kind, (zh, en) in KIND_NAMES.items()}


@app.command()
def register(
    ctx: typer.Context,
    *,
    provider: Slug,
    name_zh: NameZh = None,
    name_en: NameEn = None,
    kind: Kind = None,
    contact: Contact = None,
    capacity: Capacity = None,
    members: Members = None,
    full_time: FullTime = None,
    takes_by_bus: Annotated[
        bool, typer.Option("--takes-by-bus", help="经Kafka取单 · takes work by topic")
    ] = False,
    hours: Hours = None,
    skill: Skill = None,
    areas: Areas = None,
    must: Must = None,
    can: Can = None,
    as_: As = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """登记接单方 · Register a provider."""
    with opened(ctx) as node:
        kinds = {one.value: words for one, words in KINDS.items()}
        fields = {
            "name_zh": filling.text("--name-zh", name_zh, Words(zh="中文名称", en="Chinese name")),
            "name_en": filling.text("--name-en", name_en, Words(zh="英文名称", en="English name")),
            "kind": filling.choice("--kind", kind, Words(zh="类别", en="kind"), kinds),
            "contact": filling.text("--contact", contact, Words(zh="对外电话", en="public contact")),
            "capacity": _whole("--capacity", capacity, CAPACITY),
            "members": members,
            "full_time": full_time,
            "takes_by_bus": takes_by_bus,
            "hours": filling.shifts(hours),
            "skills": filling.codes(skill),
            "areas": filling.paths(areas) or _area(node),
            "offers": _offers(must, can),
        }
        if fields["kind"] == ProviderKind.TEAM and filling.at_a_terminal():  # elsewhere the domain says so
            fields["members"] = _whole("--members", members, MEMBERS)
            fields["full_time"] = _whole("--full-time", full_time, FULL_TIME)
        _ask(node, c.RegisterProvider, provider, fields, envelope(as_, key), as_json=as_json)


@app.command()
def amend(
    ctx: typer.Context,
    *,
    provider: Slug,
    name_zh: NameZh = None,
    name_en: NameEn = None,
    kind: Kind = None,
    contact: Contact = None,
    members: Members = None,
    full_time: FullTime = None,
    takes_by_bus: Annotated[
        bool | None,
        typer.Option("--takes-by-bus/--not-by-bus", help="是否经Kafka取单 · whether it takes work by topic"),
    ] = None,
    hours: Hours = None,
    skill: Skill = None,
    as_: As = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """更正登记信息 · Correct who a provider is and how to reach it; what is not given stays."""
    with opened(ctx) as node:
        fields = {
            "name_zh": name_zh,
            "name_en": name_en,
            "kind": kind,
            "contact": contact,
            "members": members,
            "full_time": full_time,
            "takes_by_bus": takes_by_bus,
            "hours": filling.shifts(hours),
            "skills": filling.codes(skill),
        }
        _ask(
            node,
            c.AmendProvider,
            provider,
            fields,
            envelope(as_, key, default=itself(provider)),
            as_json=as_json,
        )


@app.command()
def offers(
    ctx: typer.Context,
    *,
    provider: Slug,
    areas: Areas = None,
    must: Must = None,
    can: Can = None,
    as_: As = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """变更服务清单 · Change what a provider offers and where; what is not given stays."""
    with opened(ctx) as node:
        now = on_record(node, provider)
        fields = {
            "areas": filling.paths(areas) or now.areas,
            "offers": _offers(must, can) or [offer.model_dump(mode="json") for offer in now.offers],
        }
        _ask(
            node,
            c.ChangeOffers,
            provider,
            fields,
            envelope(as_, key, default=itself(provider)),
            as_json=as_json,
        )


@app.command()
def capacity(
    ctx: typer.Context,
    *,
    provider: Slug,
    capacity: Annotated[int | None, typer.Argument(help="同时在办上限 · orders in hand at once")] = None,
    as_: As = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """变更接单能力 · Change how many orders a provider can have in hand."""
    with opened(ctx) as node:
        fields = {"capacity": _whole("CAPACITY", capacity, CAPACITY)}
        _ask(
            node,
            c.ChangeCapacity,
            provider,
            fields,
            envelope(as_, key, default=itself(provider)),
            as_json=as_json,
        )


@app.command()
def retire(
    ctx: typer.Context,
    *,
    provider: Slug,
    reason: Why = None,
    as_: As = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """退出接单 · Retire a provider; its open orders go back to the community."""
    with opened(ctx) as node:
        fields = {"reason": filling.text("--reason", reason, WHY)}
        _ask(node, c.RetireProvider, provider, fields, envelope(as_, key), as_json=as_json)


def _ask(
    node: Node,
    command: type[c.AnyCommand],
    provider: str,
    fields: dict[str, Any],
    asking: Envelope,
    *,
    as_json: bool,
) -> None:
    put(node, command, {"provider": provider, **fields}, asking, as_json=as_json)


def itself(provider: str) -> Actor:
    """A provider may change its own lists."""
    return Actor(role=Role.PROVIDER, id=provider)


def on_record(node: Node, provider: str) -> Provider:
    """The provider as it stands; of nobody's name it is unknown."""
    found = node.store.state(provider_subject(ProviderId(provider)))
    assert isinstance(found, Provider)
    return found


def _offers(must: list[str] | None, can: list[str] | None) -> list[dict[str, str]]:
    return [
        {"category": category, "duty": duty}
        for duty, values in ((Duty.MUST, must), (Duty.CAN, can))
        for category in filling.paths(values)
    ]


def _area(node: Node) -> tuple[str, ...]:
    return (filling.choice("--area", None, Words(zh="服务区域", en="area"), filling.areas(node.rules)),)


def _whole(option: str, value: int | None, words: Words) -> int:
    if value is not None:
        return value
    said = filling.text(option, None, words)
    try:
        return int(said)
    except ValueError as error:
        raise Usage(
            "bad_number", f"“{said}”不是整数，请重新输入。", f"{said} is no whole number; give one."
        ) from error
