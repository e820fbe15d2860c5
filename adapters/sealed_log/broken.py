"""Why sealing does not go on: what was sealed is not what lies there now."""

from collections.abc import Mapping
from typing import Final

_EXPLAINED_ZH: Final = "请运行 sidan audit verify --witness 查明，说得清之后再把该文件移走。"
_EXPLAINED: Final = "run sidan audit verify --witness, and move the file away once that is explained."
_REASONS: Final[Mapping[str, tuple[str, str]]] = {
    "seal_tiles": (
        "封存的叶子与最后一个检查点不符（{what}），不再封存；请运行 sidan audit verify 查明。",
        "What is sealed does not give the last checkpoint ({what}); run sidan audit verify before more is.",
    ),
    "seal_unreadable": (
        "最后一个检查点读不懂（{what}），不再封存；请运行 sidan audit verify 查明。",
        "The last checkpoint cannot be read ({what}); run sidan audit verify before more is sealed.",
    ),
    "seal_rolled_back": (
        "检查点文件 {what} 比存储走得远，存储可能被换成了旧副本；" + _EXPLAINED_ZH,
        "The file of checkpoints {what} is ahead of the record, which may be an older copy; " + _EXPLAINED,
    ),
    "seal_forked": (
        "检查点文件 {what} 记的是另一段历史；" + _EXPLAINED_ZH,
        "The file of checkpoints {what} bears witness of another history; " + _EXPLAINED,
    ),
    "witness_foreign": (
        "{what} 不是检查点文件，请用 SIDAN_CHECKPOINTS 另给一个。",
        "{what} is no file of checkpoints; name another in SIDAN_CHECKPOINTS.",
    ),
}


class SealBroken(RuntimeError):
    """To sign on top of it would make it good."""

    def __init__(self, code: str, what: str) -> None:
        self.code = code
        self.zh, self.en = (text.format(what=what) for text in _REASONS[code])
        super().__init__(f"{self.zh} {self.en}")
