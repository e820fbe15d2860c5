"""Replays the record for the auditor: a subject's life in sentences, or every command decided again."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import typer

from adapters.bootstrap import RULES_STREAM, Node
from adapters.cli.audit.checking import replay_all, replay_topic, tell, tell_findings
from adapters.cli.audit.subjects import find_subject, no_life
from adapters.cli.opening import AsOf, HappenedBy, Then, opened
from adapters.cli.options import As
from adapters.cli.output import AsJson, people, put_json
from adapters.cli.problems import WANTING, Usage, kafka_needed
from adapters.cli.reading import Open, WhatFor, purpose, reading
from adapters.moment import Moment
from adapters.opening import Unsealed
from adapters.reconciling.findings import Finding as Apart
from domain.events import RulesAdopted
from domain.facts import Recorded
from domain.ids import stream_of
from domain.rules import Rules, Words
from domain.stages import STAGE_NAMES
from services.audit.auditor import check_all
from services.audit.findings import Finding
from services.story import Names, Step, texts_told
from services.story import tell as told_by

Lang = Annotated[Literal["zh", "en", "both"], typer.Option(help="语言 · language of the sentences")]
Subject = Annotated[
    str | None,
    typer.Argument(
        metavar="[SUBJECT]",
        help="12位单号、UUID、provider/…、need/…或rules · an order, provider/…, need/… or rules",
    ),
]
Everything = Annotated[
    bool, typer.Option("--all", help="逐条重新决定并核对 · decide every command again and check")
]
FromTopic = Annotated[
    bool, typer.Option("--from-topic", help="只凭事件主题重建并与存储比对 · from the events topic alone")
]
Resume = Annotated[
    Path | None,
    typer.Option(
        "--resume",
        metavar="FILE",
        help="进度文件：中断后从此处继续，没有则新建 · keep progress in FILE and go on from it",
    ),
]


def replay(
    ctx: typer.Context,
    *,
    subject: Subject = None,
    everything: Everything = False,
    from_topic: FromTopic = False,
    resume: Resume = None,
    as_of: AsOf = None,
    happened_by: HappenedBy = None,
    lang: Lang = "both",
    open_: Open = False,
    why: WhatFor = None,
    as_: As = None,
    as_json: AsJson = False,
) -> None:
    """重放：一个对象的经过，或 --all 逐条重新决定 · Replay one life, or decide everything again."""
    _fit_together(
        subject, Together(everything, from_topic, happened_by is not None, resume is not None, open_)
    )
    then, what_for = Then(as_of, happened_by), purpose(why, open_=open_)
    with opened(ctx) as node:
        if from_topic:
            kafka_needed(node.settings)
        moment = then.moment(node.rules.zone)
        if subject is None:
            asked = {name: text for name, text in then._asdict().items() if text}
            tell(
                replay_topic(node, moment) if from_topic else replay_all(node, moment, asked, resume),
                as_json=as_json,
            )
            return
        found = find_subject(node, subject)
        facts, differing = _facts(node, found, moment, then, from_topic=from_topic)
        unseal = None
        if open_:
            unseal = node.opening.open(reading(found, what_for, as_, _whose(facts)), texts_told(facts))
        steps = told_by(facts, names_of(node, unseal))
    _show(found, steps, [*differing, *check_all(facts)], lang, as_json=as_json)


class Together(NamedTuple):
    """Which options were given."""

    everything: bool
    from_topic: bool
    happened_by: bool
    resume: bool
    open_: bool


def _fit_together(subject: str | None, given: Together) -> None:
    """Raises Usage: order_or_all, resume_needs_all, all_is_by_record, open_needs_one."""
    if (subject is None) != given.everything:
        raise Usage(
            "order_or_all",
            "请给出一张工单（或provider/…、need/…、rules），或用 --all。",
            "Name one order (or provider/…, need/…, rules), or use --all.",
        )
    if given.resume and (given.from_topic or not given.everything):
        raise Usage(
            "resume_needs_all",
            "--resume 只能与 --all 一起用，且不带 --from-topic。",
            "Use --resume with --all, and without --from-topic.",
        )
    if given.everything and given.happened_by and not given.from_topic:
        raise Usage(
            "all_is_by_record",
            "--all 按记录的次序逐条决定，请用 --as-of 代替 --happened-by。",
            "--all decides in the order of the record; use --as-of instead of --happened-by.",
        )
    if given.everything and given.open_:
        raise Usage(
            "open_needs_one",
            "--all 不显示任何内容，请给出一个对象再用 --open。",
            "--all shows no texts; name one subject to use --open.",
        )


def names_of(node: Node, unseal: Unsealed | None = None) -> Names:
    """What the stories need to call things by; without `unseal` texts stay closed."""
    providers = {slug: Words(zh=zh, en=en) for slug, (zh, en) in node.queries.menu.providers().items()}
    return Names(rules_of(node), providers, unseal)


def _whose(facts: Sequence[Recorded]) -> str | None:
    """The resident who placed the order."""
    return next((getattr(one.fact.event, "resident", None) for one in facts), None)


def rules_of(node: Node) -> Callable[[int], Rules]:
    """The town's rules by version; of one that never was the empty ones."""
    adopted = [one.fact.event for one in node.store.history(RULES_STREAM)]
    versions = [event.rules for event in adopted if isinstance(event, RulesAdopted)]
    return lambda version: versions[version - 1] if 0 < version <= len(versions) else Rules()


def _facts(
    node: Node, subject: str, moment: Moment, then: Then, *, from_topic: bool
) -> tuple[list[Recorded], list[Finding]]:
    """Those that were there, by record or topic, and where the two differ. Raises Problem: not_yet …"""
    differing: list[Finding] = []
    if from_topic:
        from adapters.reconciling.subject import one_subject  # noqa: PLC0415 - the embedded default needs no Kafka

        said, found = one_subject(node.settings, node.store, subject)
        differing = [_as_finding(one, subject) for one in found]
    else:
        said = node.store.history(stream_of(subject))
    whole = list(said)
    facts = list(moment.had_of(whole))
    if not facts:
        raise no_life(subject, then.given, known=bool(whole))
    return facts, differing


def _as_finding(one: Apart, subject: str) -> Finding:
    return Finding(one.code, subject, stream_of(subject), one.version or 0, one.position or 0, one.zh, one.en)


def _show(
    subject: str, steps: Sequence[Step], findings: Sequence[Finding], lang: str, *, as_json: bool
) -> None:
    stage = steps[-1].stage
    if as_json:
        named = {"order": subject} if stage is not None else {}
        told = {"stage": stage, "ok": not findings, "steps": steps, "findings": findings}
        put_json({"subject": subject, **named, **told})
    else:
        tell_story(steps, lang)
        tell_findings(findings)
    if findings:
        raise typer.Exit(WANTING)


def tell_story(steps: Sequence[Step], lang: str) -> None:
    """A line for each fact, then where it stands."""
    out = people()
    for step in steps:
        told = [sentence for code, sentence in (("zh", step.zh), ("en", step.en)) if lang in (code, "both")]
        for number, sentence in zip((f"{step.version:>3}", "   "), told, strict=False):
            out.print(f"{number}  {sentence}", markup=False)
    stage = steps[-1].stage
    if stage is not None:
        zh, en = STAGE_NAMES[stage]
        out.print(f"  → {zh} {en}" if lang == "both" else f"  → {zh if lang == 'zh' else en}", markup=False)
