"""The OpenAPI document: whole, valid, and every command's body in it with an example that really works."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.openapi.models import OpenAPI

from adapters.keys.town_key import TownSealer
from adapters.web.api.schema import EXAMPLES
from adapters.web.steps import NEED_STEPS, ORDER_STEPS
from domain.commands import COMMANDS
from tests.adapters.web.asking import Web


@pytest.fixture
def document(web: Web) -> dict[str, Any]:
    answer = web.get("/openapi.json")
    assert answer.status_code == 200
    return answer.json()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


def test_it_is_an_openapi_document(document: dict[str, Any]) -> None:
    assert OpenAPI.model_validate(document).openapi.startswith("3.1")


def test_what_it_refers_to_is_in_it(document: dict[str, Any]) -> None:
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(references(document)) <= known


def test_it_says_everything_in_both_languages(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        summary = operation["summary"]
        assert " · " in summary, name
        assert any("一" <= letter <= "鿿" for letter in summary), name
        assert any("a" <= letter <= "z" for letter in summary), name


def test_every_command_of_people_has_a_route_with_an_example(document: dict[str, Any]) -> None:
    found = dict(operations(document))
    for verb, (command, _) in ORDER_STEPS.items():
        body = found[f"post /orders/{{order}}/{verb}"]["requestBody"]["content"]["application/json"]
        assert "order" not in body["schema"]["properties"]
        assert body["example"] == EXAMPLES[command.wire]
    for verb, step in NEED_STEPS.items():
        body = found[f"post /needs/{{need}}/{verb}"]["requestBody"]["content"]["application/json"]
        assert "need" not in body["schema"]["properties"]
        assert body["example"] == EXAMPLES[step.wire]
    assert set(COMMANDS) <= document["components"]["schemas"].keys()


@pytest.mark.parametrize("wire", EXAMPLES)
def test_examples_are_good_commands(web: Web, wire: str) -> None:
    command = COMMANDS[wire]
    missing = {"order": "01a1e323-6ff2-742f-9b61-1feff1677006", "provider": "roads", "need": "shade"}
    data = {name: value for name, value in missing.items() if name in command.model_fields}
    assert command.model_validate({**data, **EXAMPLES[wire]}, context=TownSealer(b"secret"))


def test_problems_are_described_for_every_way_in(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        if name.startswith("post"):
            assert {"400", "403", "404", "409", "413", "422"} <= operation["responses"].keys(), name
            assert "application/problem+json" in operation["responses"]["409"]["content"]


def test_what_only_the_engine_gives_is_not_asked_of_people(document: dict[str, Any]) -> None:
    body = document["paths"]["/orders/{order}/dispatch"]["post"]["requestBody"]["content"]
    for schema in (
        body["application/json"]["schema"],
        document["components"]["schemas"]["DispatchOrder"],
    ):
        assert "why" in schema["properties"]
        assert "proposal" not in schema["properties"]
    assert "proposal" in document["components"]["schemas"]["ProposeDispatch"]["properties"]
