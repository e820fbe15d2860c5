"""The demonstration: a simulated week of a town, and what a street office wants to see of it."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Annotated, Final

import typer
from rich.panel import Panel

from adapters.bootstrap import Node
from adapters.cli.asking import dashed
from adapters.cli.audit.replaying import names_of, tell_story
from adapters.cli.moments import shown
from adapters.cli.naming import bilingual, stage_name
from adapters.cli.output import AsJson, people, put_json, put_table, say
from adapters.cli.problems import Problem, as_problems
from adapters.cli.reporting import percent
from adapters.cli.setup import bring_about, difference_to
from adapters.cli.submitting import Tally, bar, send_in
from adapters.query_code import query_code
from adapters.settings import Settings
from adapters.towns import TownFile, load
from domain.ids import OrderId, StreamId
from domain.stages import CLOSED, Stage
from projections.order_board import Filter, OrderRow
from projections.rating import DEFINITIONS, By, RatingRow
from services.simulation import DEFAULT_START, simulate
from services.story import tell

TOWN: Final = "guangming"
ORDERS: Final = 2_000
SEED: Final = 2026
DAYS: Final = 7
END: Final = DEFAULT_START + timedelta(days=DAYS)  # the moment that the report speaks of
# Not a secret: with it the order that is told has the same query code in each run.
SECRET: Final = "53 69 64 61 6e 20 64 65 6d 6f".replace(" ", "") * 3 + "2121"
LEAST_RATED: Final = 5  # ratings that a provider needs to be called best or worst
SHOWN: Final = 5


def demo(
    keep: Annotated[
        Path | None, typer.Option(metavar="FILE", help="保留为新的SQLite文件 · keep it as a new SQLite file")
    ] = None,
    orders: Annotated[int, typer.Option(min=1, help="多少张工单 · how many orders")] = ORDERS,
    as_json: AsJson = False,
) -> None:
    """一周的四单：模拟、处理、看结果 · A simulated week through all four orders, and its report."""
    begun = monotonic()
    with _place(keep) as settings, as_problems(settings), Node(settings) as node:
        tally = run_week(node, orders)
        story = the_story(node)
        if as_json:
            sums = tally.as_dict(sum(tally.counts.values()), monotonic() - begun)
            put_json({**sums, "story": story, "digests": digests(node)})
            return
        _introduce(tally)
        print_report(node)
        print_digests(node)
        _next_steps(node, story, keep, monotonic() - begun)


def demo_settings(store: str) -> Settings:
    """The settings that make two demonstrations the same."""
    return replace(Settings(), store=store, secret=SECRET)


def demo_town() -> TownFile:
    """The shipped town without auto-dispatch and retention.

    Whether the former or the simulated dispatcher is quicker hangs on the machine, and the week lies ever
    longer ago: two runs would differ.
    """
    file = load(TOWN)
    return replace(file, rules=file.rules.model_copy(update={"dispatch": (), "retention": ()}))


def run_week(node: Node, orders: int = ORDERS) -> Tally:
    """Found the town, simulate its week and send it in; the read models are there when it returns.

    In Kafka mode the roles must be running, and the caller waits for the read models.
    """
    file = demo_town()
    node.create()
    with bar("建立镇街 founding the town", None):
        bring_about(node, difference_to(node, file).commands)
    with bar("模拟一周 simulating a week", None):
        lines = list(simulate(file.rules, file.providers, orders, SEED, DEFAULT_START, days=DAYS))
    with bar("送入 submitting", len(lines)) as advance:
        return send_in(node, lines, advance)


def digests(node: Node) -> dict[str, str]:
    """What each read model says, as one number."""
    return {projector.model.name: projector.digest() for projector in node.projectors}


def print_digests(node: Node) -> None:
    """One line for each read model: its name and its digest."""
    people().print("读模型摘要 Digests of the read models", style="bold")
    for name, digest in digests(node).items():
        people().print(f"{name:<12} {digest}", markup=False)


def print_report(node: Node, now: datetime = END) -> None:
    """What a street office wants to see, as of `now`."""
    _board(node)
    _overdue(node, now)
    _busiest(node)
    _providers(node, now)
    people().print("一张工单的经过 One order's whole story", style="bold")
    story = the_story(node)
    if story is not None:
        facts = list(node.store.history(StreamId(story)))
        tell_story(tell(facts, names_of(node)), "both")


def the_story(node: Node) -> OrderId | None:
    """An order that went through much: reopened or declined first, and rated in the end."""
    rated = list(_rated(node))
    if not rated:
        return None
    best = max(rated, key=lambda row: (row.round, row.declines, row.seconders, str(row.order_id)))
    return best.order_id


def _rated(node: Node) -> Iterator[OrderRow]:
    cursor: str | None = None
    while True:
        page = node.queries.board.page(Filter(stages=(Stage.RATED,)), cursor=cursor, limit=500)
        yield from page.orders
        cursor = page.next
        if cursor is None:
            return


def _introduce(tally: Tally) -> None:
    told = tally.as_dict(0, 0)
    zh = f"光明街道的一周（{DEFAULT_START:%Y-%m-%d} 起，模拟）"
    en = f"A week of Guangming Subdistrict (simulated, from {DEFAULT_START:%Y-%m-%d})"
    answers = (
        f"已记录 recorded {told['recorded']}",
        f"未办理 rejected {told['rejected']}",
        f"重复 repeated {told['repeated']}",
        f"读不懂 parked {told['parked']}",
    )
    people().print(Panel("\n".join((zh, en, " · ".join(answers[:2]), " · ".join(answers[2:]))), expand=False))


def _board(node: Node) -> None:
    rows = [
        (stage_name(stage), number, "" if stage in CLOSED else "在办 open")
        for stage, number in node.queries.board.count_by_stage().items()
        if number
    ]
    put_table(("阶段 stage", "件数 orders", ""), rows, "四单看板 The board by stage")


def _overdue(node: Node, now: datetime) -> None:
    board = node.queries.board
    number = board.overdue(now)
    zone = node.rules.zone
    page = board.page(Filter(overdue_at=now), limit=SHOWN, order="oldest")
    names = bilingual(node.queries.menu.categories())
    providers = bilingual(node.queries.menu.providers())
    rows = [
        (
            dashed(row.number),
            stage_name(row.stage),
            names.get(row.category),
            providers.get(row.provider or ""),
            shown(row.deadline, zone),
        )
        for row in page.orders
    ]
    heads = ("单号 number", "阶段 stage", "事项 category", "接单方 provider", "应于 due")
    put_table(heads, rows, f"超期 Overdue at {shown(now, zone)}: {number}，最早的{len(rows)}件 the oldest")


def _busiest(node: Node) -> None:
    names = bilingual(node.queries.menu.categories())
    rows = [
        (names.get(load.category), load.category, load.orders, load.open)
        for load in node.queries.board.busiest_categories(limit=SHOWN)
    ]
    put_table(
        ("事项 category", "代码 code", "件数 orders", "在办 open"), rows, "最多的事项 The busiest categories"
    )


def _providers(node: Node, now: datetime) -> None:
    report = node.queries.rating.report(By.PROVIDER, now)
    names = bilingual(node.queries.menu.providers())
    ranked = report.best_first(least=LEAST_RATED)
    worst = [row for row in reversed(ranked) if row not in ranked[:SHOWN]][:SHOWN]
    _ranking(ranked[:SHOWN], names, "评价最好的接单方 The best rated providers")
    _ranking(worst, names, "评价最差的接单方 The worst rated providers")


def _ranking(rows: list[RatingRow], names: Mapping[str, str], title: str) -> None:
    heads = (
        "接单方 provider",
        "办结 done",
        "已评 rated",
        "差评 bad",
        "未评 unrated",
        *(f"{one.name_zh} {one.name_en}" for one in DEFINITIONS.values()),
    )
    cells = [
        (
            f"{names.get(row.key, '')} {row.key}",
            row.completed,
            row.rated,
            row.bad,
            row.unrated,
            percent(row.response),
            percent(row.resolution),
            percent(row.satisfaction),
        )
        for row in rows
    ]
    put_table(heads, cells, title)


def _next_steps(node: Node, story: OrderId | None, keep: Path | None, seconds: float) -> None:
    say(f"用时{seconds:.1f}秒。", f"It took {seconds:.1f} s.")
    if keep is None:
        say(
            "想自己看看：sidan demo --keep demo.db，然后 sidan serve --store sqlite:///demo.db。",
            "To look around: sidan demo --keep demo.db, then sidan serve --store sqlite:///demo.db.",
        )
    else:
        say(f"已存入{keep}，接着试：", f"It is kept in {keep}; go on with:")
        people().print(f"  sidan serve --store sqlite:///{keep}", markup=False)
        people().print(f"  sidan audit replay {story} --store sqlite:///{keep}", markup=False)
    if story is not None:
        code = query_code(node.secret, story)
        say(f"这张工单的查询码是{code}。", f"The query code of the order above is {code}.")


@contextmanager
def _place(keep: Path | None) -> Generator[Settings]:
    """A new file that is kept, or a folder that goes when we do."""
    if keep is not None:
        if keep.exists():
            raise Problem(
                "file_exists", f"{keep}已存在，请换个文件名。", f"{keep} is there already; name another file."
            )
        yield replace(Settings(), store=f"sqlite:///{keep}")  # a secret of its own, which `serve` finds there
        return
    with TemporaryDirectory(prefix="sidan-demo-") as folder:
        yield demo_settings(f"sqlite:///{Path(folder) / 'demo.db'}")
