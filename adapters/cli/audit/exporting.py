"""Exports the record to a file that proves itself, and takes such a file into an empty store."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from adapters.bootstrap import Node
from adapters.cli.audit.sealing import sealing_problems
from adapters.cli.audit.verifying import read_key
from adapters.cli.moments import end_of, start_of
from adapters.cli.opening import founding, opened
from adapters.cli.output import AsJson, put_json, say
from adapters.cli.problems import Problem
from adapters.cli.submitting import bar, existing, steps
from adapters.exporting import (
    MANIFEST,
    CannotExport,
    CannotImport,
    Export,
    Exporter,
    Manifest,
    read_manifest,
    restore,
)
from adapters.keys.files import KeyFiles
from adapters.sealed_log import public_key

Since = Annotated[
    str | None, typer.Option(help="从何时记录起，如 2026-03-02 · what was recorded from then on")
]
Until = Annotated[str | None, typer.Option(help="到何时记录为止 · what was recorded by then")]
Out = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="写到哪个文件 · where to")]
ManifestFile = Annotated[
    Path | None, typer.Option("--manifest", metavar="FILE", help="清单，默认在文件旁边 · its manifest")
]

SignedBy = Annotated[
    list[Path] | None,
    typer.Option("--key", help="签名人的公钥文件 · public key files of who may have signed it"),
]

_NAME: Final = "{town}-{last}.jsonl"


def export(
    ctx: typer.Context,
    *,
    since: Since = None,
    until: Until = None,
    output: Out = None,
    as_json: AsJson = False,
) -> None:
    """导出记录为JSON行，附可核对的清单 · Export the record as JSON lines, with a manifest."""
    if output is not None and not output.name:
        raise _no_room(output)  # a folder; its name says so before anything is sealed
    with opened(ctx) as node:
        zone = node.rules.zone
        head = node.store.head()
        asked = Export(
            output or Path(_NAME.format(town=node.rules.town, last=head)),
            None if since is None else start_of(since, zone),
            None if until is None else end_of(until, zone),
        )
        manifest = _exported(node, asked, head)
    if as_json:
        told = {"file": asked.file, "manifest": f"{asked.file}{MANIFEST}"}
        told |= {name: getattr(manifest, name) for name in ("facts", "keys", "first", "last", "sha256")}
        put_json(told | {"root": manifest.after.root})
        return
    say(
        f"已把{manifest.facts}条事实导出到{asked.file}，清单是{asked.file}{MANIFEST}。",
        f"{manifest.facts} facts are exported to {asked.file}; its manifest is {asked.file}{MANIFEST}.",
    )


def _exported(node: Node, asked: Export, head: int) -> Manifest:
    try:
        with sealing_problems(node):
            checkpoint = node.notary().seal()
        with bar("导出 exporting", head) as advance:
            key = public_key(KeyFiles(node.settings.keys_folder))
            assert key is not None  # the notary has made it
            exporter = Exporter(node.store, node.sealed_log, checkpoint, key.text)
            return exporter.write(asked, steps(advance))
    except CannotExport as error:
        raise Problem(error.code, error.zh, error.en) from error
    except OSError as error:
        raise _no_room(asked.file) from error


def import_(
    ctx: typer.Context,
    *,
    file: Annotated[str, typer.Argument(metavar="FILE", help="导出的文件 · an exported file")],
    manifest: ManifestFile = None,
    key: SignedBy = None,
    as_json: AsJson = False,
) -> None:
    """把导出的记录导入空的存储 · Take an exported record into an empty store."""
    path = existing(file)
    keys = [read_key(one) for one in key or ()]
    with _as_problem():
        said = read_manifest(manifest or path.with_name(path.name + MANIFEST))
    with founding(ctx) as node:  # once all that is named could be read: it makes files where none were
        with _as_problem(), bar("导入 importing", said.facts) as advance:
            done = restore(path, said, node.store, steps(advance), keys)
        with bar("填读模型 filling read models", done.head) as advance:
            node.take_over(steps(advance))
    if as_json:
        put_json(done._asdict() | {"key": said.key, "trusted": bool(key)})
        return
    say(
        f"已导入{done.facts}条事实和{done.keys}个命令编号，末尾位置{done.head}。",
        f"{done.facts} facts and {done.keys} command keys are taken in, up to position {done.head}.",
    )
    if not key:
        say(
            f"没有用 --key 给出公钥：签名人是清单自称的 {said.key}，请核对。",
            f"No key was given by --key: who signed it is as its manifest says, {said.key}; compare it.",
        )


@contextmanager
def _as_problem() -> Generator[None]:
    try:
        yield
    except CannotImport as error:
        raise Problem(error.code, error.zh, error.en) from error


def _no_room(file: Path) -> Problem:
    return Problem(
        "cannot_write",
        f"写不了文件{file}，请检查文件夹、权限和磁盘空间。",
        f"The file {file} cannot be written; check the folder, its rights and the room on the disk.",
    )
