"""How the engine is doing: lag role by role, and the read models."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from adapters.bootstrap import Node
from adapters.cli.opening import opened
from adapters.cli.output import AsJson, put_json, put_table, say
from adapters.cli.problems import WANTING, Usage
from projections.engine import LOG, Place, Projector, open_reads

POSITION = "relay"  # the relay's name among the record's positions

projections = typer.Typer(
    no_args_is_help=True, help="读模型：状态、重建、核对 · Read models: status, rebuild, verify"
)


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a follower is behind the head of the log."""

    role: str
    name: str
    position: int
    events: int
    seconds: float


def status(ctx: typer.Context, *, as_json: AsJson = False) -> None:
    """各角色落后多少 · How far each role is behind, in events and seconds."""
    with opened(ctx) as node:
        head = node.store.head()
        lags = list(lags_of(node, head))
        topics = _topic_lags(node)
        told = {
            "store": node.settings.store.partition("@")[2] or node.settings.store,
            "mode": "embedded" if node.settings.embedded else "kafka",
            "town": node.rules.town,
            "head": head,
        }
    if as_json:
        put_json({**told, "roles": lags, "topics": topics})
        return
    say(f"日志到{head}。", f"The log ends at {head}.")
    heads = ("角色 role", "名称 name", "位置 position", "落后事件 events behind", "落后秒 seconds behind")
    put_table(heads, [(one.role, one.name, one.position, one.events, f"{one.seconds:.1f}") for one in lags])
    if topics:
        heads = ("主题分区 partition", "末尾 end", "已处理 taken in", "落后 behind")
        put_table(heads, [(one["partition"], one["end"], one["taken"], one["behind"]) for one in topics])


def lags_of(node: Node, head: int) -> Iterator[Lag]:
    """Everything that follows the log. Positions may have gaps, so events are an upper bound."""
    if not node.settings.embedded:
        yield _lag(node, "relay", "relay", node.store.positions().get(POSITION, 0), head)
    for projector in node.projectors:
        places = projector.positions()
        reached = max((place.position for place in places.values()), default=0)
        yield _lag(node, "project", projector.model.name, reached, head)
    for name, position in node.reactors().positions().items():
        yield _lag(node, "process", name, position, head)


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


def _lag(node: Node, role: str, name: str, position: int, head: int) -> Lag:
    """In seconds: how long the oldest unread fact has been waiting."""
    unread = node.store.read(position, 1)
    if not unread or position >= head:
        return Lag(role, name, position, 0, 0.0)
    waiting = node.clock() - unread[0].fact.meta.recorded
    return Lag(role, name, position, head - position, max(0.0, waiting.total_seconds()))


def _topic_lags(node: Node) -> list[dict[str, Any]]:
    """Kafka mode: what lies in the topics and is not yet taken in by the worker and the read models."""
    if node.settings.embedded:
        return []
    from adapters.bus.lags import topic_lags  # noqa: PLC0415 - the embedded default needs no Kafka

    taken = dict(node.store.positions())
    for projector in node.projectors:
        for name, place in projector.positions().items():
            if place.offset is not None:
                taken[name] = min(place.offset, taken.get(name, place.offset))
    return topic_lags(node.settings, taken)
