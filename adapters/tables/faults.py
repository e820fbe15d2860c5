"""Why a table or its mapping cannot be used at all: a stable code and, in both languages, what to do."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "no_such_table": ("没有表格文件{path}，请核对路径。", "There is no table {path}; check the path."),
    "unreadable_table": (
        "表格{path}读不下去（{problem}），请重新导出，或在映射中写明编码 encoding。",
        "The table {path} cannot be read on ({problem}); export it again or name its encoding.",
    ),
    "empty_table": (
        "表格{path}里没有一行数据，请核对文件。",
        "The table {path} has no row; check the file.",
    ),
    "missing_column": (
        "表格里没有“{field}”所需的列（找过：{wanted}；表头有：{header}），请用 --map 写明。",
        "The table has no column for {field} (looked for: {wanted}; it has: {header}); name it with --map.",
    ),
    "column_twice": (
        "表头里“{column}”出现了两次，请改名后再导入。",
        "The header has {column} twice; rename one of them and import again.",
    ),
    "no_such_mapping": (
        "没有映射文件{path}，请核对路径。",
        "There is no mapping file {path}; check the path.",
    ),
    "bad_mapping": (
        "映射文件{path}的“{where}”不对（{problem}），请按 docs/importing.md 改正。",
        "In the mapping {path}, {where} does not fit ({problem}); correct it as docs/importing.md says.",
    ),
    "mapping_names_known": (
        "这份映射把名称对应到已有镇街（known），不能再从表格建镇街；请去掉 known，或用 sidan submit 导入。",
        "This mapping ties names to an existing town; leave out known, or import with sidan submit.",
    ),
    "same_code": (
        "名称“{first}”与“{second}”得到同一代码{same}，请在表格中改其一。",
        "The names {first} and {second} get the same code {same}; change one of them in the table.",
    ),
    "too_many_names": (
        "表格得出{areas}个区域、{items}个事项，细则会超过 512 KiB；请核对映射是否用错了列。",
        "Rules of {areas} areas and {items} items exceed 512 KiB; check the columns of the mapping.",
    ),
    "too_many_offers": (
        "“{unit}”一家有{areas}个区域、{items}个事项，超过 512 KiB；请核对映射是否用错了列。",
        "{unit} in {areas} areas with {items} items exceeds 512 KiB; check the columns of the mapping.",
    ),
}


class TableFaulty(Exception):
    """The table cannot be imported as it is; nothing after this point was read."""

    def __init__(self, code: str, **details: object) -> None:
        zh, en = SENTENCES[code]
        self.code = code
        self.zh, self.en = zh.format(**details), en.format(**details)
        super().__init__(f"{self.zh} {self.en}")
