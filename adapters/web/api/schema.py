"""The OpenAPI document: the bodies of commands come from the commands themselves."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from adapters.web.api.models import ProblemOut
from domain.commands import COMMANDS, Command

ENGINES_OWN: Final = {"DispatchOrder": "proposal"}
"""What nobody but the engine gives (`engine_only`), and so nobody need read about."""
REF: Final = "#/components/schemas/{model}"
EXAMPLES: Final[Mapping[str, Mapping[str, Any]]] = {
    "PlaceOrder": {
        "category": "facilities/lights/street",
        "area": "gm-street/dongzhou/mudun",
        "details": "3栋门口的路灯不亮 The lamp by block 3 is dark",
        "contact": "13800000000",
        "address": "木墩居民小区3栋",
    },
    "AmendOrder": {"details": "东侧还有一盏也不亮 The one to the east is dark as well"},
    "WithdrawOrder": {"reason": "已经修好 Repaired meanwhile"},
    "SecondOrder": {},
    "RateOrder": {"level": "dissatisfied", "comment": "修了两天又坏 Broken again after two days"},
    "ReopenOrder": {"reason": "又坏了 Broken again"},
    "DispatchOrder": {"provider": "roads", "why": "城管今天抢险 The others are busy with the storm"},
    "PoolOrder": {},
    "RecallOrder": {"reason": "派错单位 Sent to the wrong one"},
    "AnswerOrder": {"notice": "年审请带身份证到窗口办理 Bring your identity card to the window"},
    "NotAcceptOrder": {"reason": "in-court", "notice": "已进入诉讼，请待法院裁判 Before the court"},
    "MarkDuplicate": {"of": "0197c6f2-5a52-7e1f-9b58-3f6f3b8a1c11", "notice": "与前单并办 Joined to it"},
    "AcceptOrder": {"provider": "roads"},
    "DeclineOrder": {"provider": "roads", "reason": "not-our-duty"},
    "ClaimOrder": {"provider": "roads"},
    "ReportProgress": {"provider": "roads", "note": "已到场，等配件 On site, waiting for a part"},
    "CompleteOrder": {"provider": "roads", "result": "已换灯 Lamp replaced", "resolved": True},
    "RegisterProvider": {
        "provider": "lamp-team",
        "name_zh": "路灯服务队",
        "name_en": "Lamp Team",
        "kind": "department",
        "contact": "0755-23000199",
        "capacity": 10,
        "areas": ["gm-street"],
        "hours": [{"weekdays": [1, 2, 3, 4, 5], "start": "09:00", "end": "18:00"}],
        "offers": [{"category": "facilities/lights", "duty": "can"}],
    },
    "AmendProvider": {"contact": "0755-23000200"},
    "ChangeOffers": {"areas": ["gm-street"], "offers": [{"category": "facilities", "duty": "can"}]},
    "ChangeCapacity": {"capacity": 12},
    "EnrolVolunteer": {
        "volunteer": "mei",
        "name": "梅姨 Aunt Mei",
        "hours": [{"weekdays": [5], "start": "14:00", "end": "17:00"}],
        "willing": ["elderly/visit"],
    },
    "ChangeVolunteer": {
        "volunteer": "mei",
        "hours": [{"weekdays": [5, 6], "start": "14:00", "end": "17:00"}],
    },
    "ReleaseVolunteer": {"volunteer": "mei"},
    "StateNeed": {
        "need": "shade-mudun",
        "title_zh": "公交站旁的遮阳棚",
        "title_en": "A shelter from the sun at the bus stop",
        "category": "facilities",
        "area": "gm-street/dongzhou/mudun",
        "takers_wanted": 2,
        "until": "2099-06-30T23:59:59+08:00",
    },
    "AmendNeed": {"takers_wanted": 3},
    "TakeUpNeed": {"provider": "roads", "note": "可提供材料 We can give the material"},
    "LetGoOfNeed": {"provider": "roads"},
    "CloseNeed": {"reason": "已建成 It is built"},
    "EraseOrder": {"reason": "居民来函要求 The resident asked in writing"},
    "ErasePerson": {"reason": "居民来函要求 The resident asked in writing"},
    "RetireProvider": {"reason": "撤并 Merged"},
}


def step_body(command: type[Command], leave_out: Sequence[str] | None = None) -> dict[str, Any]:
    """The request body of a convenient route: the command without what the path says."""
    named_by_path = next(
        (name,) for name in ("order", "need", "provider", "person") if name in command.model_fields
    )
    left_out = named_by_path if leave_out is None else leave_out
    schema = _schema(command)
    schema["properties"] = {name: one for name, one in schema["properties"].items() if name not in left_out}
    needed = [name for name in schema.get("required", ()) if name not in left_out]
    schema.pop("required", None)
    if needed:
        schema["required"] = needed
    media = {"schema": schema, "example": dict(EXAMPLES[command.wire])}
    return {"requestBody": {"required": bool(needed), "content": {"application/json": media}}}


def event_body() -> dict[str, Any]:
    """The request body of /commands."""
    example = {
        "specversion": "1.0",
        "id": "0197c6f2-5a52-7e1f-9b58-3f6f3b8a1c11",
        "source": "example/desk-1",
        "type": "PlaceOrder",
        "role": "resident",
        "actor": "r-2f6b",
        "data": dict(EXAMPLES["PlaceOrder"]),
    }
    event = {
        "type": "object",
        "required": ["specversion", "id", "source", "type", "actor", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {"type": "string", "minLength": 1, "maxLength": 64},
            "source": {"type": "string", "minLength": 1, "maxLength": 200},
            "type": {"enum": sorted(COMMANDS)},
            "subject": {"type": "string"},
            "time": {"type": "string", "format": "date-time"},
            "role": {"enum": ["resident", "community", "provider", "operator"]},
            "actor": {"type": "string", "minLength": 1, "maxLength": 64},
            "onbehalfof": {"type": "string", "maxLength": 64},
            "channel": {"type": "string"},
            "correlationid": {"type": "string", "maxLength": 64},
            "data": {"anyOf": [{"$ref": REF.format(model=wire)} for wire in sorted(COMMANDS)]},
        },
    }
    content = {
        "application/cloudevents+json": {"schema": event, "example": example},
        "application/json": {"schema": {"type": "object"}, "example": dict(EXAMPLES["PlaceOrder"])},
    }
    return {"requestBody": {"required": True, "content": content}}


def describe(app: FastAPI) -> None:
    """Have the app's document name every command and what its values are."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title=app.title, version=app.version, description=app.description, routes=app.routes
            )
            schemas: dict[str, Any] = made.setdefault("components", {}).setdefault("schemas", {})
            for name, schema in _components().items():
                schemas.setdefault(name, schema)
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # FastAPI's own way to change the document


def _schema(command: type[Command]) -> dict[str, Any]:
    schema = command.model_json_schema(ref_template=REF)
    schema.pop("$defs", None)
    return _for_people(command.wire, schema)


def _for_people(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    schema["properties"].pop(ENGINES_OWN.get(name), None)
    return schema


def _components() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, model in {**COMMANDS, ProblemOut.__name__: ProblemOut}.items():
        whole = model.model_json_schema(ref_template=REF)
        found |= whole.pop("$defs", {})
        found[name] = _for_people(name, whole)
    return found
