"""Replays the record for the auditor: an order's life in sentences, or every subject checked step by step."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from adapters.bootstrap import RULES_STREAM, Node
from adapters.cli.moments import end_of, shown
from adapters.cli.opening import find_order, opened
from adapters.cli.options import As
from adapters.cli.output import AsJson, aside, people, put_json, say
from adapters.cli.problems import WANTING, Problem, Usage, kafka_needed
from adapters.cli.reading import Open, WhatFor, purpose, reading
from adapters.opening import Unsealed
from domain.events import RulesAdopted
from domain.facts import Recorded
from domain.ids import OrderId, StreamId
from domain.lifecycle import evolve, initial
from domain.order import Order
from domain.rejections import UnknownOrder
from domain.rules import Rules, Words
from domain.stages import STAGE_NAMES
from services.audit.auditor import Auditor, Finding, check_all
from services.story import Names, Step, tell, texts_told

PAGE = 500

Lang = Annotated[Literal["zh", "en", "both"], typer.Option(help="语言 · language of the sentences")]


def replay(
    ctx: typer.Context,
    *,
    order: Annotated[
        str | None, typer.Argument(metavar="[ORDER]", help="12位单号或UUID · number or UUID")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="重放全部并逐步核对 · rebuild and check everything")
    ] = False,
    from_topic: Annotated[
        bool, typer.Option("--from-topic", help="只凭事件主题重建并与存储比对 · from the events topic alone")
    ] = False,
    as_of: Annotated[str | None, typer.Option(help="截至何时记录 · up to what was recorded by then")] = None,
    happened_by: Annotated[
        str | None, typer.Option(help="截至何时发生 · up to what had happened by then")
    ] = None,
    lang: Lang = "both",
    open_: Open = False,
    why: WhatFor = None,
    as_: As = None,
    as_json: AsJson = False,
) -> None:
    """重放：一张工单的经过，或 --all 核对全部 · Replay one order's life, or check everything with --all."""
    if (order is None) == (not everything):
        raise Usage("order_or_all", "请给出一张工单，或用 --all。", "Name one order, or use --all.")
    what_for = purpose(why, open_=open_)
    with opened(ctx) as node:
        if from_topic:
            kafka_needed(node.settings)
        zone = node.rules.zone
        chosen = _chosen(as_of, happened_by, zone)
        if order is None:
            _end(_replay_all(node, chosen, from_topic=from_topic), as_json=as_json)
            return
        found = find_order(node, order)
        facts, differing = _facts(node, found, from_topic=from_topic)
        facts = [recorded for recorded in facts if chosen(recorded)]
        if not facts:
            raise _nothing_yet(order, as_of or happened_by)
        unseal = None
        if open_:
            unseal = node.opening.open(reading(str(found), what_for, as_, _whose(facts)), texts_told(facts))
        steps = tell(facts, names_of(node, unseal))
        findings = [*differing, *check_all(facts)]
    _show(found, steps, findings, lang, as_json=as_json)


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


def as_it_stood(node: Node, order: OrderId, moment: datetime) -> dict[str, Any]:
    """One order as the record showed it then.

    Raises:
        Problem: not_yet, unknown_order.
    """
    facts = [one for one in node.store.history(StreamId(order)) if one.fact.meta.recorded <= moment]
    if not facts:
        raise _nothing_yet(str(order), shown(moment, node.rules.zone))
    state = initial(str(order))
    for recorded in facts:
        state = evolve(state, recorded.fact.event, recorded.fact.meta.at)
    assert isinstance(state, Order)
    first = facts[0].fact
    return {
        "order_id": order,
        "number": getattr(first.event, "number", ""),
        "stage": state.stage,
        "category": state.category,
        "area": state.area,
        "provider": state.provider,
        "accountable": state.accountable,
        "placed_at": first.meta.at,
        "due_at": state.due_at,
        "closed_at": state.closed_at,
        "declines": state.declines,
        "round": state.round,
        "seconders": len(state.seconders),
        "version": state.version,
        "position": facts[-1].position,
        "as_of": moment,
    }


