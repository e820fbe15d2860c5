"""Why a record is not exported or not taken in: a stable code, a sentence in both languages."""

from typing import Final

_SENTENCES: Final = {
    "nothing_to_export": (
        "这段时间没有记录，请换个起止时间。",
        "Nothing was recorded in that time; give another beginning or end.",
    ),
    "not_as_sealed": (
        "记录与已封存的不一致（{what}），没有导出，请先运行 sidan audit verify。",
        "The record is not what was sealed ({what}), and nothing is exported; run sidan audit verify first.",
    ),
    "keys_astray": (
        "命令编号{what}与它的事实对不上，没有导出，请先运行 sidan audit reconcile。",
        "The command key {what} and its fact do not point to each other; run sidan audit reconcile first.",
    ),
    "file_exists": (
        "文件{what}已存在，请换个名称。",
        "The file {what} is there already; give another name.",
    ),
    "no_manifest": (
        "读不到清单{what}，请把它放在导出文件旁边，或用 --manifest 指出。",
        "The manifest {what} cannot be read; put it beside the exported file, or name it with --manifest.",
    ),
    "manifest_unfit": (
        "文件与清单不符（{what}），什么也没有导入，请重新取得两者。",
        "The file does not fit its manifest ({what}), and nothing is taken in; fetch both once more.",
    ),
    "signed_by_another": (
        "导出是另一把密钥签的（{what}），什么也没有导入，请核对它的来处，或用 --key 给出那把公钥。",
        "Another key signed it ({what}), and nothing is taken in; ask who did, or give that key by --key.",
    ),
    "partial_export": (
        "这份导出不是从第一条事实开始的，只能核对，不能导入；请用不带 --since 的导出。",
        "This export begins later than the record and can only be checked; use one made without --since.",
    ),
    "store_not_empty": (
        "存储已有记录，不能导入，请换一个空的存储。",
        "The store holds a record already and takes none in; use an empty one.",
    ),
}


class CannotExport(Exception):
    """Nothing was written."""

    def __init__(self, code: str, what: str = "") -> None:
        self.code = code
        self.zh, self.en = (text.format(what=what) for text in _SENTENCES[code])
        super().__init__(f"{self.zh} {self.en}")


class CannotImport(CannotExport):
    """Nothing was taken in."""
