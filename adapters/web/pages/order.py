"""The page of one order for staff and providers: facts, story, and what can be done now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Depends
from msgspec.structs import replace
from starlette.responses import RedirectResponse, Response

from adapters.matcher import Match
from adapters.opening import Opened
from adapters.proposed import placing_of
from adapters.web.pages.forms import VIA, UseForm, take_step
from adapters.web.pages.site import PageAsked, UsePage
from adapters.web.pages.timeline import Entry, texts_shown, timeline
from adapters.web.personal import Reader, Shown, open_texts, reading_of, right_to_read
from adapters.web.problems import Problem, problem
from adapters.web.steps import COMMUNITY, ORDER_STEPS, PROVIDERS, RESIDENTS, possible
from adapters.web.using import caught_up
from domain.evidence import Explanation
from domain.ids import RULES_SUBJECT, AreaPath, OrderId, ProviderId, lineage, stream_of
from domain.matching import Candidate, Excluded
from domain.proposal import PART_WORDS, Part
from domain.routes import in_words
from domain.stages import OPEN, Right, Role, Stage
from projections.order_board import OrderRow

CANDIDATES: Final = 8  # shown to choose from
LEFT_OUT: Final = 12

router: Final = APIRouter(prefix="/web", dependencies=[Depends(caught_up)])


@dataclass(frozen=True, slots=True)
class OrderView:
    """What a page shows of an order."""

    row: OrderRow
    texts: Shown | None
    story: list[Entry]
    responsible: str | None
    contact: str | None  # of who has it


def known(page: PageAsked, order: UUID) -> OrderRow:
    """The order's row. Raises Problem."""
    row = page.engine.queries.board.get(OrderId(order))
    if row is None:
        raise problem("unknown_order")
    return row


def view_of(page: PageAsked, row: OrderRow, reader: Reader) -> OrderView:
    """Open what the reader may read. Raises Unrecorded."""
    engine, staff = page.engine, page.visitor.is_community
    facts = list(engine.store.history(stream_of(str(row.order_id))))
    opened = open_texts(engine, row, reader, texts_shown(facts, staff=staff))
    texts, unseal = opened or (None, None)
    story = timeline(facts, page.names, unseal, staff=staff)
    contact = None
    if row.provider:
        named = engine.queries.matching.named([row.provider]).get(row.provider)
        contact = named.contact if named else None
    return OrderView(row, texts, story, _responsible(page, row, reader), contact)


@router.get("/orders/{order}")
def order(*, page: UsePage, order: UUID, new: bool = False) -> Response:
    """Personal texts for who may read them; a resident sees how it goes, their own on a page of its own."""
    row = known(page, order)
    if page.visitor.is_resident and page.visitor.code_of(row.order_id, page.engine.secret):
        return RedirectResponse(f"/web/my/{order}", 303)
    return _page(page, row, new=new)


@router.post("/orders/{order}/{verb}")
def step(page: UsePage, order: UUID, verb: str, form: UseForm) -> Response:
    """Take a step; a refusal shows on the same page."""
    row = known(page, order)
    if verb not in ORDER_STEPS:
        raise problem("no_such_page")
    try:
        done = take_step(page.engine, verb, row, form, page.visitor.caller)
    except Problem as refusal:
        return _page(page, row, refusal=refusal)
    return RedirectResponse(f"/web/orders/{order}?after={done.after}", 303)


def _page(page: PageAsked, row: OrderRow, *, new: bool = False, refusal: Problem | None = None) -> Response:
    visitor = page.visitor
    view = view_of(page, row, Reader(visitor.caller, VIA))
    verbs = list(possible(row.stage, visitor.role, holds=row.provider == visitor.caller.provider))
    match = page.engine.matcher.match(row.order_id, page.engine.clock()) if "dispatch" in verbs else None
    return page.show(
        "order.html",
        refusal.status if refusal else 200,
        view=view,
        o=row,
        verbs=[verb for verb in verbs if _offered(verb, visitor.role)],
        for_resident=[verb for verb in verbs if visitor.is_community and _on_behalf(verb)],
        choices=_choices(page, match),
        code=visitor.code_of(row.order_id, page.engine.secret) if new else "",
        refusal=refusal,
    )


def _offered(verb: str, role: Role) -> bool:
    """A stranger to the order may second it; staff and providers have steps of their own."""
    if role is Role.RESIDENT:
        return verb == "second"
    return ORDER_STEPS[verb][1] in (COMMUNITY, PROVIDERS)


def _on_behalf(verb: str) -> bool:
    return ORDER_STEPS[verb][1] == RESIDENTS and verb != "second"


@dataclass(frozen=True, slots=True)
class Choices:
    """Who could be sent: some candidates, the one who is proposed among them, and who was left out."""

    candidates: tuple[Candidate, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    learnt: Mapping[ProviderId, Explanation] = field(default_factory=dict[ProviderId, Explanation])
    prices: Mapping[ProviderId, int] = field(default_factory=dict[ProviderId, int])
    proposed: ProviderId | None = None
    on_record: bool = False
    broken: tuple[str, str] | None = None  # why nobody is proposed, where a route cannot be followed

    @property
    def most(self) -> int:
        """The highest score, which has the longest bar."""
        return max((one.score for one in self.candidates), default=0)

    @property
    def parts(self) -> list[Part]:
        """Those that anybody here has points for."""
        return [part for part in PART_WORDS if any(part in one.parts for one in self.candidates)]

    @property
    def chosen(self) -> ProviderId | None:
        """Whom a click sends: the proposed one, where it can still take the order."""
        able = [one.provider for one in self.candidates]
        return self.proposed if self.proposed in able else next(iter(able), None)


def _choices(page: PageAsked, match: Match | None) -> Choices:
    if match is None:  # nothing to be dispatched, or the model does not know the order yet
        return Choices()
    assert match.order is not None
    waiting = placing_of(page.engine.store.history(stream_of(str(match.order)))).waiting
    proposal = waiting or match.proposal
    shown = [
        one
        for place, one in enumerate(match.candidates)
        if place < CANDIDATES or one.provider == proposal.winner
    ]
    return Choices(
        candidates=tuple(shown),
        excluded=tuple(one for one in match.excluded if one.provider in match.names)[:LEFT_OUT],
        learnt=match.learnt,
        proposed=proposal.winner,
        on_record=waiting is not None,
        broken=in_words(proposal.broken, proposal.routed) if proposal.broken else None,
        prices={one.provider: one.price for one in proposal.candidates if one.price},
    )


def _responsible(page: PageAsked, row: OrderRow, reader: Reader) -> str | None:
    """Who gets what nobody takes (包片责任人): the name for who may read the order, the post for others."""
    if row.stage not in OPEN or row.stage in (Stage.ACCEPTED, Stage.DISPATCHED):
        return None
    rules = page.names.rules
    for path in lineage(row.area):
        area = rules.area_by_path.get(AreaPath(path))
        if area is None or area.responsible is None:
            continue
        right = right_to_read(page.engine, row, reader)
        if right is None or right is Right.QUERY_CODE:
            return page.names.area_leaf(path)
        person = next(one for one in rules.people if one.id == area.responsible)
        reading = replace(reading_of(row, reader, right), subject=RULES_SUBJECT, person=None)
        unseal = page.engine.opening.open(reading, [(f"people.{person.id}.name", person.name)])
        return Opened(f"{unseal(person.name)} ({person.id})")
    return None
