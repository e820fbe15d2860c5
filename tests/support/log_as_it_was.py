"""What sets up the log sets it up for the whole process: it is put back where that is over."""

import logging
from collections.abc import Generator
from contextlib import contextmanager

import structlog


@contextmanager
def log_as_it_was() -> Generator[None]:
    """Afterwards the log goes where it went before, at its level.

    A command that a test runs sends it to that test's stderr, which is closed when the next one logs.
    """
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    ours = structlog.get_config() if structlog.is_configured() else None
    try:
        yield
    finally:
        root.handlers = handlers
        root.setLevel(level)
        structlog.reset_defaults()
        if ours is not None:
            structlog.configure(**ours)
