"""What an auditor's command names, and what to say where it is not there."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from adapters.bootstrap import Node
from adapters.cli.opening import find_order, nothing_yet
from adapters.cli.problems import Problem, Usage
from domain.ids import RULES_SUBJECT, NeedId, ProviderId
from domain.rejections import Refused, UnknownNeed, UnknownOrder, UnknownProvider

_NAMED: Final = ("provider/", "need/")


def find_subject(node: Node, text: str, models: Sequence[str] = ()) -> str:
    """The subject meant by `provider/…`, `need/…` or `rules`, or by what names an order.

    Args:
        models: read models that could have been named as well.

    Raises:
        Usage: bad_number.
        Problem: unknown_order, ambiguous_number.
    """
    if text == RULES_SUBJECT or (text.startswith(_NAMED) and text not in _NAMED):
        return text
    if _names_order(text):
        return str(find_order(node, text))
    zh, en = (f"，也不是读模型（{'、'.join(models)}）", f", nor a read model ({', '.join(models)})")
    raise Usage(
        "bad_number",
        f"“{text}”不是12位单号或UUID，不是provider/…、need/…或rules{zh if models else ''}，请核对。",
        f"{text} is neither an order's number or UUID, nor provider/…, need/… or rules{en if models else ''};"
        " check what you meant.",
    )


def no_life(subject: str, moment: str, *, known: bool) -> Problem:
    """Nothing is on record of it by that moment; where it is not `known`, at no moment."""
    if known:
        return nothing_yet(f"{subject}的记录", subject, moment)
    return Problem(
        _unknown(subject).code,
        f"没有{subject}的任何记录，请核对它的写法。",
        f"Nothing is on record of {subject}; check how it is written.",
    )


def _unknown(subject: str) -> Refused:
    kind, _, name = subject.partition("/")
    if kind == "provider":
        return UnknownProvider(provider=ProviderId(name))
    return UnknownNeed(need=NeedId(name)) if kind == "need" else UnknownOrder(order=subject)


def _names_order(text: str) -> bool:
    """Whether it is written like a number or a UUID."""
    if text.replace("-", "").replace(" ", "").isdigit():
        return True
    try:
        UUID(text)
    except ValueError:
        return False
    return True
