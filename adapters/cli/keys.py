"""The keys of personal texts: how many there are, and changing the master key that wraps them."""

from secrets import token_bytes
from typing import Annotated, Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from adapters.bootstrap import Node
from adapters.cli.filling import agreed
from adapters.cli.opening import opened
from adapters.cli.output import AsJson, aside, put_json, say
from adapters.keys.cipher import KEY_BYTES
from adapters.keys.master import FILE, NEXT

app: Final = typer.Typer(
    no_args_is_help=True,
    help="密钥：个人信息用的密钥和主密钥 · The keys of personal texts, and the master key",
)


@app.command()
def status(ctx: typer.Context, as_json: AsJson = False) -> None:
    """有多少密钥，用哪把主密钥 · How many keys there are, and under which master key."""
    with opened(ctx) as node:
        alive, master = node.sealer.count(), node.sealer.master
        where = _where(node)
    if as_json:
        put_json({"keys": alive, "master": master, "where": where})
        return
    say(
        f"现有{alive}把密钥，主密钥{master}，在{where}。",
        f"{alive} keys under master key {master}, in {where}.",
    )


@app.command()
def rotate(
    ctx: typer.Context,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问 · do not ask")] = False,
    as_json: AsJson = False,
) -> None:
    """更换主密钥：全部密钥用新的主密钥重新包裹 · Change the master key: every key is wrapped anew."""
    if not yes:
        agreed("更换主密钥，旧的随即作废？ Change the master key? The old one is gone then.")
    with opened(ctx) as node:
        done = _rewrapped(node)
        master, where = node.sealer.master, _where(node)
        pending = node.master_key.from_environment
    if as_json:
        put_json({"keys": done, "master": master, "where": where})
        return
    say(
        f"{done}把密钥已用主密钥{master}重新包裹。",
        f"{done} keys are wrapped anew, under master key {master}.",
    )
    if pending:
        say(
            f"新的主密钥在{NEXT}，请将它设为 SIDAN_MASTER_KEY，重启全部进程后删除该文件。",
            f"The new one is in {NEXT}: set it as SIDAN_MASTER_KEY, restart all processes, delete the file.",
        )
    else:
        say(f"请另存一份{FILE}。", f"Keep a copy of {FILE} apart.")


def _rewrapped(node: Node) -> int:
    columns = (TextColumn("重新包裹 wrapping"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=aside(), transient=True) as progress:
        bar = progress.add_task("rotate", total=node.sealer.count())
        return node.sealer.rotate(token_bytes(KEY_BYTES), lambda done: progress.update(bar, completed=done))


def _where(node: Node) -> str:
    return "SIDAN_MASTER_KEY" if node.master_key.from_environment else str(node.settings.keys_folder / FILE)
