"""What an auditor may find, each with a stable code and a sentence in both languages."""

from dataclasses import dataclass
from typing import Final

from domain.facts import Recorded
from domain.ids import StreamId
from services.audit.sentences import Sentences, said

_SENTENCES: Final[Sentences] = {
    "wrong_stream": ("事实所在的流不是{subject}的流", "lies in a stream that is not that of {subject}"),
    "version_gap": ("版本应为{expected}", "should have version {expected}"),
    "forbidden_step": (
        "{stage_zh}时不能{command}而成为{after_zh}",
        "{command} at {stage} may not lead to {after}",
    ),
    "foreign_event": ("{command}不会产生此事件", "is not what {command} leads to"),
    "wrong_role": ("{role}无权提出{command}", "the role {role} may not ask for {command}"),
    "unknown_command": ("没有名为{command}的命令", "names the command {command}, which does not exist"),
    "wrong_part": ("应为同一命令的第{expected}部分", "should be part {expected} of its command"),
    "incomplete_command": (
        "命令的{parts}个事件不全",
        "is of a command whose {parts} events are not all there",
    ),
    "time_backwards": ("时间早于前一事件", "is dated before the event that precedes it"),
    "after_recorded": ("时间晚于记录时间", "is dated after it was recorded"),
    "wrong_rules": (
        "当时生效的是第{expected}版细则",
        "was decided when version {expected} of the rules was in force",
    ),
    "wrong_read": ("所依据的{other}当时是第{expected}版", "read {other}, which then had version {expected}"),
    "decided_otherwise": (
        "按当日细则重新决定，{command}的结果不同：{differences}",
        "{command} decided again under the rules of its day comes out otherwise: {differences}",
    ),
    "accepted_should_be_refused": (
        "按当日细则，{command}应被拒绝（{refusal}）：{reason_zh}",
        "{command} should have been refused under the rules of its day ({refusal}): {reason_en}",
    ),
    "accepted_changes_nothing": (
        "当时已是如此，{command}不应再产生事件",
        "{command} changed nothing at that moment and should have left no event",
    ),
    "refused_should_be_accepted": (
        "{command}以{was}被拒绝，而按当日细则应予受理",
        "{command} was refused as {was} and should have been accepted under the rules of its day",
    ),
    "refused_otherwise": (
        "{command}以{was}被拒绝，而按当日细则应为{refusal}",
        "{command} was refused as {was}; under the rules of its day it should be {refusal}",
    ),
    "refused_in_other_words": (
        "{command}被拒绝（{was}）的说明不是应有的那句：{reason_zh}",
        "{command} was refused ({was}) in other words than it should be: {reason_en}",
    ),
    "asked_unreadable": (
        "被拒绝的{command}存下的内容读不懂",
        "keeps of the refused {command} what cannot be read",
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in the record that should not be, at its place."""

    code: str
    subject: str
    stream: StreamId
    version: int
    position: int
    zh: str
    en: str


def finding(code: str, recorded: Recorded, **details: object) -> Finding:
    """What is wrong with this fact, in words. KeyError where the sentence needs more details."""
    fact = recorded.fact
    meta = fact.meta
    told = {"subject": meta.subject, "command": meta.command, "role": meta.actor.role, **details}
    zh, en = said(_SENTENCES, code, told)
    where_zh = f"{meta.subject}第{fact.version}条{type(fact.event).wire}（位置{recorded.position}）"
    where_en = (
        f"{type(fact.event).wire}, fact {fact.version} of {meta.subject} (position {recorded.position})"
    )
    return Finding(
        code,
        meta.subject,
        fact.stream,
        fact.version,
        recorded.position,
        f"{where_zh}：{zh}",
        f"{where_en} {en}",
    )
