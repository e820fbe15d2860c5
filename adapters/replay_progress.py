"""Keeps how far a replay of the whole record has come in a file, so that an interrupted one goes on."""

import os
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import TypeAdapter, ValidationError

from adapters.store.event_store import EventStore
from services.audit.auditor import Reached
from services.audit.findings import Finding


class ProgressUnfit(ValueError):
    """The file cannot be gone on from; the sentence says why and what to do, Chinese and English."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(f"{zh} {en}")
        self.code, self.zh, self.en = code, zh, en


@dataclass(frozen=True, slots=True)
class Kept:
    """One replay up to a place."""

    asked: dict[str, str]  # what narrows it: as_of, happened_by
    reached: Reached
    findings: list[Finding] = field(default_factory=list[Finding])
    digest: str = ""  # SHA-256 of the stored event at that place
    format: Literal[1] = 1


_KEPT: Final = TypeAdapter(Kept)


def keep(file: Path, store: EventStore, kept: Kept) -> None:
    """Write it whole or not at all: a file cut short would lose what was found.

    Raises:
        ProgressUnfit: progress_unwritable.
    """
    dated = asdict(kept) | {"digest": _digest(store, kept.reached.position)}
    beside = file.with_name(file.name + ".new")
    try:
        with beside.open("wb") as out:
            out.write(_KEPT.dump_json(_KEPT.validate_python(dated)))
            out.flush()
            os.fsync(out.fileno())
        beside.replace(file)
    except OSError as error:
        raise ProgressUnfit(
            "progress_unwritable",
            f"进度文件{file}写不了（{error.strerror}），请另给一个可写的文件名。",
            f"The progress file {file} cannot be written ({error.strerror}); name one that can.",
        ) from error


def kept_in(file: Path, store: EventStore, asked: dict[str, str]) -> Kept | None:
    """Where to go on from; None where the file is not there yet.

    Raises:
        ProgressUnfit: progress_unreadable, progress_of_another_record, progress_of_another_question.
    """
    if not file.exists():
        return None
    try:
        kept = _KEPT.validate_json(file.read_bytes())
    except (ValidationError, OSError) as error:
        raise ProgressUnfit(
            "progress_unreadable",
            f"进度文件{file}读不懂，请另给一个文件名从头开始。",
            f"The progress file {file} cannot be read; name another one to begin anew.",
        ) from error
    if kept.asked != asked:
        raise ProgressUnfit(
            "progress_of_another_question",
            f"进度文件{file}是用别的截止时间开始的，请用原来的选项继续，或另给一个文件名。",
            f"The progress file {file} was begun with another moment; go on with the same options, or name"
            " another file.",
        )
    if kept.digest != _digest(store, kept.reached.position):
        raise ProgressUnfit(
            "progress_of_another_record",
            f"进度文件{file}所到之处与本存储不符：它属于别的存储，或该处记录已被改动；请另给一个文件名从头重放。",
            f"Where the progress file {file} has come to, this record says something else: it is of another"
            " record, or this one was changed there; name another file and replay from the beginning.",
        )
    return kept


def _digest(store: EventStore, position: int) -> str:
    stored: Any = store.read_stored(position - 1, 1) if position else ()
    if not stored or stored[0].id != position:
        return ""
    one = stored[0]
    said = f"{one.originator_id}\0{one.originator_version}\0{one.topic}\0".encode() + one.state
    return sha256(said).hexdigest()
