"""`audit replay --all`: every command decided again, page by page, with a bar and a file to go on from."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, Final

import typer

from adapters.apart import PAGE, auditor_over, pays, stretches, together
from adapters.bootstrap import Node
from adapters.cli.opening import how_far
from adapters.cli.output import people, put_json, say
from adapters.cli.problems import WANTING, Problem
from adapters.moment import Moment
from adapters.replay_progress import Kept, ProgressUnfit, keep, kept_in
from domain.facts import Recorded
from services.audit.auditor import Auditor
from services.audit.findings import Finding
from services.audit.redeciding import Again

KEEP_EVERY: Final = 5.0  # seconds

Chosen = Callable[[Recorded], bool]


@dataclass(slots=True)
class Checked:
    """What came out."""

    auditor: Auditor
    findings: list[Finding] = field(default_factory=list[Finding])
    differing: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


def replay_all(node: Node, moment: Moment, asked: dict[str, str], resume: Path | None) -> Checked:
    """Check the record; `resume` is the file to go on from and to keep the progress in.

    Raises:
        Problem: the file cannot be gone on from.
    """
    checked = Checked(auditor_over(node.store, moment))
    kept = _kept(node, resume, asked)
    if kept is not None:
        checked.auditor.go_on(kept.reached)
        checked.findings += kept.findings
    with ExitStack() as ending:
        whole = Kept(asked, checked.auditor.reached(), list(checked.findings))
        saved = monotonic()

        def save() -> None:
            if resume is not None:
                keep(resume, node.store, whole)

        ending.callback(save)  # also when it is interrupted, as it was after the last page
        for _ in _steps(node, checked, moment):
            whole = Kept(asked, checked.auditor.reached(), list(checked.findings))
            if monotonic() - saved >= KEEP_EVERY:
                save()
                saved = monotonic()
    checked.findings += checked.auditor.finish()
    return checked


def _steps(node: Node, checked: Checked, moment: Moment) -> Iterator[None]:
    """Stretch by stretch where there is much to do, then page by page; what is reached is in `checked`."""
    auditor, head = checked.auditor, node.store.head()
    if pays(auditor.position, head):
        with how_far(head, auditor.position) as told:
            for stretch in stretches(node.settings, moment, auditor.position, head):
                auditor.go_on(together(auditor.reached(), stretch.reached))
                checked.findings += stretch.findings
                told(auditor.position)
                yield
    for page in pages(node, auditor.position):
        checked.findings += auditor.take_page([one for one in page if moment.had(one)])
        auditor.position = page[-1].position
        yield


def replay_topic(node: Node, chosen: Chosen) -> Checked:
    """What the events topic alone says, each subject by itself."""
    from adapters.bus.auditing import compared  # noqa: PLC0415 - the embedded default needs no Kafka

    checked = Checked(Auditor(whole_log=False))
    for recorded in compared(node.settings, node.store, checked.differing):
        if chosen(recorded):
            checked.findings += checked.auditor.take(recorded)
    checked.findings += checked.auditor.finish()
    return checked


def pages(node: Node, after: int = 0) -> Iterator[Sequence[Recorded]]:
    """The record in log order, with a bar on a terminal."""
    with how_far(node.store.head(), after) as told:
        while facts := node.store.read(after, PAGE):
            yield facts
            after = facts[-1].position
            told(after)


def tell(checked: Checked, *, as_json: bool) -> None:
    """Everything that was found, then how much was looked at. Exits with 1 where anything was found."""
    auditor, counted = checked.auditor, checked.auditor.again.counted
    wanting = bool(checked.findings or checked.differing)
    if as_json:
        put_json(
            {
                "ok": not wanting,
                "facts": auditor.facts,
                "subjects": auditor.subjects,
                "commands": asdict(counted),
                "findings": checked.findings,
                "differing": checked.differing,
            }
        )
    else:
        tell_findings(checked.findings)
        for one in checked.differing:
            people().print(f"✗ {one['zh']} {one['en']} [{one['code']}]", markup=False)
        _tell_counts(auditor, counted, len(checked.findings) + len(checked.differing))
    if wanting:
        raise typer.Exit(WANTING)


def tell_findings(findings: Sequence[Finding]) -> None:
    """A line each."""
    for finding in findings:
        people().print(f"✗ {finding.zh} {finding.en} [{finding.code}]", markup=False)


def _tell_counts(auditor: Auditor, counted: Again, wrong: int) -> None:
    say(
        f"重放{auditor.facts}条事实、{auditor.subjects}个对象，{wrong}处不合规则。",
        f"{auditor.facts} facts of {auditor.subjects} subjects replayed, {wrong} not allowed.",
    )
    if not auditor.whole_log:
        return
    at_the_door = sum(counted.at_the_door.values())
    say(
        f"重新决定：受理{counted.accepted}个、拒绝{counted.refused}个命令；"
        f"入口处拒绝{at_the_door}个、重复{counted.repeated}个、读不懂{counted.parked}个不再决定。",
        f"Decided again: {counted.accepted} accepted and {counted.refused} refused commands; not decided"
        f" again: {at_the_door} refused at a door, {counted.repeated} repeated, {counted.parked} unreadable.",
    )


def _kept(node: Node, file: Path | None, asked: dict[str, str]) -> Kept | None:
    if file is None:
        return None
    try:
        return kept_in(file, node.store, asked)
    except ProgressUnfit as unfit:
        raise Problem(unfit.code, unfit.zh, unfit.en) from unfit
