"""How the engine is doing: lag role by role, and the read models."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import typer

from adapters.bootstrap import Node
from adapters.cli.opening import opened
from adapters.cli.output import AsJson, put_json, put_table, say

POSITION = "relay"  # the relay's name among the record's positions


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
