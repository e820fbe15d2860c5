"""The command line: `sidan`, a contract that scripts rely on (names, JSON, exit codes)."""

from adapters.cli.app import main

__all__ = ["main"]
