"""Processes that decide the record again end with the one that started them."""

import os
import subprocess
import sys
from pathlib import Path
from signal import SIGINT, SIGKILL
from subprocess import PIPE

WORKING = """
import os, signal, sys
from adapters.apart import processes

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever the tests were started with
    with processes() as pool:
        print(pool.submit(os.getpid).result(), flush=True)
        sys.stdin.read()
        print(pool.submit(os.getpid).result(), flush=True)
"""


def started(folder: Path) -> "subprocess.Popen[str]":
    script = folder / "working.py"
    script.write_text(WORKING)
    return subprocess.Popen([sys.executable, str(script)], stdin=PIPE, stdout=PIPE, text=True)


def pid_said_by(process: "subprocess.Popen[str]") -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


def test_an_interrupt_is_left_to_the_one_that_started_them(tmp_path: Path) -> None:
    with started(tmp_path) as process:
        child = pid_said_by(process)
        os.kill(child, SIGINT)
        assert process.stdin is not None
        process.stdin.close()
        assert pid_said_by(process) == child
        assert process.wait(20) == 0


def test_where_it_is_killed_none_is_left_behind(tmp_path: Path) -> None:
    with started(tmp_path) as process:
        pid_said_by(process)
        process.send_signal(SIGKILL)
        process.communicate(timeout=20)  # ends when nobody holds its output open any more
        assert process.returncode == -SIGKILL
