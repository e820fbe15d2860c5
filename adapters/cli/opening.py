"""Opens the engine for one command, and finds what a command names."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import UUID

import psycopg
import typer

from adapters.bootstrap import Node
from adapters.cli.output import aside
from adapters.cli.problems import Problem, Usage, as_problems, no_town
from adapters.settings import Settings
from domain.ids import RULES_SUBJECT, OrderId, OrderNumber, is_order_number
from domain.rejections import UnknownOrder
from domain.town import Town
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


@contextmanager
def opened(ctx: typer.Context) -> Generator[Node]:
    """The engine of a town that is there; embedded, its read models are brought up first.

    Raises:
        Problem: no_town, or store_away.
    """
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
    digits = text.replace("-", "").replace(" ", "")
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
