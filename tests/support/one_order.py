"""One order over HTTP, from the menu to the rating, in a town that somebody else has set up."""

import time
from typing import Any
from uuid import uuid4

import httpx

from adapters.towns import load
from domain.ids import AreaPath, CategoryPath, ProviderId, within
from domain.stages import AutoDispatch

TOWN = "guangming"
PATIENCE = 60.0  # seconds for the read models to follow


class OverHttp:
    """A client of the API that waits until it reads its own writes."""

    def __init__(self, url: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._client = httpx.Client(base_url=url, headers=headers, timeout=10)

    def close(self) -> None:
        self._client.close()

    def ready(self) -> bool:
        try:
            return self._client.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def ask(self, role: str, actor: str, wire: str, order: str, **data: Any) -> str:
        """Ask as a CloudEvent; returns what a query needs to read it."""
        event = {
            "specversion": "1.0",
            "id": str(uuid4()),
            "source": "one-order",
            "type": wire,
            "subject": order,
            "actor": actor,
            "data": data,
        }
        who = {"X-Role": role, "X-Actor": actor}
        answer = self._client.post("/commands", json=event, headers=who)
        assert answer.is_success, answer.text
        return answer.json()["after"]

    def order(self, order: str, after: str) -> dict[str, Any]:
        """The order as the community sees it, once the read models hold what was asked last."""
        headers = {"X-Role": "community", "X-Actor": "clerk"}
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = self._client.get(f"/orders/{order}", params={"after": after}, headers=headers)
            if answer.status_code == 200 or time.monotonic() > deadline:
                return answer.raise_for_status().json()
            time.sleep(0.2)


def somewhere() -> tuple[CategoryPath, AreaPath, ProviderId]:
    """A matter of the town that no machine dispatches, where it may arise, and who does it."""
    file = load(TOWN)
    for provider in file.providers:
        for offer in provider.offers:
            for category in file.rules.catalogue:
                area = AreaPath(provider.areas[0])
                fits = category.kind != "group" and within(category.path, offer.category)
                if fits and file.rules.auto_dispatch(category.path, area) is AutoDispatch.OFF:
                    return category.path, area, provider.provider
    raise LookupError("every matter of the town is dispatched by the machine")


def pass_one_order(http: OverHttp, order: str) -> dict[str, Any]:
    """Place, dispatch, accept, complete and rate it; returns the rated order."""
    category, area, provider = somewhere()
    after = http.ask(
        "resident", "r-1", "PlaceOrder", order, category=category, area=area, details="路灯不亮 lamp out"
    )
    assert http.order(order, after)["stage"] == "placed"
    http.ask("community", "clerk", "DispatchOrder", order, provider=provider)
    http.ask("provider", provider, "AcceptOrder", order, provider=provider)
    after = http.ask("provider", provider, "CompleteOrder", order, provider=provider, result="已修好 done")
    assert http.order(order, after)["stage"] == "completed"
    after = http.ask("resident", "r-1", "RateOrder", order, level="very-satisfied")
    return http.order(order, after)
