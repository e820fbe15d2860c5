"""`audit replay --all`: every command decided again, page by page, with a bar and a file to go on from."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import monotonic
from typing import Final

import typer

from adapters.apart import auditor_over, page_behind, pays, stretches, together
from adapters.as_of import head_then
from adapters.bootstrap import Node
from adapters.cli.moments import shown
from adapters.cli.opening import how_far, nothing_yet
from adapters.cli.output import people, put_json, say
from adapters.cli.problems import WANTING, Problem
from adapters.moment import Moment
from adapters.reconciling.findings import Finding as Apart
from adapters.reconciling.findings import finding as apart
from adapters.replay_progress import Kept, ProgressUnfit, keep, kept_in
from domain.facts import Recorded
from services.audit.auditor import Auditor
from services.audit.findings import Finding
from services.audit.redeciding import Again

KEEP_EVERY: Final = 5.0  # seconds


@dataclass(slots=True)
class Checked:
    """What came out."""

    auditor: Auditor
    findings: list[Finding] = field(default_factory=list[Finding])
    differing: list[Apart] = field(default_factory=list[Apart])  # topic and record


def replay_all(node: Node, moment: Moment, asked: dict[str, str], resume: Path | None) -> Checked:
    """Check the record up to the last fact that was recorded by then: each stands on all before it.

    `resume` is the file to go on from and to keep the progress in.

    Raises:
        Problem: not_yet; the file cannot be gone on from, or not be written.
    """
    checked = Checked(auditor_over(node.store))
    until = None if moment == Moment() else _until(node, moment)
    with _as_problem(), ExitStack() as ending:
        kept = kept_in(resume, node.store, asked) if resume is not None else None
        if kept is not None:
            checked.auditor.go_on(kept.reached)
            checked.findings += kept.findings
        whole = Kept(asked, checked.auditor.reached(), list(checked.findings))
        saved = monotonic()

        def save() -> None:
            if resume is not None:
                keep(resume, node.store, whole)

        save()  # where it cannot be kept, that is said before hours have gone by
        ending.callback(save)  # also when it is interrupted, as it was after the last page
        for _ in _steps(node, checked, until):
            whole = Kept(asked, checked.auditor.reached(), list(checked.findings))
            if monotonic() - saved >= KEEP_EVERY:
                save()
                saved = monotonic()
    checked.findings += checked.auditor.finish()
    return checked


def _until(node: Node, moment: Moment) -> int:
    until = head_then(node.store, moment)
    if not until:
        raise nothing_yet("镇街的任何记录", "the town", shown(moment.now, node.rules.zone))
    return until


def _steps(node: Node, checked: Checked, until: int | None) -> Iterator[None]:
    """Stretch by stretch where there is much to do, then page by page; what is reached is in `checked`."""
    auditor, head = checked.auditor, node.store.head() if until is None else until
    if pays(auditor.position, head):
        with how_far(head, auditor.position) as told:
            for stretch in stretches(node.settings, auditor.position, head):
                auditor.go_on(together(auditor.reached(), stretch.reached))
                checked.findings += stretch.findings
                told(auditor.position)
                yield
    for page in pages(node, auditor.position, until):
        checked.findings += auditor.take_page(page)
        yield


def replay_topic(node: Node, moment: Moment) -> Checked:
    """What the events topic alone says, each subject by itself; and where the record says something else.

    The topic is read twice, since comparing both by what is summed up needs no memory of each event.
    """
    from adapters.bus.auditing import Said, topic_facts  # noqa: PLC0415 - the embedded default needs no Kafka
    from adapters.reconciling.topic import TopicCheck, sums_sent  # noqa: PLC0415 - likewise

    checked, until = Checked(Auditor(whole_log=False)), node.store.head()
    strangers: list[Said] = []
    for recorded in moment.had_of(one for one, _ in topic_facts(node.settings, strangers)):
        checked.findings += checked.auditor.take(recorded)
    checked.findings += checked.auditor.finish()
    # By now the relay has had its time to send what was there when we began.
    report = TopicCheck(node.settings, node.store, until, sums_sent(node.store, until)).run()
    named = {(one.partition, one.offset) for one in report.findings}
    checked.differing += report.findings
    for one in strangers:
        if (one.partition, one.offset) not in named:
            checked.differing.append(apart("topic_stranger", partition=one.partition, offset=one.offset))
    return checked


def pages(node: Node, after: int = 0, until: int | None = None) -> Iterator[Sequence[Recorded]]:
    """The record behind a position in log order, to its end or up to another, with a bar on a terminal."""
    with how_far(node.store.head() if until is None else until, after) as told:
        while facts := page_behind(node.store, after, until):
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
        tell_findings([*checked.findings, *checked.differing])
        _tell_counts(auditor, counted, len(checked.findings) + len(checked.differing))
    if wanting:
        raise typer.Exit(WANTING)


def tell_findings(findings: Sequence[Finding | Apart]) -> None:
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


@contextmanager
def _as_problem() -> Generator[None]:
    try:
        yield
    except ProgressUnfit as unfit:
        raise Problem(unfit.code, unfit.zh, unfit.en) from unfit
