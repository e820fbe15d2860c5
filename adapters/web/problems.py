"""Refusals and mistakes as RFC 9457 problems, with the same stable codes as on the bus."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi.responses import JSONResponse

from adapters.derived import NotOurShape
from adapters.keys.master import OtherMasterKey
from adapters.opening import Unrecorded
from adapters.parking import Said
from domain.rejections import Conflict, NotAllowed, Refused, Unfit, Unknown

MEDIA_TYPE: Final = "application/problem+json"

STATUS_OF: Final[Mapping[type[Refused], int]] = {NotAllowed: 403, Unknown: 404, Conflict: 409, Unfit: 422}
"""The one mapping from a kind of refusal to HTTP."""

TITLES: Final[Mapping[int, tuple[str, str]]] = {
    400: ("读不懂", "cannot be read"),
    401: ("需要口令", "token needed"),
    403: ("无权", "not allowed"),
    404: ("没有", "not found"),
    405: ("不能这样", "no such method"),
    409: ("此时不可", "conflict"),
    413: ("太大", "too large"),
    422: ("不合要求", "does not fit"),
    429: ("太频繁", "too many requests"),
    500: ("内部错误", "internal error"),
    503: ("请稍候", "not yet"),
}
_REASONS: Final[Mapping[str, tuple[int, str, str]]] = {
    "token_needed": (
        401,
        "需要口令，请在Authorization中给出Bearer口令，或在页面登录。",
        "A token is needed; give it as Authorization: Bearer, or sign in on the page.",
    ),
    "token_refused": (
        401,
        "口令无效、已过期或已吊销，请换一个有效的口令。",
        "The token is not known, has expired or was revoked; use one that is good.",
    ),
    "issuer_away": (
        503,
        "暂时无法核对口令的签发者，请稍后重试。",
        "The issuer of the token cannot be asked now; try again in a moment.",
    ),
    "foreign_host": (
        403,
        "没有设置口令时只接受对本机地址的请求，请用127.0.0.1或设置SIDAN_TOKEN。",
        "Without a token only requests to a loopback address are taken; use 127.0.0.1 or set SIDAN_TOKEN.",
    ),
    "foreign_origin": (
        403,
        "请求来自别的网站，已拒绝；请从本站页面操作。",
        "The request comes from another site and is refused; use this site's own pages.",
    ),
    "unknown_role": (
        400,
        "X-Role {what}不可用，请用resident、community、provider、auditor或operator。",
        "X-Role {what} cannot be used; use resident, community, provider, auditor or operator.",
    ),
    "unknown_order": (
        404,
        "没有这张工单，请核对单号和查询码。",
        "There is no such order; check its number and query code.",
    ),
    "unknown_need": (
        404,
        "没有这项需求，请看 /needs。",
        "There is no such need; see /needs.",
    ),
    "unknown_area": (
        404,
        "没有这个区域，请从区域表中选择。",
        "There is no such area; choose one of the town's areas.",
    ),
    "not_sealed_yet": (
        503,
        "已记录，尚未封存；请在{what}秒后再取回执。",
        "It is on record and not sealed yet; ask for the receipt again in {what} s.",
    ),
    "not_rated": (
        404,
        "这张工单还没有评单，评单之后再取回执。",
        "This order has not been rated; ask for the receipt once it is.",
    ),
    "receipt_forbidden": (
        403,
        "凭查询码、本人口令或承办、监督的身份才能取回执，请给出查询码。",
        "A receipt is for the resident's own token, staff by right, and who gives the query code; give it.",
    ),
    "no_checkpoint": (
        404,
        "没有这样的检查点，或先后颠倒；请看 /checkpoints/latest。",
        "There is no such checkpoint, or the order is wrong; see /checkpoints/latest.",
    ),
    "seal_unfit": (
        500,
        "封存已损坏，暂不出具回执；请告知管理员运行 sidan audit verify。",
        "The seal is damaged and no receipt is given; have an operator run sidan audit verify.",
    ),
    "no_such_page": (404, "没有这个地址，请看 /openapi.json。", "There is nothing here; see /openapi.json."),
    "no_such_method": (
        405,
        "此地址不接受这种方法，请看 /openapi.json。",
        "Not this method here; see /openapi.json.",
    ),
    "invalid_parameter": (422, "参数不对：{what}，请更正。", "A parameter does not fit: {what}; correct it."),
    "invalid_after": (
        422,
        "after应写成位置或位置:对象，如1024:{{id}}，请用回答里的after。",
        "after is a position, or position:subject; use the one an answer gave you.",
    ),
    "not_caught_up": (
        503,
        "读模型还没有跟上这个位置，请稍后重试。",
        "The read models have not reached this position yet; try again in a moment.",
    ),
    "not_ready": (503, "还没有准备好：{what}，请稍候。", "Not ready yet: {what}; wait a moment."),
    "form_too_large": (
        413,
        "内容超过1 MiB，请缩短后重发。",
        "More than 1 MiB; shorten it and send it again.",
    ),
    "too_many_requests": (
        429,
        "请求太频繁，请在{what}秒后重发，可用同一Idempotency-Key。",
        "Too many requests; send it again in {what} s, with the same Idempotency-Key.",
    ),
    "overloaded": (
        503,
        "此刻请求太多，没有受理，请在{what}秒后重发。",
        "Too much is going on; nothing was taken in. Send it again in {what} s.",
    ),
    NotOurShape.code: (
        500,
        "数据表是另一版本的样子，请告知管理员用写它的版本。",
        "A table has another release's shape; tell the operator to use the release that wrote it.",
    ),
    "store_away": (
        503,
        "存储此刻不可用，是否已记录不确定，请在{what}秒后用同一Idempotency-Key重发。",
        "The store is away; it may be recorded or not. Send it again in {what} s, the same Idempotency-Key.",
    ),
    Unrecorded.code: (503, Unrecorded.zh, Unrecorded.en),
    OtherMasterKey.code: (503, OtherMasterKey.reason_zh, OtherMasterKey.reason_en),
    "readings_closed": (
        403,
        "谁看过此单，只告知运维、审计和凭查询码的居民；请给出查询码。",
        "Who has read an order is told to operators, to auditors and with its query code; give the code.",
    ),
    "internal": (
        500,
        "内部出错，没有记录您的请求；请重试，并告知编号{what}。",
        "Something failed inside; try again and report the number {what}.",
    ),
}
PROBLEM_CODES: Final = frozenset(_REASONS)


class Problem(Exception):
    """An answer that is no success."""

    def __init__(
        self,
        status: int,
        code: str,
        zh: str,
        en: str,
        *,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.zh = zh
        self.en = en
        self.headers = headers
        self.more = more or {}

    def response(self) -> JSONResponse:
        """As application/problem+json."""
        title_zh, title_en = TITLES.get(self.status, ("出错", "error"))
        content = {
            "type": f"urn:sidan:{self.code}",
            "title": f"{title_zh} {title_en}",
            "status": self.status,
            "detail": f"{self.zh} {self.en}",
            "code": self.code,
            "detail_zh": self.zh,
            "detail_en": self.en,
            **self.more,
        }
        return JSONResponse(content, self.status, self.headers, MEDIA_TYPE)


def problem(code: str, what: str | Said = "", *, headers: Mapping[str, str] | None = None) -> Problem:
    """One of our own problems, by code."""
    status, zh, en = _REASONS[code]
    what_zh, what_en = (what, what) if isinstance(what, str) else what
    return Problem(status, code, zh.format(what=what_zh), en.format(what=what_en), headers=headers)


def status_of_code(code: str) -> int:
    """The HTTP status of a refusal's or a parked message's stable code."""
    return _STATUS_OF_CODE.get(code, 413 if code == "too_large" else 400)


def _statuses() -> dict[str, int]:
    found: dict[str, int] = {}
    for kind, status in STATUS_OF.items():
        for refusal in kind.__subclasses__():
            found[refusal.code] = status
    return found


_STATUS_OF_CODE: Final = _statuses()
