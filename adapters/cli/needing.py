"""What may be asked of a need (需求): state it, amend it, take it up, let go of it, close it."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from adapters.bootstrap import Node
from adapters.cli import filling
from adapters.cli.asking import Envelope, put
from adapters.cli.moments import end_of
from adapters.cli.needs import Slug, app
from adapters.cli.opening import opened
from adapters.cli.options import As, Key, Why, envelope
from adapters.cli.output import AsJson
from domain import commands as c
from domain.facts import Actor
from domain.rules import Words
from domain.stages import Role

Whose = Annotated[
    str | None,
    typer.Option("--provider", help="哪个接单方，不写为社区 · which provider; none: the community"),
]
TitleZh = Annotated[str | None, typer.Option(help="中文标题（公开） · Chinese title, public")]
TitleEn = Annotated[str | None, typer.Option(help="英文标题（公开） · English title, public")]
Area = Annotated[str | None, typer.Option(help="区域 · area path")]
Category = Annotated[str | None, typer.Option(help="事项 · category path")]
Takers = Annotated[int | None, typer.Option("--takers", help="需要几方 · how many takers; none: any number")]
Until = Annotated[str | None, typer.Option(help="截止，如 2026-12-31 · until when")]
Note = Annotated[str | None, typer.Option(help="说明，密封保存 · a note, sealed")]


@app.command()
def state(
    ctx: typer.Context,
    *,
    need: Slug,
    provider: Whose = None,
    title_zh: TitleZh = None,
    title_en: TitleEn = None,
    area: Area = None,
    category: Category = None,
    takers: Takers = None,
    until: Until = None,
    as_: As = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """提出需求 · State what the community or a provider needs."""
    with opened(ctx) as node:
        fields = {
            "provider": provider,
            "title_zh": filling.text("--title-zh", title_zh, Words(zh="中文标题", en="Chinese title")),
            "title_en": filling.text("--title-en", title_en, Words(zh="英文标题", en="English title")),
            "area": filling.choice("--area", area, Words(zh="区域", en="area"), filling.areas(node.rules)),
            **_optional(node, category, takers, until),
        }
        _ask(node, c.StateNeed, need, fields, _asking(as_, key, provider), as_json=as_json)


@app.command()
def amend(
    ctx: typer.Context,
    *,
    need: Slug,
    title_zh: TitleZh = None,
    title_en: TitleEn = None,
    area: Area = None,
    category: Category = None,
    takers: Takers = None,
    until: Until = None,
    as_: As = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """更正需求 · Amend a need; what is not given stays."""
    with opened(ctx) as node:
        fields = {
            "title_zh": title_zh,
            "title_en": title_en,
            "area": area,
            **_optional(node, category, takers, until),
        }
        _ask(node, c.AmendNeed, need, fields, envelope(as_, key), as_json=as_json)


@app.command("take-up")
def take_up(
    ctx: typer.Context,
    *,
    need: Slug,
    provider: Whose = None,
    note: Note = None,
    as_: As = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """认领 · Take up a need of the other side; several may."""
    with opened(ctx) as node:
        fields = {"provider": provider, "note": note}
        _ask(node, c.TakeUpNeed, need, fields, _asking(as_, key, provider), as_json=as_json)


@app.command("let-go")
def let_go(
    ctx: typer.Context,
    *,
    need: Slug,
    provider: Whose = None,
    as_: As = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """退出认领 · Step back from a need that was taken up."""
    with opened(ctx) as node:
        _ask(node, c.LetGoOfNeed, need, {"provider": provider}, _asking(as_, key, provider), as_json=as_json)


@app.command()
def close(
    ctx: typer.Context,
    *,
    need: Slug,
    reason: Why = None,
    as_: As = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """关闭需求 · Close a need that is met or no longer wanted."""
    with opened(ctx) as node:
        _ask(node, c.CloseNeed, need, {"reason": reason}, envelope(as_, key), as_json=as_json)


def _optional(node: Node, category: str | None, takers: int | None, until: str | None) -> dict[str, Any]:
    end = end_of(until, node.rules.zone) if until else None
    return {"category": category, "takers_wanted": takers, "until": end}


def _asking(as_: str | None, key: str | None, provider: str | None) -> Envelope:
    """A provider asks for itself, unless somebody else is named."""
    return envelope(as_, key, default=Actor(role=Role.PROVIDER, id=provider) if provider else None)


def _ask(
    node: Node,
    command: type[c.AnyCommand],
    need: str,
    fields: Mapping[str, Any],
    asking: Envelope,
    *,
    as_json: bool,
) -> None:
    put(node, command, {"need": need, **fields}, asking, as_json=as_json)
