"""Renders pages: templates, names, the visitor, and what to say when something did not work."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Annotated, Any, Final
from uuid import uuid4

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from adapters.masking import AsItIs, cover
from adapters.web.engine import Engine
from adapters.web.pages.naming import Names
from adapters.web.pages.visitor import LANG, Visitor, remember, visitor_of
from adapters.web.problems import Problem
from domain.ids import ProviderId
from domain.rules import Rules
from domain.stages import Level, Stage, Urgency

TEMPLATES: Final = Path(__file__).parent.parent / "templates"
FRESH: Final = 2.0  # seconds for which the town's names are taken as they were


@dataclass(frozen=True, slots=True)
class _Town:
    rules: Rules
    providers: dict[ProviderId, tuple[str, str]]
    read: float


class Site:
    """The pages of one engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._town: _Town | None = None
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=cover,  # of all that a template prints
        )
        self._templates.filters["as_it_is"] = AsItIs
        self._always: dict[str, Any] = {
            "Stage": Stage,
            "Level": Level,
            "Urgency": Urgency,
            "new_key": lambda: str(uuid4()),
        }

    def names(self, lang: str) -> Names:
        """The town's names; a change shows after a moment."""
        town = self._town
        if town is None or monotonic() - town.read > FRESH:
            providers = self.engine.queries.menu.providers()
            town = self._town = _Town(self.engine.rules, providers, monotonic())
        return Names(town.rules, town.providers, lang)

    def render(self, page: "PageAsked", template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """A page for its visitor."""
        html = self._templates.get_template(template).render(
            visitor=page.visitor, n=page.names, t=page.names.t, now=page.now, **self._always, **context
        )
        response = HTMLResponse(html, status)
        if page.request.query_params.get("lang"):
            remember(response, page.request, LANG, page.visitor.lang)
        response.headers["Cache-Control"] = "no-store"
        return response

    def trouble(self, request: Request, error: Problem) -> HTMLResponse:
        """A page that says what did not work and what to do."""
        return self.render(page_asked(request), "trouble.html", error.status, error=error)


@dataclass(frozen=True, slots=True)
class PageAsked:
    """A page that was asked for: by whom, in which language, when."""

    request: Request
    site: Site
    visitor: Visitor
    names: Names
    now: datetime

    @property
    def engine(self) -> Engine:
        return self.site.engine

    @property
    def show(self) -> Callable[..., HTMLResponse]:
        """Render a template for this visitor."""

        def show(template: str, status: int = 200, **context: Any) -> HTMLResponse:
            return self.site.render(self, template, status, **context)

        return show


def page_asked(request: Request) -> PageAsked:
    """Gather it."""
    site: Site = request.app.state.site
    visitor = visitor_of(request)
    return PageAsked(request, site, visitor, site.names(visitor.lang), site.engine.clock())


UsePage = Annotated[PageAsked, Depends(page_asked)]
