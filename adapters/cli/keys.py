"""The keys of personal texts: how many there are, and changing the master key that wraps them."""

from pathlib import Path
from secrets import token_bytes
from typing import Annotated, Final

import typer

from adapters.bootstrap import Node
from adapters.cli.filling import agreed
from adapters.cli.opening import how_far, opened
from adapters.cli.output import AsJson, put_json, say
from adapters.cli.problems import Problem, Usage
from adapters.cli.submitting import existing
from adapters.keys.cipher import KEY_BYTES
from adapters.keys.master import FILE, NEXT
from adapters.keys.moving import NotKeys, exported, imported

app: Final = typer.Typer(
    no_args_is_help=True,
    help="密钥：个人信息用的密钥和主密钥 · The keys of personal texts, and the master key",
)


@app.command()
def status(ctx: typer.Context, as_json: AsJson = False) -> None:
    """有多少密钥，用哪把主密钥 · How many keys there are, and under which master key."""
    with opened(ctx) as node:
        alive, master = node.keys.count(), node.keys.master
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
        master, where = node.keys.master, _where(node)
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


@app.command("export")
def export_keys(
    ctx: typer.Context,
    *,
    out: Annotated[Path, typer.Option("-o", "--out", help="写到何处 · the file to write")],
    as_json: AsJson = False,
) -> None:
    """导出密钥（仍用主密钥包裹），随记录搬家 · Write out the keys, wrapped, to go with an exported record."""
    if out.exists():
        raise Usage("file_exists", f"文件{out}已存在，请换一个。", f"{out} is there already; name another.")
    with (
        opened(ctx) as node,
        out.open("xb") as file,
        how_far(node.keys.count(), what="导出密钥 keys out") as told,
    ):
        out.chmod(0o600)
        lines = 0
        for line in exported(node.keys, told):
            file.write(line)
            lines += 1
    if as_json:
        put_json({"keys": lines - 1, "file": str(out)})
        return
    say(
        f"{lines - 1}把密钥已写到{out}；没有主密钥打不开任何内容，请与主密钥分开搬。",
        f"{lines - 1} keys are in {out}; without the master key they open nothing: take that another way.",
    )


@app.command("import")
def import_keys(
    ctx: typer.Context,
    *,
    file: Annotated[Path, typer.Argument(help="sidan keys export 的文件 · what it wrote")],
    as_json: AsJson = False,
) -> None:
    """带来导出的密钥；主密钥先放好 · Bring exported keys along; put their master key in place first."""
    path = existing(str(file))
    with opened(ctx) as node, path.open("rb") as lines, how_far(None, what="带来密钥 keys in") as told:
        try:
            brought = imported(node.keys, lines, told)
        except NotKeys as error:
            raise Problem(error.code, error.reason_zh, error.reason_en) from error
    if as_json:
        put_json({"keys": brought})
        return
    say(f"带来了{brought}把密钥。", f"{brought} keys are here now.")


def _rewrapped(node: Node) -> int:
    with how_far(node.keys.count(), what="重新包裹 wrapping") as told:
        return node.keys.rotate(token_bytes(KEY_BYTES), told)


def _where(node: Node) -> str:
    return "SIDAN_MASTER_KEY" if node.master_key.from_environment else str(node.settings.keys_folder / FILE)
