"""Who looks at a page, from its cookies: language, role, and the orders whose query code they have."""

import re
import secrets
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from adapters.query_code import fits
from adapters.web.access import Caller, as_caller, is_secure, proven
from adapters.web.pages.naming import EN, ZH
from domain.ids import OrderId
from domain.stages import Role

LANG: Final = "sidan_lang"
WHO: Final = "sidan_who"
RESIDENT: Final = "sidan_resident"
CODES: Final = "sidan_codes"
YEAR: Final = 365 * 24 * 3600
KEPT_CODES: Final = 20
_ID: Final = re.compile(r"[a-z0-9-]{1,64}")
_PAGE_ROLES: Final = {Role.RESIDENT, Role.COMMUNITY, Role.PROVIDER}


@dataclass(frozen=True, slots=True)
class Visitor:
    """One browser."""

    lang: str
    caller: Caller
    resident: str  # its opaque resident id; new ones get one
    codes: tuple[tuple[OrderId, str], ...]  # the newest first
    here: str  # the address without its language

    @property
    def role(self) -> Role:
        return self.caller.role

    @property
    def is_resident(self) -> bool:
        return self.caller.role is Role.RESIDENT

    @property
    def is_community(self) -> bool:
        return self.caller.role is Role.COMMUNITY

    @property
    def is_provider(self) -> bool:
        return self.caller.role is Role.PROVIDER

    def as_resident(self, resident: str) -> Caller:
        """Who asks as this resident; who has proven to be somebody stays that."""
        return self.caller if self.caller.proof else replace(self.caller, role=Role.RESIDENT, actor=resident)

    def code_of(self, order: OrderId, secret: bytes) -> str:
        """The right query code of an order, if this browser has it."""
        return next((code for known, code in self.codes if known == order and fits(secret, order, code)), "")


def visitor_of(request: Request) -> Visitor:
    """Read the cookies; what is not right in them counts as missing."""
    cookies = request.cookies
    asked = request.query_params.get("lang") or cookies.get(LANG)
    lang = asked if asked in (ZH, EN) else _preferred(request.headers.get("accept-language", ""))
    resident = cookies.get(RESIDENT, "")
    if not _ID.fullmatch(resident):
        resident = f"r-{secrets.token_hex(12)}"
    rest = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    here = f"{request.url.path}?{urlencode([*rest, ('lang', '')])}"
    if (identity := proven(request)) is not None:
        caller = as_caller(identity)
        resident = caller.actor if caller.role is Role.RESIDENT else resident
    else:
        caller = _caller(cookies.get(WHO, ""), resident)
    caller = replace(caller, correlation=request.state.correlation)
    return Visitor(lang, caller, resident, _codes(cookies.get(CODES, "")), here)


def remember(response: Response, request: Request, name: str, value: str) -> None:
    """Set a cookie that scripts and other sites cannot use."""
    response.set_cookie(name, value, max_age=YEAR, httponly=True, samesite="lax", secure=is_secure(request))


def with_code(visitor: Visitor, order: OrderId, code: str) -> str:
    """The cookie of codes with one more."""
    kept = [(order, code), *(one for one in visitor.codes if one[0] != order)][:KEPT_CODES]
    return "_".join(f"{one.hex}.{digits}" for one, digits in kept)


def _caller(said: str, resident: str) -> Caller:
    role, _, actor = said.partition(".")
    if role in _PAGE_ROLES and role != Role.RESIDENT and _ID.fullmatch(actor):
        return Caller(Role(role), actor)
    return Caller(Role.RESIDENT, resident)


def _codes(said: str) -> tuple[tuple[OrderId, str], ...]:
    found: list[tuple[OrderId, str]] = []
    for one in said.split("_")[:KEPT_CODES]:
        order, _, code = one.partition(".")
        try:
            found.append((OrderId(UUID(hex=order)), code))
        except ValueError:
            continue
    return tuple(found)


def _preferred(accepted: str) -> str:
    """Chinese, unless English is asked for before any Chinese."""
    for one in accepted.split(","):
        language = one.strip().lower()[:2]
        if language in (ZH, EN):
            return language
    return ZH
