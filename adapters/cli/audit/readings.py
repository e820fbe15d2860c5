"""Tells who has read personal texts: of an order, of a person's, or by somebody."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, Final

import typer

from adapters.bootstrap import Node
from adapters.cli.moments import end_of, shown, start_of
from adapters.cli.naming import LABELS, Naming
from adapters.cli.opening import find_order, how_far, opened
from adapters.cli.options import As
from adapters.cli.output import AsCsv, AsJson, put_csv, put_json, put_table, say
from adapters.cli.problems import Usage
from adapters.cli.reading import Open, WhatFor, purpose
from adapters.cli.reading import reading as asked_by
from adapters.readings import Asked, Reading, all_readings, of_subject
from domain.ids import RULES_SUBJECT
from domain.stages import RIGHT_NAMES, ROLE_NAMES

HEADS: Final = (
    *("位置 position", "时间 when", "角色 role", "谁 who", "凭何权 by which right", "对象 subject"),
    *("内容 texts", "居民 resident", "接单方或社区 provider or community", "入口 door", "目的 purpose"),
)
GIVEN: Final = "已填，未打开 given, closed"


def readings(
    ctx: typer.Context,
    *,
    subject: Annotated[
        str | None,
        typer.Argument(
            metavar="[ORDER]",
            help="单号或UUID，也可用 need/…、letter/…、rules · number or UUID, or another subject",
        ),
    ] = None,
    person: Annotated[str | None, typer.Option(help="谁的内容：居民编号 · whose texts: resident")] = None,
    by: Annotated[str | None, typer.Option(metavar="ACTOR", help="谁查阅的 · who read them")] = None,
    since: Annotated[str | None, typer.Option(help="从何时起 · from then on")] = None,
    until: Annotated[str | None, typer.Option(help="到何时止 · up to then")] = None,
    open_: Open = False,
    why: WhatFor = None,
    as_: As = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """谁看过谁的个人内容 · Who has read whose personal texts, when, by which right, what for."""
    if sum(one is not None for one in (subject, person, by)) > 1 or "" in (person, by):
        raise Usage(
            "order_or_person",
            "单号、--person、--by 只能用一个，且不能为空，请去掉其余的。",
            "Give an order, --person or --by: only one of them, and no empty one.",
        )
    what_for = purpose(why, open_=open_)
    with opened(ctx) as node:
        zone = node.rules.zone
        asked = Asked(
            person=person,
            actor=by,
            since=None if since is None else start_of(since, zone),
            until=None if until is None else end_of(until, zone),
        )
        of = None if subject is None else _subject(node, subject)
        with how_far(node.store.head(), what="查找 looking") as told:
            every = all_readings(node.store, told) if of is None else of_subject(node.store, of)
            found = [one for one in every if asked.fits(one)]
        said = _purposes(node, found if open_ else (), what_for, as_)
        called = Naming.of(node)
    _show(found, said, called, as_json=as_json, as_csv=as_csv)


def as_dict(one: Reading, said: Mapping[str, str]) -> dict[str, Any]:
    """For JSON; the purpose only where it was opened."""
    return {
        "position": one.position,
        "recorded": one.recorded,
        "role": one.actor.role,
        "actor": one.actor.id,
        "right": one.right,
        "subject": one.subject,
        "fields": one.fields,
        "person": one.person,
        "provider": one.provider,
        "area": one.area,
        "via": one.via,
        "purpose_given": one.purpose is not None,
        "purpose": said.get(one.purpose) if one.purpose else None,
    }


def _subject(node: Node, said: str) -> str:
    """Raises Usage, Problem."""
    return said if "/" in said or said == RULES_SUBJECT else str(find_order(node, said))


def _purposes(
    node: Node, found: Iterable[Reading], what_for: str | None, as_: str | None
) -> Mapping[str, str]:
    """What people said they read for; staff's own words, so reading them is a reading of the subject too."""
    closed: dict[str, list[str]] = {}
    for one in found:
        if one.purpose is not None:
            closed.setdefault(one.subject, []).append(one.purpose)
    unseal = node.opening.open_each(
        (asked_by(subject, what_for, as_), [("purpose", text) for text in texts])
        for subject, texts in closed.items()
    )
    return {text: unseal(text) for texts in closed.values() for text in texts}


def _show(
    found: Sequence[Reading], said: Mapping[str, str], called: Naming, *, as_json: bool, as_csv: bool
) -> None:
    if as_json:
        put_json({"readings": [as_dict(one, said) for one in found]})
        return
    put: Callable[..., None] = put_csv if as_csv else put_table
    put(HEADS, [_cells(one, said, called) for one in found])
    if not as_csv:
        say(f"共{len(found)}次查阅。", f"Readings: {len(found)}.")


def _cells(one: Reading, said: Mapping[str, str], called: Naming) -> Sequence[object]:
    office = called.cell("provider", one.provider) if one.provider else ""
    return (
        one.position,
        shown(one.recorded, called.rules.zone),
        " ".join(ROLE_NAMES[one.actor.role]),
        one.actor.id,
        " ".join(RIGHT_NAMES[one.right]),
        one.subject,
        "、".join(LABELS.get(name, name) for name in one.fields),
        one.person or "",
        office or (called.area(one.area) if one.area else ""),
        one.via,
        said.get(one.purpose, GIVEN) if one.purpose else "",
    )