def whole_log(node: Node) -> Iterator[Recorded]:
    """Every fact on record, in log order, with a bar on a terminal."""
    head = node.store.head()
    columns = (TextColumn("重放 replaying"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=aside(), transient=True) as progress:
        bar = progress.add_task("replay", total=head)
        position = 0
        while facts := node.store.read(position, PAGE):
            position = facts[-1].position
            progress.update(bar, completed=min(position, head))
            yield from facts


def _replay_all(
    node: Node, chosen: Callable[[Recorded], bool], *, from_topic: bool
) -> tuple[Auditor, list[Finding], list[dict[str, Any]]]:
    auditor = Auditor(whole_log=not from_topic)
    findings: list[Finding] = []
    differing: list[dict[str, Any]] = []
    if from_topic:
        from adapters.bus.auditing import compared  # noqa: PLC0415 - the embedded default needs no Kafka

        facts = compared(node.settings, node.store, differing)
    else:
        facts = whole_log(node)
    for recorded in facts:
        if chosen(recorded):
            findings += auditor.take(recorded)
    return auditor, findings + auditor.finish(), differing


def _facts(node: Node, order: OrderId, *, from_topic: bool) -> tuple[Sequence[Recorded], list[Finding]]:
    if not from_topic:
        return list(node.store.history(StreamId(order))), []
    from adapters.bus.auditing import one_order  # noqa: PLC0415 - the embedded default needs no Kafka

    return one_order(node.settings, node.store, order)


def _chosen(as_of: str | None, happened_by: str | None, zone: str) -> Callable[[Recorded], bool]:
    recorded_by = end_of(as_of, zone) if as_of else None
    done_by = end_of(happened_by, zone) if happened_by else None

    def chosen(recorded: Recorded) -> bool:
        meta = recorded.fact.meta
        return (recorded_by is None or meta.recorded <= recorded_by) and (
            done_by is None or meta.at <= done_by
        )

    return chosen


def _nothing_yet(order: str, moment: str | None) -> Problem:
    if moment is None:
        unknown = UnknownOrder(order=order)
        return Problem(unknown.code, unknown.reason_zh, unknown.reason_en)
    return Problem(
        "not_yet",
        f"截至{moment}还没有工单{order}的记录，请换更晚的时间。",
        f"By {moment} nothing was on record of order {order}; give a later time.",
    )


def _show(
    order: OrderId, steps: Sequence[Step], findings: Sequence[Finding], lang: str, *, as_json: bool
) -> None:
    stage = steps[-1].stage
    if as_json:
        put_json({"order": order, "stage": stage, "ok": not findings, "steps": steps, "findings": findings})
    else:
        tell_story(steps, lang)
        for finding in findings:
            people().print(f"✗ {finding.zh} {finding.en} [{finding.code}]", markup=False)
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


def _end(result: tuple[Auditor, list[Finding], list[dict[str, Any]]], *, as_json: bool) -> None:
    auditor, findings, differing = result
    wanting = bool(findings or differing)
    if as_json:
        put_json(
            {
                "ok": not wanting,
                "facts": auditor.facts,
                "subjects": auditor.subjects,
                "findings": findings,
                "differing": differing,
            }
        )
    else:
        for finding in findings:
            people().print(f"✗ {finding.zh} {finding.en} [{finding.code}]", markup=False)
        for one in differing:
            people().print(f"✗ {one['zh']} {one['en']} [{one['code']}]", markup=False)
        wrong = len(findings) + len(differing)
        say(
            f"重放{auditor.facts}条事实、{auditor.subjects}个对象，{wrong}处不合规则。",
            f"{auditor.facts} facts of {auditor.subjects} subjects replayed, {wrong} not allowed.",
        )
    if wanting:
        raise typer.Exit(WANTING)
