"""The same week says the same to every read model, embedded on SQLite or through Kafka and PostgreSQL."""

from pathlib import Path

import pytest

from adapters.bootstrap import Node
from adapters.cli.demo import demo_settings, run_week
from tests.support.demo_kafka import demo_digests, whatever_the_order

pytestmark = [pytest.mark.journey, pytest.mark.kafka, pytest.mark.postgres]
ORDERS = 400


def test_kafka_and_embedded_say_the_same(kafka: str, postgres_url: str, tmp_path: Path) -> None:
    with Node(demo_settings(f"sqlite:///{tmp_path / 'demo.db'}")) as embedded:
        run_week(embedded, ORDERS)
        expected = whatever_the_order(embedded)
    assert demo_digests(postgres_url, kafka, ORDERS) == expected
