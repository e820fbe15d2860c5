"""A broker that lets in only who proves who they are (SASL, SCRAM): one setting serves all our clients."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from adapters.bus.bystander import bystander
from adapters.bus.lags import command_lags
from adapters.bus.producing import Outgoing, Sender
from adapters.bus.topics import KafkaAway, KafkaRefuses, Provisioning, Topics
from adapters.settings import Settings
from tests.support.kafka import kafka_lane
from tests.support.secured_kafka import Security, secured_kafka

USER, PASSWORD = "sidan", "open-sesame"

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.skipif(kafka_lane() != "jars", reason="the broker from the jars is the one we can set up so"),
]


@pytest.fixture(scope="module")
def secured() -> Iterator[Settings]:
    with secured_kafka(Security({USER: PASSWORD})) as broker:
        yield Settings(kafka=broker.address, kafka_options=broker.options(), prefix="secured")


def test_every_client_of_ours_gets_in_by_the_one_setting(secured: Settings) -> None:
    topics = Topics(secured.prefix)
    with Provisioning(secured.kafka, secured.librdkafka) as provisioning:
        assert topics.events in provisioning.create(topics.all())
    sender = Sender(secured.kafka, secured.librdkafka, places=True)
    assert len(sender.send([Outgoing(topics.name("residents"), b"k", b"{}")])) == 1
    with bystander(secured) as consumer:
        assert consumer.partitions_for_topic(topics.events)
    assert sum(one.behind for one in command_lags(secured, {})) == 1


def test_who_does_not_know_the_password_stays_outside(secured: Settings) -> None:
    wrong = replace(secured, kafka_options=secured.kafka_options.replace(PASSWORD, "wrong"))
    with pytest.raises(KafkaRefuses) as refused:
        Provisioning(wrong.kafka, wrong.librdkafka)
    assert "wrong" not in str(refused.value)


def test_who_gives_no_name_stays_outside(secured: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.bus.topics._PATIENCE", 2.0)
    with pytest.raises(KafkaAway):
        Provisioning(secured.kafka, {})
