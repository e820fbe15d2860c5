"""Commands as lines: one structured CloudEvent each, put together by hand, since very many are wanted."""

import json
from datetime import UTC, datetime
from typing import Final

from domain.ids import time_ordered_id
from domain.stages import Role

SOURCE: Final = "sidan/simulate/"


def escaped(text: str) -> str:
    """A text as it stands between the quotes of a JSON string."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def stamp(moment: datetime) -> str:
    """ISO 8601 in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


class Writer:
    """Gathers the lines of one simulation. The same seed makes the same bytes."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.lines: list[bytes] = []
        self._head = f'{{"specversion":"1.0","source":"{SOURCE}{seed}","id":"'
        self._count = 0
        self._faults = 0

    def new_id(self, moment: datetime, what: str) -> str:
        return str(time_ordered_id(moment, f"{self.seed}/{what}".encode()))

    def fault_id(self, time: str) -> str:
        """An id for a bad message, beside the numbers of the good."""
        self._faults += 1
        return self.new_id(datetime.fromisoformat(time), f"fault/{self._faults}")

    def say(
        self,
        at: datetime,
        wire: str,
        order: str,
        by: tuple[Role, str],
        data: str = "",
        *,
        extras: str = "",
    ) -> None:
        """One line.

        Args:
            by: role and id of who asks.
            data: the fields of the command without its braces, already JSON.
            extras: more attributes, each ending in a comma, already JSON.
        """
        self._count += 1
        role, actor = by
        command = self.new_id(at, str(self._count))
        line = (
            f'{self._head}{command}","type":"{wire}","subject":"{order}","time":"{stamp(at)}",'
            f'"role":"{role.value}","actor":"{actor}",{extras}"data":{{{data}}}}}\n'
        )
        self.lines.append(line.encode())

    def take(self) -> list[bytes]:
        """The lines said since the last time."""
        lines, self.lines = self.lines, []
        return lines
