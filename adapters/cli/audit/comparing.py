"""`audit diff`: what was different at two moments, of one subject or of a whole read model."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import typer

from adapters.bootstrap import READ_MODELS, Node
from adapters.cli.audit.subjects import find_subject, no_life
from adapters.cli.opening import Then, opened
from adapters.cli.output import AsJson, people, put_json, say
from adapters.cli.problems import Usage
from domain.ids import stream_of
from domain.lifecycle import evolve, initial
from domain.situation import State
from projections.engine import ReadModel, snapshot
from projections.engine.differing import RowPair, differing
from services.audit.comparing import HOW, Change, How, changes, compared

MOST: Final = 200  # rows told to people; all of them with --json
_SIGNS: Final = {How.ADDED: "＋", How.GONE: "－", How.CHANGED: "～"}
_BY_NAME: Final = {model.name: model for model in READ_MODELS}


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row of a read model and the fields of it that differ."""

    table: str
    key: Sequence[str]
    how: How
    fields: Sequence[Change]


@dataclass(frozen=True, slots=True)
class Shown:
    """How what differs is shown: the two moments as they were given, and whether to people or programs."""

    moments: tuple[str, str]
    zone: ZoneInfo
    as_json: bool


def diff(
    ctx: typer.Context,
    *,
    what: Annotated[
        str,
        typer.Argument(
            metavar="SUBJECT|MODEL",
            help="工单、provider/…、need/…、rules，或读模型名 · a subject, or a read model's name",
        ),
    ],
    from_: Annotated[str, typer.Option("--from", help="较早的时刻 · the earlier moment")],
    to: Annotated[str, typer.Option("--to", help="较晚的时刻 · the later moment")],
    happened: Annotated[
        bool,
        typer.Option("--happened", help="按发生时间而非记录时间 · by when it happened, not by recording"),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """两个时刻有何不同 · What was different at two moments."""
    moments = [Then(None, text) if happened else Then(text) for text in (from_, to)]
    with opened(ctx) as node:
        _in_order(node, moments)
        zone = ZoneInfo(node.rules.zone)
        model = _BY_NAME.get(what)
        if model is None:
            subject = find_subject(node, what, sorted(_BY_NAME))
            was, now = (_stood(node, subject, then) for then in moments)
            if not now.version:
                raise no_life(subject, to, known=bool(list(node.store.history(stream_of(subject)))))
            _put_changes(subject, changes(was, now), Shown((from_, to), zone, as_json))
            return
    with ExitStack() as both:
        one, other = (both.enter_context(opened(ctx, then, of=(model,))) for then in moments)
        _put_rows(what, _of_model(one, other, model), Shown((from_, to), zone, as_json))


def _in_order(node: Node, moments: Sequence[Then]) -> None:
    earlier, later = (then.moment(node.rules.zone).now for then in moments)
    if earlier >= later:
        raise Usage(
            "moments_reversed",
            "--from 要早于 --to，请对调或换一个时刻。",
            "--from has to lie before --to; swap them or give another moment.",
        )


def _stood(node: Node, subject: str, then: Then) -> State:
    """The subject as it stood at a moment."""
    moment, state = then.moment(node.rules.zone), initial(subject)
    for recorded in moment.had_of(node.store.history(stream_of(subject))):
        state = evolve(state, recorded.fact.event, recorded.fact.meta.at)
    return state


def _of_model(one: Node, other: Node, model: type[ReadModel]) -> Iterator[RowChange]:
    with snapshot(one.reads) as before, snapshot(other.reads) as after:
        for pair in differing(before, after, model.metadata):
            yield _change_of(pair)


def _change_of(pair: RowPair) -> RowChange:
    how = How.ADDED if pair.before is None else How.GONE if pair.after is None else How.CHANGED
    fields = compared(pair.before or {}, pair.after or {})
    return RowChange(pair.table, [str(one) for one in pair.key], how, list(fields))


def _put_changes(subject: str, found: Sequence[Change], how: Shown) -> None:
    moments = how.moments
    if how.as_json:
        put_json({"subject": subject, "from": moments[0], "to": moments[1], "changes": found})
        return
    for change in found:
        people().print(_line(change, how.zone), markup=False)
    say(
        f"{subject}：{moments[0]}与{moments[1]}之间{len(found)}处不同。",
        f"{subject}: {len(found)} fields differ between {moments[0]} and {moments[1]}.",
    )


def _put_rows(model: str, found: Iterable[RowChange], how: Shown) -> None:
    if how.as_json:
        put_json({"model": model, "from": how.moments[0], "to": how.moments[1], "rows": list(found)})
        return
    counted = Counter[How]()
    for row in found:
        counted[row.how] += 1
        if counted.total() <= MOST:
            people().print(f"{_SIGNS[row.how]} {row.table} {' · '.join(row.key)}", markup=False)
            for change in row.fields if row.how is How.CHANGED else ():
                people().print(f"    {_line(change, how.zone)}", markup=False)
    if counted.total() > MOST:
        say(f"其余{counted.total() - MOST}行用 --json 查看。", "See the other rows with --json.")
    told = [(f"{HOW[one][0]}{counted[one]}行", f"{counted[one]} {HOW[one][1]}") for one in How]
    zh, en = "、".join(one for one, _ in told), ", ".join(one for _, one in told)
    say(f"{model}：{zh}。", f"{model}: rows {en}.")


def _line(change: Change, zone: ZoneInfo) -> str:
    return f"{_SIGNS[change.how]} {change.field}: {_cell(change.before, zone)} → {_cell(change.after, zone)}"


def _cell(value: Any, zone: ZoneInfo) -> str:
    """Moments in the town's zone, finer than a minute: two of them may differ by seconds."""
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(" ")
    return "—" if value is None else str(value)
