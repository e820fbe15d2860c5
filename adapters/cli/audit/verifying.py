"""Holds the record against its seal, and against what witnesses outside the database hold."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.bootstrap import Node
from adapters.cli.opening import how_far, opened
from adapters.cli.output import AsJson, people, put_json, say
from adapters.cli.problems import WANTING, Usage, kafka_needed
from adapters.keys.files import KeyFiles
from adapters.sealed_log import PUBLIC
from adapters.sealed_log.checking import Checking, Verdict, notes_of
from adapters.sealed_log.witness import is_torn
from services.audit.checkpoints import BadCheckpoint, VerifierKey
from services.audit.flaws import Flaw


def verify(
    ctx: typer.Context,
    *,
    witness: Annotated[
        list[Path] | None,
        typer.Option(help="库外保存的检查点文件 · checkpoints that were kept outside the database"),
    ] = None,
    key: Annotated[
        list[Path] | None,
        typer.Option(help="公钥文件，默认用密钥目录里的 · public key files; by default the town's own"),
    ] = None,
    from_topic: Annotated[
        bool, typer.Option("--from-topic", help="检查点主题也作见证 · the topic is a witness too")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """逐条核对封存的记录，指出每处改动 · Find and locate every change to what was sealed.

    Exit code 1 when something is found wanting.
    """
    with opened(ctx) as node:
        keys = _keys(node, key)
        kept = bool(witness) or from_topic
        notes = _witnesses(node, witness, from_topic=from_topic)
        with how_far(node.store.head(), what="校验 verifying") as told:
            verdict = Checking(node.store, node.sealed_log, keys, notes, told, kept).run()
    if as_json:
        put_json(_as_dict(verdict))
    else:
        _show(verdict)
    if not verdict.ok:
        raise typer.Exit(WANTING)


def _keys(node: Node, files: list[Path] | None) -> list[VerifierKey]:
    """Those that are named, else the town's own where it is at hand."""
    if not files:
        own = KeyFiles(node.settings.keys_folder).path(PUBLIC)
        files = [own] if own.is_file() else []
    return [read_key(file) for file in files]


def read_key(file: Path) -> VerifierKey:
    """A public key's file. Raises Usage."""
    try:
        return VerifierKey.parse(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, BadCheckpoint) as error:
        raise Usage(
            "bad_key_file",
            f"{file} 不是公钥文件，请用 sidan audit key 显示的一行。",
            f"{file} holds no public key; give the line that sidan audit key shows.",
        ) from error


def _witnesses(node: Node, files: list[Path] | None, *, from_topic: bool) -> list[bytes]:
    own = node.settings.checkpoints_file  # outside the database at least
    notes = [note for file in files or () for note in _kept_notes(file)]
    notes += [note for note in (_own_notes(own) if own.exists() else ()) if note not in notes]
    if from_topic:
        kafka_needed(node.settings)
        from adapters.bus.checkpoints import published  # noqa: PLC0415 - the embedded default needs no Kafka

        notes += published(node.settings)
    return notes


def _own_notes(file: Path) -> list[bytes]:
    """Those beside the record; of a file that holds something else that comes, and cannot be read."""
    notes = _read_notes(file)
    return notes if notes or is_torn(data := file.read_bytes()) else [data]


def _kept_notes(file: Path) -> list[bytes]:
    """Those of a witness. A file without any bears no witness, whatever it is."""
    notes = _read_notes(file)
    if not notes:
        raise Usage(
            "no_checkpoints",
            f"{file} 里没有检查点，请给出保存检查点的文件。",
            f"{file} holds no checkpoint; give the file that checkpoints were kept in.",
        )
    return notes


def _read_notes(file: Path) -> list[bytes]:
    try:
        return notes_of(file)
    except OSError as error:
        raise Usage(
            "no_witness_file",
            f"读不到见证文件 {file}（{error.strerror}），请核对路径。",
            f"The witness {file} cannot be read ({error.strerror}); check its path.",
        ) from error


def _as_dict(verdict: Verdict) -> dict[str, Any]:
    return {
        "ok": verdict.ok,
        "events": verdict.events,
        "sealed": verdict.sealed,
        "checkpoints": verdict.checkpoints,
        "witnessed": verdict.witnessed,
        "flaws": [_flaw(one) for one in verdict.flaws],
        "unnamed": verdict.unnamed,
        "not_proven": [asdict(one) for one in verdict.limits],
    }


def _flaw(flaw: Flaw) -> dict[str, Any]:
    """Without what does not apply."""
    return {name: value for name, value in asdict(flaw).items() if value not in (None, "")}


def _show(verdict: Verdict) -> None:
    out = people()
    for flaw in verdict.flaws:
        out.print(f"✗ {flaw.zh} {flaw.en} [{flaw.code}]", markup=False)
    if verdict.unnamed:
        say(f"另有{verdict.unnamed}处未逐一列出。", f"{verdict.unnamed} more are not listed.")
    say(
        f"核对了{verdict.events}条事件（已封存{verdict.sealed}条）、{verdict.checkpoints}个检查点、"
        f"{verdict.witnessed}个见证：{'未见改动' if verdict.ok else f'{len(verdict.flaws)}处不符'}。",
        f"{verdict.events} events checked ({verdict.sealed} sealed), {verdict.checkpoints} checkpoints and"
        f" {verdict.witnessed} witnessed: {'unchanged' if verdict.ok else f'{len(verdict.flaws)} wanting'}.",
    )
    for limit in verdict.limits:
        out.print(f"· {limit.zh} {limit.en} [{limit.code}]", markup=False)
