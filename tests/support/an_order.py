"""One order, in words: what happened to it (past tense) and what may be asked of it (imperative)."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import domain.commands as c
import domain.events as e
from domain.facts import Actor
from domain.ids import AreaPath, CategoryPath, OrderId, ProviderId, ResidentId, order_number
from domain.proposal import Candidate, Proposal
from domain.sealed import Sealed
from domain.stages import Level, RatingSource, Role, Stage
from tests.support.a_town import AUNT_LI, DISPATCHER, EAST, MONDAY, POTHOLE, UNCLE_WANG, WATER, hours
from tests.support.given import Ask

ORDER: Final = OrderId(UUID("019cac2e-f380-7000-8000-000000000001"))
OTHER: Final = OrderId(UUID("019cac2e-f380-7000-8000-000000000002"))
TEXT: Final = Sealed("sealed")
DUE: Final = MONDAY + hours(48)

RESIDENT: Final = Actor(role=Role.RESIDENT, id=AUNT_LI)
COMMUNITY: Final = Actor(role=Role.COMMUNITY, id=DISPATCHER)
OPERATOR: Final = Actor(role=Role.OPERATOR, id="o-1")
SYSTEM: Final = Actor(role=Role.SYSTEM, id="auto-dispatch")


# What happened


def placed(
    by: ResidentId = AUNT_LI, category: CategoryPath = POTHOLE, area: AreaPath = EAST
) -> e.OrderPlaced:
    number = order_number(ORDER)
    return e.OrderPlaced(category=category, area=area, number=number, resident=by, details=TEXT)


def seconded(by: ResidentId = UNCLE_WANG) -> e.OrderSeconded:
    return e.OrderSeconded(category=POTHOLE, area=EAST, resident=by)


def withdrawn() -> e.OrderWithdrawn:
    return e.OrderWithdrawn(category=POTHOLE, area=EAST)


def dispatched(to: ProviderId = WATER, accountable: ProviderId | None = None) -> e.OrderDispatched:
    return e.OrderDispatched(
        category=POTHOLE,
        area=EAST,
        provider=to,
        accountable=accountable or to,
        accept_by=MONDAY + hours(4),
        due_at=DUE,
    )


def pooled() -> e.OrderPooled:
    return e.OrderPooled(category=POTHOLE, area=EAST, due_at=DUE)


def claimed(by: ProviderId = WATER) -> e.OrderClaimed:
    return e.OrderClaimed(category=POTHOLE, area=EAST, provider=by, due_at=DUE)


def recalled(provider: ProviderId | None = WATER) -> e.OrderRecalled:
    return e.OrderRecalled(category=POTHOLE, area=EAST, provider=provider, reason=Sealed("mistake"))


def accepted(by: ProviderId = WATER) -> e.OrderAccepted:
    return e.OrderAccepted(category=POTHOLE, area=EAST, provider=by)


def declined(by: ProviderId = WATER, declines: int = 1) -> e.OrderDeclined:
    return e.OrderDeclined(category=POTHOLE, area=EAST, provider=by, reason="not-ours", declines=declines)


def sent_to_arbitration() -> e.OrderSentToArbitration:
    return e.OrderSentToArbitration(category=POTHOLE, area=EAST, declines=3)


def declined_thrice() -> tuple[e.OrderEvent, ...]:
    """Placed, sent to the same provider and back three times, and now in arbitration."""
    rounds = [event for count in (1, 2, 3) for event in (dispatched(), declined(declines=count))]
    return (placed(), *rounds, sent_to_arbitration())


def completed(by: ProviderId = WATER) -> e.OrderCompleted:
    return e.OrderCompleted(
        category=POTHOLE, area=EAST, provider=by, result=TEXT, due_at=DUE, in_time=True, resolved=True
    )


def done(by: ProviderId = WATER) -> tuple[e.OrderEvent, ...]:
    """Placed, dispatched, accepted and completed."""
    return (placed(), dispatched(to=by), accepted(by=by), completed(by=by))


def answered() -> e.OrderAnswered:
    return e.OrderAnswered(category=POTHOLE, area=EAST, notice=TEXT)


def not_accepted() -> e.OrderNotAccepted:
    return e.OrderNotAccepted(category=POTHOLE, area=EAST, reason="in-court", notice=TEXT)


def marked_duplicate(of: OrderId = OTHER) -> e.OrderMarkedDuplicate:
    return e.OrderMarkedDuplicate(category=POTHOLE, area=EAST, of=of, notice=TEXT)


def rated(
    level: Level = Level.SATISFIED,
    by: ResidentId = AUNT_LI,
    source: RatingSource = RatingSource.RESIDENT,
) -> e.OrderRated:
    return e.OrderRated(
        category=POTHOLE, area=EAST, resident=by, source=source, level=level, bad=False, provider=WATER
    )


def reopened() -> e.OrderReopened:
    return e.OrderReopened(category=POTHOLE, area=EAST, provider=WATER, reason=TEXT, round=2)


def imported(
    stage: Stage, provider: ProviderId | None = None, due_at: datetime | None = None
) -> e.OrderImported:
    return e.OrderImported(
        category=POTHOLE,
        area=EAST,
        number=order_number(ORDER),
        stage=stage,
        source="A-1",
        provider=provider,
        due_at=due_at,
    )


# What may be asked: residents


def place(**fields: Any) -> Ask:
    command: dict[str, Any] = {"order": ORDER, "category": POTHOLE, "area": EAST, "details": TEXT, **fields}
    return Ask(c.PlaceOrder(**command), RESIDENT)


def amend(**fields: Any) -> Ask:
    return Ask(c.AmendOrder(order=ORDER, **fields), RESIDENT)


def withdraw() -> Ask:
    return Ask(c.WithdrawOrder(order=ORDER), RESIDENT)


def second(by: ResidentId = UNCLE_WANG) -> Ask:
    return Ask(c.SecondOrder(order=ORDER), Actor(role=Role.RESIDENT, id=by))


def rate(level: Level = Level.SATISFIED, by: ResidentId = AUNT_LI) -> Ask:
    return Ask(c.RateOrder(order=ORDER, level=level), Actor(role=Role.RESIDENT, id=by))


def reopen() -> Ask:
    return Ask(c.ReopenOrder(order=ORDER, reason=TEXT), RESIDENT)


# The community


def a_proposal(*providers: ProviderId) -> Proposal:
    """The engine found these, the best first."""
    candidates = tuple(Candidate(provider=one, reasons=("near",)) for one in providers)
    winner = providers[0] if providers else None
    return Proposal(
        category=POTHOLE,
        area=EAST,
        rules=1,
        at=MONDAY,
        of=len(providers),
        winner=winner,
        candidates=candidates,
    )


def dispatch(to: ProviderId = WATER) -> Ask:
    return Ask(c.DispatchOrder(order=ORDER, provider=to), COMMUNITY)


def propose(*providers: ProviderId) -> Ask:
    return Ask(c.ProposeDispatch(order=ORDER, proposal=a_proposal(*providers)), SYSTEM)


def pool() -> Ask:
    return Ask(c.PoolOrder(order=ORDER), COMMUNITY)


def recall(only_from: ProviderId | None = None) -> Ask:
    return Ask(c.RecallOrder(order=ORDER, reason=Sealed("mistake"), provider=only_from), COMMUNITY)


def answer() -> Ask:
    return Ask(c.AnswerOrder(order=ORDER, notice=TEXT), COMMUNITY)


def not_accept(reason: str = "in-court") -> Ask:
    return Ask(c.NotAcceptOrder(order=ORDER, reason=reason, notice=TEXT), COMMUNITY)


def mark_duplicate(of: OrderId = OTHER) -> Ask:
    return Ask(c.MarkDuplicate(order=ORDER, of=of, notice=TEXT), COMMUNITY)


# Providers


def accept(by: ProviderId = WATER) -> Ask:
    return Ask(c.AcceptOrder(order=ORDER, provider=by), _provider(by))


def decline(by: ProviderId = WATER, reason: str = "not-ours") -> Ask:
    return Ask(c.DeclineOrder(order=ORDER, provider=by, reason=reason), _provider(by))


def claim(by: ProviderId = WATER) -> Ask:
    return Ask(c.ClaimOrder(order=ORDER, provider=by), _provider(by))


def report_progress(by: ProviderId = WATER) -> Ask:
    return Ask(c.ReportProgress(order=ORDER, provider=by, note=TEXT), _provider(by))


def complete(by: ProviderId = WATER, *, resolved: bool = True) -> Ask:
    command = c.CompleteOrder(order=ORDER, provider=by, result=TEXT, resolved=resolved)
    return Ask(command, _provider(by))


# Operators


def import_order(**fields: Any) -> Ask:
    row: dict[str, Any] = {
        "order": ORDER,
        "category": POTHOLE,
        "area": EAST,
        "stage": Stage.PLACED,
        "source": "A-1",
    }
    return Ask(c.ImportOrder(**{**row, **fields}), OPERATOR, from_imports=True)


def _provider(provider: ProviderId) -> Actor:
    return Actor(role=Role.PROVIDER, id=provider)
