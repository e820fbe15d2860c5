"""Erases a person, or the texts of an order, and shows the receipt: every place reached, what is left."""

from dataclasses import asdict
from time import monotonic, sleep
from typing import Annotated, Any, Final

import typer
from rich.prompt import Confirm

from adapters.bootstrap import Node
from adapters.cli import filling
from adapters.cli.asking import Envelope, ask, tell
from adapters.cli.audit.subjects import no_life
from adapters.cli.moments import shown
from adapters.cli.opening import find_order, opened
from adapters.cli.options import As, Key, envelope
from adapters.cli.output import AsJson, aside, people, put_json, put_table, say
from adapters.cli.problems import Problem, Usage
from adapters.forgetting import Erasure, Preview
from domain.commands import AnyCommand, EraseOrder, ErasePerson
from domain.facts import Actor
from domain.ids import ResidentId, person_subject
from domain.reached import HOW_NAMES, PLACE_NAMES, How, Place, Reached
from domain.rules import Words
from domain.stages import Role
from services.requests import Status

WHY: Final = Words(zh="为什么删除", en="why")
PATIENCE: Final = 60.0  # seconds for the role process to carry it out
_LOOK: Final = 0.1  # seconds
LEFT: Final[dict[Place, tuple[str, str]]] = {
    Place.COMMAND_TOPICS: (
        "收件主题里的明文到期自动消失；要提前，请删除主题中的消息（kafka-delete-records）。",
        "What lies in clear on the command topics expires; to be rid of it earlier use kafka-delete-records.",
    ),
    Place.NAMELESS_LETTERS: (
        "看不出是谁发的死信到期自动删除；请用 dead-letters list 查看，还有用的请及时重读。",
        "Dead letters that do not say whose they are expire; have those read again that are of use.",
    ),
    Place.TOWN_KEY: (
        "0.1版以全镇密钥密封的内容不能只删一人，请在导出后重建记录，或换用新的存储。",
        "What release 0.1 sealed with the town's key cannot be erased for one person alone.",
    ),
    Place.BACKUPS: (
        "请按备份周期淘汰旧的数据库备份、WAL归档和密钥备份：旧备份里还有已销毁的密钥。",
        "Let old backups of the databases and archived WAL run out: they still hold the destroyed keys.",
    ),
}
"""What somebody has to do where no key is of help."""

Person = Annotated[str | None, typer.Option("--person", metavar="ID", help="居民代码 · the person's id")]
Listed = Annotated[
    str | None,
    typer.Option(
        "--listed",
        metavar="LIST",
        help="志愿者写 provider/代码，在岗人员写 rules · of a volunteer or of somebody on duty",
    ),
]
Order = Annotated[
    str | None, typer.Option("--order", metavar="ORDER", help="12位单号或UUID · number or UUID")
]


