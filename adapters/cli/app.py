"""`sidan`: settings first, then one command; its groups follow the four orders."""

import os
import sys
from collections.abc import Sequence
from dataclasses import fields, replace
from functools import cache
from typing import Annotated, Any, Final, Literal

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException
from typer.main import get_command

from adapters import logs
from adapters.cli import (
    dead_letters,
    demo,
    granting,
    looking,
    matching,
    needing,
    ordering,
    projections,
    providing,
    reporting,
    rules,
    running,
    setup,
    submitting,
    volunteering,
    watching,
)
from adapters.cli import keys as key_commands
from adapters.cli.audit import app as auditing
from adapters.cli.misuse import misused
from adapters.cli.output import aside, put_json
from adapters.cli.problems import DONE, Problem, Usage
from adapters.garbage import collect_seldom
from adapters.settings import Settings

LOOKING: Final = "查看 Look"
RUNNING: Final = "运行 Run"
AUDIT: Final = "审计 Audit"
SETTINGS: Final = tuple("--" + field.name.replace("_", "-") for field in fields(Settings))


class SettingsAnywhere(TyperGroup):
    """Settings may stand before the command or behind it: `sidan orders list --store …`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, settings_first(args))


def settings_first(args: Sequence[str]) -> list[str]:
    """The same arguments with the settings moved to the front; all behind a bare -- stays."""
    end = args.index("--") if "--" in args else len(args)
    first: list[str] = []
    rest: list[str] = []
    coming = iter(args[:end])
    for arg in coming:
        if arg in SETTINGS:
            first += [arg, *(value for value in [next(coming, None)] if value is not None)]
        elif arg.partition("=")[0] in SETTINGS:
            first.append(arg)
        else:
            rest.append(arg)
    return [*first, *rest, *args[end:]]


app = typer.Typer(
    cls=SettingsAnywhere,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help=(
        "四单：点单、派单、接单、评单，每一步都有记录。"
        " Sidan: what residents order, who is sent, who does it, how it was."
    ),
)


@app.callback()
def start(
    ctx: typer.Context,
    *,
    store: Annotated[str | None, typer.Option(help="存储 · sqlite:///FILE or postgresql://…")] = None,
    reads: Annotated[
        str | None, typer.Option(help="读模型库 · read models; beside the store by default")
    ] = None,
    kafka: Annotated[str | None, typer.Option(help="Kafka，host:port · a broker; none: one process")] = None,
    prefix: Annotated[str | None, typer.Option(help="主题前缀 · first part of every topic")] = None,
    kafka_options: Annotated[str | None, typer.Option(help="librdkafka · name=value,…")] = None,
    host: Annotated[str | None, typer.Option(help="网页地址 · where HTTP listens")] = None,
    port: Annotated[int | None, typer.Option(help="网页端口 · and its port")] = None,
    metrics_port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="本机指标端口 · a role's figures, on loopback; 0: none"),
    ] = None,
    token: Annotated[str | None, typer.Option(help="令牌 · needed off loopback")] = None,
    oidc_issuer: Annotated[
        str | None, typer.Option(help="OIDC签发者 · whose JSON web tokens are taken")
    ] = None,
    oidc_audience: Annotated[
        str | None, typer.Option(help="令牌须写明的受众 · the audience they must name")
    ] = None,
    oidc_keys: Annotated[
        str | None, typer.Option(help="公钥文件，JWKS或PEM · their keys; the issuer's by default")
    ] = None,
    oidc_claims: Annotated[
        str | None, typer.Option(help="role=…,id=…,area=…,provider=… · which claim says what")
    ] = None,
    departments: Annotated[
        str | None, typer.Option(help="有自己命令主题的接单方 · providers with a command topic of their own")
    ] = None,
    secret: Annotated[
        str | None, typer.Option(help="密钥（十六进制） · hex; kept with the record by default")
    ] = None,
    keys: Annotated[
        str | None, typer.Option(help="密钥目录 · the town's keys; beside the record by default")
    ] = None,
    master_key: Annotated[
        str | None, typer.Option(help="主密钥（十六进制） · hex; a file in the keys folder by default")
    ] = None,
    checkpoints: Annotated[
        str | None, typer.Option(help="检查点文件 · file of checkpoints; beside the record by default")
    ] = None,
    seal_events: Annotated[
        int | None, typer.Option(min=1, help="未封存多少条即封存 · unsealed events that are sealed at once")
    ] = None,
    seal_seconds: Annotated[
        float | None, typer.Option(min=0, help="最长多少秒封存 · seconds until an event is sealed")
    ] = None,
    stalled: Annotated[
        float | None, typer.Option(min=1, help="停滞多少秒算停住 · seconds without moving that are a stall")
    ] = None,
    waiting: Annotated[
        int | None, typer.Option(min=1, help="HTTP同时办理上限 · HTTP requests in hand at once")
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            min=0, help="每个令牌或地址每秒请求上限，0不限 · of one token or address a second, 0: any"
        ),
    ] = None,
    open_orders: Annotated[
        int | None, typer.Option(min=0, help="每位居民未结工单上限，0不限 · of one resident, 0: any")
    ] = None,
    log: Annotated[
        Literal["debug", "info", "warning"] | None, typer.Option(help="日志级别 · how much is logged")
    ] = None,
) -> None:
    """Each setting is also read from the environment: SIDAN_STORE, SIDAN_KAFKA …"""
    # each option is named as its setting is
    ctx.obj = _settings(
        {name: value for name, value in locals().items() if name != "ctx" and value is not None}
    )


def _settings(given: dict[str, Any]) -> Settings:
    try:
        settings = replace(Settings.from_environment(os.environ), **given)
        bytes.fromhex(settings.secret)
    except ValueError as error:
        raise Usage(
            "bad_setting",
            f"设置有误（{error}），请检查 SIDAN_ 开头的环境变量和选项。",
            f"A setting does not fit ({error}); check the SIDAN_ variables and the options.",
        ) from error
    return settings


def _add(panel: str, *commands: Any) -> None:
    for command in commands:
        name = command.__name__.replace("_", "-")
        app.command(name, rich_help_panel=panel)(command)


_add(ordering.ORDERING, ordering.place, ordering.amend, ordering.withdraw, ordering.second)
_add(
    ordering.DISPATCHING,
    ordering.dispatch,
    ordering.pool,
    ordering.recall,
    ordering.answer,
    ordering.not_accept,
    ordering.mark_duplicate,
)
_add(
    ordering.ACCEPTING,
    ordering.accept,
    ordering.decline,
    ordering.claim,
    ordering.progress,
    ordering.complete,
)
providing.app.add_typer(volunteering.app, name="volunteer")
app.add_typer(providing.app, name="provider", rich_help_panel=ordering.ACCEPTING)
app.add_typer(needing.app, name="needs", rich_help_panel=ordering.ACCEPTING)
_add(ordering.RATING, ordering.rate, ordering.reopen)
app.add_typer(looking.app, name="orders", rich_help_panel=LOOKING)
_add(LOOKING, reporting.menu, reporting.rating)
app.add_typer(matching.app, name="match", rich_help_panel=LOOKING)
_add(RUNNING, setup.init)
app.add_typer(setup.app, name="town", rich_help_panel=RUNNING)
app.add_typer(rules.app, name="rules", rich_help_panel=RUNNING)
app.command("simulate", rich_help_panel=RUNNING)(submitting.simulate_orders)
_add(RUNNING, submitting.submit, demo.demo, running.serve)
_add(RUNNING, running.worker, running.relay, running.project, running.process, running.web)
_add(RUNNING, watching.status, running.docs)
app.add_typer(projections.app, name="projections", rich_help_panel=RUNNING)
app.add_typer(granting.app, name="tokens", rich_help_panel=RUNNING)
app.add_typer(dead_letters.app, name="dead-letters", rich_help_panel=RUNNING)
app.add_typer(auditing.app, name="audit", rich_help_panel=AUDIT)
app.add_typer(key_commands.app, name="keys", rich_help_panel=AUDIT)


@cache
def _program() -> Any:
    """The tree of commands takes longer to make than most commands to run."""
    return get_command(app)


def run(args: Sequence[str]) -> int:
    """Run one command; returns its exit code."""
    logs.configure(logs.QUIET)
    try:
        code = _program()(list(args), prog_name="sidan", standalone_mode=False)
    except Problem as problem:
        return _tell(problem, args)
    except TyperException as error:
        if not error.format_message():
            return error.exit_code
        return _tell(misused(error), args)
    except typer.Abort:
        return _tell(Problem("aborted", "已中止。", "Aborted."), args)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - who read has gone
        return DONE
    return code if isinstance(code, int) else DONE


def _tell(problem: Problem, args: Sequence[str]) -> int:
    aside().print(f"{problem.zh} {problem.en} [{problem.code}]", markup=False, soft_wrap=True)
    if "--json" in args:
        put_json({"error": {"code": problem.code, "reason_zh": problem.zh, "reason_en": problem.en}})
    return problem.exit_code


def main() -> None:
    """The `sidan` script."""
    collect_seldom()
    sys.exit(run(sys.argv[1:]))
