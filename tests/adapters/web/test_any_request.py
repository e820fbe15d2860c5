"""Whatever is sent to the API: no failure inside, and answers as the OpenAPI document describes them."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from adapters.web.app import make_app
from adapters.web.problems import _REASONS
from projections.order_board import OrderBoardQueries
from tests.adapters.web.asking import Web
from tests.support.a_node import node_of


def no_failure_inside(response: Any) -> None:
    """The one 5xx that is meant: a query for what will be recorded later is told to come again."""
    if response.status_code == 503:
        assert response.json()["code"] == "not_caught_up"
        assert response.headers["retry-after"]
    else:
        assert response.status_code < 500, response.text


CHECKS: Final = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
pytestmark = pytest.mark.journey  # half a minute of requests: not among the fast ones
TOKEN: Final = "t"
BEARING: Final = {"Authorization": f"Bearer {TOKEN}"}
EXAMPLES: Final = 12  # requests to each operation


@pytest.fixture(scope="module")
def api(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The document of an app over a town with an order in it."""
    with node_of(founded, tmp_path_factory.mktemp("any"), token=TOKEN) as node:
        with Web(node, patience=0.0) as web:
            web.client.headers.update(BEARING)
            web.completed()
        node.follow()
        app = make_app(node, patience=0.0)
        yield schemathesis.openapi.from_asgi("/openapi.json", app, headers=BEARING)


# Not by schemathesis's own pytest plugin: that knows no pytest 9 yet.
def asked_of(operation: Any, mode: GenerationMode) -> None:
    """A bounded number of requests to one operation, the same ones each time."""

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        response = case.call(headers=BEARING)
        no_failure_inside(response)
        case.validate_response(response, checks=CHECKS)

    with suppress(Unsatisfiable):  # there is no wrong way to ask for what takes nothing
        ask()


def wrong_with(operation: Any) -> str:
    """What is not as described; empty if nothing is."""
    try:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            asked_of(operation, mode)
    except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 - told by who asked
        return f"{operation.label}: {error} {getattr(error, 'exceptions', '')}"
    return ""


def test_any_request_is_answered_as_described(api: Any) -> None:
    operations = [found.ok() for found in api.get_all_operations()]
    assert len(operations) > 30
    wrong = [told for operation in operations if (told := wrong_with(operation))]
    assert not wrong, "\n\n".join(wrong)


def operation_of(api: Any, label: str) -> Any:
    return next(one for one in (found.ok() for found in api.get_all_operations()) if one.label == label)


def test_a_failure_inside_is_seen(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ValueError

    monkeypatch.setattr(OrderBoardQueries, "page", fails)
    assert wrong_with(operation_of(api, "GET /orders"))


def test_an_answer_that_is_not_described_is_seen(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_REASONS, "unknown_order", (418, "无。", "None."))
    assert "418" in wrong_with(operation_of(api, "GET /orders/{order}"))
