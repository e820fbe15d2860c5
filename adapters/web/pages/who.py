"""Who one is on the pages: role and sign-in."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from adapters.tokens import BadToken, IssuerAway, Keyring
from adapters.web.access import SESSION_COOKIE
from adapters.web.pages.forms import UseForm
from adapters.web.pages.site import PageAsked, UsePage
from adapters.web.pages.visitor import WHO, remember
from adapters.web.problems import problem
from domain.stages import Role

router: Final = APIRouter(prefix="/web")
_HOME: Final = {"community": "/web/board", "provider": "/web/desk", "resident": "/web/place"}


@router.get("/who")
def who_form(page: UsePage) -> Response:
    """Resident, dispatcher or provider. Everybody sees this page, so it names no dispatcher."""
    people = [
        (person.id, person.area or "") for person in page.names.rules.people if Role.COMMUNITY in person.roles
    ]
    return page.show("who.html", people=people)


@router.post("/who")
def become(page: UsePage, form: UseForm) -> Response:
    """Remembered in this browser; the engine checks at each step what the role may ask."""
    role = form.get("role", "resident")
    response = RedirectResponse(_HOME.get(role, "/web/board"), 303)
    remember(response, page.request, WHO, f"{role}.{form.get('actor', '')}")
    return response


@router.get("/login")
def login_form(page: UsePage, to: str = "/web/board") -> Response:
    """Where a token is needed."""
    return page.show("login.html", to=_own(to), wrong=False)


@router.post("/login")
def login(page: UsePage, form: UseForm) -> Response:
    """The token, once; then a cookie."""
    keyring: Keyring = page.request.app.state.keyring
    to = _own(form.get("to", ""))
    try:
        session = keyring.session_of(keyring.proved(form.get("token", "")))
    except BadToken:
        return _wrong(page, to)
    except IssuerAway as away:
        raise problem("issuer_away") from away
    response = RedirectResponse(to, 303)
    remember(response, page.request, SESSION_COOKIE, session)
    return response


def _wrong(page: PageAsked, to: str) -> Response:
    return page.show("login.html", 401, to=to, wrong=True)


def _own(address: str) -> str:
    """Only to a page of ours, never to another site."""
    return address if address.startswith("/web/") else "/web/board"
