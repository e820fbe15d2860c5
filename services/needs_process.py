"""Needs of who leaves: its own standing needs are closed, and it steps back from those it has taken up."""

from collections.abc import Sequence
from typing import ClassVar, Protocol

from domain import events as e
from domain import need_events as n
from domain.commands import AnyCommand, CloseNeed, LetGoOfNeed
from domain.facts import Recorded
from domain.ids import NeedId, ProviderId
from services.reactions import Message, Reactor, command_message
from services.retirement_process import RETIRED_REASON


class Ties(Protocol):
    """Which open needs a provider has stated or taken up. Kept in the transaction of the position."""

    def tie(self, need: NeedId, provider: ProviderId, *, own: bool) -> None: ...

    def untie(self, need: NeedId, provider: ProviderId | None = None) -> None:
        """Forget this provider's tie to a need; without a provider, all ties to it."""
        ...

    def of(self, provider: ProviderId) -> Sequence[tuple[NeedId, bool]]:
        """The needs, and whether each is its own."""
        ...


class NeedsProcess(Reactor):
    """Follows who needs and who has taken up what, so that nothing looks open for ever."""

    name: ClassVar[str] = "needs"

    def __init__(self, ties: Ties) -> None:
        self._ties = ties

    def react(self, recorded: Recorded) -> Sequence[Message]:
        event = recorded.fact.event
        match event:
            case e.ProviderRetiring():
                return self._leave(recorded, event.provider)
            case n.NeedStated(owner=str() as owner):
                self._ties.tie(event.need, owner, own=True)
            case n.NeedTakenUp(provider=str() as provider):
                self._ties.tie(event.need, provider, own=False)
            case n.NeedLetGo(provider=str() as provider):
                self._ties.untie(event.need, provider)
            case n.NeedClosed():
                self._ties.untie(event.need)
            case _:
                pass
        return []

    def _leave(self, recorded: Recorded, provider: ProviderId) -> Sequence[Message]:
        return [
            command_message(self.name, recorded, _end(need, provider, own=own), number)
            for number, (need, own) in enumerate(self._ties.of(provider), start=1)
        ]


def _end(need: NeedId, provider: ProviderId, *, own: bool) -> AnyCommand:
    if own:
        return CloseNeed(need=need, reason=RETIRED_REASON)
    return LetGoOfNeed(need=need, provider=provider)
