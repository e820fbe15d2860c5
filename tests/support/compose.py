"""What docker-compose.yml says of Kafka and PostgreSQL: one source for image, version and settings."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Service:
    image: str
    environment: dict[str, str]

    @property
    def version(self) -> str:
        return self.image.rpartition(":")[2]


@cache
def compose_file() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return document


def service(name: str) -> Service:
    """One service of docker-compose.yml, with `${NAME:-default}` read as its default."""
    entry = compose_file()["services"][name]
    settings = {key: _defaulted(str(value)) for key, value in entry["environment"].items()}
    return Service(entry["image"], settings)


def _defaulted(value: str) -> str:
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)


def kafka_environment(
    address: str, *, listen: str, controller: str, log_dirs: str, external: tuple[str, str] | None = None
) -> dict[str, str]:
    """The broker's settings with a test's own addresses in the place of the compose network's.

    `external` is where it listens besides, and the address that it then gives for itself.
    """
    listeners, advertised = f"INTERNAL://{listen}", f"INTERNAL://{address}"
    if external:
        listeners += f",EXTERNAL://{external[0]}"
        advertised += f",EXTERNAL://{external[1]}"
    return service("kafka").environment | {
        "KAFKA_LISTENERS": f"{listeners},CONTROLLER://{controller}",
        "KAFKA_ADVERTISED_LISTENERS": advertised,
        "KAFKA_CONTROLLER_QUORUM_VOTERS": f"1@{controller}",
        "KAFKA_LOG_DIRS": log_dirs,
    }


def kafka_properties(environment: dict[str, str]) -> dict[str, str]:
    """The same settings as server.properties has them: KAFKA_NODE_ID is node.id, as in the image."""
    return {
        key.removeprefix("KAFKA_").lower().replace("_", "."): value
        for key, value in environment.items()
        if key.startswith("KAFKA_") and key != "KAFKA_HEAP_OPTS"
    }
