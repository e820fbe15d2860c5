"""Commands in: CloudEvents as they are, or one convenient route for each step."""

from collections.abc import Callable
from typing import Annotated, Any, Final

import pydantic_core
from fastapi import APIRouter, Depends, Path, Request, Response

from adapters.envelope import Door
from adapters.web.access import Caller
from adapters.web.api.models import Answer, ProblemOut
from adapters.web.api.schema import REF, event_body, step_body
from adapters.web.intake import Answered, ask, ask_data, read_body
from adapters.web.problems import MEDIA_TYPE, TITLES, problem
from adapters.web.steps import NEED_STEPS, ORDER_STEPS, PROVIDER_STEPS, RESIDENTS
from adapters.web.using import UseAsking, UseCaller, UseEngine
from domain import commands as c
from domain.ids import NeedId, ProviderId, need_subject, provider_subject
from domain.stages import Role
from services.requests import Status

VIA: Final = "http"
LISTS: Final = "接单方 provider lists"
NEEDS: Final = "需求清单 standing needs"
PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    status: {
        "description": " ".join(TITLES[status]),
        "content": {MEDIA_TYPE: {"schema": {"$ref": REF.format(model=ProblemOut.__name__)}}},
    }
    for status in (400, 401, 403, 404, 409, 413, 422, 503)
}

router: Final = APIRouter(responses=PROBLEMS)


@router.post(
    "/commands",
    tags=["命令 commands"],
    summary="命令 · a command as a CloudEvent, structured JSON or binary mode",
    description="角色取自X-Role、ce-role或信封中的role，各处须一致。"
    " The role is that of X-Role, ce-role or the event's own attribute; they must agree.",
    openapi_extra=event_body(),
)
def take_event(
    *,
    request: Request,
    response: Response,
    engine: UseEngine,
    body: Annotated[bytes, Depends(read_body)],
    who: UseCaller,
) -> Answer:
    """Answer one CloudEvent."""
    given = request.headers.items()
    attributes = {name.removeprefix("ce-"): value for name, value in given if name.startswith("ce-")}
    attributes.setdefault("actor", who.claimed[1] or who.actor)
    role = _said_role(who, attributes, body)
    return _told(ask(engine, body, attributes, Door(VIA, role, proof=who.proof)), response)


@router.post(
    "/orders",
    status_code=201,
    tags=[RESIDENTS],
    summary="点单 · place",
    openapi_extra=step_body(c.PlaceOrder),
)
def place(response: Response, engine: UseEngine, asking: UseAsking) -> Answer:
    """Place an order; the answer has the number and the query code to follow it with."""
    return _told(ask_data(engine, asking.body, asking.envelope(VIA, c.PlaceOrder), asking.caller), response)


@router.post(
    "/providers",
    status_code=201,
    tags=[LISTS],
    summary="登记接单方 · register a provider",
    openapi_extra=step_body(c.RegisterProvider, leave_out=()),
)
def register(response: Response, engine: UseEngine, asking: UseAsking) -> Answer:
    """Register a provider with its lists."""
    return _told(
        ask_data(engine, asking.body, asking.envelope(VIA, c.RegisterProvider), asking.caller), response
    )


@router.post(
    "/needs",
    status_code=201,
    tags=[NEEDS],
    summary="提出需求 · state a need",
    openapi_extra=step_body(c.StateNeed, leave_out=()),
)
def state_need(response: Response, engine: UseEngine, asking: UseAsking) -> Answer:
    """A provider's with its `provider`; without one the community's."""
    return _told(ask_data(engine, asking.body, asking.envelope(VIA, c.StateNeed), asking.caller), response)


def _order_step(command: type[c.AnyOrderCommand]) -> Callable[..., Answer]:
    def step(
        response: Response,
        engine: UseEngine,
        asking: UseAsking,
        order: Annotated[str, Path(description="工单编号 · the order's id (UUID)")],
    ) -> Answer:
        envelope = asking.envelope(VIA, command, order)
        return _told(ask_data(engine, asking.body, envelope, asking.caller), response)

    return step


def _provider_step(command: type[c.AnyProviderCommand]) -> Callable[..., Answer]:
    def step(
        response: Response,
        engine: UseEngine,
        asking: UseAsking,
        provider: Annotated[str, Path(description="接单方代码 · the provider's id")],
    ) -> Answer:
        envelope = asking.envelope(VIA, command, provider_subject(ProviderId(provider)))
        return _told(ask_data(engine, asking.body, envelope, asking.caller), response)

    return step


def _need_step(command: type[c.AnyNeedCommand]) -> Callable[..., Answer]:
    def step(
        response: Response,
        engine: UseEngine,
        asking: UseAsking,
        need: Annotated[str, Path(description="需求代码 · the need's id")],
    ) -> Answer:
        envelope = asking.envelope(VIA, command, need_subject(NeedId(need)))
        return _told(ask_data(engine, asking.body, envelope, asking.caller), response)

    return step


for _verb, (_command, _tag) in ORDER_STEPS.items():
    router.add_api_route(
        f"/orders/{{order}}/{_verb}",
        _order_step(_command),
        methods=["POST"],
        tags=[_tag],
        summary=f"{_command.zh} · {_verb.replace('-', ' ')}",
        operation_id=_command.wire,
        openapi_extra=step_body(_command),
    )
for _verb, _list in PROVIDER_STEPS.items():
    router.add_api_route(
        f"/providers/{{provider}}/{_verb}",
        _provider_step(_list),
        methods=["POST"],
        tags=[LISTS],
        summary=f"{_list.zh} · {_verb.replace('-', ' ')}",
        operation_id=_list.wire,
        openapi_extra=step_body(_list),
    )


for _verb, _step in NEED_STEPS.items():
    router.add_api_route(
        f"/needs/{{need}}/{_verb}",
        _need_step(_step),
        methods=["POST"],
        tags=[NEEDS],
        summary=f"{_step.zh} · {_verb.replace('-', ' ')}",
        operation_id=_step.wire,
        openapi_extra=step_body(_step),
    )


def _said_role(who: Caller, attributes: dict[str, str], body: bytes) -> Role:
    """The header's role; else the one the event itself states; else a resident's."""
    if who.stated:
        return who.role
    try:
        said = Role(attributes.get("role") or _event_role(body))
    except ValueError:
        return Role.RESIDENT  # the decoder says what is wrong with it
    if said is Role.SYSTEM:
        raise problem("unknown_role", said)
    return said


def _event_role(body: bytes) -> str:
    try:
        event: Any = pydantic_core.from_json(body)
        return str(event["role"])
    except (ValueError, TypeError, KeyError):
        return ""


def _told(answered: Answered, response: Response) -> Answer:
    if answered.status is Status.REPEATED:
        response.status_code = 200
    if answered.number:
        response.headers["Location"] = f"/orders/{answered.subject}"
    return Answer.model_validate(answered)
