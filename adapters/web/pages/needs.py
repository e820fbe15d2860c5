"""The needs list (需求清单): what the community needs, what institutions need, and taking it up."""

from collections.abc import Mapping
from typing import Any, Final

import pydantic_core
from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from adapters.web.intake import Answered, Envelope, ask_data
from adapters.web.pages.forms import VIA, UseForm
from adapters.web.pages.moments import end_of_day
from adapters.web.pages.site import PageAsked, UsePage
from adapters.web.personal import open_notes
from adapters.web.problems import Problem, problem
from adapters.web.steps import NEED_STEPS
from adapters.web.using import caught_up
from domain import commands as c
from domain.ids import AreaPath, NeedId, ProviderId, need_subject
from projections.needs import NeedFilter, NeedRow, Side

router: Final = APIRouter(prefix="/web", dependencies=[Depends(caught_up)])

SHOWN: Final = 100  # of each side, the newest
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "amend": ("title_zh", "title_en", "takers_wanted", "until"),
    "take-up": ("note",),
    "let-go": (),
    "close": ("reason",),
}


@router.get("/needs")
def needs(page: UsePage, area: str = "", to_take_up: bool = False) -> Response:
    """Both lists, for everybody; with what this visitor may do about each need."""
    return _page(page, area, to_take_up=to_take_up)


@router.post("/needs")
def state(page: UsePage, form: UseForm) -> Response:
    """State a need: the community's, or that of the provider who asks."""
    named = ("title_zh", "title_en", "area", "category", "takers_wanted", "until")
    data = _data(page, form, named)
    data.setdefault("title_en", data.get("title_zh"))
    data["need"] = f"n-{form.get('key', '').replace('-', '')[:16]}"  # the same form is the same need
    if page.visitor.is_provider:
        data["provider"] = page.visitor.caller.provider
    return _asked(page, c.StateNeed, NeedId(data["need"]), data, form)


@router.post("/needs/{need}/{verb}")
def step(page: UsePage, need: str, verb: str, form: UseForm) -> Response:
    """Take a step; a refusal shows on the same page."""
    if verb not in NEED_STEPS:
        raise problem("no_such_page")
    data = _data(page, form, _FIELDS[verb])
    if page.visitor.is_provider and verb in ("take-up", "let-go"):
        data["provider"] = page.visitor.caller.provider
    return _asked(page, NEED_STEPS[verb], NeedId(need), data, form)


def _asked(
    page: PageAsked,
    command: type[c.AnyNeedCommand],
    need: NeedId,
    data: Mapping[str, Any],
    form: Mapping[str, str],
) -> Response:
    envelope = Envelope(VIA, command.wire, subject=need_subject(need), key=form.get("key"))
    try:
        done: Answered = ask_data(page.engine, pydantic_core.to_json(data), envelope, page.visitor.caller)
    except Problem as refusal:
        return _page(page, "", refusal=refusal)
    return RedirectResponse(f"/web/needs?after={done.after}#{need}", 303)


def _data(page: PageAsked, form: Mapping[str, str], names: tuple[str, ...]) -> dict[str, Any]:
    """The fields of a form as a command has them; what is no number or date goes on, to be refused."""
    data: dict[str, Any] = {name: form[name] for name in names if name in form}
    if data.get("takers_wanted", "").isdecimal():
        data["takers_wanted"] = int(data["takers_wanted"])
    if "until" in data:
        data["until"] = end_of_day(data["until"], page.names.rules.zone)
    return data


def _page(
    page: PageAsked, area: str, *, to_take_up: bool = False, refusal: Problem | None = None
) -> Response:
    sides = {side: _of(page, side, area, to_take_up=to_take_up) for side in Side}
    rows = [row for side in sides.values() for row in side]
    return page.show(
        "needs.html",
        refusal.status if refusal else 200,
        sides=sides,
        area=area,
        to_take_up=to_take_up,
        me=_me(page),
        acts=page.visitor.is_provider or page.visitor.is_community,
        notes=open_notes(page.engine, rows, page.visitor.caller, VIA),
        refusal=refusal,
    )


def _of(page: PageAsked, side: Side, area: str, *, to_take_up: bool) -> list[NeedRow]:
    which = NeedFilter(area=AreaPath(area) if area else None, side=side, open_at=page.now)
    found = page.engine.queries.needs.page(which, limit=SHOWN).needs
    return [row for row in found if not to_take_up or row.may_be_taken_by(_me(page), page.now)]


def _me(page: PageAsked) -> ProviderId | None:
    """In whose name this visitor acts; None: the community's."""
    return page.visitor.caller.provider if page.visitor.is_provider else None
