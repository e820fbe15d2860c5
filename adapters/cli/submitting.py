"""Sends files of commands in (`submit`), and makes such files (`simulate`)."""

import sys
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import IO, Annotated, Any, Final

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from adapters.bootstrap import Node
from adapters.cli.moments import start_of
from adapters.cli.opening import opened
from adapters.cli.output import AsJson, aside, people, put_json, say
from adapters.cli.problems import Usage, as_problems
from adapters.envelope import MAX_READ, Door
from adapters.settings import Settings
from adapters.tables import is_table, load_mapping, rows_to_messages
from adapters.towns import load
from services.requests import Outcome, Status
from services.simulation import DEFAULT_ORDERS, DEFAULT_START, simulate

IMPORTS: Final = Door("imports", None, trusted_time=True)
BATCH: Final = 500

Advance = Callable[[int], None]


@dataclass(slots=True)
class Tally:
    """What became of the lines. Every line is counted once."""

    counts: Counter[Status] = field(default_factory=Counter[Status])
    codes: Counter[str] = field(default_factory=Counter[str])

    def add(self, status: Status, code: str = "") -> None:
        self.counts[status] += 1
        if code:
            self.codes[code] += 1

    def as_dict(self, lines: int, seconds: float) -> dict[str, Any]:
        """`recorded`, `rejected`, `parked` and `repeated` add up to `lines`."""
        return {
            **{status.value: self.counts[status] for status in Status},
            "lines": lines,
            "seconds": round(seconds, 3),
            "codes": dict(sorted(self.codes.items())),
        }


def simulate_orders(
    *,
    orders: Annotated[int, typer.Option(min=1, help="多少张工单 · how many orders")] = DEFAULT_ORDERS,
    seed: Annotated[
        int, typer.Option(help="随机种子，同种子同结果 · the same seed makes the same lines")
    ] = 1,
    faults: Annotated[
        bool, typer.Option("--faults", help="夹带坏消息 · with bad messages among them")
    ] = False,
    begin: Annotated[
        str | None, typer.Option("--from", help="从哪天起，默认2026-03-02 · first day, a Monday by default")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="几天 · how many days")] = 7,
    town: Annotated[str, typer.Option(help="镇街名或文件 · a shipped town's name, or a file")] = "guangming",
) -> None:
    """模拟四单，逐行输出命令 · Simulate orders: commands as JSON lines on stdout."""
    with as_problems(Settings()):
        file = load(town)
    start = start_of(begin, file.rules.zone) if begin else DEFAULT_START
    lines = simulate(file.rules, file.providers, orders, seed, fixed_offset(start), days=days, faults=faults)
    out = sys.stdout.buffer
    while chunk := list(islice(lines, 2_000)):
        out.write(b"".join(chunk))
    out.flush()


def fixed_offset(start: datetime) -> datetime:
    """The same moment with the offset that its zone has then."""
    return start.replace(tzinfo=timezone(start.utcoffset() or timedelta()))


def submit(
    ctx: typer.Context,
    *,
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="JSON行或表格，- 为标准输入 · JSON lines or a table")
    ],
    mapping: Annotated[
        str | None, typer.Option("--map", help="表格的列映射（YAML） · column mapping of a table")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """送入一批命令或一张表格 · Send in a file of commands, or a plain table."""
    with opened(ctx) as node, source(file, mapping) as (lines, total):
        begun = monotonic()
        with bar("送入 submitting", total) as advance:
            tally = send_in(node, lines, advance)
        sent = sum(tally.counts.values())
        told = tally.as_dict(sent, monotonic() - begun)
    if as_json:
        put_json(told)
        return
    say(
        f"共{sent}行：已记录{told['recorded']}，未办理{told['rejected']}，读不懂{told['parked']}，重复{told['repeated']}；"
        f"用时{told['seconds']:.1f}秒。",
        f"{sent} lines: {told['recorded']} recorded, {told['rejected']} rejected, {told['parked']} parked, "
        f"{told['repeated']} repeated, in {told['seconds']:.1f} s.",
    )
    for code, number in told["codes"].items():
        people().print(f"  {code}: {number}", markup=False)


def send_in(node: Node, lines: Iterable[bytes], advance: Advance) -> Tally:
    """Every line that is not blank, through the operators' door; embedded, read models follow at the end."""
    filled = (line for line in lines if line.strip())
    if node.settings.embedded:
        tally = _send_within(node, filled, advance)
        node.follow()
        return tally
    from adapters.bus.submitting import Submission  # noqa: PLC0415 - the embedded default needs no Kafka

    tally = Tally()
    with Submission(node.settings) as submission:
        for chunk in _chunks(filled):
            fits, oversized = submission.fitting(chunk)
            for line in oversized:
                _count(tally, [node.ask(node.decode(line, {}, IMPORTS))])
            submission.send(fits)
            advance(len(oversized) + _taken(tally, submission.answers()))
        while submission.waiting:
            advance(_taken(tally, submission.answers(patient=True)))
    return tally


@contextmanager
def source(file: str, mapping: str | None = None) -> Generator[tuple[Iterable[bytes], int | None]]:
    """The lines of a file or of standard input, and how many there are if that is known."""
    if file == "-":
        yield lines_of(sys.stdin.buffer), None
        return
    path = existing(file)
    if mapping is not None or is_table(path):
        yield rows_to_messages(path, load_mapping(Path(mapping) if mapping else None)), None
        return
    with path.open("rb") as lines:
        yield lines_of(lines), _filled_lines(path)


def existing(file: str) -> Path:
    """The path of a file that is there.

    Raises:
        Usage: no_such_file.
    """
    path = Path(file)
    if not path.is_file():
        raise Usage(
            "no_such_file", f"没有文件{file}，请核对路径。", f"There is no file {file}; check the path."
        )
    return path


def lines_of(file: IO[bytes]) -> Iterator[bytes]:
    """Its lines, each cut where it gets absurd: a file without line ends is not read into memory whole."""
    whole = True
    while piece := file.readline(MAX_READ):
        if whole:
            yield piece
        whole = piece.endswith(b"\n")


@contextmanager
def bar(what: str, total: int | None) -> Generator[Advance]:
    """A progress bar beside the answer, for a terminal."""
    columns = (SpinnerColumn(), TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = aside()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        yield lambda number: progress.advance(task, number)


def steps(advance: Advance) -> Advance:
    """For whoever tells how far it has come, not how far it went."""
    reached = 0

    def told(place: int) -> None:
        nonlocal reached
        advance(place - reached)
        reached = place

    return told


def _send_within(node: Node, lines: Iterator[bytes], advance: Advance) -> Tally:
    tally = Tally()
    for chunk in _chunks(lines):
        _count(tally, node.desk.ask_all(node.decode_all([(line, {}) for line in chunk], IMPORTS)))
        advance(len(chunk))
    return tally


def _chunks(lines: Iterator[bytes]) -> Iterator[list[bytes]]:
    while chunk := list(islice(lines, BATCH)):
        yield chunk


def _count(tally: Tally, outcomes: Iterable[Outcome]) -> None:
    for outcome in outcomes:
        tally.add(outcome.status, outcome.code)


def _taken(tally: Tally, answers: Iterable[tuple[str, str]]) -> int:
    number = 0
    for status, code in answers:
        tally.add(Status(status), code)
        number += 1
    return number


def _filled_lines(path: Path) -> int:
    """How many there will be to send."""
    with path.open("rb") as lines:
        return sum(1 for line in lines_of(lines) if line.strip())
