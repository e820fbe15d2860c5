"""The town's topics: their names, how many partitions each has, how they are provisioned (kafka-python)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from time import monotonic
from typing import Any, Final, Self, cast

from confluent_kafka import KafkaError as ConfluentError
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError, NoError, TopicAlreadyExistsError

from adapters.away import KafkaAway, KafkaRefuses
from adapters.envelope import Door
from domain.facts import Proof
from domain.ids import PROVIDER, ProviderId
from domain.stages import Role

# A broker counts a batch as one message, and many clients send batches of up to 1,000,000 bytes. What is
# larger than a command may be, and yet not refused here, is parked by who reads it.
COMMAND_BYTES: Final = 1024 * 1024 + 4096
FACT_BYTES: Final = 4 * 1024 * 1024  # of a topic that we write: parked bytes grow when they are sealed
DAY: Final = timedelta(days=1)
WEEK: Final = str(7 * DAY // timedelta(milliseconds=1))  # milliseconds: command topics hold clear text
# Kafka drops whole files, by the youngest message in them: with files of a day all is gone after eight days,
# as receipts of erasures say (services.erasing.CLEAR_FOR).
FOR_EVER: Final = "-1"
_BROKERS_CHOICE: Final = -1  # how many copies
_PATIENCE: Final = 10.0  # seconds to find a broker
_GLANCE: Final = 1.0  # seconds between looks whether it has refused us meanwhile
_REFUSED: Final = frozenset({ConfluentError._AUTHENTICATION, ConfluentError._SSL})  # noqa: SLF001 - public names
_CLOCK: Final = "message.timestamp.type"

DOORS: Final[Mapping[str, Door]] = {
    "residents": Door("sidan.residents", Role.RESIDENT),
    "community": Door("sidan.community", Role.COMMUNITY),
    "departments": Door("sidan.departments", Role.PROVIDER),
    "imports": Door("sidan.imports", None, trusted_time=True),
    "system": Door("sidan.system", Role.SYSTEM, trusted_time=True),
}
"""Command topic (without the town's prefix) → what it proves."""
IN_ONE_LINE: Final = frozenset({"imports", "system"})
"""These have one partition: a line of a file may name what an earlier line made, whatever its key."""

OWN: Final = "departments."
"""Begins the topics that each prove one provider, where departments do not trust each other."""

_PROTOCOL: Final = "security_protocol"
_OF_KAFKA_PYTHON: Final[Mapping[str, str]] = {
    "security.protocol": _PROTOCOL,
    "sasl.mechanism": "sasl_mechanism",
    "sasl.mechanisms": "sasl_mechanism",
    "sasl.username": "sasl_plain_username",
    "sasl.password": "sasl_plain_password",
    "ssl.ca.location": "ssl_cafile",
    "ssl.certificate.location": "ssl_certfile",
    "ssl.key.location": "ssl_keyfile",
    "ssl.key.password": "ssl_password",
}
"""What librdkafka and kafka-python call the same security setting."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it is provisioned."""

    name: str
    partitions: int
    retention_ms: str

    @property
    def wanted(self) -> dict[str, Any]:
        """The topic in Kafka's words; `recorded` is the broker's clock."""
        largest = COMMAND_BYTES if self.retention_ms == WEEK else FACT_BYTES
        configs = {
            _CLOCK: "LogAppendTime",
            "retention.ms": self.retention_ms,
            "max.message.bytes": str(largest),
        }
        if self.retention_ms == WEEK:
            configs["segment.ms"] = str(DAY // timedelta(milliseconds=1))
        return {"num_partitions": self.partitions, "replication_factor": _BROKERS_CHOICE, "configs": configs}


class Topics:
    """The topics of one town."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def name(self, short: str) -> str:
        """`events` → `sidan.events`."""
        return f"{self.prefix}.{short}"

    @property
    def events(self) -> str:
        return self.name("events")

    @property
    def outcomes(self) -> str:
        return self.name("outcomes")

    @property
    def dead_letters(self) -> str:
        return self.name("dead-letters")

    @property
    def checkpoints(self) -> str:
        return self.name("checkpoints")

    @property
    def commands(self) -> list[str]:
        """The topics the worker takes in, but the providers' own."""
        return [self.name(short) for short in DOORS]

    def own(self, present: Iterable[str]) -> list[str]:
        """Those of the topics present that are one provider's own way in."""
        return sorted(topic for topic in present if self._owner(topic))

    def department(self, provider: str) -> Topic:
        """A provider's own way in; one partition, since one sender seldom needs more."""
        return Topic(self.name(f"{OWN}{provider}"), 1, WEEK)

    def door(self, topic: str) -> Door:
        """What a command topic proves: a role, and a provider's own topic the provider too."""
        owner = self._owner(topic)
        if owner is None:
            return DOORS[topic.removeprefix(self.prefix + ".")]
        return replace(DOORS["departments"], proof=Proof(actor=owner, provider=ProviderId(owner)))

    def _owner(self, topic: str) -> str | None:
        found = topic.removeprefix(self.name(OWN))
        return found if found != topic and re.fullmatch(PROVIDER, found) else None

    def work(self, provider: ProviderId) -> str:
        """A provider's own topic."""
        return self.name(f"work.{provider}")

    @staticmethod
    def of_work(name: str) -> Topic:
        """Such a topic as it is provisioned."""
        return Topic(name, 1, FOR_EVER)

    def all(self, departments: Iterable[str] = ()) -> list[Topic]:
        """Every topic of the town but those of work; departments are those with a way in of their own."""
        commands = [Topic(self.name(short), 1 if short in IN_ONE_LINE else 4, WEEK) for short in DOORS]
        return [
            *commands,
            *(self.department(provider) for provider in departments),
            Topic(self.events, 4, FOR_EVER),
            Topic(self.outcomes, 4, WEEK),
            Topic(self.dead_letters, 1, FOR_EVER),
            Topic(self.checkpoints, 1, FOR_EVER),
        ]


def tracked_as(topic: str, topic_id: str, partition: int) -> str:
    """The name under which progress in a partition is remembered; the id tells a topic from its namesakes."""
    return f"{topic}/{topic_id}[{partition}]"


class Provisioning:
    """Creates topics with real partition counts and checks that the broker's clock counts."""

    def __init__(self, kafka: str, options: Mapping[str, str] | None = None) -> None:
        """Connect; `options` are librdkafka's, of which those of security are used."""
        # Asked of librdkafka: kafka-python leaves sockets open where nobody answers.
        _look(kafka, options or {})
        try:
            security = in_kafka_python(options or {})
            self._admin: Any = KafkaAdminClient(bootstrap_servers=kafka.split(","), **security)
        except KafkaError as error:
            raise _no_answer(kafka) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the broker."""
        self._admin.close()

    def create(self, topics: Sequence[Topic]) -> list[str]:
        """Create those that are missing; returns their names. Existing ones are left as they are.

        Raises:
            KafkaAway: the broker would not create one.
        """
        present = set(self._admin.list_topics())
        missing = {topic.name: topic.wanted for topic in topics if topic.name not in present}
        if not missing:
            return []
        answers = self._admin.create_topics(missing, raise_errors=False)["topics"]
        for answer in answers:
            if answer["error_code"] not in (NoError.errno, TopicAlreadyExistsError.errno):
                raise _refused(answer["name"], answer["error_message"])
        self._admin.wait_for_topics(list(missing))
        return [answer["name"] for answer in answers if answer["error_code"] == NoError.errno]

    def present(self) -> list[str]:
        """The names of all topics there are, and that we may see."""
        return sorted(self._admin.list_topics())

    def ids(self, names: Sequence[str]) -> dict[str, str]:
        """Each topic's id: a topic deleted and made again is another topic.

        Raises:
            KafkaAway: a topic is missing.
        """
        described = self._admin.describe_topics(list(names))
        found = {one["name"]: str(one["topic_id"]) for one in described if not one["error_code"]}
        missing = [name for name in names if name not in found]
        if missing:
            raise KafkaAway(
                f"缺少主题{', '.join(missing)}，请先运行 sidan init。"
                f" Topics {', '.join(missing)} are missing; run sidan init first."
            )
        return found

    def check_clock(self, names: Sequence[str]) -> None:
        """Make sure that the broker stamps what comes in.

        Raises:
            KafkaAway: a topic takes its senders' word for the time.
        """
        for name in self.wrong_clocks(names):
            raise wrong_clock(name)

    def wrong_clocks(self, names: Sequence[str]) -> list[str]:
        """Those that take their senders' word for the time."""
        if not names:
            return []
        asked = [
            ConfigResource(ConfigResourceType.TOPIC, name, cast("Any", {_CLOCK: None})) for name in names
        ]
        found = self._admin.describe_configs(asked, config_filter="all")["topic"]
        return [name for name in names if found[name][_CLOCK]["value"] != "LogAppendTime"]

    def partitions(self, topic: str) -> list[int]:
        """The partition numbers of a topic."""
        described = self._admin.describe_topics([topic])
        return sorted(one["partition_index"] for one in described[0]["partitions"])


def _look(kafka: str, options: Mapping[str, str]) -> None:
    """Raises KafkaAway unless the broker is there and lets us in; who is not let in need not wait long."""
    told: list[ConfluentError] = []
    servers: dict[str, Any] = {"bootstrap.servers": kafka, "log_level": 0, "error_cb": told.append}
    try:
        probe = AdminClient({**servers, **options})
    except KafkaException as error:
        raise KafkaRefuses(
            f"SIDAN_KAFKA_OPTIONS 不能用：{_words(error.args[0])}，请更正。"
            f" SIDAN_KAFKA_OPTIONS cannot be used: {_words(error.args[0])}; correct it."
        ) from error
    deadline = monotonic() + _PATIENCE
    while True:
        try:
            probe.list_topics(timeout=_GLANCE)
        except KafkaException as error:
            probe.poll(0)  # hands out what it was told
            refused = [one for one in told if one.code() in _REFUSED]
            if refused:
                raise _kept_out(kafka, refused[0]) from error
            if monotonic() > deadline:
                raise _no_answer(kafka) from error
        else:
            return


def _no_answer(kafka: str) -> KafkaAway:
    return KafkaAway(
        f"连不上Kafka {kafka}，请检查地址和服务。"
        f" Kafka at {kafka} does not answer; check SIDAN_KAFKA and the broker."
    )


def _kept_out(kafka: str, error: ConfluentError) -> KafkaRefuses:
    if error.code() == ConfluentError._AUTHENTICATION:  # noqa: SLF001 - its public name for it
        return KafkaRefuses(
            f"Kafka {kafka} 不认用户名或密码，请检查 SIDAN_KAFKA_OPTIONS 的 sasl.username、sasl.password。"
            f" Kafka at {kafka} does not take the name or the password; check sasl.username and"
            " sasl.password in SIDAN_KAFKA_OPTIONS."
        )
    return KafkaRefuses(
        f"与Kafka {kafka} 的TLS握手不成，请检查 SIDAN_KAFKA_OPTIONS 的 ssl.ca.location 是否是证书的签发者、"
        "地址是否是证书上的名称、该端口是否用TLS。"
        f" The TLS handshake with Kafka at {kafka} fails; see that ssl.ca.location in SIDAN_KAFKA_OPTIONS"
        " names who signed its certificate, that the address is the certificate's, and that the port speaks"
        " TLS."
    )


def _words(error: ConfluentError) -> str:
    """What librdkafka says of a setting, as part of our sentence."""
    return error.str().strip().rstrip(".")


def in_kafka_python(options: Mapping[str, str]) -> dict[str, Any]:
    """The security settings of librdkafka as kafka-python takes them; its other settings are left out."""
    found = {_OF_KAFKA_PYTHON[name]: value for name, value in options.items() if name in _OF_KAFKA_PYTHON}
    if _PROTOCOL in found:
        found[_PROTOCOL] = found[_PROTOCOL].upper()  # the only case that it takes
    return found


def _refused(topic: str, why: str | None) -> KafkaAway:
    return KafkaAway(
        f"Kafka没有建立主题{topic}：{why}，请检查权限和设置。"
        f" Kafka did not create topic {topic}: {why}; check rights and settings."
    )


def wrong_clock(topic: str) -> KafkaAway:
    """What to say of a topic that lets its senders set the time."""
    return KafkaAway(
        f"主题{topic}没有使用LogAppendTime，请设置{_CLOCK}。"
        f" Topic {topic} does not use LogAppendTime; set its {_CLOCK}."
    )
