"""How the engine is doing: lag role by role, the read models, and what nobody could read."""

import base64
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from typing import Annotated, Any

import structlog
import typer

from adapters.bootstrap import Node
from adapters.cli.moments import shown
from adapters.cli.opening import opened, read_only
from adapters.cli.output import AsCsv, AsJson, people, put_csv, put_json, put_table, say
from adapters.cli.problems import WANTING, Problem, Usage
from adapters.standing import STILL, Standing
from domain.events import MessageParked
from domain.facts import Recorded
from projections.engine import LOG, Place, Projector, open_reads

PAGE = 500
STALLED = "✗ 停住 stalled"

log: structlog.stdlib.BoundLogger = structlog.get_logger()
projections = typer.Typer(
    no_args_is_help=True, help="读模型：状态、重建、核对 · Read models: status, rebuild, verify"
)
dead_letters = typer.Typer(no_args_is_help=True, help="读不懂的消息 · Messages nobody could read")

Open = Annotated[bool, typer.Option("--open", help="打开原文，会留记录 · open the bytes; is logged")]


def status(ctx: typer.Context, *, as_json: AsJson = False) -> None:
    """各角色落后多少，谁停住了 · How far each role is behind, and who has stalled.

    Exit code 1 when something has work and does not move, or has not begun. Takes a second look, 3 s later,
    when something has waited too long.
    """
    with opened(ctx) as node:
        standing = node.standing()
        if standing.suspects:
            sleep(STILL)
            standing = node.standing()
        told = {
            "store": node.settings.store.partition("@")[2] or node.settings.store,
            "mode": "embedded" if node.settings.embedded else "kafka",
            "town": node.rules.town,
        }
    if as_json:
        put_json({**told, **standing.as_dict()})
    else:
        _show(standing)
    if standing.code != "ok":
        raise typer.Exit(WANTING)


def _show(standing: Standing) -> None:
    say(f"日志到{standing.head}。", f"The log ends at {standing.head}.")
    heads = ("角色 role", "名称 name", "位置 position", "落后事件 events behind", "落后秒 seconds behind", "")
    rows = [
        (one.role, one.name, one.position, one.events, f"{one.seconds:.1f}", STALLED if one.stalled else "")
        for one in standing.roles
    ]
    put_table(heads, rows)
    if standing.topics:
        heads = ("主题分区 partition", "末尾 end", "已处理 taken in", "落后 behind")
        put_table(heads, [(one.partition, one.end, one.taken, one.behind) for one in standing.topics])
    for what, number in standing.parked.items():
        say(f"读不懂的消息：{number}。", f"Set aside ({what}): {number}.")
    if standing.waiting_to_begin:
        names = ", ".join(standing.waiting_to_begin)
        say(f"读模型还是空的：{names}，请启动 sidan project。", f"Not begun: {names}; start sidan project.")
    if standing.stalled:
        names = ", ".join(standing.stalled)
        say(f"停住了：{names}，请看它们的日志并重启。", f"Stalled: {names}; read their log and restart them.")


@projections.command("status")
def projections_status(ctx: typer.Context, *, as_json: AsJson = False) -> None:
    """各读模型读到哪里 · How far each read model has read."""
    with opened(ctx) as node:
        head = node.store.head()
        places = [(one.model, one.positions()) for one in node.projectors]
    if as_json:
        put_json(
            {
                "head": head,
                "projections": [
                    {"name": model.name, "version": model.version, "partitions": _told(found)}
                    for model, found in places
                ],
            }
        )
        return
    put_table(
        ("读模型 read model", "版本 version", "分区 partition", "位置 position", "日志末尾 head"),
        [
            (model.name, model.version, name, place.position, head)
            for model, found in places
            for name, place in found.items()
        ],
    )


def _told(places: Mapping[str, Place]) -> dict[str, dict[str, int | None]]:
    return {name: {"position": place.position, "offset": place.offset} for name, place in places.items()}


@projections.command("rebuild")
def rebuild(
    ctx: typer.Context,
    *,
    name: Annotated[str, typer.Argument(metavar="NAME", help="读模型 · read model")],
    as_json: AsJson = False,
) -> None:
    """清空并从日志重建一个读模型 · Empty one read model and fill it from the log.

    In Kafka mode stop `sidan project` first; it goes on from the log's end when it starts again.
    """
    with opened(ctx) as node:
        projector = named_projector(node, name)
        if node.settings.embedded:
            read = projector.rebuild(node.store)
        else:
            projector.reset()  # `project` fills what has no place yet before it follows
            read = 0
        digest = projector.digest()
    if as_json:
        put_json({"name": name, "facts": read, "digest": digest})
    elif read:
        say(f"已从{read}条事实重建{name}。", f"{name} is rebuilt from {read} facts.")
    else:
        say(f"{name}已清空，请启动 sidan project 补齐。", f"{name} is empty; start sidan project to fill it.")


