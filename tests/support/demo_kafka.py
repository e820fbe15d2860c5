"""`make demo-kafka`: the demonstration's week through a real broker and a real PostgreSQL, role by role."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from time import monotonic
from uuid import uuid4

from adapters.bootstrap import Node
from adapters.bus.topics import Provisioning, Topics
from adapters.cli.demo import (
    ORDERS,
    demo_settings,
    demo_town,
    digests,
    print_digests,
    print_report,
    run_week,
)
from adapters.cli.setup import bring_about, difference_to
from adapters.logs import QUIET, configure
from adapters.roles import process, project, relay, run, worker
from adapters.settings import Settings
from tests.support.a_bus import followed, learnt
from tests.support.kafka import running_kafka
from tests.support.lanes import kafka, postgres
from tests.support.postgres import fresh_database, running_postgres
from tests.support.waiting import eventually, running

PATIENCE = 120  # seconds for the read models to follow


@contextmanager
def the_week(store: str, broker: str, orders: int = ORDERS) -> Generator[Node]:
    """A node in Kafka mode through which the week went; its read models have followed."""
    settings: Settings = replace(demo_settings(store), kafka=broker, prefix=f"demo-{uuid4().hex[:8]}")
    with Provisioning(broker) as provisioning:
        provisioning.create(Topics(settings.prefix).all())
    with Node(settings) as node:
        node.create()
        bring_about(node, difference_to(node, demo_town()).commands)
        everyone = [worker, relay, project, process]
        with running(lambda stop: run(node, everyone, stop)):
            run_week(node, orders)
            eventually(lambda: followed(node) and learnt(node), PATIENCE, "what the read models have to read")
        yield node


def demo_digests(store: str, broker: str, orders: int) -> dict[str, str]:
    """What the read models say of a week of so many orders, as far as their order does not matter."""
    with the_week(store, broker, orders) as node:
        return whatever_the_order(node)


def whatever_the_order(node: Node) -> dict[str, str]:
    """The digests but for what learns in log order: over partitions orders are recorded in another."""
    learning = {one.model.name for one in node.in_log_order}
    return {name: digest for name, digest in digests(node).items() if name not in learning}


def main() -> None:
    """Run it and print what `sidan demo` prints."""
    configure(QUIET)
    print(f"Kafka: {kafka()} · PostgreSQL: {postgres()}", flush=True)
    begun = monotonic()
    with ExitStack() as services:
        broker = services.enter_context(running_kafka())
        server = services.enter_context(running_postgres())
        store = services.enter_context(fresh_database(server))
        with the_week(store, broker) as node:
            print_report(node)
            print_digests(node)
    print(f"用时{monotonic() - begun:.1f}秒。 It took {monotonic() - begun:.1f} s.")


if __name__ == "__main__":
    main()
