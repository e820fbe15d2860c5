"""Topics are provisioned as the town needs them, and nothing makes one by itself."""

import time
from collections.abc import Iterator
from datetime import timedelta
from os import urandom
from uuid import uuid4

import pytest
from kafka.admin import ConfigResource, ConfigResourceType

from adapters.bus.producing import Outgoing, Sender
from adapters.bus.topics import KafkaAway, Provisioning, Topics, in_kafka_python
from services.erasing import CLEAR_FOR
from tests.support.a_bus import administrating

PARTITIONS = {
    "residents": 4,
    "community": 4,
    "departments": 4,
    "imports": 1,
    "system": 1,
    "events": 4,
    "outcomes": 4,
    "dead-letters": 1,
}


@pytest.fixture(scope="module")
def topics(kafka: str) -> Topics:
    """Those of one town for all of these tests."""
    topics = Topics(f"t{uuid4().hex[:10]}")
    with Provisioning(kafka) as provisioning:
        provisioning.create(topics.all())
    return topics


@pytest.fixture(scope="module")
def provisioning(kafka: str) -> Iterator[Provisioning]:
    with Provisioning(kafka) as provisioning:
        yield provisioning


def configs(kafka: str, name: str) -> dict[str, str]:
    with administrating(kafka) as admin:
        asked = ConfigResource(ConfigResourceType.TOPIC, name)
        found = admin.describe_configs([asked], config_filter="all")["topic"][name]
    return {name: entry["value"] for name, entry in found.items()}


def takes_senders_time(kafka: str, topic: str) -> None:
    with administrating(kafka) as admin:
        wish = {"message.timestamp.type": "CreateTime"}
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, wish)])


def test_each_topic_has_its_real_number_of_partitions(topics: Topics, provisioning: Provisioning) -> None:
    found = {short: len(provisioning.partitions(topics.name(short))) for short in PARTITIONS}
    assert found == PARTITIONS


def test_asked_again_it_leaves_what_is_there(topics: Topics, provisioning: Provisioning) -> None:
    before = provisioning.ids(topics.commands)
    assert provisioning.create(topics.all()) == []
    assert provisioning.ids(topics.commands) == before


@pytest.mark.parametrize("short", ["residents", "outcomes"])
def test_what_may_hold_clear_text_or_is_soon_old_goes_after_a_week(
    topics: Topics, kafka: str, short: str
) -> None:
    found = configs(kafka, topics.name(short))
    assert (found["retention.ms"], found["segment.ms"]) == ("604800000", "86400000")
    assert timedelta(milliseconds=604_800_000 + 86_400_000) == CLEAR_FOR


@pytest.mark.parametrize("short", ["events", "dead-letters"])
def test_what_is_read_again_stays(topics: Topics, kafka: str, short: str) -> None:
    assert configs(kafka, topics.name(short))["retention.ms"] == "-1"


def test_what_is_far_too_large_for_a_command_is_refused_by_the_broker(topics: Topics, kafka: str) -> None:
    name = topics.name("residents")
    Sender(kafka, {}).send([Outgoing(name, None, urandom(1_000_000))])
    with pytest.raises(KafkaAway, match="too large"):
        Sender(kafka, {}).send([Outgoing(name, None, urandom(1_100_000))])


@pytest.mark.parametrize("options", [{}, {"batch.size": "1000000"}], ids=["ours", "what others send"])
def test_many_commands_at_once_are_not_taken_for_a_large_one(
    topics: Topics, kafka: str, options: dict[str, str]
) -> None:
    name = topics.name("imports")
    places = Sender(kafka, options, places=True).send(
        [Outgoing(name, b"key", urandom(1_000)) for _ in range(4_000)]
    )
    assert len(places) == 4_000


def test_the_broker_stamps_every_topic_with_its_own_clock(topics: Topics, provisioning: Provisioning) -> None:
    provisioning.check_clock([topic.name for topic in topics.all()])


def test_a_topic_that_takes_its_senders_time_is_refused_at_the_start(
    topics: Topics, kafka: str, provisioning: Provisioning
) -> None:
    takes_senders_time(kafka, topics.name("system"))
    with pytest.raises(KafkaAway, match="LogAppendTime"):
        provisioning.check_clock(topics.commands)


def test_a_missing_topic_is_named(topics: Topics, provisioning: Provisioning) -> None:
    with pytest.raises(KafkaAway, match="sidan init"):
        provisioning.ids([topics.name("nobody-made-it")])


def test_no_broker_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.bus.topics._PATIENCE", 0.3)
    with pytest.raises(KafkaAway, match="does not answer"):
        Provisioning("127.0.0.1:1")


def test_sending_to_a_topic_nobody_made_does_not_make_it(
    topics: Topics, kafka: str, provisioning: Provisioning
) -> None:
    name = topics.name("nobody-made-it")
    started = time.monotonic()
    with pytest.raises(KafkaAway):
        Sender(kafka, {}).send([Outgoing(name, None, b"x")], timeout=1)
    assert time.monotonic() - started < 10
    with pytest.raises(KafkaAway):
        provisioning.ids([name])


def test_security_settings_are_given_once_for_both_clients() -> None:
    given = {"security.protocol": "SASL_SSL", "sasl.username": "u", "sasl.password": "p", "linger.ms": "5"}
    assert in_kafka_python(given) == {
        "security_protocol": "SASL_SSL",
        "sasl_plain_username": "u",
        "sasl_plain_password": "p",
    }
