"""Reading one's own write: a query waits until the read models hold what `after` names."""

from collections.abc import Callable
from time import monotonic, sleep
from typing import Annotated, Final

from fastapi import Query

from adapters.places import has_reached
from adapters.web.engine import Engine
from adapters.web.problems import problem

PATIENCE: Final = 5.0  # seconds
PAUSE: Final = 0.02

After = Annotated[
    str | None,
    Query(
        description="读到自己刚写的：回答里的 after · read your own write: the `after` of an answer",
        examples=["1024:0197c6f2-5a52-7e1f-9b58-3f6f3b8a1c11"],
    ),
]


class OwnWrite:
    """Waits for the read models of one engine."""

    def __init__(
        self, engine: Engine, patience: float = PATIENCE, pause: Callable[[float], None] = sleep
    ) -> None:
        self._engine = engine
        self._patience = patience
        self._pause = pause

    def wait_for(self, after: str | None) -> None:
        """Return once they are there. Raises Problem when they do not get there in time."""
        if not after:
            return
        position, _, key = after.partition(":")
        if not (position.isascii() and position.isdigit()) or len(position) > 18:  # noqa: PLR2004 - a bigint
            raise problem("invalid_after")
        deadline = monotonic() + self._patience
        while not self._reached(int(position), key):
            if self._engine.settings.embedded and self._engine.follow():
                continue
            if monotonic() > deadline:
                raise problem("not_caught_up", headers={"Retry-After": "1"})
            self._pause(PAUSE)

    def _reached(self, position: int, key: str) -> bool:
        """What is learnt in log order is no answer's own write: it only ranks."""
        shown = [one for one in self._engine.projectors if not one.model.in_log_order]
        return all(has_reached(one.positions(), position, key) for one in shown)
