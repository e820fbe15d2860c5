"""A real broker from Apache's own jars, for machines with Java and without Docker."""

import os
import shutil
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.support.compose import ROOT, kafka_environment, kafka_properties, service
from tests.support.link import Link
from tests.support.processes import HOST, Child, free_port, run

# What makes a broker of a few seconds' life start soon; a measured one is started without them.
QUICK_START = "-XX:TieredStopAtLevel=1"


def jars_folder() -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "sidan" / f"kafka-{service('kafka').version}"


def jars_at_hand() -> bool:
    """Whether a broker can be started: Java is here, and the jars are or Maven can bring them."""
    return bool(shutil.which("java")) and (jars_folder().is_dir() or bool(shutil.which("mvn")))


def fetch_jars() -> Path:
    """The folder of jars, filled by Maven the first time."""
    folder = jars_folder()
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as unfinished:
        # Maven fills a folder of its own, which appears under its name only when it is complete.
        target = Path(unfinished) / "jars"
        command = ["mvn", "-q", "-B", "-f", str(ROOT / "tests/support/kafka-jars/pom.xml")]
        command += ["dependency:copy-dependencies", f"-DoutputDirectory={target}"]
        run([*command, f"-Dkafka.version={service('kafka').version}"])
        if not folder.is_dir():
            target.rename(folder)
    return folder


class JarBroker:
    """One broker on a port and a data folder that it keeps while it is stopped."""

    def __init__(self, port: int, *, quick_start: bool, link: Link | None = None) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="sidan-kafka-"))
        self._properties = self._folder / "server.properties"
        self._environment = kafka_environment(
            f"{HOST}:{port}",
            listen=f"{HOST}:{port}",
            controller=f"{HOST}:{free_port()}",
            log_dirs=str(self._folder / "data"),
            external=(f"{HOST}:{link.behind}", link.address) if link else None,
        )
        java = ["java", *self._environment["KAFKA_HEAP_OPTS"].split(), "-XX:+UseSerialGC"]
        java += [QUICK_START] if quick_start else []
        self._java = [*java, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", f"{jars_folder()}/*"]
        command = [*self._java, "kafka.Kafka", str(self._properties)]
        self._child = Child(command, log=self._folder / "broker.log")

    def _format(self) -> None:
        fetch_jars()
        lines = [f"{key}={value}\n" for key, value in kafka_properties(self._environment).items()]
        self._properties.write_text("".join(lines), encoding="utf-8")
        command = [*self._java, "kafka.tools.StorageTool", "format", "-t", self._environment["CLUSTER_ID"]]
        run([*command, "-c", str(self._properties)])

    def start(self, ready: Callable[[], bool]) -> None:
        if not self._properties.exists():
            self._format()
        self._child.start(ready)

    def stop(self) -> None:
        self._child.stop()

    def kill(self) -> None:
        self._child.kill()

    def freeze(self) -> None:
        self._child.send(signal.SIGSTOP)

    def thaw(self) -> None:
        self._child.send(signal.SIGCONT)

    def close(self) -> None:
        self._child.stop()
        shutil.rmtree(self._folder, ignore_errors=True)
