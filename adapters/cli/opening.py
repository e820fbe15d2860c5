"""Opens the engine for one command, and finds what a command names."""

from collections.abc import Callable, Collection, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final, NamedTuple
from unicodedata import normalize
from uuid import UUID

import psycopg
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from adapters.as_of import EarlierNode
from adapters.bootstrap import READ_MODELS, Node
from adapters.cli.moments import end_of, shown
from adapters.cli.output import aside
from adapters.cli.problems import Problem, Usage, as_problems, no_town
from adapters.moment import Moment
from adapters.settings import Settings
from domain.ids import NUMBER_LENGTH, RULES_SUBJECT, OrderId, OrderNumber, is_order_number
from domain.rejections import UnknownOrder
from domain.town import Town
from projections.engine import ReadModel
from projections.order_board import OrderBoardQueries

_SQLITE: Final = "sqlite:///"
PATIENCE: Final = 5  # seconds for a PostgreSQL server to answer


def settings_of(ctx: typer.Context) -> Settings:
    """The settings this run was started with."""
    settings = ctx.obj
    assert isinstance(settings, Settings)
    return settings


@contextmanager
def founding(ctx: typer.Context) -> Generator[Node]:
    """The engine with its tables, made where they are missing."""
    settings = settings_of(ctx)
    with as_problems(settings):
        _answers(settings)
        with Node(settings) as node:
            node.create()
            yield node


class Then(NamedTuple):
    """A moment as people give it."""

    as_of: str | None = None
    happened_by: str | None = None

    @property
    def given(self) -> str:
        """As it was written."""
        return " / ".join(text for text in self if text is not None)

    def moment(self, zone: str) -> Moment:
        """Days and minutes mean their end in the town. Raises Usage: bad_date."""
        ends = [None if text is None else end_of(text, zone) for text in self]
        return Moment(*ends)


NOW: Final = Then()
AsOf = Annotated[
    str | None, typer.Option("--as-of", help="当时的样子（按记录时间） · as it stood (recorded)")
]
HappenedBy = Annotated[
    str | None, typer.Option("--happened-by", help="当时的样子（按发生时间） · as it stood (happened)")
]


@contextmanager
def opened(
    ctx: typer.Context,
    then: Then = NOW,
    *,
    of: Collection[type[ReadModel]] = READ_MODELS,
    about: Callable[[Node], Iterable[str]] | None = None,
) -> Generator[Node]:
    """The engine of a town that is there; embedded, its read models are brought up first.

    Args:
        then: with a moment it is the engine as it stood then, filled in memory, for questions only.
        of: the read models that the question needs of it.
        about: the only subjects that it needs of it, where those are few.

    Raises:
        Problem: no_town, or store_away; not_yet: there was no town then.
        Usage: bad_date.
    """
    if then == NOW:
        with _opened_now(ctx) as node:
            yield node
        return
    with _opened_now(ctx) as live:
        zone = live.rules.zone
        subjects = None if about is None else [RULES_SUBJECT, *about(live)]
    moment = then.moment(zone)
    with as_problems(settings_of(ctx)), EarlierNode(settings_of(ctx), moment) as node:
        if not node.town.version:
            raise nothing_yet("镇街的任何记录", "the town", shown(moment.now, zone))
        with how_far(node.store.head()) as told:
            node.fill(of, subjects, told)
        yield node


@contextmanager
def how_far(
    total: int | None, before: int = 0, what: str = "重放 replaying"
) -> Generator[Callable[[int], None]]:
    """A bar on a terminal, told how far it has come: the place in the log, or how many are done."""
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = aside()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task(what, total=total, completed=before)
        yield lambda reached: progress.update(
            bar, completed=reached if total is None else min(reached, total)
        )


def nothing_yet(zh: str, en: str, moment: str) -> Problem:
    """Of what was asked about there was nothing by then."""
    return Problem(
        "not_yet",
        f"截至{moment}还没有{zh}，请换更晚的时间。",
        f"By {moment} nothing was on record of {en}; give a later time.",
    )


@contextmanager
def _opened_now(ctx: typer.Context) -> Generator[Node]:
    settings = settings_of(ctx)
    if settings.store.startswith(_SQLITE) and not Path(settings.store.removeprefix(_SQLITE)).exists():
        raise no_town()  # opening it would make an empty file
    with as_problems(settings):
        _answers(settings)
        with Node(settings) as node:
            if not town_of(node).version:
                raise no_town()
            if not node.derived.is_current:
                node.create(lambda zh, en: aside().print(f"{zh} {en}", markup=False))
            if settings.embedded:
                node.follow()
            yield node


def _answers(settings: Settings) -> None:
    """A pool of connections would try for half a minute before it says that nobody is there."""
    if settings.store.startswith("postgresql://"):
        psycopg.connect(settings.store, connect_timeout=PATIENCE).close()


def town_of(node: Node) -> Town:
    """The town and the version of its rules; version 0 is none."""
    town = node.store.state(RULES_SUBJECT)
    assert isinstance(town, Town)
    return town


def find_order(node: Node, text: str) -> OrderId:
    """The order meant by a UUID or by a 12-digit number (单号), written with or without dashes.

    Raises:
        Usage: bad_number.
        Problem: unknown_order, ambiguous_number.
    """
    digits = normalize("NFKC", text).replace("-", "").replace(" ", "")  # full-width digits are digits
    if digits.isdigit() and len(digits) < len(UUID(int=0).hex):
        return _by_number(node, digits)
    try:
        return OrderId(UUID(text))
    except ValueError as error:
        raise Usage(
            "bad_number",
            f"“{text}”不是工单编号，请给出12位单号或UUID。",
            f"{text} names no order; give its 12-digit number or its UUID.",
        ) from error


def _by_number(node: Node, digits: str) -> OrderId:
    if len(digits) != NUMBER_LENGTH:
        raise Usage(
            "bad_number",
            f"单号有{NUMBER_LENGTH}位，“{digits}”是{len(digits)}位，请重新核对。",
            f"A number has {NUMBER_LENGTH} digits, and {digits} has {len(digits)}; read it again.",
        )
    if not is_order_number(digits):
        raise Usage(
            "bad_number",
            f"单号{digits}的校验位不对，请重新核对。",
            f"The check digit of {digits} does not fit; read the number again.",
        )
    found = OrderBoardQueries(node.reads).by_number(OrderNumber(digits))
    if not found:
        unknown = UnknownOrder(order=digits)
        raise Problem(unknown.code, unknown.reason_zh, unknown.reason_en)
    if len(found) > 1:
        which = ", ".join(str(row.order_id) for row in found)
        raise Problem(
            "ambiguous_number",
            f"有{len(found)}张工单同用单号{digits}，请改用UUID：{which}。",
            f"{len(found)} orders have the number {digits}; use the UUID of one: {which}.",
        )
    return found[0].order_id