def erase(
    ctx: typer.Context,
    *,
    person: Person = None,
    listed: Listed = None,
    order: Order = None,
    why: Annotated[
        str | None, typer.Option("--why", "--reason", help="为什么，密封保存 · why, sealed")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只看会删到哪里 · only show what it would reach")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="不再确认 · do not ask again")] = False,
    as_: As = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """删除一个人的信息或一张工单的内容，并给出凭据 · Erase a person or an order's texts; gives a receipt."""
    _one_of(person, order, listed)
    with opened(ctx) as node:
        subject, preview = _meant(node, person, order, listed)
        if dry_run:
            _known(node, subject)
            _show_preview(preview, as_json=as_json)
            return
        by = envelope(as_, key, default=Actor(role=Role.OPERATOR, id="operator"))
        reason = filling.text("--why", why, WHY)
        _sure(subject, preview, yes=yes, as_json=as_json)
        erased = _erased(node, subject, listed, reason, by, as_json=as_json)
        zone = node.rules.zone
    _show(erased, zone, as_json=as_json)


def erasure(
    ctx: typer.Context,
    *,
    person: Annotated[
        str | None, typer.Argument(metavar="[PERSON]", help="居民代码 · the person's id")
    ] = None,
    order: Order = None,
    as_json: AsJson = False,
) -> None:
    """再看删除凭据 · Show the receipts of erasures again."""
    _one_of(person, order, None)
    with opened(ctx) as node:
        subject = person_subject(ResidentId(person)) if person else str(find_order(node, order or ""))
        found = node.forgetting.erasures(subject)
        zone = node.rules.zone
    if not found:
        raise Problem(
            "no_erasure",
            f"{subject}没有删除记录，请核对编号。",
            f"Nothing of {subject} was erased; check the id.",
        )
    if as_json:
        put_json({"erasures": [asdict(one) for one in found]})
        return
    for one in found:
        _show(one, zone, as_json=False)


def _one_of(person: str | None, order: str | None, listed: str | None) -> None:
    if (person is None) == (order is None) or (listed and order) or "" in (person, listed):
        raise Usage(
            "person_or_order",
            "请给出 --person（可加 --listed）或 --order，二者取一，且不能为空。",
            "Give either --person, with --listed if need be, or --order, and nothing empty.",
        )


def _meant(node: Node, person: str | None, order: str | None, listed: str | None) -> tuple[str, Preview]:
    if person is not None:
        who = ResidentId(person)
        return person_subject(who), node.forgetting.of_person(who, listed)
    found = find_order(node, order or "")
    return str(found), node.forgetting.of_order(found)


def _known(node: Node, subject: str) -> None:
    """Whoever only looks is told of an order that is none; the command itself is refused on record."""
    if not subject.startswith("person/") and not node.store.state(subject).version:
        raise no_life(subject, "", known=False)


def _sure(subject: str, preview: Preview, *, yes: bool, as_json: bool) -> None:
    """Asked at a terminal; elsewhere it has to be said beforehand."""
    if yes:
        return
    if not filling.at_a_terminal():
        raise Usage(
            "not_confirmed",
            "删除不能撤回，请先用 --dry-run 看清，再加 --yes。",
            "An erasure cannot be undone; look with --dry-run first, then add --yes.",
        )
    if not as_json:
        _show_preview(preview, as_json=False)
    question = f"删除后不能恢复。删除{subject}？ This cannot be undone. Erase {subject}?"
    if not Confirm.ask(question, console=aside(), default=False):
        raise Problem("not_confirmed", "没有删除。", "Nothing was erased.")


def _erased(
    node: Node, subject: str, listed: str | None, reason: str, by: Envelope, *, as_json: bool
) -> Erasure:
    command: type[AnyCommand] = ErasePerson if subject.startswith("person/") else EraseOrder
    named = {"person": subject.removeprefix("person/")} if command is ErasePerson else {"order": subject}
    outcome = ask(node, command, {**named, "listed": listed, "reason": reason}, by)
    if outcome.status in (Status.REJECTED, Status.PARKED):
        tell(node, command, outcome, as_json=as_json)  # raises
    return _finished(node, subject, listed)


def _finished(node: Node, subject: str, listed: str | None) -> Erasure:
    """The erasure with its receipt. With Kafka the role `process` carries it out."""
    until = monotonic() + PATIENCE
    while True:
        found = [one for one in node.forgetting.erasures(subject) if one.listed == listed]
        if found and found[-1].finished:
            return found[-1]
        if monotonic() > until:
            raise Problem(
                "erasure_under_way",
                "删除已记录，但还没有执行完，请确认 sidan process 在运行，再用 audit erasure 查看。",
                "It is not carried out yet; see that sidan process runs, then look with audit erasure.",
            )
        if node.settings.embedded:
            node.follow()
        sleep(_LOOK)


def _show_preview(preview: Preview, *, as_json: bool) -> None:
    if as_json:
        put_json({"dry_run": True, **asdict(preview), "reached": _told(preview.reached)})
        return
    say(
        f"会删到{preview.orders}张工单的内容，其中{preview.open_orders}张还没办结。",
        f"It would reach the texts of {preview.orders} orders, {preview.open_orders} of them still open.",
    )
    _table(preview.reached)


def _show(one: Erasure, zone: str, *, as_json: bool) -> None:
    if as_json:
        put_json({**asdict(one), "reached": _told(one.reached)})
        return
    when = shown(one.finished, zone) if one.finished else "执行中 under way"
    say(
        f"删除凭据：{one.subject}第{one.erasure}次，{when}。",
        f"Receipt: erasure {one.erasure} of {one.subject}, {when}.",
    )
    _table(one.reached)
    if one.receipt is not None:
        prove = f"sidan audit prove --position {one.receipt}"
        say(f"凭据在记录的第{one.receipt}位，可用 {prove} 证明。", f"It stands at {one.receipt}: {prove}.")


def _table(reached: tuple[Reached, ...]) -> None:
    put_table(
        ("位置 place", "数量 count", "结果 what became of it"),
        [(" ".join(PLACE_NAMES[one.place]), one.count, _how(one)) for one in reached],
    )
    for one in reached:
        if one.place in LEFT and one.how in (How.NOT_REACHED, How.EXPIRES):
            people().print("· " + " ".join(LEFT[one.place]), markup=False)


def _how(one: Reached) -> str:
    until = f" {one.until:%Y-%m-%d}" if one.until else ""
    return " ".join(HOW_NAMES[one.how]) + until


def _told(reached: tuple[Reached, ...]) -> list[dict[str, Any]]:
    return [one.model_dump(mode="json") for one in reached]
