"""What is wrong with a town file: the line, a stable code, and in both languages what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "no_such_file": (
        "没有镇街文件{path}，请给出文件路径，或随附的名称：{shipped}。",
        "There is no town file {path}; give a file's path or one of the shipped names: {shipped}.",
    ),
    "unreadable": (
        "不是可读的 YAML（{problem}），请改正此处的写法。",
        "This is not readable YAML ({problem}); correct how it is written here.",
    ),
    "unknown_key": (
        "这里没有“{key}”一项，请用：{known}。",
        "There is no key {key} here; use one of: {known}.",
    ),
    "missing_key": ("这里缺少“{key}”，请补上。", "The key {key} is missing here; add it."),
    "wrong_shape": ("此处应写{zh}。", "Write {en} here."),
    "bad_code": (
        "代码“{text}”不合规，请用小写字母、数字和连字符，最多48个字符。",
        "The code {text} does not fit; use lower-case letters, digits and hyphens, at most 48.",
    ),
    "bad_text": (
        "文字须为1到{most}个字符，现有{length}个，请改短或补上。",
        "A text has 1 to {most} characters, this one {length}; shorten it or fill it in.",
    ),
    "bad_number": (
        "“{text}”不是{least}到{most}之间的整数，请改正。",
        "{text} is not a whole number from {least} to {most}; correct it.",
    ),
    "bad_hours": (
        "时限应为两个1到8760的小时数，如 [24, 120]，接单不长于办结。",
        "Hours are two numbers from 1 to 8760, such as [24, 120], to accept no longer than to finish.",
    ),
    "bad_shift": (
        "“{text}”不是服务时间，请写成 Mon-Fri 09:00-18:00 或 周一至周五 9:00-18:00。",
        "{text} is no working time; write it as Mon-Fri 09:00-18:00.",
    ),
    "bad_word": ("“{text}”不在可用之列，请用：{known}。", "{text} is not a choice; use one of: {known}."),
    "bad_zone": (
        "没有时区“{text}”，请用 Asia/Shanghai 一类的名称。",
        "There is no time zone {text}; use a name such as Asia/Shanghai.",
    ),
    "bad_levels": (
        "层级应有2到6级，现有{count}级，请调整 levels。",
        "A town has 2 to 6 levels, this one {count}; adjust levels.",
    ),
    "duplicate": (
        "“{key}”在第{first}行已经有了，请改名或合并。",
        "{key} stands on line {first} already; rename it or merge the two.",
    ),
    "too_deep": (
        "{path}超过了{most}级，请上移或增加层级。",
        "{path} lies deeper than {most} levels; move it up or add a level.",
    ),
    "missing_parent": (
        "{path}的上级没有列出（最近的是“{nearest}”），请先列上级。",
        "What {path} lies in is not listed (the nearest is {nearest}); list that first.",
    ),
    "unknown_area": (
        "区域表里没有{path}，请先在 areas 中列出。",
        "The town has no area {path}; list it under areas first.",
    ),
    "unknown_category": (
        "事项清单里没有{path}，请先在 catalogue 中列出。",
        "The catalogue has no {path}; list it under catalogue first.",
    ),
    "unknown_skill": (
        "细则里没有技能{skill}，请先在 rules 的 skills 中列出。",
        "The rules have no skill {skill}; list it under skills in rules first.",
    ),
    "unknown_person": (
        "人员里没有{id}，请先在 people 中列出。",
        "The people do not include {id}; list them under people first.",
    ),
    "population": (
        "{path}写的人口是{said}，下级合计{sum}，请改成一致。",
        "{path} states {said} people but its parts add up to {sum}; make them agree.",
    ),
    "team_too_small": (
        "服务队{slug}至少要{members}人，其中专职至少{full_time}人，请补齐。",
        "Team {slug} needs at least {members} members, {full_time} of them full-time; fill it up.",
    ),
    "full_time": (
        "专职{full_time}人多于总数{members}人，请核对。",
        "{full_time} full-time of {members} members cannot be; check the two.",
    ),
    "route_for_all": (
        "指定承办要写明 category、area、channel 至少一项，请补上。",
        "A route says for which category, area or channel it is; add at least one of them.",
    ),
    "offers_nothing": (
        "{slug}没有任何事项，请写上 must 或 can。",
        "{slug} offers nothing; give it must or can.",
    ),
    "invalid": (
        "内容不符合规则（{problem}），请改正。",
        "The rules do not allow this ({problem}); correct it.",
    ),
}


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing to correct. Lines count from 1; line 0 means the file as a whole."""

    line: int
    code: str
    zh: str
    en: str

    def __str__(self) -> str:
        where = f"第{self.line}行 line {self.line}: " if self.line else ""
        return f"{where}{self.zh} {self.en} [{self.code}]"


def finding(line: int, code: str, **details: object) -> Finding:
    zh, en = SENTENCES[code]
    return Finding(line, code, zh.format(**details), en.format(**details))


class TownFileFaulty(Exception):
    """The file cannot be used; every finding is in it, in order of line."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = tuple(findings)
