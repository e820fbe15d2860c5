"""A provider that leaves hands its open orders back to the community, and only then is it retired."""

from collections.abc import Sequence

from domain.commands import FinishRetirement, RecallOrder
from domain.ids import OrderId, ProviderId
from domain.model import Event
from domain.stages import Stage
from services.reactions import Message
from services.retirement_process import RetirementProcess
from tests.support.a_provider import retiring
from tests.support.a_town import ROADS, WATER
from tests.support.an_order import (
    ORDER,
    OTHER,
    accepted,
    claimed,
    completed,
    declined,
    dispatched,
    imported,
    recalled,
    withdrawn,
)
from tests.support.recorded import recorded


class Notes:
    def __init__(self) -> None:
        self.held: dict[OrderId, ProviderId] = {}
        self.gone: dict[ProviderId, int] = {}

    def hold(self, order: OrderId, provider: ProviderId) -> None:
        self.held[order] = provider

    def release(self, order: OrderId) -> ProviderId | None:
        return self.held.pop(order, None)

    def held_by(self, provider: ProviderId) -> Sequence[OrderId]:
        return sorted(order for order, holder in self.held.items() if holder == provider)

    def set_leaving(self, provider: ProviderId, returning: int) -> None:
        self.gone[provider] = returning

    def leaving(self, provider: ProviderId) -> int | None:
        return self.gone.get(provider)


class Following:
    """The process and what it said, fact after fact."""

    def __init__(self) -> None:
        self._process = RetirementProcess(Notes())
        self._position = 0

    def after(self, *events: Event, order: OrderId = ORDER) -> list[Message]:
        messages: list[Message] = []
        for event in events:
            self._position += 1
            messages += self._process.react(recorded(event, self._position, order=order))
        return messages


def finished(messages: Sequence[Message]) -> FinishRetirement:
    (message,) = messages
    return FinishRetirement.model_validate_json(message.data)


def test_one_without_orders_is_retired_at_once() -> None:
    assert finished(Following().after(retiring())) == FinishRetirement(provider=WATER, returned=0)


def test_open_orders_are_recalled_first_each_under_an_id_of_its_own() -> None:
    following = Following()
    following.after(dispatched())
    following.after(dispatched(), accepted(), order=OTHER)
    recalls = following.after(retiring())
    commands = [RecallOrder.model_validate_json(one.data) for one in recalls]
    assert {command.order for command in commands} == {ORDER, OTHER}
    assert {command.provider for command in commands} == {WATER}  # only from it, should it have moved on
    assert len({one.id for one in recalls}) == 2
    assert following.after(recalled()) == []  # one is still out
    assert finished(following.after(recalled(), order=OTHER)).returned == 2


def test_what_was_done_or_given_back_before_is_not_recalled() -> None:
    following = Following()
    following.after(dispatched(), accepted(), completed())
    following.after(dispatched(), declined(), order=OTHER)
    assert finished(following.after(retiring())).returned == 0


def test_one_finished_meanwhile_counts_as_back() -> None:
    following = Following()
    following.after(claimed())
    following.after(retiring())
    assert finished(following.after(withdrawn())).returned == 1


def test_the_orders_of_others_are_let_be() -> None:
    following = Following()
    following.after(dispatched(to=ROADS))
    assert finished(following.after(retiring())).returned == 0
    assert following.after(recalled(provider=ROADS)) == []


def test_imported_orders_in_hand_come_back_too() -> None:
    following = Following()
    following.after(imported(Stage.ACCEPTED, provider=WATER))
    assert [one.type for one in following.after(retiring())] == ["RecallOrder"]
