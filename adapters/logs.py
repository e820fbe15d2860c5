"""One place for the log: for people on a terminal, one JSON object a line otherwise, always on stderr."""

import logging
import sys
from collections.abc import Sequence
from typing import Final, TextIO

import structlog
from structlog.typing import Processor

QUIET: Final = logging.WARNING  # a command's answer is its output; only trouble is logged beside it
TALKING: Final = logging.INFO  # what runs for days says what it does
LEVELS: Final = {"debug": logging.DEBUG, "info": TALKING, "warning": QUIET}  # by the names of the setting

# kafka-python says the passwords it was given at debug, and twenty lines of each connection at info.
_TALKATIVE: Final = ("kafka",)

_SHARED: Final[Sequence[Processor]] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
)


def configure(level: int = TALKING, stream: TextIO | None = None) -> None:
    """Send our own log and that of the libraries the same way. May be called again.

    What is known of the work at hand (order, command, position) is bound by
    `structlog.contextvars.bound_contextvars` or named at the call.
    """
    out = stream or sys.stderr
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_last(out)],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def in_detail() -> bool:
    """Whether each command is to be told apart; asked once a batch, so that the hot path pays nothing."""
    return logging.getLogger().isEnabledFor(logging.DEBUG)


def _last(out: TextIO) -> list[Processor]:
    if out.isatty():
        return [structlog.dev.ConsoleRenderer()]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
