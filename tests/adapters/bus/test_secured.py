"""A broker that lets in only who proves who they are (SASL, SCRAM): one setting serves all our clients."""

import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest

from adapters.bus.bystander import bystander
from adapters.bus.lags import command_lags
from adapters.bus.producing import Outgoing, Sender
from adapters.bus.topics import KafkaAway, Provisioning, Topics
from adapters.settings import Settings
from tests.support.kafka import kafka_lane
from tests.support.kafka_jars import JarBroker
from tests.support.processes import HOST, answers, free_port, run

USER, PASSWORD = "sidan", "open-sesame"
SECURED = f"security.protocol=SASL_PLAINTEXT,sasl.mechanism=SCRAM-SHA-512,sasl.username={USER}"
_LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule required"
PROPERTIES = f"""
listener.security.protocol.map=INTERNAL:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
listener.name.internal.scram-sha-512.sasl.jaas.config={_LOGIN} username="{USER}" password="{PASSWORD}";
"""

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.skipif(kafka_lane() != "jars", reason="the broker from the jars is the one we can set up so"),
]


class SecuredBroker(JarBroker):
    """The same broker, with a user that has a password."""

    def _format(self) -> None:
        super()._format()
        with self._properties.open("a", encoding="utf-8") as properties:
            properties.write(PROPERTIES)
        shutil.rmtree(self._environment["KAFKA_LOG_DIRS"])
        command = [*self._java, "kafka.tools.StorageTool", "format", "-t", self._environment["CLUSTER_ID"]]
        credentials = f"SCRAM-SHA-512=[name={USER},password={PASSWORD}]"
        run([*command, "-c", str(self._properties), "--add-scram", credentials])


@pytest.fixture(scope="module")
def secured() -> Iterator[Settings]:
    port = free_port()
    broker = SecuredBroker(port, quick_start=True)
    options = f"{SECURED},sasl.password={PASSWORD}"
    settings = Settings(kafka=f"{HOST}:{port}", kafka_options=options, prefix="secured")
    try:
        broker.start(lambda: answers(port))
        yield settings
    finally:
        broker.close()


def test_every_client_of_ours_gets_in_by_the_one_setting(secured: Settings) -> None:
    topics = Topics(secured.prefix)
    with Provisioning(secured.kafka, secured.librdkafka) as provisioning:
        assert topics.events in provisioning.create(topics.all())
    sender = Sender(secured.kafka, secured.librdkafka, places=True)
    assert len(sender.send([Outgoing(topics.name("residents"), b"k", b"{}")])) == 1
    with bystander(secured) as consumer:
        assert consumer.partitions_for_topic(topics.events)
    assert sum(one.behind for one in command_lags(secured, {})) == 1


def test_who_does_not_know_the_password_stays_outside(
    secured: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.bus.topics._PATIENCE", 2.0)
    wrong = replace(secured, kafka_options=f"{SECURED},sasl.password=wrong")
    for settings in (wrong, replace(secured, kafka_options="")):
        with pytest.raises(KafkaAway) as away:
            Provisioning(settings.kafka, settings.librdkafka)
        assert "wrong" not in str(away.value)
