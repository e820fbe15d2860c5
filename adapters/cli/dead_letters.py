"""What nobody could read, and what an operator does about it: have it read again, or put it away."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.bootstrap import Node
from adapters.cli import filling
from adapters.cli.asking import STATUS_NAMES
from adapters.cli.moments import shown
from adapters.cli.opening import opened
from adapters.cli.options import WHY, As, Why
from adapters.cli.output import AsCsv, AsJson, people, put_csv, put_json, put_table, say
from adapters.cli.problems import WANTING, Problem, Usage
from adapters.cli.reading import VIA, Open, WhatFor, purpose, reading
from adapters.dead_letters import By
from adapters.keys.owner import letter as letter_of
from domain.rejections import Refused, UnknownLetter
from services.requests import Status

app = typer.Typer(no_args_is_help=True, help="读不懂的消息 · Messages nobody could read")

Id = Annotated[int, typer.Argument(metavar="ID", help="位置 · its position")]
Body = Annotated[
    str | None, typer.Option("--body", metavar="FILE", help="更正后的内容，- 为标准输入 · a corrected body")
]


@app.command("list")
def list_letters(
    ctx: typer.Context,
    *,
    after: Annotated[int, typer.Option(help="从哪个位置之后 · behind this position")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    unsettled: Annotated[
        bool, typer.Option("--unsettled", help="只看没处理的 · only what nobody has seen to")
    ] = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """列出读不懂的消息 · List messages that could not be read, the oldest first."""
    with opened(ctx) as node:
        letters, more = node.dead_letters.page(after, limit, unsettled=unsettled)
        rows = [node.dead_letters.told(letter) for letter in letters]
        zone = node.rules.zone
    if as_json:
        put_json({"dead_letters": rows, "next": more})
        return
    heads = ("位置 position", "记录时间 recorded", "来处 intake", "代码 code", "字节 bytes", "状态 status")
    cells = [
        (
            row["position"],
            shown(row["recorded"], zone),
            row["intake"],
            row["code"],
            row["size"],
            row["status"],
        )
        for row in rows
    ]
    if as_csv:
        told = zip(cells, rows, strict=True)
        put_csv((*heads, "原因 reason"), [(*cell, row["reason_zh"]) for cell, row in told])
        return
    put_table(heads, cells)


@app.command("show")
def show_letter(
    ctx: typer.Context,
    *,
    position: Id,
    open_: Open = False,
    why: WhatFor = None,
    as_: As = None,
    as_json: AsJson = False,
) -> None:
    """看一条读不懂的消息 · Show one message that could not be read, and what was done about it."""
    what_for = purpose(why, open_=open_)
    with opened(ctx) as node, _refusals():
        letter = node.dead_letters.get(position)
        if letter is None:
            raise UnknownLetter(letter=position)
        asked = reading(letter_of(position).subject, what_for, as_)
        letters = node.dead_letters
        row = letters.opened(letter, asked, body=True) if open_ else letters.told(letter)
    if as_json:
        put_json(row)
        return
    for name, value in row.items():
        people().print(f"{name:>12}  {value}", markup=False)


@app.command("requeue")
def requeue(
    ctx: typer.Context,
    *,
    position: Id,
    body: Body = None,
    reason: Why = None,
    as_: As = None,
    as_json: AsJson = False,
) -> None:
    """让它从原来的入口再读一次 · Have it read again at its door, as it came or with a corrected body."""
    with opened(ctx) as node, _refusals():
        by = By(filling.actor(as_), VIA)
        answer, noted = node.dead_letters.requeue(position, by, reason=reason, body=_content(body))
        _followed(node)
    told: dict[str, Any] = {
        "status": answer.status,
        "code": answer.code,
        "subject": answer.subject,
        "positions": answer.positions,
        "settled": noted.positions[-1],
    }
    if answer.reason_zh:
        told |= {"reason_zh": answer.reason_zh, "reason_en": answer.reason_en}
    if as_json:
        put_json(told)
    else:
        zh, en = STATUS_NAMES[answer.status]
        say(f"{zh}。{answer.reason_zh}", f"{en}. {answer.reason_en}".rstrip())
    if answer.status in (Status.REJECTED, Status.PARKED):
        raise typer.Exit(WANTING)


@app.command("discard")
def discard(
    ctx: typer.Context, *, position: Id, reason: Why = None, as_: As = None, as_json: AsJson = False
) -> None:
    """不再处理，说明理由 · Put it away, and say why."""
    with opened(ctx) as node, _refusals():
        by = By(filling.actor(as_), VIA)
        noted = node.dead_letters.discard(position, by, reason=filling.text("--reason", reason, WHY))
        _followed(node)
    if as_json:
        put_json({"status": "discarded", "settled": noted.positions[-1]})
    else:
        say(f"位置{position}的消息已丢弃。", f"The dead letter at {position} is discarded.")


def _content(body: str | None) -> bytes | None:
    if body is None:
        return None
    if body == "-":
        return typer.get_binary_stream("stdin").read()
    try:
        return Path(body).read_bytes()
    except OSError as error:
        raise Usage(
            "no_file", f"读不到文件{body}，请检查路径。", f"The file {body} cannot be read; check its path."
        ) from error


def _followed(node: Node) -> None:
    if node.settings.embedded:
        node.follow()


@contextmanager
def _refusals() -> Generator[None]:
    try:
        yield
    except Refused as refusal:
        raise Problem(refusal.code, refusal.reason_zh, refusal.reason_en) from refusal
