"""A service run as a child process: nothing outlives the tests, and each is stopped by its own process id."""

import atexit
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import TypedDict

from adapters.settings import Settings

HOST = "127.0.0.1"
PORTS = range(20_000, 32_768)  # below Linux's ip_local_port_range


def free_port() -> int:
    """One that stays free until its server is there, or while it is away.

    Not of those that the system gives to whoever calls somebody: other tests call all the time.
    """
    while True:
        port = PORTS.start + secrets.randbelow(len(PORTS))
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            return port


def environment_of(settings: Settings) -> dict[str, str]:
    """The same settings for a process of its own; those left at their default are left out."""
    default = Settings()
    return {
        f"SIDAN_{field.name.upper()}": str(getattr(settings, field.name))
        for field in fields(Settings)
        if getattr(settings, field.name) != getattr(default, field.name)
    }


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def run(command: Sequence[str], *, user: str | None = None) -> None:
    """Run a program to its end; RuntimeError with its last output if it fails."""
    done = subprocess.run(
        command,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **_as_user(user),
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}")


class Child:
    """One program in a process group of its own, its output in a file.

    Start it from the main thread: the kernel ends it too when the thread that started it ends, so that even a
    killed test run leaves nothing behind.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        stop_signal: signal.Signals = signal.SIGTERM,
        environment: Mapping[str, str] | None = None,
        user: str | None = None,
    ) -> None:
        self._command = [*_dying_with_us(stop_signal), *command]
        self._log = log
        self._stop_signal = stop_signal
        beside = {"SIDAN_CHECKPOINTS": f"{log}.checkpoints"}  # and not where the tests are run
        self._environment = {**beside, **os.environ, **(environment or {})}
        self._user = user
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, ready: Callable[[], bool], *, seconds: float = 60) -> None:
        """Run the program and wait until it is ready; RuntimeError with its last output if it never is."""
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self._environment,
                start_new_session=True,
                **_as_user(self._user),
            )
        atexit.register(self.stop)
        deadline = time.monotonic() + seconds
        while not ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"{self._command[-1]} did not start:\n{self._log_tail()}")
            time.sleep(0.05)

    @property
    def runs(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Of the running program; LookupError if it does not run."""
        if self._process is None or not self.runs:
            raise LookupError(self._command[-1])
        return self._process.pid

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, if it runs."""
        if self._process is not None and self.runs:
            self._process.send_signal(number)

    def stop(self, *, seconds: float = 20) -> None:
        """End the program in its own orderly way, or by force when that takes too long."""
        process, self._process = self._process, None
        atexit.unregister(self.stop)
        if process is None or process.poll() is not None:
            return
        process.send_signal(self._stop_signal)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def kill(self) -> None:
        """End the program as a power cut would."""
        process, self._process = self._process, None
        atexit.unregister(self.stop)
        if process is not None and process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _log_tail(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-20:])


def _dying_with_us(stop_signal: signal.Signals) -> list[str]:
    setpriv = shutil.which("setpriv")  # util-linux; elsewhere atexit has to be enough
    return [setpriv, "--pdeathsig", stop_signal.name.removeprefix("SIG"), "--"] if setpriv else []


class _AsUser(TypedDict, total=False):
    user: str
    group: int
    extra_groups: list[int]


def _as_user(name: str | None) -> _AsUser:
    if name is None:
        return {}
    return {"user": name, "group": pwd.getpwnam(name).pw_gid, "extra_groups": []}
