"""How the engine is doing: lag role by role, and the read models."""

from time import sleep

import typer

from adapters.bootstrap import Node
from adapters.cli.opening import opened
from adapters.cli.output import AsJson, people, put_json, put_table, say
from adapters.cli.problems import WANTING
from adapters.cli.setup import registered
from adapters.standing import STILL, Standing
from adapters.towns import Finding, Linter, as_supplier

STALLED = "✗ 停住 stalled"


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
        broken = broken_routes(node)
    if as_json:
        put_json({**told, **standing.as_dict(), "broken_routes": broken})
    else:
        _show(standing)
        for one in broken:
            people().print(f"✗ {one}", markup=False)
    if standing.code != "ok":
        raise typer.Exit(WANTING)


def broken_routes(node: Node) -> list[Finding]:
    """Routes of the rules in force that cannot be followed: orders that they are for go to a person."""
    rules = node.rules
    if not rules.routes:
        return []
    suppliers = {slug: as_supplier(slug, state) for slug, state in registered(node.store).items()}
    return list(Linter(rules, suppliers, {}).routes())


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
    seal = standing.as_dict()["sealed"]
    say(
        f"已封存{seal['events']}条，未封存{seal['unsealed']}条（{seal['seconds']:.0f}秒）。",
        f"Sealed: {seal['events']}; not yet: {seal['unsealed']} ({seal['seconds']:.0f} s).",
    )
    for what, number in standing.parked.items():
        say(f"搁置（{what}）：{number}。", f"Set aside ({what}): {number}.")
    if standing.waiting_to_begin:
        names = ", ".join(standing.waiting_to_begin)
        say(f"读模型还是空的：{names}，请启动 sidan project。", f"Not begun: {names}; start sidan project.")
    if standing.stalled:
        names = ", ".join(standing.stalled)
        say(f"停住了：{names}，请看它们的日志并重启。", f"Stalled: {names}; read their log and restart them.")
