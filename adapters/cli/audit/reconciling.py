"""Compares record, events topic and read models, and names the first place where they part."""

from collections.abc import Callable
from typing import Any, NamedTuple

import typer
from eventsourcing.persistence import Notification

from adapters.bootstrap import Node
from adapters.cli.opening import opened
from adapters.cli.output import AsJson, people, put_json, say
from adapters.cli.problems import WANTING
from adapters.cli.submitting import bar, steps
from adapters.reconciling.findings import Finding
from adapters.reconciling.intervals import Sums, width_for
from adapters.reconciling.models import check_model
from adapters.reconciling.record import check_keys, check_streams
from services.audit.verifying import leaf_of


class _Record(NamedTuple):
    head: int
    facts: Sums
    sent: Sums  # of these, what the topic should have
    sent_until: int


def reconcile(ctx: typer.Context, *, as_json: AsJson = False) -> None:
    """比对存储、事件主题和读模型 · Compare record, events topic and read models; name the first gap."""
    with opened(ctx) as node:
        findings = check_streams(node.store)
        record, found = _record(node)
        findings += found
        topic, found = (None, []) if node.settings.embedded else _topic(node, record)
        findings += found
        for projector in node.projectors:
            with bar(f"核对 verify {projector.model.name}", record.head) as advance:
                findings += check_model(node, projector, steps(advance))
    told: dict[str, Any] = {
        "ok": not findings,
        "head": record.head,
        "store": {"facts": record.facts.count, "intervals": record.facts.intervals},
        "topic": topic,
        "read_models": [projector.model.name for projector in node.projectors],
        "findings": findings,
    }
    _tell(told, findings, as_json=as_json)


def _record(node: Node) -> tuple[_Record, list[Finding]]:
    until, is_sent = _sent(node)
    head = node.store.head()
    record = _Record(head, Sums(width_for(head)), Sums(width_for(head)), until)

    def take(stored: Notification) -> None:
        digest = leaf_of(stored)
        record.facts.add(stored.id, digest)
        if stored.id <= until and is_sent(stored):
            record.sent.add(stored.id, digest)

    with bar("核对 record", head) as advance:
        found = check_keys(node.store, head, take, steps(advance))
    return record, found


def _sent(node: Node) -> tuple[int, Callable[[Notification], bool]]:
    """Up to where the relay has sent, and what."""
    if node.settings.embedded:
        return 0, lambda _: False
    from adapters.bus.relay import POSITION  # noqa: PLC0415 - the embedded default needs no Kafka
    from adapters.reconciling.topic import TopicCheck  # noqa: PLC0415 - likewise

    return node.store.positions().get(POSITION, 0), TopicCheck.is_sent


def _topic(node: Node, record: _Record) -> tuple[dict[str, Any], list[Finding]]:
    from adapters.reconciling.topic import TopicCheck  # noqa: PLC0415 - the embedded default needs no Kafka

    report = TopicCheck(node.settings, node.store, record.sent_until, record.sent).run()
    told = {
        "sent_until": record.sent_until,
        "facts": report.sums.count,
        "intervals": report.sums.intervals,
        "doubles": report.doubles,
        "first_double": report.first_double,
    }
    return told, report.findings


def _tell(told: dict[str, Any], findings: list[Finding], *, as_json: bool) -> None:
    if as_json:
        put_json(told)
    else:
        for one in findings:
            people().print(f"✗ {one.zh} {one.en} [{one.code}]", markup=False)
        topic = told["topic"]
        if topic and topic["first_double"]:
            first, more = topic["first_double"], topic["doubles"]
            people().print(f"· {first.zh} {first.en} [{first.code}] × {more}", markup=False)
        say(
            f"核对了{told['store']['facts']}条事实，{len(findings)}处不一致。",
            f"{told['store']['facts']} facts compared, {len(findings)} do not agree.",
        )
    if findings:
        raise typer.Exit(WANTING)
