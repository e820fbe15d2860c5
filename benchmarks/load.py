"""The commands that are measured: whole lives of orders, as bytes at the imports door."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from adapters.bootstrap import Node
from adapters.bus.topics import DOORS
from adapters.envelope import Arrived, Decoder
from adapters.settings import Settings
from domain.ids import time_ordered_id
from services.handling import Batch, Intake

RULES: Final = (
    b'{"town":"bench","name":{"zh":"\xe6\xb5\x8b\xe9\x87\x8f","en":"Bench"},'
    b'"levels":[{"zh":"\xe8\xa1\x97\xe9\x81\x93","en":"street"},{"zh":"\xe7\xa4\xbe\xe5\x8c\xba","en":"community"}],'
    b'"areas":[{"path":"bench","name":{"zh":"\xe8\xa1\x97","en":"Street"}}],'
    b'"catalogue":[{"path":"leak","name":{"zh":"\xe6\xbc\x8f\xe6\xb0\xb4","en":"Leak"},"kind":"complaint"}]}'
)
PROVIDER: Final = (
    b'{"provider":"water","name_zh":"\xe6\xb0\xb4\xe5\x8a\xa1","name_en":"Water","kind":"department",'
    b'"contact":"0755-23000000","capacity":100000,"areas":["bench"],"offers":[{"category":"leak"}]}'
)
STEPS: Final = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One command as it arrives: CloudEvents in binary mode."""

    subject: str
    attributes: dict[str, str]
    data: bytes


def line(kind: str, subject: str, role: str, actor: str, data: bytes) -> Line:
    """A command with an id of its own, as a sender would make it."""
    now = datetime.now(UTC)
    attributes = {
        "specversion": "1.0",
        "id": str(time_ordered_id(now, secrets.token_bytes(8))),
        "source": "bench",
        "type": kind,
        "subject": subject,
        "role": role,
        "actor": actor,
    }
    return Line(subject, attributes, data)


def life() -> list[Line]:
    """One order from the resident's call to the rating: five commands."""
    order = str(time_ordered_id(datetime.now(UTC), secrets.token_bytes(8)))
    text = "三楼卫生间漏水，请尽快来修".encode()
    return [
        line(
            "PlaceOrder",
            order,
            "resident",
            "r-1",
            b'{"category":"leak","area":"bench","details":"' + text + b'"}',
        ),
        line("DispatchOrder", order, "community", "c-1", b'{"provider":"water"}'),
        line("AcceptOrder", order, "provider", "water", b'{"provider":"water"}'),
        line("CompleteOrder", order, "provider", "water", b'{"provider":"water","result":"' + text + b'"}'),
        line("RateOrder", order, "resident", "r-1", b'{"level":"satisfied"}'),
    ]


def batches(commands: int, size: int) -> Iterator[list[Line]]:
    """Lives laid side by side, as many senders send them: a batch of orders placed, then each dispatched …"""
    for _ in range(commands // (size * STEPS)):
        lives = [life() for _ in range(size)]
        for step in range(STEPS):
            yield [steps[step] for steps in lives]


def decoded(decoder: Decoder, batch: list[Line], number: int) -> Batch:
    """What the worker makes of a batch of messages."""
    now = datetime.now(UTC)
    door = DOORS["imports"]
    arrived = [
        Arrived(one.data, one.attributes, door, now, f"bench[0]@{number}-{place}")
        for place, one in enumerate(batch)
    ]
    intake: list[Intake] = [*decoder.decode_all(arrived)]
    return Batch(intake, {"bench[0]": (number - 1, number)})


def open_town(url: str) -> Node:
    """A node over a store that holds the bench town."""
    node = Node(Settings(store=url))
    node.create()
    setting_up = [
        line("AdoptRules", "rules", "operator", "bench", b'{"rules":' + RULES + b"}"),
        line("RegisterProvider", "provider/water", "community", "bench", PROVIDER),
    ]
    outcomes = node.handler.handle(decoded(node.decoder, setting_up, 0))
    assert all(outcome.status == "recorded" for outcome in outcomes), outcomes
    return node
