"""What an auditor can find wrong with a sealed record, and what no auditor can prove: codes and sentences."""

from dataclasses import dataclass
from typing import Final, Self

from services.audit.sentences import Sentences, said

_FLAWS: Final[Sentences] = {
    "event_edited": (
        "位置{position}的事件封存后被改动（{subject} 第{version}版）",
        "The event at position {position} was edited after it was sealed ({subject}, version {version})",
    ),
    "event_deleted": (
        "封存过的事件被删除：位置{position}至{until}，共{count}条",
        "Sealed events were deleted: positions {position} to {until}, {count} of them",
    ),
    "events_truncated": (
        "封存过的记录被截尾：位置{position}至{until}，共{count}条",
        "The sealed record was cut off: positions {position} to {until}, {count} events",
    ),
    "event_inserted": (
        "位置{position}的事件是后来插入的（{subject} 第{version}版）",
        "The event at position {position} was inserted into what was sealed ({subject}, version {version})",
    ),
    "event_reordered": (
        "位置{position}的事件被换到了位置{until}（{subject} 第{version}版）",
        "The event of position {position} was moved to position {until} ({subject}, version {version})",
    ),
    "tile_missing": (
        "第{position}至{until}片叶子的封存缺失或残缺",
        "The seal of leaves {position} to {until} is missing or torn",
    ),
    "tiles_differ": (
        "第{position}至{until}片叶子的封存被改动，记录本身与签名相符",
        "The seal of leaves {position} to {until} was changed; the record itself is as it was signed",
    ),
    "tile_above": (
        "第{position}层第{until}块不是其下叶子的哈希",
        "Tile {until} of level {position} does not hold the hashes of what is below it",
    ),
    "checkpoint_differs": (
        "检查点{size}与记录不符：位置{position}至{until}之间的历史被改写",
        "Checkpoint {size} does not fit: history from position {position} to {until} was rewritten",
    ),
    "witness_differs": (
        "见证的检查点{size}与记录不符：位置{position}至{until}之间的历史被改写",
        "Witnessed checkpoint {size} does not fit: history from position {position} to {until} was rewritten",
    ),
    "checkpoint_ahead": (
        "检查点有{size}条事件，记录只剩{count}条：位置{position}之后被删",
        "A checkpoint has {size} events, the record {count}: what came behind position {position} is gone",
    ),
    "witness_ahead": (
        "见证的检查点有{size}条事件，记录只有{count}条：位置{position}之后的历史丢失，存储可能被换成旧副本",
        "A witness saw {size} events, the record has {count}: perhaps an old copy, up to position {position}",
    ),
    "checkpoint_unreadable": (
        "检查点{size}读不懂",
        "Checkpoint {size} cannot be read",
    ),
    "checkpoint_unsigned": (
        "检查点{size}不是用给出的公钥签的",
        "Checkpoint {size} is not signed by the given key",
    ),
    "checkpoint_missing": (
        "第{position}至{until}片叶子已封存，却没有检查点：检查点被删",
        "Leaves {position} to {until} are sealed and no checkpoint covers them: one was deleted",
    ),
    "checkpoint_misfiled": (
        "检查点{count}被记在{size}名下",
        "Checkpoint {count} is filed as {size}",
    ),
    "place_shared": (
        "有{count}个位置不止一条事件，或事件没有位置：数据表失去了主键",
        "At {count} places lie several events, or some lie at none: the table lost its key",
    ),
    "witness_unreadable": (
        "见证文件的第{size}个检查点读不懂",
        "Checkpoint number {size} of the witness cannot be read",
    ),
    "witness_unsigned": (
        "见证的检查点{size}不是用给出的公钥签的",
        "The witnessed checkpoint {size} is not signed by the given key",
    ),
}
_LIMITS: Final[Sentences] = {
    "unsealed_tail": (
        "最后{count}条事件尚未封存，改动它们不会被发现",
        "The last {count} events are not sealed yet; a change to them would not be found",
    ),
    "no_witness": (
        "没有给出别人保存的见证：持有签名私钥、能改库和旁边检查点文件的人可以重签整段历史",
        "No witness kept by others was given: who holds key, database and checkpoints can sign all anew",
    ),
    "witness_ends": (
        "见证文件止于第{count}条：其后的历史只凭本库的检查点",
        "The witness ends at event {count}: what follows stands on this database's own checkpoints",
    ),
    "no_key": (
        "没有给出公钥：检查点由谁所签没有核对",
        "No public key was given: who signed the checkpoints was not checked",
    ),
    "collusion": (
        "签名人若与每一位见证人串通，任何校验都发现不了",
        "A signer who colludes with every witness cannot be found out",
    ),
}


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing found wanting."""

    code: str
    zh: str
    en: str
    position: int | None = None  # in the record; of tiles: the leaf, or the level
    until: int | None = None
    count: int | None = None
    size: int | None = None  # of a checkpoint
    subject: str = ""
    version: int | None = None

    @classmethod
    def of(cls, code: str, **what: int | str) -> Self:
        """With its sentences."""
        return cls(code, *said(_FLAWS, code, what), **what)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Limit:
    """One thing that was not, or cannot be, proven."""

    code: str
    zh: str
    en: str

    @classmethod
    def of(cls, code: str, count: int = 0) -> Self:
        """With its sentences."""
        return cls(code, *said(_LIMITS, code, {"count": count}))
