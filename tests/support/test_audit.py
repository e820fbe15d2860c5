"""What `make audit` says of a weak version, of none, and when nobody can tell."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final

import pytest

from tests.support.audit import AWAY, CLEAN, LOCK, WANTING, main
from tests.support.compose import ROOT
from tests.support.processes import HOST, free_port

WEAK: Final = {
    "id": "PYSEC-2999-1",
    "summary": "it is weak",
    "affected": [
        {
            "package": {"name": "lamp", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.3"}]}],
        }
    ],
}


@contextmanager
def a_service(known: dict[str, Any], status: int = 200) -> Generator[str]:
    """OSV's one question, answered from what is known of each package."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            body = json.dumps(known.get(asked["package"]["name"], {})).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the library calls it
            """Says nothing."""

    server = ThreadingHTTPServer((HOST, 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{HOST}:{server.server_port}/v1/query"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    file = tmp_path / "requirements.lock"
    file.write_text(f"lamp==1.2 \\\n    --hash=sha256:{'0' * 64}\n", encoding="utf-8")
    return file


def test_a_weak_version_is_named_with_the_one_that_mends_it(
    lock: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with a_service({"lamp": {"vulns": [WEAK]}}) as service:
        assert main(lock, service) == WANTING
    told = capsys.readouterr().err
    assert "vulnerable: lamp 1.2 has PYSEC-2999-1; raise it to 1.3 and run make lock." in told


def test_where_nothing_is_known_against_them_all_is_well(
    lock: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with a_service({}) as service:
        assert main(lock, service) == CLEAN
    assert "No locked version" in capsys.readouterr().out


def test_a_service_that_does_not_answer_is_no_pass(lock: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(lock, f"http://{HOST}:{free_port()}/v1/query") == AWAY
    told = capsys.readouterr().err.splitlines()
    assert [line[:10] for line in told] == ["audit_away"] * 2


@pytest.mark.parametrize("status", [404, 500])
def test_a_service_that_knows_no_packages_is_no_pass(lock: Path, status: int) -> None:
    with a_service({}, status) as service:
        assert main(lock, service) == AWAY


@pytest.mark.parametrize(
    "held", ["", f"lamp @ https://lamp.invalid/lamp-1.2.tar.gz --hash=sha256:{'0' * 64}\n"]
)
def test_a_lock_whose_versions_nobody_can_ask_about_is_no_pass(lock: Path, held: str) -> None:
    lock.write_text(held, encoding="utf-8")
    with a_service({}) as service:
        assert main(lock, service) == AWAY


def test_all_that_is_installed_for_use_is_in_the_lock_that_is_audited() -> None:
    def pins(name: str) -> set[str]:
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        return {line.split(" ")[0] for line in lines if "==" in line and line[0].isalpha()}

    assert pins("requirements-app.lock") <= pins(LOCK.name)
