"""Asks the web app as residents, the community and providers would."""

from collections.abc import Mapping
from typing import Any, Final, Self

from httpx import Client, Response

from adapters.bootstrap import Node
from adapters.web.app import make_app
from tests.support.in_process import InProcess

BASE: Final = "http://127.0.0.1:8000"
LAMP: Final = "facilities/lights/street"
AREA: Final = "gm-street/dongzhou/mudun"
ROADS: Final = "roads"  # must do street lamps
CLERK: Final = {"X-Role": "community", "X-Actor": "dongzhou-dispatch-1"}
LI: Final = {"X-Role": "resident", "X-Actor": "r-li"}
WANG: Final = {"X-Role": "resident", "X-Actor": "r-wang"}
SECRET: Final = "李阿姨的电话 13800000000"


def unit(provider: str = ROADS) -> dict[str, str]:
    return {"X-Role": "provider", "X-Actor": provider}


class Web:
    """A client of one app; `say` asks for a step and follows up."""

    def __init__(self, node: Node, transport: InProcess | None = None, **options: Any) -> None:
        self.node = node
        self.client = Client(transport=transport or InProcess(make_app(node, **options)), base_url=BASE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def post(self, path: str, data: Any, who: Mapping[str, str], **headers: str) -> Response:
        return self.client.post(path, json=data, headers={**who, **headers})

    def get(self, path: str, who: Mapping[str, str] | None = None, **query: Any) -> Response:
        return self.client.get(path, params=query, headers=who)

    def placed(self, **data: Any) -> dict[str, Any]:
        """An order of Aunt Li's; the answer."""
        asked = {"category": LAMP, "area": AREA, "details": SECRET} | data
        response = self.post("/orders", asked, LI)
        assert response.status_code == 201, response.text
        return response.json()

    def step(self, order: str, verb: str, data: Any, who: Mapping[str, str], **headers: str) -> Response:
        return self.post(f"/orders/{order}/{verb}", data, who, **headers)

    def dispatched(self) -> str:
        order: str = self.placed()["subject"]
        self.done(order, "dispatch", {"provider": ROADS}, CLERK)
        return order

    def accepted(self) -> str:
        order = self.dispatched()
        self.done(order, "accept", {"provider": ROADS}, unit())
        return order

    def completed(self) -> str:
        order = self.accepted()
        self.done(order, "complete", {"provider": ROADS, "result": "修好了"}, unit())
        return order

    def done(self, order: str, verb: str, data: Any, who: Mapping[str, str]) -> dict[str, Any]:
        response = self.step(order, verb, data, who)
        assert response.status_code == 200, response.text
        return response.json()
