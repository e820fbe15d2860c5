"""Who leaves leaves no need behind: its own are closed, and it steps back from those of others."""

from collections.abc import Sequence

from domain.commands import CloseNeed, LetGoOfNeed
from domain.ids import NeedId, ProviderId
from domain.model import Event
from services.needs_process import NeedsProcess
from services.reactions import Message
from tests.support.a_need import HALL, closed, let_go, need_amended, stated, taken_up
from tests.support.a_provider import retired, retiring
from tests.support.a_town import ROADS, WATER
from tests.support.recorded import recorded

SHADE = NeedId("shade")


class Notes:
    def __init__(self) -> None:
        self.ties: dict[tuple[NeedId, ProviderId], bool] = {}

    def tie(self, need: NeedId, provider: ProviderId, *, own: bool) -> None:
        self.ties[need, provider] = own

    def untie(self, need: NeedId, provider: ProviderId | None = None) -> None:
        for key in list(self.ties):
            if key[0] == need and provider in (None, key[1]):
                del self.ties[key]

    def of(self, provider: ProviderId) -> Sequence[tuple[NeedId, bool]]:
        return sorted((need, own) for (need, who), own in self.ties.items() if who == provider)


def after(*events: Event) -> list[Message]:
    """All that is said while these happen."""
    process = NeedsProcess(Notes())
    return [
        message
        for position, event in enumerate(events, start=1)
        for message in process.react(recorded(event, position))
    ]


def test_its_own_need_is_closed_and_what_it_took_up_is_let_go() -> None:
    own, taken = after(stated(by=WATER), stated(need=SHADE), taken_up(by=WATER, need=SHADE), retiring())
    assert CloseNeed.model_validate_json(own.data).need == HALL
    assert LetGoOfNeed.model_validate_json(taken.data) == LetGoOfNeed(need=SHADE, provider=WATER)
    assert (own.subject, taken.subject) == (f"need/{HALL}", f"need/{SHADE}")
    assert own.id != taken.id


def test_what_is_closed_or_let_go_already_is_let_be() -> None:
    assert after(stated(by=WATER), closed(), retiring()) == []
    assert after(stated(), taken_up(by=WATER), let_go(by=WATER), retiring()) == []
    assert after(stated(), taken_up(by=WATER), closed(), retiring()) == []


def test_other_providers_and_the_community_keep_theirs() -> None:
    events = (stated(by=ROADS), taken_up(by=None), need_amended(owner=ROADS), retiring(), retired())
    assert after(*events) == []
    one_of_two = (stated(), taken_up(by=WATER), taken_up(by=ROADS, takers=2), let_go(by=ROADS, takers=1))
    assert [message.type for message in after(*one_of_two, retiring())] == ["LetGoOfNeed"]
