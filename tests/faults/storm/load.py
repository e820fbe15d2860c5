"""Steady load while the storm lasts: a simulated week through the bus, and a writer over HTTP beside it."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from threading import Event
from typing import Final
from uuid import UUID

import httpx
import pydantic_core

from adapters.bus.producing import Outgoing, Sender
from adapters.bus.topics import KafkaAway, Topics
from adapters.settings import Settings
from domain.ids import time_ordered_id
from tests.support.one_order import somewhere

CHUNK: Final = 50  # lines sent at once
QUIET: Final = {"log_level": "0"}


class BusLoad:
    """Sends lines to `sidan.imports`, so many a second; what was not acknowledged is sent again."""

    def __init__(self, settings: Settings, lines: Iterator[bytes], rate: float) -> None:
        self._topic = Topics(settings.prefix).name("imports")
        self._settings = settings
        self._lines = lines
        self._pause = CHUNK / rate
        self.sent = 0
        self.sent_again = 0

    def __call__(self, stop: Event) -> None:
        sender = Sender(self._settings.kafka, QUIET)
        while not stop.wait(self._pause) and (chunk := list(islice(self._lines, CHUNK))):
            messages = [Outgoing(self._topic, _subject(line), line.rstrip(b"\n")) for line in chunk]
            while True:
                try:
                    sender.send(messages, timeout=10)
                    break
                except KafkaAway:
                    self.sent_again += len(messages)
            self.sent += len(messages)


class HttpLoad:
    """Places orders over HTTP, one after the other; without an answer it asks again under the same id."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.placed: list[UUID] = []
        self.asked_again = 0

    def __call__(self, stop: Event) -> None:
        category, area, _ = somewhere()
        data = {"category": category, "area": area, "details": "路灯不亮"}
        with httpx.Client(base_url=self._url, timeout=5) as client:
            while not stop.wait(0.05):
                order = time_ordered_id(datetime.now(UTC), str(len(self.placed)).encode())
                event = _event(order, data)
                while not _answered(client, event):
                    self.asked_again += 1
                    time.sleep(0.2)
                self.placed.append(order)


def _event(order: UUID, data: dict[str, str]) -> dict[str, object]:
    return {
        "specversion": "1.0",
        "id": str(order),
        "source": "storm/http",
        "type": "PlaceOrder",
        "subject": str(order),
        "actor": "r-storm",
        "data": data,
    }


def _answered(client: httpx.Client, event: dict[str, object]) -> bool:
    try:
        answer = client.post("/commands", json=event, headers={"X-Role": "resident", "X-Actor": "r-storm"})
    except httpx.TransportError:
        return False
    assert answer.status_code < 400 or answer.status_code >= 500, answer.text
    return answer.is_success


def _subject(line: bytes) -> bytes | None:
    try:
        subject = pydantic_core.from_json(line).get("subject")
    except (ValueError, AttributeError):
        return None
    return subject.encode() if isinstance(subject, str) else None
