"""Topics are provisioned as the town needs them, and nothing makes one by itself."""

import time
from os import urandom

import pytest
from kafka.admin import ConfigResource, ConfigResourceType

from adapters.bus.producing import Outgoing, Sender
from adapters.bus.topics import KafkaAway, Provisioning, in_kafka_python
from tests.support.a_bus import BusTown, administrating

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


def configs(town: BusTown, name: str) -> dict[str, str]:
    with administrating(town.kafka) as admin:
        asked = ConfigResource(ConfigResourceType.TOPIC, town.topics.name(name))
        found = admin.describe_configs([asked], config_filter="all")["topic"][town.topics.name(name)]
    return {name: entry["value"] for name, entry in found.items()}


def test_each_topic_has_its_real_number_of_partitions(town: BusTown) -> None:
    with Provisioning(town.kafka) as provisioning:
        found = {short: len(provisioning.partitions(town.topics.name(short))) for short in PARTITIONS}
        assert provisioning.create(town.topics.all()) == []  # asked again, all is there
    assert found == PARTITIONS


@pytest.mark.parametrize("short", ["residents", "outcomes"])
def test_what_may_hold_clear_text_or_is_soon_old_goes_after_a_week(town: BusTown, short: str) -> None:
    assert configs(town, short)["retention.ms"] == "604800000"


@pytest.mark.parametrize("short", ["events", "dead-letters"])
def test_what_is_read_again_stays(town: BusTown, short: str) -> None:
    assert configs(town, short)["retention.ms"] == "-1"


def test_command_topics_take_half_a_mebibyte_and_no_more(town: BusTown) -> None:
    limit = int(configs(town, "residents")["max.message.bytes"])
    assert 512 * 1024 < limit < 520 * 1024
    town.say("residents", b"x" * 512 * 1024)
    with pytest.raises(KafkaAway):
        town.say("residents", urandom(530_000))


def test_the_broker_stamps_every_topic_with_its_own_clock(town: BusTown) -> None:
    with Provisioning(town.kafka) as provisioning:
        provisioning.check_clock([topic.name for topic in town.topics.all()])


def test_a_topic_that_takes_its_senders_time_is_refused_at_the_start(town: BusTown) -> None:
    topic = town.topics.name("residents")
    takes_senders_time(town, topic)
    with Provisioning(town.kafka) as provisioning, pytest.raises(KafkaAway, match="LogAppendTime"):
        provisioning.check_clock(town.topics.commands)


def takes_senders_time(town: BusTown, topic: str) -> None:
    with administrating(town.kafka) as admin:
        wish = {"message.timestamp.type": "CreateTime"}
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, wish)])


def test_a_missing_topic_is_named(town: BusTown) -> None:
    with Provisioning(town.kafka) as provisioning, pytest.raises(KafkaAway, match="sidan init"):
        provisioning.ids([town.topics.name("nobody-made-it")])


def test_no_broker_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.bus.topics._PATIENCE", 0.3)
    with pytest.raises(KafkaAway, match="does not answer"):
        Provisioning("127.0.0.1:1")


def test_sending_to_a_topic_nobody_made_does_not_make_it(town: BusTown) -> None:
    name = town.topics.name("nobody-made-it")
    started = time.monotonic()
    with pytest.raises(KafkaAway):
        Sender(town.kafka, {}).send([Outgoing(name, None, b"x")], timeout=1)
    assert time.monotonic() - started < 10
    with Provisioning(town.kafka) as provisioning, pytest.raises(KafkaAway):
        provisioning.ids([name])


def test_security_settings_are_given_once_for_both_clients() -> None:
    given = {"security.protocol": "SASL_SSL", "sasl.username": "u", "sasl.password": "p", "linger.ms": "5"}
    assert in_kafka_python(given) == {
        "security_protocol": "SASL_SSL",
        "sasl_plain_username": "u",
        "sasl_plain_password": "p",
    }
