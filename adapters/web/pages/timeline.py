"""An order's life as its page tells it: who did what and when, oldest first.

The auditor's story (services.story) tells everything, with the ids of people, in sentences. A page is read by
neighbours too: it names no resident, and its texts stand apart, so that they can be left out.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from adapters.web.pages.naming import Names
from domain.events import OrderDispatched
from domain.facts import Recorded
from domain.sealed import Sealed
from domain.stages import ROLE_NAMES, Role

SHOWN: Final = 3  # of those whom the engine proposed, the first of all
_FOR_STAFF: Final = ("why",)
_TEXTS: Final = ("details", "reason", "notice", "note", "result", "comment")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened."""

    wire: str
    title: str
    at: datetime
    who: str
    notes: tuple[str, ...]
    texts: tuple[str, ...]  # personal; empty for who may not read them


def timeline(
    facts: Iterable[Recorded], names: Names, unseal: Callable[[str], str] | None, *, staff: bool
) -> list[Entry]:
    """The entries of an order.

    Args:
        unseal: None for who may not read what people wrote.
        staff: who is told what the engine proposed and why it was not followed.
    """
    return [_entry(recorded, names, unseal, staff=staff) for recorded in facts]


def texts_shown(facts: Iterable[Recorded], *, staff: bool) -> Iterator[tuple[str, Sealed]]:
    """The personal texts that the entries hold, field by field."""
    for recorded in facts:
        yield from _texts(recorded.fact.event, staff=staff)


def _texts(event: Any, *, staff: bool) -> Iterator[tuple[str, Sealed]]:
    for name in (*_TEXTS, *_FOR_STAFF) if staff else _TEXTS:
        if isinstance(text := getattr(event, name, None), Sealed):
            yield name, text


def _entry(recorded: Recorded, names: Names, unseal: Callable[[str], str] | None, *, staff: bool) -> Entry:
    event, meta = recorded.fact.event, recorded.fact.meta
    return Entry(
        wire=event.wire,
        title=names.event(event.wire),
        at=meta.at,
        who=_who(meta.actor.role, meta.actor.id, names, entered=meta.on_behalf_of is not None),
        notes=(*_notes(event, names), *(_proposed(event, names, meta.actor.role) if staff else ())),
        texts=tuple(unseal(text) for _, text in _texts(event, staff=staff)) if unseal else (),
    )


def _who(role: Role, actor: str, names: Names, *, entered: bool) -> str:
    called = names.pick(*ROLE_NAMES[role])
    if role is Role.PROVIDER:
        return names.provider(actor)
    if role in (Role.RESIDENT, Role.SYSTEM):
        return called
    note = names.pick("，代居民", ", for the resident") if entered else ""
    return f"{called} {actor}{note}"


def _notes(event: Any, names: Names) -> Iterator[str]:
    if event.wire in ("OrderDispatched", "OrderRecalled") and event.provider:
        yield names.provider(event.provider)
    if isinstance(reason := getattr(event, "reason", None), str) and not isinstance(reason, Sealed):
        yield names.reason(reason)
    if accept_by := getattr(event, "accept_by", None):
        yield f"{names.t('accept_by')} {names.when(accept_by)}"
    if event.wire != "OrderCompleted" and (due_at := getattr(event, "due_at", None)):
        yield f"{names.t('due')} {names.when(due_at)}"
    if event.wire == "OrderCompleted":
        if event.in_time is not None:
            yield names.t("in_time" if event.in_time else "late")
        yield names.t("resolved" if event.resolved else "not_resolved")
    if event.wire == "OrderRated":
        yield names.level(event.level)
    if event.wire == "DispatchProposed":
        first = event.proposal.winner
        others = [one.provider for one in event.proposal.candidates if one.provider != first]
        for provider in ([first] if first else []) + others[: SHOWN - 1]:
            yield names.provider(provider)


def _proposed(event: Any, names: Names, role: Role) -> Iterator[str]:
    """Whether a person sent it to whom the engine proposed."""
    if not isinstance(event, OrderDispatched) or event.proposal is None or event.proposal.winner is None:
        return
    if event.overruled:
        yield f"{names.t('overruled')} {names.provider(event.proposal.winner)}"
    elif role is not Role.SYSTEM:
        yield names.t("as_proposed")
