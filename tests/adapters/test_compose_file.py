"""docker-compose.yml and both test lanes agree about Kafka and PostgreSQL; nothing is open to the network."""

import re

import pytest

from tests.support.compose import ROOT, compose_file, kafka_environment, kafka_properties, service

TESTS_OWN = {"listeners", "advertised.listeners", "controller.quorum.voters", "log.dirs"}
ROLES = ("worker", "relay", "project", "process", "web")


@pytest.fixture
def jar_settings() -> dict[str, str]:
    environment = kafka_environment("127.0.0.1:1", listen=":1", controller=":2", log_dirs="data")
    return kafka_properties(environment)


def test_the_jars_get_every_setting_of_the_composed_broker(jar_settings: dict[str, str]) -> None:
    composed = kafka_properties(service("kafka").environment)
    differing = {key for key in composed | jar_settings if composed.get(key) != jar_settings.get(key)}
    assert differing == TESTS_OWN


def test_the_broker_makes_no_topic_and_keeps_the_time(jar_settings: dict[str, str]) -> None:
    assert jar_settings["auto.create.topics.enable"] == "false"
    assert jar_settings["log.message.timestamp.type"] == "LogAppendTime"


@pytest.mark.parametrize("name", ["kafka", "postgres"])
def test_images_are_pinned_to_a_version(name: str) -> None:
    assert re.fullmatch(r"\d+(\.\d+)*", service(name).version)


def test_no_other_file_names_a_version_of_theirs() -> None:
    for name in ("tests/support/kafka-jars/pom.xml", ".github/workflows/test.yml", "Makefile"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert service("kafka").version not in text
        assert service("postgres").image not in text


def test_ports_are_open_to_this_machine_only() -> None:
    ports = [port for entry in compose_file()["services"].values() for port in entry.get("ports", ())]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize("role", ROLES)
def test_every_role_waits_for_the_town(role: str) -> None:
    entry = compose_file()["services"][role]
    assert entry["command"].split()[0] == role
    assert entry["depends_on"]["init"]["condition"] == "service_completed_successfully"


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_a_healthcheck_at_a_port_that_it_listens_on(role: str) -> None:
    entry = compose_file()["services"][role]
    port = "8000" if role == "web" else str(entry["environment"]["SIDAN_METRICS_PORT"])
    assert f"127.0.0.1:{port}/health" in entry["healthcheck"]["test"]


@pytest.mark.parametrize("role", ["init", *ROLES])
def test_only_roles_that_open_or_sign_have_the_keys(role: str) -> None:
    entry = compose_file()["services"][role]
    mounted = [volume for volume in entry.get("volumes", ()) if volume.startswith("keys:")]
    needs = role in ("init", "worker", "process", "web")
    assert mounted == ([f"keys:{entry['environment']['SIDAN_KEYS']}"] if needs else [])
