"""All roles, and strangers' clients: an order goes in at one end of the bus and is rated at the other."""

import json
import shutil
import subprocess
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from kafka import KafkaProducer

from adapters.roles import run, serving
from tests.support.a_bus import BusTown, a_bus_town, dispatch, place, rate
from tests.support.a_department import OutsideDepartment
from tests.support.a_town import WATER
from tests.support.processes import HOST, answers, free_port
from tests.support.waiting import eventually, running

pytestmark = [pytest.mark.journey, pytest.mark.kafka, pytest.mark.postgres]
LIFE = ["OrderPlaced", "OrderDispatched", "OrderAccepted", "OrderCompleted", "OrderRated"]


@pytest.fixture
def town(kafka: str, postgres_url: str) -> Iterator[BusTown]:
    with a_bus_town(kafka, postgres_url, port=free_port()) as town:
        town.found(by_bus=[WATER])
        yield town


def with_kafka_python(town: BusTown, short: str, body: bytes) -> None:
    """As a stranger would: no key, whatever partition."""
    producer = KafkaProducer(bootstrap_servers=town.kafka)
    producer.send(town.topics.name(short), body).get(timeout=10)
    producer.close()


def with_kcat(town: BusTown, short: str, body: bytes) -> None:
    """One structured JSON document, as a person would try it out."""
    command = ["kcat", "-P", "-b", town.kafka, "-t", town.topics.name(short)]
    subprocess.run(command, input=body, check=True, timeout=20)


CLIENTS = [
    pytest.param(with_kafka_python, id="kafka-python"),
    pytest.param(
        with_kcat, id="kcat", marks=pytest.mark.skipif(not shutil.which("kcat"), reason="no kcat on PATH")
    ),
]


def seen(town: BusTown, order: str) -> dict[str, Any]:
    """The order as HTTP tells it to the community."""
    headers = {"X-Role": "community", "X-Actor": "d-chen"}
    answer = httpx.get(f"http://{HOST}:{town.settings.port}/orders/{order}", headers=headers, timeout=5)
    return answer.json() if answer.status_code == 200 else {}


@contextmanager
def working(town: BusTown, department: OutsideDepartment) -> Generator[None]:
    """All roles, and the department once its topic is there."""
    with running(lambda stop: run(town.node, serving(town.node), stop)):
        eventually(lambda: answers(town.settings.port), what="HTTP")
        eventually(lambda: town.topics.work(WATER) in town.provisioning.present(), what="its topic")
        with running(department.work):
            yield


@pytest.mark.parametrize("say", CLIENTS)
def test_from_a_strangers_client_to_the_rated_order_over_http(town: BusTown, say: Any) -> None:
    order = town.new_order()
    department = OutsideDepartment(town.kafka, town.settings.prefix)
    with working(town, department):
        say(town, "residents", place(order))
        eventually(lambda: seen(town, order).get("stage") == "placed", what="the placed order")
        say(town, "community", dispatch(order))
        eventually(lambda: seen(town, order).get("stage") == "completed", what="the completed order")
        say(town, "residents", rate(order))
        eventually(lambda: seen(town, order).get("stage") == "rated", what="the rated order")
        eventually(lambda: "WorkRated" in department.told, what="the rating told to the department")
        rated = seen(town, order)
    assert (rated["level"], rated["provider"]) == ("satisfied", WATER)
    assert town.events_of(order) == LIFE
    assert department.told == ["WorkOffered", "WorkRated"]
    answered = [one.data for one in town.heard(town.topics.outcomes) if one.key == order]
    assert [(one["command"], one["status"]) for one in answered] == [
        (command, "recorded")
        for command in ("PlaceOrder", "DispatchOrder", "AcceptOrder", "CompleteOrder", "RateOrder")
    ]


def test_no_topic_that_we_write_has_personal_data_in_clear(town: BusTown) -> None:
    """Names, phones, addresses and texts go in; only sealed values and opaque ids come out."""
    order = town.new_order()
    private = ("张桂兰", "13800138000", "东区3栋502", "楼道灯坏了")
    details, contact = f"{private[3]}，我是{private[0]}", private[1]
    department = OutsideDepartment(town.kafka, town.settings.prefix)
    with working(town, department):
        town.say("residents", place(order, details=details, contact=contact, address=private[2]))
        town.say("residents", place("no-order", details=details, contact=contact))
        town.say("residents", f'{{"{private[0]}'.encode())
        eventually(lambda: len(town.told()) >= 6)
        town.say("community", dispatch(order), dispatch(town.new_order()))
        eventually(lambda: "OrderCompleted" in town.told())
        town.say("residents", rate(order))
        eventually(lambda: "WorkRated" in department.told)
    for topic in (
        town.topics.events,
        town.topics.outcomes,
        town.topics.dead_letters,
        town.topics.work(WATER),
    ):
        found = town.heard(topic)
        assert found, topic
        for one in found:
            said = one.value.decode() + json.dumps(one.headers, ensure_ascii=False)
            said += json.dumps(json.loads(one.value), ensure_ascii=False)
            assert not [text for text in private if text in said], (topic, one.headers["ce_type"])
