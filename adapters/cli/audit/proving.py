"""Gives out receipts for orders and ratings, and proofs that the log only grew."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import pydantic_core
import typer

from adapters.bootstrap import Node
from adapters.cli.opening import find_order, opened
from adapters.cli.output import put_json, say
from adapters.cli.problems import Problem, Usage
from adapters.sealed_log import NoCheckpoint, NoSuchEvent, NotSealedYet, SealUnfit
from adapters.sealed_log.checking import notes_of
from services.audit.checkpoints import BadCheckpoint, parse

_MOST: Final = (1 << 63) - 1  # of what a database can count
_DIGITS: Final = 20  # with as many a number is beyond that


def prove(
    ctx: typer.Context,
    *,
    order: Annotated[
        str | None, typer.Argument(metavar="[ORDER]", help="12位单号或UUID · number or UUID")
    ] = None,
    rating: Annotated[bool, typer.Option("--rating", help="评单的回执 · of its latest rating")] = False,
    position: Annotated[
        int | None,
        typer.Option(min=1, max=_MOST, help="在记录中的位置，可不给工单 · of whatever fact stands there"),
    ] = None,
    from_: Annotated[
        str | None, typer.Option("--from", metavar="CHECKPOINT", help="检查点的大小或文件 · its size or file")
    ] = None,
    to: Annotated[
        str | None, typer.Option(metavar="CHECKPOINT", help="默认最新 · by default the newest")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="写入文件 · write to a file")] = None,
) -> None:
    """回执：证明某事件已封存；--from 证明记录只增不改 · A receipt, or a proof that the log only grew.

    JSON, which examples/verify_receipt.py checks offline.
    """
    of_a_fact = order is not None or position is not None
    if of_a_fact == (from_ is not None) or (rating and (order is None or position is not None)):
        raise Usage(
            "order_or_from",
            "请给出一张工单（可加 --rating 或 --position）、一个 --position，或用 --from 给出检查点。",
            "Name one order, with --rating or --position if you like, a --position alone, or a checkpoint by"
            " --from.",
        )
    if to is not None and from_ is None:
        raise Usage(
            "to_needs_from", "--to 要与 --from 一起用，请加上 --from。", "--to goes with --from; add --from."
        )
    with opened(ctx) as node:
        if from_ is not None:
            proof = _proven(node, lambda: _growth(node, from_, to))
        else:
            proof = _proven(node, lambda: _receipt(node, order, position, rating=rating))
    if output is None:
        put_json(proof)
        return
    _write(output, proof)
    say(f"已写入 {output}。", f"Written to {output}.")


def _receipt(node: Node, order: str | None, position: int | None, *, rating: bool) -> dict[str, Any]:
    if order is None:
        assert position is not None
        return node.proofs.at(position)
    found = find_order(node, order)
    if position is not None:
        return node.proofs.of_position(found, position)
    return node.proofs.of_rating(found) if rating else node.proofs.of_order(found)


def _growth(node: Node, old: str, new: str | None) -> dict[str, Any]:
    newer = _note(node, new) if new is not None else node.proofs.checkpoint()
    return node.proofs.growth(_note(node, old), newer)


def _note(node: Node, text: str) -> bytes:
    """A checkpoint by its size, or the last one of a file."""
    if text.isascii() and text.isdigit():
        return node.proofs.checkpoint(min(int(text[:_DIGITS]), _MOST))
    try:
        note = notes_of(Path(text))[-1]
        parse(note)
    except (OSError, IndexError, BadCheckpoint) as error:
        raise Usage(
            "bad_checkpoint",
            f"“{text}”不是检查点，请给出它的大小，或存有检查点的文件。",
            f"{text} is no checkpoint; give its size, or a file that holds it.",
        ) from error
    return note


def _proven(node: Node, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return make()
    except NoSuchEvent as error:
        raise Problem(
            "no_such_event",
            "没有这样的事件，请用 sidan audit replay 查看工单的经过，或核对位置。",
            "There is no such event; see the order's life with sidan audit replay, or check the position.",
        ) from error
    except NotSealedYet as error:
        seconds = node.settings.seal_seconds
        raise Problem(
            "not_sealed_yet",
            f"该事件尚未封存，服务运行时最迟{seconds:.0f}秒内封存；或请运行 sidan audit seal。",
            f"It is not sealed yet; while the service runs it is within {seconds:.0f} s, or run sidan audit"
            " seal.",
        ) from error
    except NoCheckpoint as error:
        raise Problem(
            "no_checkpoint",
            "没有这样大小的检查点，或先后颠倒；请从检查点文件中选两个，小的在前。",
            "There is no checkpoint of that size, or the order is wrong; take two from the file of"
            " checkpoints, the smaller first.",
        ) from error
    except SealUnfit as error:
        raise Problem(
            "seal_unfit",
            "封存已损坏，出具的回执不可信；请运行 sidan audit verify 查明。",
            "The seal is damaged and a receipt would prove nothing; run sidan audit verify.",
        ) from error


def _write(output: Path, proof: dict[str, Any]) -> None:
    try:
        output.write_bytes(pydantic_core.to_json(proof, indent=1) + b"\n")
    except OSError as error:
        raise Problem(
            "unwritable",
            f"写不了 {output}（{error.strerror}），请换一个位置。",
            f"{output} cannot be written ({error.strerror}); choose another place.",
        ) from error
