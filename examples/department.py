"""A department's own system: takes what it is offered from its topic, accepts it and reports it done.

Run it as often as you like and kill it when you like: each id it sends is made of the id of the work, so a
repeat is known as one, and it marks its place in the topic only when the broker has its answers.

    DEPARTMENT=water SIDAN_KAFKA=localhost:19092 python examples/department.py
"""

import asyncio
import os
from typing import Any

from faststream import AckPolicy, FastStream
from faststream.confluent import KafkaBroker
from faststream.confluent.annotations import KafkaMessage

ME = os.environ.get("DEPARTMENT", "water")
PREFIX = os.environ.get("SIDAN_PREFIX", "sidan")
broker = KafkaBroker(os.environ.get("SIDAN_KAFKA", "localhost:9092"), allow_auto_create_topics=False)
app = FastStream(broker)


async def ask(kind: str, work: dict[str, Any], cause: str, **more: str) -> None:
    """Send one command as a structured CloudEvent."""
    event = {
        "specversion": "1.0",
        "id": f"{cause}-{kind}",
        "source": f"department/{ME}",
        "type": kind,
        "subject": work["order"],
        "actor": ME,
        "data": {"provider": ME, **more},
    }
    await broker.publish(event, f"{PREFIX}.departments", key=work["order"].encode())


@broker.subscriber(
    f"{PREFIX}.work.{ME}",
    group_id=f"department-{ME}",
    auto_offset_reset="earliest",  # work that was offered before we first ran is work all the same
    ack_policy=AckPolicy.NACK_ON_ERROR,
    session_timeout_ms=6000,  # a killed one is missed no longer than this
)
async def take(work: dict[str, Any], message: KafkaMessage) -> None:
    """Do what we are offered; what is recalled or rated needs no answer of ours."""
    if message.headers["ce_type"] == "WorkOffered":
        cause = message.headers["ce_id"]
        await ask("AcceptOrder", work, cause)
        await ask("CompleteOrder", work, cause, result="已办结 done")


if __name__ == "__main__":
    asyncio.run(app.run())
