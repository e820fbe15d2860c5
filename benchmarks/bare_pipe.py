"""The bare pipe: the same bytes through the same hops and commits as Kafka mode, with no logic.

`python -m benchmarks.bare_pipe take|relay|show KAFKA STORE PREFIX` runs one hop until it is ended.
"""

import sys
from collections.abc import Callable
from time import sleep

import psycopg
from confluent_kafka import Consumer, Message, Producer

from adapters.bus.feed import LARGEST_BATCH
from adapters.bus.producing import SETTINGS
from adapters.bus.relay import BATCH

IDLE = 0.005  # seconds until the next look
META = b"m" * 600  # as large as the meta line that lies in the record and travels as a header
ANSWER = b"a" * 350  # as large as an answer
HEADERS: list[tuple[str, str | bytes | None]] = [(f"ce_{number}", b"h" * 24) for number in range(11)]
TABLES = """
    CREATE TABLE IF NOT EXISTS pipe_rows (id bigserial PRIMARY KEY, key bytea, value bytea);
    CREATE TABLE IF NOT EXISTS pipe_keys (source bytea, id bytea, digest bytea, PRIMARY KEY (source, id));
    CREATE TABLE IF NOT EXISTS pipe_shown (key bytea PRIMARY KEY, value bytea);
    CREATE TABLE IF NOT EXISTS pipe_places (name text PRIMARY KEY, place bigint);
"""
PLACE = "INSERT INTO pipe_places VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET place = excluded.place"


def take(kafka: str, store: str, prefix: str) -> None:
    """Commands in: one transaction a batch."""
    with psycopg.connect(store) as connection:

        def write(messages: list[Message]) -> None:
            connection.execute("LOCK TABLE pipe_rows IN EXCLUSIVE MODE")
            connection.execute(
                "INSERT INTO pipe_rows (key, value) SELECT * FROM unnest(%b::bytea[], %b::bytea[])",
                ([one.key() for one in messages], [META + (one.value() or b"") for one in messages]),
            )
            connection.execute(
                "INSERT INTO pipe_keys SELECT * FROM unnest(%b::bytea[], %b::bytea[], %b::bytea[])",
                _keys(messages),
            )
            connection.execute(PLACE, ("take", messages[-1].offset()))
            connection.commit()

        _follow(kafka, f"{prefix}.in", f"{prefix}.take", write)


def _keys(messages: list[Message]) -> tuple[list[bytes], list[bytes], list[bytes]]:
    """As large as what is remembered of each command, so that it is answered once for ever."""
    names = [f"019cac2e-f380-7000-{one.partition():04d}-{one.offset():012d}".encode() for one in messages]
    return [b"bench"] * len(names), names, [b"d" * 16] * len(names)


def relay(kafka: str, store: str, prefix: str) -> None:
    """Rows out, in order; the place moves after the acks."""
    producer = Producer({**SETTINGS, "bootstrap.servers": kafka})
    place = 0
    with psycopg.connect(store, autocommit=True) as connection:
        while True:
            rows = connection.execute(
                "SELECT id, key, value FROM pipe_rows WHERE id > %s ORDER BY id LIMIT %s",
                (place, BATCH),
            ).fetchall()
            for _, key, value in rows:
                producer.produce(f"{prefix}.out", value[len(META) :], key, headers=[*HEADERS, ("m", META)])
                producer.produce(f"{prefix}.answers", ANSWER, key, headers=HEADERS)
                producer.poll(0)
            if not rows:
                sleep(IDLE)  # the other pipe has its turn on the same two cores
                continue
            producer.flush()
            place = rows[-1][0]
            connection.execute(PLACE, ("relay", place))


def show(kafka: str, store: str, prefix: str) -> None:
    """Rows visible: one row a key, one transaction a batch."""
    with psycopg.connect(store) as connection:

        def write(messages: list[Message]) -> None:
            newest = {one.key(): one.value() for one in messages}
            connection.execute(
                "INSERT INTO pipe_shown SELECT * FROM unnest(%b::bytea[], %b::bytea[])"
                " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (list(newest), list(newest.values())),
            )
            connection.execute(PLACE, ("show", messages[-1].offset()))
            connection.execute(
                "INSERT INTO pipe_places VALUES ('shown', %s)"
                " ON CONFLICT (name) DO UPDATE SET place = pipe_places.place + excluded.place",
                (len(messages),),
            )
            connection.commit()

        _follow(kafka, f"{prefix}.out", f"{prefix}.show", write)


def _follow(kafka: str, topic: str, group: str, write: Callable[[list[Message]], None]) -> None:
    consumer = Consumer(
        {
            "bootstrap.servers": kafka,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe([topic])
    while True:
        messages = [one for one in consumer.consume(LARGEST_BATCH, 0.01) if one.error() is None]
        if messages:
            write(messages)


if __name__ == "__main__":
    {"take": take, "relay": relay, "show": show}[sys.argv[1]](*sys.argv[2:5])
