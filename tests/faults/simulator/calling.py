"""Calls (一键呼叫): each is answered, or passed on once; who was passed over is not sent it again by us."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from domain.events import CommandRejected, OrderDispatched, OrderRecalled, OrderReopened
from domain.facts import Recorded
from domain.stages import Role
from services.call_process import ENDS, CallProcess, is_watched


def calls(system: Mapping[str, set[bytes]], log: Sequence[Recorded]) -> Iterator[str]:
    """What should not be, from what reactors said (by id) and the record."""
    causes = {one.position for one in log if is_watched(one) or isinstance(one.fact.event, CommandRejected)}
    asked = {int(name.split("-")[1]) for name in system if name.startswith(f"{CallProcess.name}-")}
    if asked - causes:
        yield f"called back because of {sorted(asked - causes)}"
    following = _Following()
    for one in log:
        yield from following.read(one)
    for order, called in following.waiting.items():
        yield f"{called.provider} has not answered {order}, and nobody else was called"


class _Following:
    def __init__(self) -> None:
        self.waiting: dict[str, OrderDispatched] = {}
        self._passed: defaultdict[str, set[str]] = defaultdict(set)

    def read(self, one: Recorded) -> Iterator[str]:
        event, order = one.fact.event, one.fact.meta.subject
        if isinstance(event, OrderDispatched):
            if one.fact.meta.actor.role is Role.SYSTEM and event.provider in self._passed[order]:
                yield f"{event.provider} is sent {order} again at {one.position}"
            if is_watched(one):
                self.waiting[order] = event
        elif isinstance(event, ENDS):
            called = self.waiting.pop(order, None)
            if isinstance(event, OrderRecalled) and event.passed_on:
                self._passed[order].add(str(event.provider))
                yield from self._wrong(one, event, called)
        elif isinstance(event, OrderReopened):
            self._passed[order].clear()

    def _wrong(self, one: Recorded, event: OrderRecalled, called: OrderDispatched | None) -> Iterator[str]:
        if called is None or called.provider != event.provider:
            yield f"{event.provider} was not waited for, and passed over at {one.position}"
        elif one.fact.meta.at < called.accept_by:
            yield f"{event.provider} was passed over at {one.position}, too early"
