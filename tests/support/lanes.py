"""Before the tests: say which Kafka, PostgreSQL and browser they will use, and fetch what can be fetched."""

import os
import shutil
import subprocess
import sys

from tests.support.browser import NO_BROWSER, browser_path
from tests.support.compose import service
from tests.support.kafka import NO_KAFKA, kafka_lane
from tests.support.kafka_jars import fetch_jars
from tests.support.postgres import NO_POSTGRES, postgres_lane


def kafka() -> str:
    if os.environ.get("SIDAN_TEST_KAFKA"):
        return "as SIDAN_TEST_KAFKA says"
    lane = kafka_lane() or sys.exit(NO_KAFKA)
    if lane == "jars":
        fetch_jars()
    return f"{service('kafka').image} from {lane}"


def postgres() -> str:
    if os.environ.get("SIDAN_TEST_POSTGRES"):
        return "as SIDAN_TEST_POSTGRES says"
    lane = postgres_lane() or sys.exit(NO_POSTGRES)
    return f"{service('postgres').image} from {lane}"


def browser() -> str:
    """On a fresh Debian root can simply install one."""
    if browser_path() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for step in ("update", "install -y chromium fonts-noto-cjk"):
            subprocess.run(["apt-get", "-qq", *step.split()], stdout=subprocess.DEVNULL, check=False)
    return browser_path() or sys.exit(NO_BROWSER)


if __name__ == "__main__":
    for lane in (kafka, postgres, browser):
        print(f"{lane.__name__}: {lane()}", flush=True)
