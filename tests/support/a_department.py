"""A department that has nothing of ours: kafka-python takes its work from its topic and answers."""

import json
from threading import Event
from typing import Any

from kafka import KafkaConsumer, KafkaProducer

from tests.support.a_town import WATER


class OutsideDepartment:
    """Accepts and completes what it is offered; remembers what it was told."""

    def __init__(self, kafka: str, prefix: str, provider: str = WATER) -> None:
        self.told: list[str] = []
        self._kafka = kafka
        self._prefix = prefix
        self._provider = provider

    def work(self, stop: Event) -> None:
        """Until told to stop."""
        consumer = KafkaConsumer(
            f"{self._prefix}.work.{self._provider}",
            bootstrap_servers=self._kafka,
            group_id=f"{self._prefix}-{self._provider}",
            auto_offset_reset="earliest",
        )
        producer = KafkaProducer(bootstrap_servers=self._kafka)
        try:
            while not stop.is_set():
                # This client never takes up a joining that a poll had no time to end.
                patience = 100 if consumer.assignment() else 20_000
                for batch in consumer.poll(timeout_ms=patience).values():
                    for message in batch:
                        self._take(producer, message)
        finally:
            consumer.close()
            producer.close()

    def _take(self, producer: Any, message: Any) -> None:
        headers = dict(message.headers)
        self.told.append(headers["ce_type"].decode())
        if self.told[-1] == "WorkOffered":
            order = json.loads(message.value)["order"]
            for kind, more in (("AcceptOrder", {}), ("CompleteOrder", {"result": "已修好"})):
                attributes = {
                    "ce_specversion": "1.0",
                    "ce_id": f"{headers['ce_id'].decode()}-{kind}",
                    "ce_source": f"department/{self._provider}",
                    "ce_type": kind,
                    "ce_subject": order,
                    "ce_actor": self._provider,
                }
                producer.send(
                    f"{self._prefix}.departments",
                    json.dumps({"provider": self._provider, **more}).encode(),
                    order.encode(),
                    headers=[(name, value.encode()) for name, value in attributes.items()],
                ).get(timeout=10)
