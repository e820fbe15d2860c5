"""The read models: how far each has read, what waits in it; verify it, rebuild it, go back, try again."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.text import Text

from adapters.bootstrap import Node
from adapters.cli.opening import opened
from adapters.cli.output import AsCsv, AsJson, aside, people, put_csv, put_json, put_table, say
from adapters.cli.problems import WANTING, Problem, Usage
from adapters.places import holds
from projections.engine import (
    NoWayBack,
    OnlyInOrder,
    Parked,
    Parting,
    Place,
    Projector,
    Rebuilding,
    Rebuilt,
    Verified,
    parked_counts,
    verify,
)
from projections.engine.alone import BeingRebuilt
from projections.engine.comparing import Told

app = typer.Typer(
    no_args_is_help=True,
    help="读模型：状态、核对、重建、再试 · Read models: status, verify, rebuild, retry",
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="读模型 · read model")]
Back = Annotated[bool, typer.Option("--back", help="换回上一代 · switch back to the generation before")]


@app.command("status")
def status(ctx: typer.Context, *, as_json: AsJson = False, as_csv: AsCsv = False) -> None:
    """各读模型读到哪里，有什么受阻 · How far each has read, and what waits in it; 1 if anything does."""
    with opened(ctx) as node:
        head = node.store.head()
        parked = parked_counts(node.reads, [one.id for one in node.projectors])
        found = [(one, one.positions(), parked[one.id]) for one in node.projectors]
        rows = [_as_dict(node, one, places, waiting) for one, places, waiting in found]
    if as_json:
        put_json({"head": head, "ok": not any(row["parked"]["facts"] for row in rows), "projections": rows})
    else:
        heads = ("读模型 read model", "代 generation", "分区 partition", "位置 position", "日志末尾 head")
        counts = ("受阻对象 parked", "受阻事件 parked events", "原因 why")
        cells = [
            (one.model.name, row["generation"], name, place.position, head, *_told_parked(waiting))
            for (one, places, waiting), row in zip(found, rows, strict=True)
            for name, place in places.items()
        ]
        (put_csv if as_csv else put_table)((*heads, *counts), cells)
    if any(row["parked"]["facts"] for row in rows):
        raise typer.Exit(WANTING)


def _as_dict(node: Node, one: Projector, places: Mapping[str, Place], parked: Parked) -> dict[str, Any]:
    generations = Rebuilding(one, node.log).generations()
    return {
        "name": one.model.name,
        "version": one.model.version,
        "generation": generations.live,
        "previous": generations.previous,
        "partitions": {
            name: {"position": place.position, "offset": place.offset} for name, place in places.items()
        },
        "parked": parked._asdict(),
    }


def _told_parked(parked: Parked) -> tuple[object, ...]:
    return parked.subjects, parked.facts, parked.why


@app.command("retry")
def retry(ctx: typer.Context, *, name: Name, as_json: AsJson = False) -> None:
    """把受阻的按次序再试一次 · Apply in order what is parked; 1 if some of it still fails."""
    with opened(ctx) as node:
        try:
            applied, left = named_projector(node, name).retry(node.log)
        except OnlyInOrder as error:
            raise _as_problem(error) from error
    if as_json:
        put_json({"name": name, "applied": applied, "parked": left._asdict()})
    else:
        say(
            f"{name}：补上{applied}个事件，仍有{left.facts}个受阻。{left.why}",
            f"{name}: {applied} events are applied, {left.facts} still wait.",
        )
    if left.facts:
        raise typer.Exit(WANTING)


@app.command("rebuild")
def rebuild(ctx: typer.Context, *, name: Name, back: Back = False, as_json: AsJson = False) -> None:
    """另建一代，核对后切换；期间照常查询 · Build the next generation, verify, switch; queries go on."""
    with opened(ctx) as node:
        rebuilding = Rebuilding(named_projector(node, name), node.log, holds)
        head = node.store.head()
        try:
            with _bars("重建 rebuild", "核对 verify", total=head) as (built, checked):
                done = rebuilding.back(built) if back else rebuilding.rebuild(built, checked)
        except (NoWayBack, BeingRebuilt) as error:
            raise _as_problem(error) from error
    _tell_rebuilt(name, done, as_json=as_json)


def _as_problem(error: NoWayBack | BeingRebuilt | OnlyInOrder) -> Problem:
    zh, _, en = str(error).partition("。 ")
    return Problem(error.code, zh + "。", en)


def _tell_rebuilt(name: str, done: Rebuilt, *, as_json: bool) -> None:
    verified = done.verified
    ok = verified is None or verified.ok
    if as_json:
        told = {
            "name": name,
            "ok": ok,
            "facts": done.facts,
            "generation": done.live,
            "previous": done.previous,
        }
        put_json({**told, "digest": verified.digest if verified else None})
    elif ok:
        say(f"{name}现为第{done.live}代，读了{done.facts}条事实。", f"{name} is at generation {done.live}.")
    else:
        say(
            f"{name}新的一代核对不符，没有切换。",
            f"{name} differs from a replay; nothing is switched.",
        )
    if not ok:
        raise typer.Exit(WANTING)


@app.command("verify")
def verify_(
    ctx: typer.Context,
    *,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="不写则全部 · all without it")] = None,
    as_json: AsJson = False,
) -> None:
    """从日志另建一份，比较摘要 · Replay into a shadow, compare digests; name the event where they part."""
    with opened(ctx) as node:
        chosen = [named_projector(node, name)] if name else node.projectors
        results: list[tuple[str, Verified]] = []
        for one in chosen:
            with _bars(f"核对 verify {one.model.name}", total=node.store.head()) as (told,):
                found = verify(one, node.log, holds=holds, told=told)
            results.append((one.model.name, found))
    ok = all(found.ok for _, found in results)
    if as_json:
        put_json({"ok": ok, "projections": [{"name": of, "ok": v.ok, **asdict(v)} for of, v in results]})
    else:
        put_table(
            ("读模型 read model", "摘要 digest", "影子 shadow", ""),
            [(of, found.digest, found.shadow, "✓" if found.ok else "✗") for of, found in results],
        )
        for of, found in results:
            if found.parting is not None:
                people().print(_told_parting(of, found.parting), markup=False)
    if not ok:
        raise typer.Exit(WANTING)


def _told_parting(name: str, parting: Parting) -> str:
    row = f"{parting.table} {', '.join(parting.key)}"
    if parting.position is None:
        return f"{name}：{row}没有事件可据。 No event accounts for it."
    event = f"{parting.event} {parting.subject}"
    return f"{name}：自位置{parting.position}的{event}起，{row}与记录不符。 They part at {parting.position}."


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


class _Rate(ProgressColumn):
    """Facts a second."""

    def render(self, task: Task) -> Text:
        return Text("" if task.speed is None else f"{task.speed:,.0f}/s")


@contextmanager
def _bars(*whats: str, total: int) -> Generator[list[Told]]:
    """How far in the log each has come, beside the answer, for a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate())
    with Progress(*columns, console=aside(), transient=True) as progress:
        tasks = [progress.add_task(what, total=total) for what in whats]
        yield [_moving(progress, task) for task in tasks]


def _moving(progress: Progress, task: TaskID) -> Told:
    return lambda position: progress.update(task, completed=position)
