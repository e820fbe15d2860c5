"""One order over a broker that wants TLS and names, and grants no more than docs/security.md says."""

import json
import os
import subprocess
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import httpx
import pytest
from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient

from adapters.bootstrap import Node
from adapters.bus.producing import Outgoing, Sender
from adapters.bus.topics import KafkaAway, Provisioning, Topics
from adapters.settings import Settings
from domain.ids import OrderId, time_ordered_id
from tests.support.a_bus import accept, command, dispatch
from tests.support.a_town import MONDAY
from tests.support.compose import ROOT
from tests.support.kafka import kafka_lane
from tests.support.one_order import TOWN
from tests.support.postgres import fresh_database
from tests.support.processes import HOST, Child, answers, environment_of, free_port
from tests.support.rights import USERS, as_acl, rights
from tests.support.secured_kafka import Authority, Secured, Security, secured_kafka
from tests.support.waiting import eventually
from tests.support.what_is_logged import Watch

SIDAN: Final = str(ROOT / ".venv" / "bin" / "sidan")
OWN: Final = "broker"
PASSWORDS: Final = {name: f"open-{uuid4().hex}" for name in (OWN, *USERS)}
ROLES: Final = ("worker", "relay", "project", "process", "web")
ROADS: Final = "roads"
ORDER: Final = str(time_ordered_id(MONDAY, b"secured"))
TOPICS: Final = [
    *(
        f"sidan.{name}"
        for name in ("residents", "community", "departments", f"departments.{ROADS}", "imports")
    ),
    *(f"sidan.{name}" for name in ("system", "events", "outcomes", "dead-letters", f"work.{ROADS}")),
]
PLACED: Final = {
    "category": "facilities/lights/street",
    "area": "gm-street/dongzhou/mudun",
    "details": "路灯不亮 lamp out",
}

pytestmark = [
    pytest.mark.journey,
    pytest.mark.kafka,
    pytest.mark.skipif(kafka_lane() != "jars", reason="the broker from the jars is the one we can set up so"),
]


class Town:
    """A founded town whose roles each come in under a name of their own."""

    def __init__(self, broker: Secured, store: str) -> None:
        self.broker = broker
        self.store = store
        self.port = free_port()

    def settings(self, user: str, **changed: str) -> Settings:
        options = self.broker.options(user, **changed)
        return Settings(store=self.store, kafka=self.broker.address, kafka_options=options)

    def environment(self, user: str, **changed: str) -> dict[str, str]:
        settings = self.settings(user, **changed)
        return environment_of(replace(settings, departments=ROADS, port=self.port, log="debug"))

    def role(self, name: str, logs: Path) -> Child:
        return Child([SIDAN, name], log=logs / f"{name}.log", environment=self.environment(name))

    def sidan(self, user: str, *words: str, **changed: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, **self.environment(user, **changed)}
        return subprocess.run(
            [SIDAN, *words], env=environment, check=False, capture_output=True, text=True, timeout=60
        )

    def administrator(self, user: str) -> AdminClient:
        servers = {"bootstrap.servers": self.broker.address, "log_level": 0}
        return AdminClient({**servers, **self.settings(user).librdkafka})

    def say(self, user: str, topic: str, body: bytes) -> None:
        sender = Sender(self.broker.address, {**self.settings(user).librdkafka, "log_level": 0})
        sender.send([Outgoing(topic, ORDER.encode(), body)], timeout=10)


