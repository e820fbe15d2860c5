"""Runs the roles, each as a process of its own or all in one, and prints the documents of the interfaces."""

import os
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Annotated, Any, Literal

import typer

from adapters import logs
from adapters.away import origin
from adapters.bootstrap import Node
from adapters.cli.opening import opened, settings_of
from adapters.cli.output import put_json
from adapters.cli.problems import WANTING, Problem, Usage, as_problems, kafka_needed
from adapters.cli.projections import named_projector
from adapters.listening import PortTaken, listening
from adapters.settings import LOOPBACK, Settings
from adapters.tokens import Tokens

Chosen = Callable[[Node], Sequence[Any]]


def serve(ctx: typer.Context) -> None:
    """一个进程运行全部角色 · All roles in one process."""
    _reachable_only_by_token(settings_of(ctx))
    from adapters import roles  # noqa: PLC0415 - the web takes a second to load

    _run(ctx, roles.serving)


def worker(ctx: typer.Context) -> None:
    """收命令，记事实（Kafka） · Commands in, facts into the record."""
    _one(ctx, "worker")


def relay(ctx: typer.Context) -> None:
    """把记录按次序发往事件主题（Kafka） · What is recorded out to the bus."""
    _one(ctx, "relay")


def project(
    ctx: typer.Context,
    *,
    models: Annotated[
        list[str] | None, typer.Argument(help="只维护这些，默认全部 · only these read models, by default all")
    ] = None,
) -> None:
    """维护读模型（Kafka） · Keep the read models up."""
    if not models:
        _one(ctx, "project")
        return
    kafka_needed(settings_of(ctx))
    from adapters import roles  # noqa: PLC0415 - the web takes a second to load

    def chosen(node: Node) -> Sequence[Any]:
        return [roles.projecting([_on_the_bus(node, name) for name in models])]

    _run(ctx, chosen)


def _on_the_bus(node: Node, name: str) -> str:
    """The read model of that name. Raises Usage where Kafka cannot feed it, or there is none."""
    model = named_projector(node, name).model
    if model.in_log_order:
        raise Usage(
            "only_in_order",
            f"读模型{model.name}按日志次序学习，由 sidan process 维护，请运行它。",
            f"The read model {model.name} learns in log order and is kept up by sidan process; run that.",
        )
    return model.name


def process(ctx: typer.Context) -> None:
    """运行流程：自动派单、退出、派发、学习、封存（Kafka） · Run the process managers; learn, seal."""
    _one(ctx, "process")


def web(ctx: typer.Context) -> None:
    """网页与HTTP接口 · Pages and HTTP."""
    _reachable_only_by_token(settings_of(ctx))
    from adapters import roles  # noqa: PLC0415 - the web takes a second to load

    _run(ctx, lambda _: [roles.web])


def docs(
    ctx: typer.Context,
    *,
    which: Annotated[
        Literal["asyncapi", "openapi", "messages"],
        typer.Argument(help="总线、HTTP或消息示例 · the bus, HTTP, or examples of messages"),
    ],
) -> None:
    """接口文档：JSON，消息示例为Markdown · Print an interface document."""
    if which == "messages":
        from adapters.bus.messages import document  # noqa: PLC0415 - FastStream takes a second to load

        typer.echo(document(), nl=False)
        return
    if which == "asyncapi":
        from adapters.bus.documents import asyncapi  # noqa: PLC0415 - FastStream takes a second to load

        put_json(asyncapi(settings_of(ctx).prefix))
        return
    from adapters.web.app import make_app  # noqa: PLC0415 - the web takes a second to load

    nowhere = replace(Settings(), store="sqlite:///:memory:")
    with Node(nowhere) as node:
        put_json(make_app(node).openapi())


def _one(ctx: typer.Context, name: str) -> None:
    kafka_needed(settings_of(ctx))
    from adapters import roles  # noqa: PLC0415 - the web takes a second to load

    _run(ctx, lambda _: roles.together(name))


def _run(ctx: typer.Context, chosen: Chosen) -> None:
    from adapters import roles  # noqa: PLC0415 - the web takes a second to load

    logs.configure(logs.LEVELS[settings_of(ctx).log])
    with _as_role_failed(), opened(ctx) as node, listening(node.settings.metrics_port):
        try:
            roles.run(node, chosen(node))
        except roles.Unfinished:
            os._exit(WANTING)  # a thread hangs on what is away, and closing in good order would wait for it


@contextmanager
def _as_role_failed() -> Generator[None]:
    """A fault of ours: where it was raised is in the log, and its own words may quote people."""
    try:
        yield
    except Problem:
        raise
    except PortTaken as error:
        zh, _, en = str(error).partition("。 ")
        raise Problem("port_taken", zh + "。", en) from error
    except Exception as error:
        kind = type(origin(error)).__name__
        raise Problem(
            "role_failed",
            f"程序出错停下了（{kind}），请把日志中 role.failed 一行交给维护者。",
            f"It stopped on a fault of its own ({kind}); hand the line role.failed of its log to those who"
            " maintain it.",
        ) from error


def _reachable_only_by_token(settings: Settings) -> None:
    if settings.host in LOOPBACK or settings.token or settings.oidc_issuer:
        return
    if not _has_tokens(settings):
        raise Usage(
            "needs_token",
            f"监听{settings.host}要有令牌，请设置 SIDAN_TOKEN，或用 sidan tokens add，或只用 127.0.0.1。",
            f"Listening on {settings.host} needs a token; set SIDAN_TOKEN, make one with sidan tokens add,"
            " or keep to 127.0.0.1.",
        )


def _has_tokens(settings: Settings) -> bool:
    with as_problems(settings), closing(Tokens(settings.store)) as tokens:
        return tokens.exist()
