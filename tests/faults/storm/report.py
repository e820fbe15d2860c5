"""docs/reliability.md: what a storm did, in one page that anybody can have made anew."""

import os
import platform
from datetime import date

from tests.faults.storm.fleet import ROLES
from tests.faults.storm.storm import RATE, Report

_HEAD = """# 可靠性：一场风暴之后 Reliability: after a storm

`make storm` 让真正的进程、Kafka 和 PostgreSQL 在持续负载下经受{count}次故障，
再逐条核对：送来的、入库的、发出的、读模型里的。
`make storm` puts real processes, a real Kafka and a real PostgreSQL through {count} faults under steady
load, and then compares one by one what was sent, what is recorded, what went out and what is shown.

{day}，{machine}，全部在一台机器上 everything on one machine; seed {seed}.
"""
_HOW = """
怎样算数 What counts:

- **丢失 lost**：命令主题里的每条消息、HTTP 答复过的每次点单都有事实，每个公开事实和每个答复都发出了。
  Each message of a command topic, and each order whose placing was answered over HTTP, has its fact; each
  public fact is on `sidan.events`, each command's answer on `sidan.outcomes`.
- **重复 doubled**：一个命令的每一部分只有一个事实，无论它来了几次。
  Each part of a command's answer is one fact, however often the command came.
- **乱序 disordered**：版本连续、时间不回退，主题上没有读者会略过的迟到事件。
  The versions of a subject follow each other, its time never goes back, and no event comes so late that a
  reader passes over it.
- **读模型 read models**：在线的行与从记录重新算出的行摘要相同。
  The digest of the live rows is that of rows made anew from the record.

中继被打断时会把一段重发，读者凭位置略过，不算重复。
A relay that was interrupted sends a stretch again; readers pass over it by its position.
"""


def markdown(report: Report, *, seed: int, day: date) -> str:
    """The whole page."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores"
    count = sum(report.faults.values())
    head = _HEAD.format(count=count, day=day.isoformat(), machine=machine, seed=seed)
    return head + _outcome(report) + _faults(report) + _HOW


def _outcome(report: Report) -> str:
    tally = report.tally
    rows = {
        "故障 faults": f"{sum(report.faults.values())}",
        "持续 lasted": f"{report.lasted:,.0f} s, {RATE:.0f} lines/s on the bus and a writer over HTTP",
        "进程 processes": ", ".join(f"{ROLES.count(role)} {role}" for role in dict.fromkeys(ROLES)),
        "到达 arrived": f"{tally.arrived:,} ({report.sent_again:,} sent again for want of an answer)",
        "事实 facts": f"{tally.facts:,}",
        "**丢失 lost**": f"**{tally.lost}**",
        "**重复 doubled**": f"**{tally.doubled}**",
        "**乱序 disordered**": f"**{tally.disordered}**",
        "**不一致的读模型 differing read models**": f"**{len(tally.differing)}** {' '.join(tally.differing)}",
        "中继重发 sent again by the relay": f"{tally.repeated_on_the_bus:,}",
        "重新启动的进程 processes started again": f"{report.restarts}",
        "风暴后多久全部处理完 all taken in after": f"{report.calm_after:.1f} s",
        "正常停止最久 slowest orderly stop": f"{max(report.stopping):.1f} s",
    }
    return "\n| | |\n|---|---|\n" + "".join(f"| {name} | {value} |\n" for name, value in rows.items())


def _faults(report: Report) -> str:
    rows = "".join(f"| {name} | {number} |\n" for name, number in sorted(report.faults.items()))
    return f"\n| 故障 fault | 次 times |\n|---|---|\n{rows}"