@pytest.fixture(scope="module")
def town(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with ExitStack() as stack:
        authority = Authority(tmp_path_factory.mktemp("authority"))
        broker = stack.enter_context(secured_kafka(Security(PASSWORDS, authority, rights=True)))
        town = Town(broker, stack.enter_context(fresh_database(postgres_server)))
        administrator = town.administrator(OWN)
        for one in administrator.create_acls([as_acl(one) for one in rights()]).values():
            one.result(20)
        founded = town.sidan("operator", "init", "--town", TOWN)
        assert founded.returncode == 0, founded.stderr
        with Provisioning(broker.address, town.settings(OWN).librdkafka) as provisioning:
            provisioning.create([Topics.of_work(f"sidan.work.{ROADS}")])
        yield town


@pytest.fixture
def secrets(town: Town, watch: Watch) -> Watch:
    """Every log is searched for them at the end."""
    assert town.broker.security.authority is not None
    key = (town.broker.security.authority.certificate.parent / "broker.pem").read_text(encoding="utf-8")
    watch.keep(*PASSWORDS.values(), key.splitlines()[1])
    return watch


@contextmanager
def working(town: Town, logs: Path, *names: str) -> Generator[Node]:
    """These roles run, each in its own name; the node looks at what comes of it."""
    with ExitStack() as stack, Node(town.settings("web")) as node:
        for name in names:
            child = town.role(name, logs)
            stack.callback(child.stop)
            child.start(lambda: True)
        yield node


def test_an_order_goes_through_with_each_role_in_its_own_name(
    town: Town, secrets: Watch, tmp_path: Path
) -> None:
    steps = (
        ("residents", "sidan.residents", command("PlaceOrder", ORDER, "resident", "r-1", **PLACED)),
        ("community", "sidan.community", dispatch(ORDER, ROADS)),
        (ROADS, f"sidan.departments.{ROADS}", accept(ORDER, ROADS)),
    )
    with working(town, tmp_path, *ROLES) as node:
        for (user, topic, body), stage in zip(steps, ("placed", "dispatched", "accepted"), strict=True):
            town.say(user, topic, body)
            eventually(lambda stage=stage: stage_of(node) == stage, 40, stage)
        eventually(lambda: answers(town.port), what="HTTP")
        ready = httpx.get(f"http://{HOST}:{town.port}/readyz", timeout=20)
        assert ready.status_code == 200, ready.text
    replayed = town.sidan("auditor", "audit", "replay", ORDER, "--from-topic", "--json")
    assert replayed.returncode == 0, replayed.stderr
    told = "".join(log.read_text(encoding="utf-8") for log in tmp_path.glob("*.log"))
    for event in ("worker.command", "relay.fact", "project.fact", "http.request"):
        assert event in told, event
    assert secrets.leaks() == set()


def stage_of(node: Node) -> str:
    found = node.queries.board.get(OrderId(UUID(ORDER)))
    return found.stage if found else ""


def test_the_operator_sees_what_waits_and_may_not_read_it(town: Town, secrets: Watch, tmp_path: Path) -> None:
    town.say("residents", "sidan.residents", b"nobody has taken this in yet")
    told = town.sidan("operator", "status", "--json")
    assert told.returncode == 0, told.stderr
    standing = json.loads(told.stdout)
    assert sum(one["behind"] for one in standing["topics"] if "residents" in one["partition"]) == 1


@pytest.mark.parametrize("user", USERS)
def test_each_may_do_what_the_table_says_and_nothing_else(town: Town, user: str) -> None:
    may = {
        (topic, operation)
        for one in rights()
        if one.user == user and one.kind == "topic" and one.operation in ("Read", "Write")
        for topic in TOPICS
        for operation in [one.operation.upper()]
        if topic == one.name or (one.name.endswith("*") and topic.startswith(one.name[:-1]))
    }
    assert allowed(town, user) == may


def allowed(town: Town, user: str) -> set[tuple[str, str]]:
    """What the broker says that a user may read and write."""
    administrator = town.administrator(user)
    described = administrator.describe_topics(TopicCollection(TOPICS), include_authorized_operations=True)
    found: set[tuple[str, str]] = set()
    for topic, answer in described.items():
        try:
            operations = answer.result(20).authorized_operations or []
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_AUTHORIZATION_FAILED:
                raise
        else:
            found |= {(topic, one.name) for one in operations if one.name in ("READ", "WRITE")}
    return found


@pytest.mark.parametrize(
    ("user", "topic"), [("residents", "community"), ("relay", "system"), ("worker", "events")]
)
def test_what_one_may_not_write_is_not_taken(town: Town, user: str, topic: str) -> None:
    with pytest.raises(KafkaAway, match=r"[Aa]uthoriz"):
        town.say(user, f"sidan.{topic}", b"{}")


@pytest.mark.parametrize(
    ("role", "wrong"),
    [
        ("worker", "password"),
        ("relay", "password"),
        ("process", "authority"),
        ("project", "option"),
    ],
)
def test_who_is_not_let_in_is_told_what_to_correct(
    town: Town, secrets: Watch, tmp_path: Path, role: str, wrong: str
) -> None:
    changed = {
        "password": {"sasl_password": "not-this-one"},
        "authority": {"ssl_ca_location": str(Authority(tmp_path).certificate)},
        "option": {"ssl_ca_location": str(tmp_path / "nowhere.pem")},
    }[wrong]
    secrets.keep("not-this-one")
    told = town.sidan(role, role, **changed)
    (tmp_path / "told.log").write_text(told.stdout + told.stderr, encoding="utf-8")
    assert told.returncode == 3, told.stderr
    sentence = told.stderr.splitlines()[-1]
    assert sentence.endswith("[kafka_refuses]")
    corrects = "sasl.password" if wrong == "password" else "ssl.ca.location"
    assert sentence.count(corrects) == 2  # once in each language
