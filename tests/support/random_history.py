"""A town's life with every command in it, by chance, and the same for the same seed."""

from datetime import timedelta
from typing import Any, Final

import domain.commands as c
from domain.facts import Actor
from domain.ids import (
    NeedId,
    OrderId,
    VolunteerId,
    provider_subject,
    stream_of,
)
from domain.order import Order
from domain.provider import Provider, Standing
from domain.provider_events import Offer
from domain.reached import How, Place, Reached
from domain.sealed import Sealed
from domain.stages import CLOSED, Channel, Duty, Level, Stage
from domain.transitions import allowed
from tests.support.a_town import (
    AUNT_LI,
    EAST,
    FRIDAYS,
    LAMP,
    MEALS,
    PARKS,
    POTHOLE,
    ROADS,
    STREET,
    WATER,
    WEST,
)
from tests.support.an_order import a_proposal
from tests.support.history import (
    CARE,
    CLERK,
    MACHINE,
    OPERATOR,
    RESIDENTS,
    TEXT,
    THE_ROADS,
    History,
    changed_rules,
    resident,
    staff,
)


def random_history(*, orders: int = 40, steps: int = 9, seed: int = 1) -> History:
    """A town's life with every command in it, refusals too; the same for the same seed."""
    history = History(seed=seed)
    history.register(WATER, must=[THE_ROADS], can=[CARE], capacity=5)
    history.register(ROADS, areas=[EAST, WEST], can=[POTHOLE], capacity=50)
    history.register(PARKS, areas=[WEST], can=[MEALS, THE_ROADS])
    _needs_are_stated(history)
    known = [_sent_round(history), _done_twice(history)]
    for number in range(orders):
        known.append(_another(history, number))
        for _ in range(steps):
            history.later(minutes=history.chance.choice((1, 30, 600)))
            _something(history, history.chance.choice(known[-12:]), known[0])
        if number == orders // 2:
            _the_lists_change(history)
    _two_are_forgotten(history, known[1])
    return history


def _two_are_forgotten(history: History, order: OrderId) -> None:
    """A person, and what was written about an order that is closed now."""
    reached = (Reached(place=Place.LOG, how=How.KEY_DESTROYED, count=1),)
    history.ask(c.ErasePerson(person=RESIDENTS[-1], reason=TEXT), OPERATOR)
    history.ask(c.FinishErasure(person=RESIDENTS[-1], erasure=1, reached=reached), MACHINE)
    if history.order(order).stage in CLOSED:
        history.ask(c.EraseOrder(order=order), OPERATOR)
        history.ask(c.FinishOrderErasure(order=order, erasure=1, reached=reached), MACHINE)


def _needs_are_stated(history: History) -> None:
    """Of either side; taken up, let go of, amended, one closed and one refused."""
    ours, theirs, old = NeedId("shade"), NeedId("hall"), NeedId("benches")
    said: dict[str, Any] = {"title_zh": "树荫", "title_en": "Shade"}
    history.ask(c.StateNeed(need=ours, area=EAST, category=MEALS, takers_wanted=2, **said), CLERK)
    history.ask(c.StateNeed(need=theirs, area=WEST, provider=WATER, **said), staff(WATER))
    history.ask(c.StateNeed(need=old, area=STREET, **said), CLERK)
    for need, taker in ((ours, ROADS), (ours, PARKS), (old, PARKS), (old, WATER)):
        history.ask(c.TakeUpNeed(need=need, provider=taker, note=TEXT), staff(taker))
    history.try_to(c.TakeUpNeed(need=ours, provider=WATER), staff(WATER))
    history.ask(c.TakeUpNeed(need=theirs), CLERK)
    history.ask(c.LetGoOfNeed(need=ours, provider=ROADS), staff(ROADS))
    until = history.now + timedelta(days=30)
    history.ask(c.AmendNeed(need=theirs, area=EAST, until=until, title_en="A hall"), staff(WATER))
    history.ask(c.CloseNeed(need=old, reason=TEXT), CLERK)


def _sent_round(history: History) -> OrderId:
    """Nobody wants it, so the community has to say whose it is."""
    order = history.place()
    for provider in (WATER, ROADS, WATER):
        history.dispatch(order, provider)
        history.decline(order, provider)
    history.dispatch(order, WATER)
    return order


def _done_twice(history: History) -> OrderId:
    """Done badly, rated so, done again."""
    order = history.completed()
    history.rate(order, Level.DISSATISFIED)
    history.reopen(order)
    history.dispatch(order, ROADS)
    history.accept(order, ROADS)
    history.complete(order, ROADS)
    return order


def _another(history: History, number: int) -> OrderId:
    chance = history.chance
    order = history.new_order()
    about: dict[str, Any] = {
        "order": order,
        "category": chance.choice((POTHOLE, LAMP, MEALS)),
        "area": chance.choice((EAST, WEST, STREET)),
    }
    if number % 7 == 6:
        history.ask(_imported(about, history, number), OPERATOR)
        return order
    wanted = chance.choice((None, None, WATER, PARKS))
    placing = c.PlaceOrder(**about, details=TEXT, contact=TEXT, wanted=wanted)
    if number % 5 == 4:
        history.ask(placing, CLERK, on_behalf_of=AUNT_LI, channel=Channel.PHONE)
    else:
        history.ask(placing, resident(AUNT_LI), channel=chance.choice(tuple(Channel)))
    return order