@projections.command("verify")
def verify(
    ctx: typer.Context,
    *,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="不写则全部 · all without it")] = None,
    as_json: AsJson = False,
) -> None:
    """另建一份，比较摘要 · Build a shadow from the log and compare digests."""
    with opened(ctx) as node:
        chosen = [named_projector(node, name)] if name else node.projectors
        results = [_verified(node, projector) for projector in chosen]
    ok = all(result["ok"] for result in results)
    if as_json:
        put_json({"ok": ok, "projections": results})
    else:
        put_table(
            ("读模型 read model", "摘要 digest", "影子 shadow", ""),
            [(one["name"], one["digest"], one["shadow"], "✓" if one["ok"] else "✗") for one in results],
        )
    if not ok:
        raise typer.Exit(WANTING)


@dead_letters.command("list")
def list_dead_letters(
    ctx: typer.Context,
    *,
    after: Annotated[int, typer.Option(help="从哪个位置之后 · behind this position")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """列出读不懂的消息 · List messages that could not be read, the oldest first."""
    with opened(ctx) as node:
        found = read_only(node.store, MessageParked, after, limit + 1)
        rows = [_letter(one) for one in found[:limit]]
        zone = node.rules.zone
    if as_json:
        more = rows[-1]["position"] if len(found) > limit else None
        put_json({"dead_letters": rows, "next": more})
        return
    heads = ("位置 position", "记录时间 recorded", "来处 intake", "代码 code", "字节 bytes", "原因 reason")
    cells = [
        (
            row["position"],
            shown(row["recorded"], zone),
            row["intake"],
            row["code"],
            row["size"],
            row["reason_zh"],
        )
        for row in rows
    ]
    (put_csv if as_csv else put_table)(heads, cells)


@dead_letters.command("show")
def show_dead_letter(
    ctx: typer.Context,
    *,
    position: Annotated[int, typer.Argument(metavar="ID", help="位置 · its position")],
    open_: Open = False,
    as_json: AsJson = False,
) -> None:
    """看一条读不懂的消息 · Show one message that could not be read."""
    with opened(ctx) as node:
        found = read_only(node.store, MessageParked, position - 1, 1)
        if not found or found[0].position != position:
            raise Problem(
                "unknown_letter",
                f"位置{position}没有读不懂的消息，请看 sidan dead-letters list。",
                f"At {position} there is no such message; see sidan dead-letters list.",
            )
        row = _letter(found[0])
        if open_:
            log.warning("parked.opened", position=position, via="cli")
            row["body"] = _in_clear(node, found[0])
    if as_json:
        put_json(row)
        return
    for name, value in row.items():
        people().print(f"{name:>12}  {value}", markup=False)


def _letter(recorded: Recorded) -> dict[str, Any]:
    event, meta = recorded.fact.event, recorded.fact.meta
    assert isinstance(event, MessageParked)
    return {
        "position": recorded.position,
        "recorded": meta.recorded,
        "via": meta.via,
        "intake": meta.intake,
        "source": meta.cause.source,
        "id": meta.cause.id,
        "code": event.code,
        "reason_zh": event.reason_zh,
        "reason_en": event.reason_en,
        "size": event.size,
        "digest": event.digest,
    }


def _in_clear(node: Node, recorded: Recorded) -> str:
    assert isinstance(recorded.fact.event, MessageParked)
    return base64.b64decode(node.sealer.open(recorded.fact.event.body)).decode("utf-8", "backslashreplace")


def named_projector(node: Node, name: str) -> Projector:
    """The read model of that name. Raises Usage, with the names there are."""
    for projector in node.projectors:
        if projector.model.name == name.replace("-", "_"):
            return projector
    known = ", ".join(projector.model.name for projector in node.projectors)
    raise Usage(
        "unknown_projection",
        f"没有读模型{name}，请用：{known}。",
        f"There is no read model {name}; use one of: {known}.",
    )


def _verified(node: Node, projector: Projector) -> dict[str, Any]:
    """A shadow in a file of its own, filled up to where the read model is."""
    places = projector.positions()
    until = places[LOG].position if LOG in places else node.store.head()
    with TemporaryDirectory(prefix="sidan-verify-") as folder:
        engine = open_reads(f"sqlite:///{Path(folder) / 'shadow.db'}")
        try:
            shadow = Projector(type(projector.model)(), engine)
            shadow.create()
            shadow.fill_from(node.store, until=until)
            digests = projector.digest(), shadow.digest()
        finally:
            engine.dispose()
    return {
        "name": projector.model.name,
        "digest": digests[0],
        "shadow": digests[1],
        "position": until,
        "ok": digests[0] == digests[1],
    }
