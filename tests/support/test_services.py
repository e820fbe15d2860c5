"""The services that the tests stand on are real, and set as docker-compose.yml says."""

import time
from uuid import uuid4

import psycopg
import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewTopic
from kafka.errors import KafkaError
from playwright.sync_api import Page

from tests.support.compose import service
from tests.support.kafka import Broker, broker_answers
from tests.support.postgres import Server, server_answers

APPEND_TIME = 1  # Kafka's number for LogAppendTime


def new_topic(address: str) -> str:
    topic = f"smoke-{uuid4().hex}"
    admin = KafkaAdminClient(bootstrap_servers=address)
    admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    admin.close()
    return topic


def say(address: str, topic: str, text: bytes) -> None:
    producer = KafkaProducer(bootstrap_servers=address, max_block_ms=3000)
    try:
        producer.send(topic, text, timestamp_ms=1).get(timeout=10)
    finally:
        producer.close()


def first_message(address: str, topic: str):
    consumer = KafkaConsumer(
        topic, bootstrap_servers=address, auto_offset_reset="earliest", consumer_timeout_ms=10_000
    )
    try:
        return next(consumer)
    finally:
        consumer.close()


def test_the_broker_stamps_a_message_with_its_own_clock(kafka: str) -> None:
    topic = new_topic(kafka)
    say(kafka, topic, "路灯不亮".encode())
    message = first_message(kafka, topic)
    assert message.value.decode() == "路灯不亮"
    assert message.timestamp_type == APPEND_TIME
    assert abs(message.timestamp / 1000 - time.time()) < 60


def test_the_broker_makes_no_topic_by_itself(kafka: str) -> None:
    with pytest.raises(KafkaError):
        say(kafka, f"never-provisioned-{uuid4().hex}", b"")


@pytest.mark.parametrize("end", [Broker.stop, Broker.kill])
def test_a_broker_of_ones_own_keeps_its_messages(own_broker: Broker, end) -> None:
    topic = new_topic(own_broker.address)
    say(own_broker.address, topic, b"kept")
    end(own_broker)
    assert not broker_answers(own_broker.address)
    own_broker.start()
    assert first_message(own_broker.address, topic).value == b"kept"


def test_each_database_is_empty_and_flushes_to_disk(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE orders (title text)")
        connection.execute("INSERT INTO orders VALUES ('路灯不亮')")
        assert connection.execute("SELECT title FROM orders").fetchall() == [("路灯不亮",)]
        assert connection.execute("SHOW fsync").fetchone() == ("on",)


def test_postgres_is_of_the_version_that_compose_names(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        assert str(connection.info.server_version // 10_000) == service("postgres").version


@pytest.mark.parametrize("end", [Server.stop, Server.kill])
def test_a_server_of_ones_own_keeps_its_rows(own_server: Server, end) -> None:
    with psycopg.connect(own_server.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    end(own_server)
    assert not server_answers(own_server.url)
    own_server.start()
    with psycopg.connect(own_server.url) as connection:
        assert connection.execute("SELECT one FROM kept").fetchall() == [(1,)]


def test_the_browser_shows_a_page(browser_page: Page) -> None:
    browser_page.set_content("<h1>四单</h1>")
    assert browser_page.get_by_role("heading").inner_text() == "四单"
