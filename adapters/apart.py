"""The record decided again by several processes at once, each a stretch of it.

A stretch needs nothing of those before it: an auditor reads the subjects that it meets as they stood there.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing import get_context, parent_process
from signal import SIG_IGN, SIGINT, signal
from threading import Thread
from typing import Final

from adapters.garbage import collect_seldom
from adapters.settings import Settings
from adapters.store.event_store import EventStore
from domain.facts import Recorded
from services.audit.auditor import Auditor, Reached
from services.audit.findings import Finding
from services.audit.lives import HELD
from services.audit.redeciding import Again

PAGE: Final = 2_000
LEAST: Final = 60_000  # positions for which it pays to start processes, which takes a second or two
STRETCH: Final = 30_000  # positions that one takes at a time
_LONGEST: Final = 100  # facts of one command, far more than any has


@dataclass(frozen=True, slots=True)
class Stretch:
    """What came out of a part of the log."""

    reached: Reached
    findings: list[Finding]


def auditor_over(store: EventStore, held: int | None = None) -> Auditor:
    """One that holds so many subjects in memory and reads the others from the record, as they stood then."""
    return Auditor(earlier=store.earlier, held=held or HELD)


def pays(after: int, head: int) -> bool:
    """Whether there is work for several, and there are several."""
    return head - after >= LEAST and _processes() > 1


def stretches(settings: Settings, after: int, head: int) -> Iterator[Stretch]:
    """The log behind a position, up to another, in order; each stretch is whole commands."""
    store = EventStore(settings.store)
    try:
        ends = [after, *stretch_ends(store, after, head)]
    finally:
        store.close()
    with processes() as pool:
        parts = [pool.submit(_check, settings, *part) for part in pairwise(ends)]
        try:
            for part in parts:
                yield part.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def processes() -> ProcessPoolExecutor:
    """One for each core. An interrupt is ours to answer, and none of them outlives us."""
    context = get_context("spawn")  # a fork would share our connections
    return ProcessPoolExecutor(_processes(), mp_context=context, initializer=_start)


def _start() -> None:
    collect_seldom()
    signal(SIGINT, SIG_IGN)  # of a terminal it reaches all; one traceback for each says nothing
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Where it was killed nobody tells the others, and they would wait for work for ever."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def together(before: Reached, stretch: Reached) -> Reached:
    """How far both have come."""
    one, other = before.again, stretch.again
    codes = one.at_the_door.keys() | other.at_the_door.keys()
    again = Again(
        accepted=one.accepted + other.accepted,
        refused=one.refused + other.refused,
        at_the_door={code: one.at_the_door.get(code, 0) + other.at_the_door.get(code, 0) for code in codes},
        repeated=one.repeated + other.repeated,
        parked=one.parked + other.parked,
    )
    return Reached(
        position=stretch.position,
        facts=before.facts + stretch.facts,
        subjects=before.subjects + stretch.subjects,
        again=again,
        unfinished=sorted({*before.unfinished, *stretch.unfinished}),
    )


def _check(settings: Settings, after: int, until: int) -> Stretch:
    """One stretch, in a process of its own."""
    store = EventStore(settings.store)
    try:
        auditor = auditor_over(store)
        auditor.go_on(Reached(after, facts=0, subjects=0, again=Again(), unfinished=()))
        findings: list[Finding] = []
        while after < until and (page := page_behind(store, after, until)):
            after = page[-1].position
            findings += auditor.take_page(page)
        auditor.position = until
        return Stretch(auditor.reached(), findings)
    finally:
        store.close()


def page_behind(store: EventStore, after: int, until: int | None = None) -> Sequence[Recorded]:
    """The facts that come next, up to a position or to the end."""
    page = store.read(after, PAGE)
    return page if until is None else [one for one in page if one.position <= until]


def stretch_ends(store: EventStore, after: int, head: int) -> Iterator[int]:
    """Where stretches end: with the last fact of a command."""
    while after < head:
        after = min(after + STRETCH, head)
        if after < head:
            near = store.read(after - 1, _LONGEST)
            after = next((one.position for one in near if one.fact.meta.part == one.fact.meta.parts), head)
        yield after


def _processes() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
