"""An order's life as its page tells it: who did what and when, oldest first.

The auditor's story (services.story) tells everything, with the ids of people, in sentences. A page is read by
neighbours too: it names no resident, and its texts stand apart, so that they can be left out.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from adapters.web.pages.naming import Names
from domain.facts import Recorded
from domain.sealed import Sealed
from domain.stages import ROLE_NAMES, Role

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
    facts: Iterator[Recorded] | Any, names: Names, unseal: Callable[[str], str] | None
) -> list[Entry]:
    """The entries of an order; `unseal` is None for who may not read what people wrote."""
    return [_entry(recorded, names, unseal) for recorded in facts]


def _entry(recorded: Recorded, names: Names, unseal: Callable[[str], str] | None) -> Entry:
    event, meta = recorded.fact.event, recorded.fact.meta
    texts = [value for name in _TEXTS if isinstance(value := getattr(event, name, None), Sealed)]
    return Entry(
        wire=event.wire,
        title=names.event(event.wire),
        at=meta.at,
        who=_who(meta.actor.role, meta.actor.id, names, entered=meta.on_behalf_of is not None),
        notes=tuple(_notes(event, names)),
        texts=tuple(unseal(text) for text in texts) if unseal else (),
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
        for candidate in event.proposal.candidates[:3]:
            yield names.provider(candidate.provider)
