"""PostgreSQL and the broker are restarted under the roles, which wait for them and go on in place."""

from collections.abc import Callable
from threading import Event

import pytest

from adapters.roles import ROLES
from tests.support.a_bus import BusTown, a_bus_town, dispatch, followed, place
from tests.support.a_town import WATER
from tests.support.kafka import Broker
from tests.support.postgres import Server
from tests.support.processes import free_port
from tests.support.waiting import eventually, running

PATIENCE = 60  # seconds for everybody to find the service again


def role_of(town: BusTown, name: str) -> Callable[[Event], None]:
    return lambda stop: ROLES[name](town.node, stop)


def an_order_passes(town: BusTown) -> None:
    """In over the bus, recorded, out to the events topic and the read models, and to the provider's own."""
    order = town.new_order()
    town.say("residents", place(order))
    eventually(lambda: town.events_of(order) == ["OrderPlaced"], PATIENCE, "the order")
    town.say("community", dispatch(order))
    eventually(lambda: town.events_of(order) == ["OrderPlaced", "OrderDispatched"], PATIENCE, "the record")
    eventually(lambda: followed(town.node), PATIENCE, "the read models")
    work = town.topics.work(WATER)
    eventually(lambda: order in str([one.value for one in town.heard(work)]), PATIENCE, "the offer")


@pytest.mark.timeout(300)
def test_every_role_goes_on_when_its_services_are_back(own_broker: Broker, own_server: Server) -> None:
    with a_bus_town(own_broker.address, own_server.url, port=free_port()) as town:
        town.found(by_bus=[WATER])
        town.provisioning.close()  # kafka-python leaves its sockets open when a broker goes
        with running(*(role_of(town, name) for name in ROLES)) as roles:
            an_order_passes(town)
            for service in (own_server, own_broker):
                service.stop()
                service.start()
                an_order_passes(town)
            assert [role.failure for role in roles] == [None] * len(ROLES)
            eventually(lambda: town.node.standing().code == "ok", PATIENCE, "the standing")
            assert {one.events for one in town.node.standing().roles} == {0}
