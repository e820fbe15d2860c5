"""The resident's pages: place an order, follow it by number and code, rate it, second a neighbour's."""

import json
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from adapters.query_code import fits
from adapters.web.access import Caller
from adapters.web.api.receipts import Of, receipt_of
from adapters.web.pages.forms import VIA, UseForm, place_order, take_step
from adapters.web.pages.moments import moment
from adapters.web.pages.order import known, view_of
from adapters.web.pages.readings import seen_by
from adapters.web.pages.site import PageAsked, UsePage
from adapters.web.pages.visitor import CODES, RESIDENT, remember, with_code
from adapters.web.personal import Reader
from adapters.web.problems import Problem, problem
from adapters.web.steps import ORDER_STEPS, RESIDENTS, possible
from adapters.web.using import caught_up
from domain.ids import AreaPath, OrderId, OrderNumber
from domain.order import Order
from domain.stages import Role, Stage
from projections.menu import AreaMenu, MenuGroup
from projections.order_board import OrderRow

router: Final = APIRouter(prefix="/web", dependencies=[Depends(caught_up)])


@router.get("/place")
def place_form(page: UsePage, area: str = "", category: str = "") -> Response:
    """Three steps, each an address of its own: where, what, and the rest."""
    return _place_form(page, area, category)


def _place_form(page: PageAsked, area: str, category: str, refusal: Problem | None = None) -> Response:
    menu = page.engine.queries.menu.menu(AreaPath(area)) if area else None
    item = next((one for one in menu.items if one.category == category), None) if menu else None
    status = refusal.status if refusal else 200
    groups = _by_top(menu) if menu else ()
    return page.show("place.html", status, area=area, menu=groups, item=item, refusal=refusal)


def _by_top(menu: AreaMenu) -> list[tuple[str, list[MenuGroup]]]:
    """The groups under the outermost they lie in, in the catalogue's order."""
    found: dict[str, list[MenuGroup]] = {}
    for group in menu.groups:
        found.setdefault((group.category or "").partition("/")[0], []).append(group)
    return list(found.items())


@router.post("/place")
def place(page: UsePage, form: UseForm) -> Response:
    """Place it, and show number and code this once."""
    try:
        wanted_at = moment(form.get("wanted_at"), page.names.rules.zone)
        done = place_order(page.engine, form, page.visitor, wanted_at)
    except Problem as refusal:
        return _place_form(page, form.get("area", ""), form.get("category", ""), refusal)
    where = "orders" if page.visitor.is_community else "my"
    response = RedirectResponse(f"/web/{where}/{done.subject}?new=1&after={done.after}", 303)
    if done.query_code:
        cookie = with_code(page.visitor, OrderId(UUID(done.subject)), done.query_code)
        remember(response, page.request, CODES, cookie)
    remember(response, page.request, RESIDENT, page.visitor.resident)
    return response


@router.get("/follow")
def follow_form(page: UsePage) -> Response:
    """Number and code; and the orders this browser knows."""
    return _follow_form(page)


def _follow_form(page: PageAsked, refusal: Problem | None = None) -> Response:
    board = page.engine.queries.board
    mine = [row for order, _ in page.visitor.codes if (row := board.get(order)) is not None]
    return page.show("follow.html", refusal.status if refusal else 200, mine=mine, refusal=refusal)


@router.post("/follow")
def follow(page: UsePage, form: UseForm) -> Response:
    """A wrong code is answered like a number that does not exist."""
    number, code = (form.get(name, "").replace(" ", "") for name in ("number", "code"))
    for row in page.engine.queries.board.by_number(OrderNumber(number)):
        if fits(page.engine.secret, row.order_id, code):
            response = RedirectResponse(f"/web/my/{row.order_id}", 303)
            remember(response, page.request, CODES, with_code(page.visitor, row.order_id, code))
            return response
    return _follow_form(page, problem("unknown_order"))


@router.get("/my/{order}")
def mine(*, page: UsePage, order: UUID, new: bool = False) -> Response:
    """One's own order, or one that was seconded."""
    row, caller = _mine(page, order)
    return _my_page(page, row, caller, new=new)


@router.get("/my/{order}/receipt")
def receipt(*, page: UsePage, order: UUID, of: Of = Of.ORDER) -> Response:
    """The receipt as a file to keep."""
    row, _ = _mine(page, order)
    content = json.dumps(receipt_of(page.engine, row.order_id, of), ensure_ascii=False, indent=1)
    name = f'attachment; filename="sidan-{row.number}-{of}.json"'
    return Response(content, media_type="application/json", headers={"Content-Disposition": name})


@router.post("/my/{order}/{verb}")
def my_step(page: UsePage, order: UUID, verb: str, form: UseForm) -> Response:
    """A resident's step; a refusal shows on the same page."""
    if verb not in ORDER_STEPS or ORDER_STEPS[verb][1] != RESIDENTS:
        raise problem("no_such_page")
    if verb == "second":
        row, caller = known(page, order), page.visitor.as_resident(page.visitor.resident)
    else:
        row, caller = _mine(page, order)
    try:
        done = take_step(page.engine, verb, row, form, caller)
    except Problem as refusal:
        return _my_page(page, row, caller, refusal=refusal)
    response = RedirectResponse(f"/web/my/{order}?after={done.after}", 303)
    remember(response, page.request, RESIDENT, page.visitor.resident)
    return response


@router.get("/second")
def second_form(page: UsePage, number: str = "") -> Response:
    """A neighbour's order by its number: what and where, no more."""
    found = page.engine.queries.board.by_number(OrderNumber(number.replace(" ", "")))
    if not found:
        return _follow_form(page, problem("unknown_order"))
    return page.show("second.html", found=found)


def _my_page(
    page: PageAsked, row: OrderRow, caller: Caller, *, new: bool = False, refusal: Problem | None = None
) -> Response:
    code = page.visitor.code_of(row.order_id, page.engine.secret)
    owner = bool(code)
    view = view_of(page, row, Reader(caller, VIA, code))
    verbs = list(possible(row.stage, Role.RESIDENT)) if owner else _for_seconders(row)
    return page.show(
        "my.html",
        refusal.status if refusal else 200,
        view=view,
        o=row,
        owner=owner,
        seen=seen_by(page.engine.store, str(row.order_id), page.names) if owner else None,
        verbs=[verb for verb in verbs if verb != "second"],
        code=code if new else "",
        refusal=refusal,
    )


def _for_seconders(row: OrderRow) -> list[str]:
    return ["rate"] if row.stage in (Stage.COMPLETED, Stage.ANSWERED, Stage.RATED) else []


def _mine(page: PageAsked, order: UUID) -> tuple[OrderRow, Caller]:
    """An order this browser has the code of, or seconded, and who it is in it. Raises Problem."""
    row = known(page, order)
    visitor = page.visitor
    if row.resident and visitor.code_of(row.order_id, page.engine.secret):
        return row, visitor.as_resident(row.resident)
    state = page.engine.store.state(str(order))
    if isinstance(state, Order) and visitor.resident in state.seconders:
        return row, visitor.as_resident(visitor.resident)
    raise problem("unknown_order")
