"""What does not agree, at its place, in a sentence."""

from dataclasses import dataclass
from typing import Final

from services.audit.sentences import Sentences, said

_SENTENCES: Final[Sentences] = {
    "version_gap": (
        "{subject}缺少第{expected}条，位置{position}已是第{version}条",
        "{subject} lacks its fact {expected}: at position {position} follows fact {version}",
    ),
    "version_double": (
        "{subject}的第{version}条在位置{position}又有一次",
        "Fact {version} of {subject} is there once more, at position {position}",
    ),
    "against_the_log": (
        "{subject}的第{version}条在位置{position}，排在它所承接的事实之前",
        "Fact {version} of {subject}, at position {position}, lies before the fact that it follows",
    ),
    "unreadable_fact": (
        "位置{position}的字节不是事实",
        "The bytes at position {position} are no fact",
    ),
    "key_missing": (
        "命令{key}在位置{position}已有答复，却没有记住编号",
        "The command {key} is answered at position {position} and its key is not remembered",
    ),
    "key_astray": (
        "命令编号{key}指向位置{position}，那里不是它的第一个事实",
        "The command key {key} points to position {position}, which is not the first fact of that command",
    ),
    "topic_lacks": (
        "主题缺少位置{position}的事件（{subject}第{version}条）",
        "The topic lacks the event at position {position}, fact {version} of {subject}",
    ),
    "topic_out_of_order": (
        "位置{position}的事件在{partition}@{offset}，排在更后的事件之后，读者会略过它",
        "The event at position {position} is behind later ones at {partition}@{offset}: readers skip it",
    ),
    "topic_differs": (
        "{partition}@{offset}与存储位置{position}不一致（{subject}第{version}条）",
        "{partition}@{offset} is not what the record has at position {position}, fact {version} of {subject}",
    ),
    "topic_double": (
        "位置{position}的事件在{partition}@{offset}又有一次，读者会略过它",
        "The event at position {position} is there once more at {partition}@{offset}; readers pass over it",
    ),
    "topic_stranger": (
        "{partition}@{offset}不是中继发出的事件",
        "{partition}@{offset} is no event that the relay sent",
    ),
    "record_lacks": (
        "存储没有{partition}@{offset}的事件（位置{position}）",
        "The record lacks the event at {partition}@{offset}, of position {position}",
    ),
    "reads_differ": (
        "读模型{model}自位置{position}的{subject}起与记录不符，先看{row}",
        "The read model {model} differs from the record from position {position} of {subject} on, in {row}",
    ),
    "reads_groundless": (
        "读模型{model}的{row}没有事实可据",
        "No fact accounts for {row} of the read model {model}",
    ),
    "reads_ahead": (
        "读模型{model}读到位置{position}，比存储还远",
        "The read model {model} has read to position {position}, where the record has not come",
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where two sides part; what does not apply is None or empty."""

    code: str
    position: int | None = None
    subject: str = ""
    version: int | None = None
    expected: int | None = None
    partition: str = ""  # topic[number]
    offset: int | None = None
    key: str = ""  # source and id of a command
    model: str = ""
    row: str = ""  # table and key
    zh: str = ""
    en: str = ""


def finding(code: str, **where: object) -> Finding:
    """With its sentences. KeyError where they need more than is told."""
    zh, en = said(_SENTENCES, code, where)
    return Finding(code, **where, zh=zh, en=en)  # pyright: ignore[reportArgumentType]
