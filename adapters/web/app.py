"""Makes the web app of one engine: the API, the pages, and the guards around both."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Final, cast

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from adapters.away import AWAY, brief, is_misshapen
from adapters.derived import NotOurShape
from adapters.desk import Crowded
from adapters.keys.master import OtherMasterKey
from adapters.opening import Unrecorded
from adapters.parking import listed
from adapters.tokens import Keyring
from adapters.web.access import Guard
from adapters.web.api import (
    commands,
    dead_letters,
    erasing,
    health,
    needs,
    queries,
    readings,
    receipts,
    story,
)
from adapters.web.api.schema import describe
from adapters.web.engine import Engine
from adapters.web.limits import Limits, overloaded, store_away, unrecorded
from adapters.web.logs import RequestLog
from adapters.web.own_write import PATIENCE, OwnWrite
from adapters.web.pages import router as pages_router
from adapters.web.pages.site import Site
from adapters.web.problems import Problem, problem
from projections.engine import BadCursor

STATIC: Final = Path(__file__).parent / "static"
DESCRIPTION: Final = (
    "四单：居民点单、社区派单、部门接单、公众评单。所有拒绝均为RFC 9457，代码与总线一致。"
    " Residents order, the community dispatches, departments accept, the public rates."
    " Every refusal is an RFC 9457 problem with the codes of the bus. Say who asks in X-Role and X-Actor,"
    " or prove it with a token."
)

log: structlog.stdlib.BoundLogger = structlog.get_logger()


def make_app(
    engine: Engine, *, patience: float = PATIENCE, ticks: Callable[[], float] = monotonic
) -> FastAPI:
    """The app of one engine.

    Args:
        patience: seconds that a query with `after` waits for the read models.
        ticks: seconds, from anywhere, for the rate of each sender.

    Raises:
        TokenMissing: it would listen beyond this machine without a token.
    """
    app = FastAPI(title="四单 Sidan", version="1", description=DESCRIPTION, docs_url=None, redoc_url=None)
    app.state.engine = engine
    app.state.own_write = OwnWrite(engine, patience)
    app.state.site = site = Site(engine)
    for part in (commands, queries, needs, story, dead_letters, erasing, health, receipts, readings):
        app.include_router(part.router)
    app.include_router(pages_router, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_api_route("/", _home, include_in_schema=False)
    _answer_problems(app, site)
    describe(app)
    host = engine.settings.host
    app.state.keyring = keyring = Keyring(engine)
    Guard(app, host, keyring)  # says now, not at the first request, that a token is missing
    app.add_middleware(Limits, settings=engine.settings, clock=ticks)
    app.add_middleware(Guard, host=host, keyring=keyring)
    app.add_middleware(RequestLog)  # added last, so outermost
    return app


def _home() -> RedirectResponse:
    return RedirectResponse("/web/board", 303)


def _answer_problems(app: FastAPI, site: Site) -> None:
    def told(request: Request, error: Problem) -> Response:
        if request.url.path.startswith("/web/"):
            return site.trouble(request, error)
        return error.response()

    def on_problem(request: Request, error: Exception) -> Response:
        return told(request, cast("Problem", error))

    def on_parameter(request: Request, error: Exception) -> Response:
        found = cast("RequestValidationError", error).errors()
        # where and why, without what was given: it may be personal
        said = listed((str(one["loc"][-1]), one["type"], one["msg"]) for one in found[:3])
        return told(request, problem("invalid_parameter", said))

    def on_cursor(request: Request, error: Exception) -> Response:
        bad = cast("BadCursor", error)
        return told(request, Problem(422, bad.code, bad.reason_zh, bad.reason_en))

    def on_http(request: Request, error: Exception) -> Response:
        status = cast("HTTPException", error).status_code
        return told(request, problem("no_such_method" if status == 405 else "no_such_page"))  # noqa: PLR2004 - HTTP

    def on_away(request: Request, error: Exception) -> Response:
        log.warning("http.away", error=brief(error))
        return told(request, problem(NotOurShape.code) if is_misshapen(error) else store_away())

    app.add_exception_handler(OtherMasterKey, lambda request, _: told(request, problem(OtherMasterKey.code)))
    app.add_exception_handler(Unrecorded, lambda request, _: told(request, unrecorded()))
    for away in AWAY:
        app.add_exception_handler(away, on_away)
    app.add_exception_handler(Crowded, lambda request, _: told(request, overloaded()))
    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RequestValidationError, on_parameter)
    app.add_exception_handler(BadCursor, on_cursor)
    app.add_exception_handler(HTTPException, on_http)
