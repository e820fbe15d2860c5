"""Writes docs/messages.md: an example of each command, answer, event and offered work, as it really goes."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from adapters.bus.answering import sent
from adapters.bus.examples import Asked, asked
from adapters.bus.producing import Outgoing
from adapters.bus.topics import DOORS
from domain.commands import COMMANDS
from domain.events import EVENTS
from domain.transitions import MAY_ASK

_HEAD: Final = """# 消息 Messages

由 `sidan docs messages` 从程序生成，请勿手改。
Written by `sidan docs messages` from the program; do not edit.

消息都是 CloudEvents 1.0。命令可用结构化 JSON（如下），或二进制模式：属性放在 `ce_` 开头的消息头，
内容为 `data`。`source` 与 `id` 合起来永远只对应一个命令：重发同一内容得到“重复”，换了内容则被拒绝。
消息的键请用 `subject`；没有键也收，只是同一工单的先后不再有保证。
All messages are CloudEvents 1.0. A command comes as structured JSON, as below, or in binary mode: the
attributes as headers that begin with `ce_`, the `data` as content. `source` and `id` together name one
command for ever: the same content again is answered as a repeat, other content is refused. Use the
`subject` as the message key; without one a command is taken too, but which of an order's commands comes
first is no longer certain.

```sh
kcat -P -b localhost:19092 -t sidan.residents < order.json   # 一个文件，一个JSON one file, one JSON document
```

主题 Topics · 谁可以写 who may write

| 主题 topic | 角色 role |
|---|---|
"""
_FROM_US: Final = """
## 事件 Events

主题 `sidan.events`，键为 `subject`，二进制模式。`ce_position` 是在记录中的位置：读者记住每个分区读到的最大
位置，不大于它的一律略过，中继重发就不会重复计数。个人信息都已密封（`s1.…`）。
Topic `sidan.events`, key `subject`, binary mode. `ce_position` is the place in the record: a reader keeps
the highest it has seen of each partition and passes over what is not above it, so nothing counts twice
when the relay repeats itself. What is personal is sealed (`s1.…`).
"""
_ANSWERS: Final = """
## 答复 Answers

主题 `sidan.outcomes`，每个命令一条，在它的最后一个事件之后。`intake` 是命令进来的位置。
Topic `sidan.outcomes`, one for each command, behind its last event. `intake` is where the command came in.
"""
_LETTERS: Final = """
## 死信 Dead letters

主题 `sidan.dead-letters`：读不懂的消息，整条密封，等人来看。
Topic `sidan.dead-letters`: what nobody can read, sealed whole, for a person to look at.
"""
_WORK: Final = """
## 派给部门的工作 Offered work

主题 `sidan.work.<接单方>`，只给要了它的接单方（`takes_by_bus`）；登记后即建好，请先看到它再订阅。
正文和联系方式按权限经HTTP读取。
Topic `sidan.work.<provider>`, for providers that asked for it (`takes_by_bus`). It is made once they are
registered; subscribe when it is there, since some clients never see a topic that comes later. Texts and
contacts are read over HTTP, by right.
"""


def document() -> str:
    """The whole of docs/messages.md."""
    messages = sent()
    parts = [_HEAD, *_topics(), "\n## 命令 Commands\n", *_commands(asked())]
    parts += [_FROM_US, *_each_type(_of(messages, "events"), list(EVENTS), whole_first=True)]
    parts += [_ANSWERS, *_answers(_of(messages, "outcomes"))]
    parts += [_LETTERS, *_each_type(_of(messages, "dead-letters"), list(EVENTS), whole_first=True)]
    work = _of(messages, "work.water")
    parts += [_WORK, *_each_type(work, sorted({_type(one) for one in work}), whole_first=True)]
    return "".join(parts)


def _topics() -> Iterator[str]:
    for short, door in DOORS.items():
        yield f"| `sidan.{short}` | {door.role or '信封中的 the envelope says: role'} |\n"
    yield "| `sidan.departments.<接单方 provider>` | 该接单方 that provider (`SIDAN_DEPARTMENTS`) |\n"


def _commands(lines: Sequence[Asked]) -> Iterator[str]:
    first: dict[str, Asked] = {}
    for line in lines:
        first.setdefault(line.event["type"], line)
    for wire, command in COMMANDS.items():
        roles = "、".join(sorted(MAY_ASK[command]))
        asked_for = first[wire]
        yield f"\n### {wire} {command.zh}\n\n`sidan.{asked_for.topic}` · {roles}\n\n{_json(asked_for.event)}"


def _each_type(messages: Sequence[Outgoing], kinds: Sequence[str], *, whole_first: bool) -> Iterator[str]:
    """The fullest message of each type; of the first the headers too."""
    for kind in kinds:
        found = [one for one in messages if _type(one) == kind]
        if not found:
            continue
        fullest = max(found, key=lambda one: len(json.loads(one.value)))
        yield f"\n### {kind}\n\n"
        if whole_first:
            yield _headers(fullest) + "\n"
            whole_first = False
        yield _json(json.loads(fullest.value))


def _answers(messages: Sequence[Outgoing]) -> Iterator[str]:
    said = [json.loads(one.value) for one in messages]
    for status in ("recorded", "repeated", "rejected", "parked"):
        example = next(one for one in said if one["status"] == status)
        yield f"\n### {status}\n\n{_json(example)}"


def _of(messages: Sequence[Outgoing], short: str) -> list[Outgoing]:
    return [one for one in messages if one.topic == f"sidan.{short}"]


def _type(message: Outgoing) -> str:
    return dict(message.headers)["ce_type"].decode()


def _headers(message: Outgoing) -> str:
    lines = "".join(f"{name}: {value.decode()}\n" for name, value in message.headers)
    return f"```text\n{lines}```\n"


def _json(value: Any) -> str:
    return f"```json\n{json.dumps(value, ensure_ascii=False, indent=2)}\n```\n"
