"""A made-up table of a made-up town's hotline, with the dirt that real ones have."""

import csv
import gzip
import io
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

NOW: Final = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
COLUMNS: Final = (
    "source_id", "created_at", "channel", "street", "community", "category", "subcategory", "item",
    "agency", "archived_in_time", "archived_overdue", "closed_at",
)  # fmt: skip
CHINESE: Final = (
    "工单编号", "创建时间", "来源", "街道", "社区", "大类", "小类", "细类",
    "承办单位", "按时结案", "超期结案", "办结时间",
)  # fmt: skip


def row(number: object, **said: Any) -> dict[str, Any]:
    """A lamp in the east of the lake, reported on the first of March 2026 and mended in time."""
    return {
        "source_id": str(number),
        "created_at": "2026-03-01T09:00:00+08:00",
        "channel": "热线",
        "street": "湖街道",
        "community": "东社区",
        "category": "市政",
        "subcategory": "照明",
        "item": "路灯",
        "agency": "灯务所",
        "archived_in_time": 1,
        "archived_overdue": 0,
        "closed_at": None,
        **said,
    }


def dirty_rows() -> list[dict[str, Any]]:
    """Everything at once; `DIRTY` says what is to become of it."""
    pushed = [row(100 + number, created_at="2026-03-01T10:00:00+08:00") for number in range(40)]
    return [
        *pushed,  # a channel's batch: forty rows in one second
        row(1, agency=None, archived_in_time=None, archived_overdue=None),
        row(2, agency=None),
        row(3, street=None, community=None),
        row(4, community=None),
        row(5, category=None, subcategory=None, item=None),
        row(6, subcategory=None, item=None),
        row(7, archived_in_time=0, archived_overdue=1),
        row(8, archived_in_time=None, archived_overdue=None),
        row(9),
        row(9),  # the same again
        row(9, item="灯杆"),  # the same id, another content
        row(10, closed_at="2026-03-01T08:00:00+08:00"),  # closed before it was created
        row(11, created_at="2026-03-02T09:00:01+08:00"),  # a second from now
        row(12, created_at="yesterday"),
        row(13, created_at=None),
        row("", community="西社区"),
        row(14, archived_in_time=1, archived_overdue=1),  # contradicts itself
        row(
            15, created_at="2026-02-28T09:00:00+08:00", agency="灯务所（东片）"
        ),  # earlier than the rows before
    ]


DIRTY: Final[Mapping[str, int]] = {"recorded": 50, "rejected": 4, "repeated": 1, "parked": 3}
REFUSED: Final[Mapping[str, int]] = {
    "id_reused": 1, "date_absurd": 1, "date_in_future": 1, "import_stage": 1,
}  # fmt: skip


def json_table(path: Path, rows: Iterable[Mapping[str, Any] | str]) -> Path:
    """JSON lines; a text stands as it is."""
    lines = (one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in rows)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def csv_text(rows: Iterable[Mapping[str, Any]], header: Iterable[str] = COLUMNS, separator: str = ",") -> str:
    """As a spreadsheet writes it: empty for what is not there, lines ended the Windows way."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator)
    writer.writerow(list(header))
    writer.writerows([one[name] for name in COLUMNS] for one in rows)
    return text.getvalue()


def csv_table(path: Path, text: str, encoding: str = "utf-8") -> Path:
    content = text.encode(encoding)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)