def _imported(about: dict[str, Any], history: History, number: int) -> c.ImportOrder:
    stage = history.chance.choice([one for one in Stage if one is not Stage.NONE])
    rated = stage is Stage.RATED
    return c.ImportOrder(
        **about,
        stage=stage,
        source=f"row {number}",
        provider=WATER if stage in (Stage.DISPATCHED, Stage.ACCEPTED, Stage.COMPLETED, Stage.RATED) else None,
        due_at=history.now + timedelta(days=2),
        in_time=history.chance.choice((None, True, False)),
        level=history.chance.choice(tuple(Level)) if rated else None,
        details=TEXT,
    )


def _something(history: History, order: OrderId, other: OrderId) -> None:
    """Mostly a command that fits the stage, sometimes any at all."""
    chance = history.chance
    state = history.order(order)
    asked = _every_command(history, order, other)
    if chance.random() < 0.85:
        asked = [(command, actor) for command, actor in asked if allowed(state.stage, type(command))]
    weights = [1 if type(command) in _ENDS else 6 for command, _ in asked]
    if asked:
        command, actor = chance.choices(asked, weights)[0]
        history.try_to(command, actor)


_ENDS: Final = (c.WithdrawOrder, c.AnswerOrder, c.NotAcceptOrder, c.MarkDuplicate, c.RecallOrder)


def _every_command(history: History, order: OrderId, other: OrderId) -> list[tuple[c.AnyCommand, Actor]]:
    chance = history.chance
    anyone = chance.choice((WATER, ROADS, PARKS))
    held = history.order(order)
    holder = held.provider or anyone
    proposal = a_proposal(WATER).model_copy(update={"category": held.category, "area": held.area})
    owner, person = resident(AUNT_LI), resident(chance.choice(RESIDENTS))
    level = chance.choice(tuple(Level))
    return [
        (c.DispatchOrder(order=order, provider=anyone), CLERK),
        (c.PoolOrder(order=order), CLERK),
        (c.RecallOrder(order=order, reason=Sealed("wrong place")), CLERK),
        (c.AnswerOrder(order=order, notice=TEXT), CLERK),
        (c.NotAcceptOrder(order=order, reason="in-court", notice=TEXT), CLERK),
        (c.MarkDuplicate(order=order, of=other, notice=TEXT), CLERK),
        (c.AcceptOrder(order=order, provider=holder), staff(holder)),
        (c.DeclineOrder(order=order, provider=holder, reason="not-ours"), staff(holder)),
        (c.ClaimOrder(order=order, provider=anyone), staff(anyone)),
        (c.ReportProgress(order=order, provider=holder, note=TEXT), staff(holder)),
        (
            c.CompleteOrder(order=order, provider=holder, result=TEXT, resolved=chance.random() < 0.8),
            staff(holder),
        ),
        (c.AmendOrder(order=order, category=MEALS, area=WEST, details=TEXT), owner),
        (c.WithdrawOrder(order=order, reason=TEXT), owner),
        (c.SecondOrder(order=order), person),
        (c.RateOrder(order=order, level=level, comment=TEXT), person),
        (c.ReopenOrder(order=order, reason=TEXT), owner),
        (c.ProposeDispatch(order=order, proposal=proposal), MACHINE),
    ]


_IN_HAND: Final = (Stage.DISPATCHED, Stage.ACCEPTED)


def _the_lists_change(history: History) -> None:
    """Rules, offers and capacity change half-way, and one provider leaves."""
    history.ask(c.AdoptRules(rules=changed_rules(finish_hours=96)), OPERATOR)
    offers = (Offer(category=POTHOLE, duty=Duty.MUST),)
    history.ask(c.ChangeOffers(provider=ROADS, areas=(STREET,), offers=offers), CLERK)
    history.ask(c.ChangeCapacity(provider=WATER, capacity=7), CLERK)
    history.ask(c.AmendProvider(provider=WATER, name_en="Waterworks", contact="96319"), CLERK)
    _volunteers_come_and_go(history)
    history.ask(c.RetireProvider(provider=PARKS, reason=Sealed("closing down")), CLERK)
    for subject, state in list(history.states.items()):
        if isinstance(state, Order) and state.provider == PARKS and state.stage in _IN_HAND:
            order = OrderId(stream_of(subject))
            history.ask(c.RecallOrder(order=order, reason=Sealed("closing down")), MACHINE)
    leaving: Provider = history.state(provider_subject(PARKS))
    assert leaving.standing is Standing.RETIRING
    history.ask(c.FinishRetirement(provider=PARKS, returned=1), MACHINE)


def _volunteers_come_and_go(history: History) -> None:
    mei, old_zhou = VolunteerId("mei"), VolunteerId("old-zhou")
    for one in (mei, old_zhou):
        history.ask(c.EnrolVolunteer(provider=WATER, volunteer=one, name=TEXT, hours=(FRIDAYS,)), CLERK)
    history.ask(c.ChangeVolunteer(provider=WATER, volunteer=mei, skills=("first-aid",)), staff(WATER))
    history.ask(c.ReleaseVolunteer(provider=WATER, volunteer=old_zhou), CLERK)
