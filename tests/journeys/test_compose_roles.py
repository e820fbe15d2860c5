"""docker-compose.yml without Docker: each service's command in its environment, as a process of its own."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from domain.ids import time_ordered_id
from tests.support.a_bus import read_all
from tests.support.a_town import MONDAY
from tests.support.compose import ROOT, compose_file
from tests.support.one_order import OverHttp, pass_one_order
from tests.support.processes import HOST, Child, answers, free_port
from tests.support.waiting import eventually

pytestmark = [pytest.mark.journey, pytest.mark.kafka, pytest.mark.postgres]
SIDAN = ROOT / ".venv" / "bin" / "sidan"
TOKEN = "compose-journey"  # as the workflow sets it
ROLES = ("worker", "relay", "project", "process", "web")


def ours() -> dict[str, Any]:
    """The services that run our own image."""
    services: dict[str, Any] = compose_file()["services"]
    return {name: service for name, service in services.items() if service["image"] == "sidan:local"}


class Composed:
    """The services of docker-compose.yml on this machine; hosts and ports are mapped, all else stays."""

    def __init__(self, kafka: str, store: str, logs: Path) -> None:
        self.port = free_port()
        self._metrics = {name: str(free_port()) for name in ROLES}  # one machine for all of them
        self.prefix = f"c{uuid4().hex[:10]}"  # the broker is not ours alone
        self._hosts = {"kafka:9092": kafka, store_of_compose(): store}
        self._logs = logs
        self.children: dict[str, Child] = {}

    def init(self) -> None:
        """Run the service that the others wait for."""
        environment = {**os.environ, **self._environment("init")}
        subprocess.run(
            self._command("init"), env=environment, check=True, timeout=90, stdout=subprocess.DEVNULL
        )

    def role(self, name: str) -> Child:
        """A service that stays."""
        log = self._logs / f"{name}.log"
        return Child(self._command(name), log=log, environment=self._environment(name))

    def healthy(self, name: str) -> bool:
        """What the service's healthcheck says."""
        check: str = ours()[name]["healthcheck"]["test"]
        mapped = check.replace(":9000/", f":{self._metrics[name]}/").replace(":8000/", f":{self.port}/")
        asking = [sys.executable, *shlex.split(mapped)[1:]]
        return subprocess.run(asking, check=False, timeout=30, stderr=subprocess.DEVNULL).returncode == 0

    def _command(self, name: str) -> list[str]:
        words = shlex.split(ours()[name]["command"])
        mapped = {"0.0.0.0": HOST, "8000": str(self.port)}  # noqa: S104 - it is what we replace
        return [str(SIDAN), *(mapped.get(word, word) for word in words)]

    def _environment(self, name: str) -> dict[str, str]:
        found = {"SIDAN_PREFIX": self.prefix}
        for variable, value in ours()[name]["environment"].items():
            text = TOKEN if variable == "SIDAN_TOKEN" else _defaulted(str(value))
            found[variable] = self._hosts.get(text, text)
        found["SIDAN_KEYS"] = str(self._logs / "keys")
        if name in self._metrics:
            found["SIDAN_METRICS_PORT"] = self._metrics[name]
        return found


def store_of_compose() -> str:
    return _defaulted(str(ours()["worker"]["environment"]["SIDAN_STORE"]))


def _defaulted(value: str) -> str:
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)


@pytest.fixture
def composed(kafka: str, postgres_url: str, tmp_path: Path) -> Iterator[Composed]:
    town = Composed(kafka, postgres_url, tmp_path)
    with ExitStack() as stack:
        town.init()
        for name in ROLES:
            child = town.role(name)
            child.start(lambda: True)
            stack.callback(child.stop)
            town.children[name] = child
        eventually(lambda: answers(town.port), 40, "HTTP")
        yield town


def test_every_role_of_the_engine_has_a_service() -> None:
    assert set(ours()) == {"init", *ROLES}


def test_the_healthcheck_of_every_service_tells_life_from_death(composed: Composed) -> None:
    for name in ROLES:
        eventually(lambda name=name: composed.healthy(name), 40, f"the health of {name}")
    composed.children["relay"].stop()
    assert [name for name in ROLES if not composed.healthy(name)] == ["relay"]


def test_one_order_goes_through_all_of_them(composed: Composed, kafka: str) -> None:
    order = str(time_ordered_id(MONDAY, composed.prefix.encode()))
    with closing(OverHttp(f"http://{HOST}:{composed.port}", TOKEN)) as http:
        eventually(http.ready, 40, "the read models")
        assert pass_one_order(http, order)["stage"] == "rated"
    answered = [one for one in read_all(kafka, f"{composed.prefix}.outcomes") if one.key == order]
    assert [one.data["status"] for one in answered] == ["recorded"] * 5
