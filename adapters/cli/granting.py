"""Tokens that prove who asks: made, listed, revoked."""

from datetime import timedelta
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from adapters.cli.moments import shown
from adapters.cli.opening import opened
from adapters.cli.output import AsCsv, AsJson, people, put_csv, put_json, put_table, say
from adapters.cli.problems import Problem, Usage
from adapters.parking import misfits
from adapters.tokens import Identity
from adapters.tokens.identity import DISPATCHER
from domain.rejections import UnknownArea
from domain.rules import Rules
from domain.stages import Role

HEADS = (
    *("编号 id", "角色 role", "人员 who", "区域 area", "接单方 provider"),
    *("建于 added", "到期 expires", "吊销 revoked"),
)

app = typer.Typer(no_args_is_help=True, help="口令：新建、列出、吊销 · Tokens: add, list, revoke")


@app.command("add")
def add(
    ctx: typer.Context,
    *,
    role: Annotated[str, typer.Option(help="resident, dispatcher, provider, auditor, operator · 角色")],
    actor: Annotated[str | None, typer.Option("--id", help="人员代码 · who it is")] = None,
    area: Annotated[str | None, typer.Option(help="派单员的区域 · the area a dispatcher answers for")] = None,
    provider: Annotated[str | None, typer.Option(help="所属接单方 · the provider whose staff it is")] = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="有效天数 · days until it expires")] = 90,
    as_json: AsJson = False,
) -> None:
    """新建口令，只显示一次 · Make a token; it is shown this once."""
    with opened(ctx) as node:
        now = node.clock()
        said = {"role": role, "actor": actor or provider, "area": area, "provider": provider}
        identity = _identity(said | {"expires": now + timedelta(days=days)})
        _in_the_town(identity, node.rules)
        token = node.tokens.add(identity, now)
    number = token.split("_")[1]
    if as_json:
        put_json({"id": number, "token": token, **identity.model_dump(mode="json", exclude={"token"})})
        return
    say(f"口令{number}已建立，只显示这一次：", f"Token {number} is made; this is the only time it is shown:")
    people().print(token, markup=False)


@app.command("list")
def listed(ctx: typer.Context, *, as_json: AsJson = False, as_csv: AsCsv = False) -> None:
    """全部口令，不含口令本身 · Every token, never the token itself."""
    with opened(ctx) as node:
        found, zone = node.tokens.all(), node.rules.zone
    if as_json:
        put_json({"tokens": found})
        return
    rows = [_row(one, zone) for one in found]
    if as_csv:
        put_csv(HEADS, rows)
    else:
        put_table(HEADS, rows)


@app.command("revoke")
def revoke(
    ctx: typer.Context,
    *,
    number: Annotated[str, typer.Argument(metavar="ID", help="口令编号 · the token's id")],
    as_json: AsJson = False,
) -> None:
    """吊销口令，即刻生效 · It proves nothing from now on."""
    with opened(ctx) as node:
        if not node.tokens.revoke(number, node.clock()):
            raise Problem(
                "unknown_token",
                f"没有口令{number}，请看 sidan tokens list。",
                f"There is no token {number}; see sidan tokens list.",
            )
    if as_json:
        put_json({"id": number, "revoked": True})
    else:
        say(f"口令{number}已吊销。", f"Token {number} is revoked.")


def _identity(said: dict[str, Any]) -> Identity:
    try:
        return Identity(**said)
    except ValidationError as error:
        zh, en = misfits(error)
        raise Usage(
            "bad_token", f"口令有误（{zh}），请看 --help。", f"No token ({en}); see --help."
        ) from error


def _in_the_town(identity: Identity, rules: Rules) -> None:
    """A dispatcher without an area anywhere could do nothing with it."""
    if identity.area is not None and identity.area not in rules.area_by_path:
        unknown = UnknownArea(area=identity.area)
        raise Problem(unknown.code, unknown.reason_zh, unknown.reason_en)
    listed_area = rules.dispatcher_area(identity.actor)
    if identity.role is Role.COMMUNITY and identity.area is None and listed_area is None:
        raise Usage(
            "area_needed",
            f"{identity.actor}不在人员表中，请用 --area 指明其区域。",
            f"{identity.actor} is not among the town's people; say with --area what they answer for.",
        )


def _row(one: dict[str, Any], zone: str) -> tuple[object, ...]:
    role = DISPATCHER if one["role"] == Role.COMMUNITY else one["role"]
    times = [shown(one[name], zone) for name in ("added", "expires", "revoked")]
    return (one["id"], role, one["actor"], one["area"], one["provider"], *times)
