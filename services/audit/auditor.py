"""Checks the record against the rules of the four orders: was every step allowed, is every line there.

An auditor takes facts in order of the log, or stream by stream, rebuilds what they are about, and
names whatever should not be. It holds one small state for each subject.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from domain import commands as c
from domain import events as e
from domain import need_events as n
from domain.facts import CommandKey, Recorded
from domain.ids import RULES_SUBJECT, StreamId, readings_of, stream_of
from domain.lifecycle import evolve, initial
from domain.model import Event
from domain.need import Need, NeedStage
from domain.order import Order
from domain.provider import Provider, Standing
from domain.situation import State
from domain.stages import STAGE_NAMES, Stage
from domain.transitions import MAY_ASK, allowed

TENDED: Final = (e.MessageRequeued, e.MessageDiscarded)
"""What was done about a dead letter, each the second and last fact of the letter's stream."""
ASIDE: Final = (e.CommandRejected, e.CommandRepeated, e.MessageParked, *TENDED)
"""Answers that stand in streams of their own; readings (TextsOpened) stand in one for each subject."""

SAYS: Final[Mapping[str, frozenset[type[Event]]]] = {
    command.wire: frozenset(events)
    for command, events in {
        c.PlaceOrder: (e.OrderPlaced,),
        c.AmendOrder: (e.OrderAmended,),
        c.WithdrawOrder: (e.OrderWithdrawn,),
        c.SecondOrder: (e.OrderSeconded,),
        c.RateOrder: (e.OrderRated,),
        c.ReopenOrder: (e.OrderReopened,),
        c.DispatchOrder: (e.OrderDispatched,),
        c.ProposeDispatch: (e.DispatchProposed,),
        c.PoolOrder: (e.OrderPooled,),
        c.RecallOrder: (e.OrderRecalled,),
        c.AnswerOrder: (e.OrderAnswered,),
        c.NotAcceptOrder: (e.OrderNotAccepted,),
        c.MarkDuplicate: (e.OrderMarkedDuplicate,),
        c.AcceptOrder: (e.OrderAccepted,),
        c.DeclineOrder: (e.OrderDeclined, e.OrderSentToArbitration),
        c.ClaimOrder: (e.OrderClaimed,),
        c.ReportProgress: (e.ProgressReported,),
        c.CompleteOrder: (e.OrderCompleted,),
        c.ImportOrder: (e.OrderImported,),
        c.RegisterProvider: (e.ProviderRegistered,),
        c.AmendProvider: (e.ProviderAmended,),
        c.ChangeOffers: (e.ProviderOffersChanged,),
        c.ChangeCapacity: (e.ProviderCapacityChanged,),
        c.EnrolVolunteer: (e.VolunteerEnrolled,),
        c.ChangeVolunteer: (e.VolunteerChanged,),
        c.ReleaseVolunteer: (e.VolunteerReleased,),
        c.RetireProvider: (e.ProviderRetiring,),
        c.FinishRetirement: (e.ProviderRetired,),
        c.StateNeed: (n.NeedStated,),
        c.AmendNeed: (n.NeedAmended,),
        c.TakeUpNeed: (n.NeedTakenUp,),
        c.LetGoOfNeed: (n.NeedLetGo,),
        c.CloseNeed: (n.NeedClosed,),
        c.AdoptRules: (e.RulesAdopted,),
    }.items()
}
"""Command → the events it can be answered with."""

PROVIDER_STEPS: Final[Mapping[str, Standing]] = {
    c.RegisterProvider.wire: Standing.UNKNOWN,
    c.AmendProvider.wire: Standing.ACTIVE,
    c.ChangeOffers.wire: Standing.ACTIVE,
    c.ChangeCapacity.wire: Standing.ACTIVE,
    c.EnrolVolunteer.wire: Standing.ACTIVE,
    c.ChangeVolunteer.wire: Standing.ACTIVE,
    c.ReleaseVolunteer.wire: Standing.ACTIVE,
    c.RetireProvider.wire: Standing.ACTIVE,
    c.FinishRetirement.wire: Standing.RETIRING,
}
"""Command → the standing a provider must have for it."""

NEED_STEPS: Final[Mapping[str, NeedStage]] = {
    c.StateNeed.wire: NeedStage.NONE,
    c.AmendNeed.wire: NeedStage.OPEN,
    c.TakeUpNeed.wire: NeedStage.OPEN,
    c.LetGoOfNeed.wire: NeedStage.OPEN,
    c.CloseNeed.wire: NeedStage.OPEN,
}
"""Command → the stage a need must be at for it."""

_SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
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


@dataclass(slots=True)
class _Life:
    """One subject as the facts so far leave it."""

    state: State
    version: int = 0
    cause: CommandKey | None = None  # of a command whose events are not all seen yet
    before: State | None = None  # the state that command met
    done: int = 0
    parts: int = 0
    last: Recorded | None = None


@dataclass(slots=True)
class Auditor:
    """Takes every fact once.

    `whole_log`: facts come in log order from the first, so that the rules in force and the versions that
    decisions read can be checked too. From a bus, each subject's own order is all there is.
    """

    whole_log: bool = True
    facts: int = 0
    _lives: dict[StreamId, _Life] = field(default_factory=dict[StreamId, _Life])
    _readings: dict[StreamId, int] = field(default_factory=dict[StreamId, int])

    @property
    def subjects(self) -> int:
        """How many orders, providers and rules there were."""
        return len(self._lives)

    def take(self, recorded: Recorded) -> list[Finding]:
        """What is wrong with this fact."""
        self.facts += 1
        fact = recorded.fact
        if isinstance(fact.event, ASIDE):
            first = 2 if isinstance(fact.event, TENDED) else 1
            return [] if fact.version == first else [_finding("version_gap", recorded, expected=first)]
        if isinstance(fact.event, e.TextsOpened):
            return self._reading(recorded)
        found = self._envelope(recorded)
        life = self._lives.setdefault(fact.stream, _Life(initial(fact.meta.subject)))
        found += _in_line(life, recorded)
        found += _part(life, recorded)
        life.state = evolve(life.state, fact.event, fact.meta.at)
        life.version, life.last = fact.version, recorded
        if fact.meta.part == fact.meta.parts:
            found += _step(life, recorded)
            life.cause, life.before = None, None
        return found

    def _reading(self, recorded: Recorded) -> list[Finding]:
        """Of a reading nothing is decided; it stands behind the one before it, where the subject's stand."""
        fact = recorded.fact
        if readings_of(fact.meta.subject) != fact.stream:
            return [_finding("wrong_stream", recorded)]
        expected = self._readings.get(fact.stream, 0) + 1
        self._readings[fact.stream] = fact.version
        return [] if fact.version == expected else [_finding("version_gap", recorded, expected=expected)]

    def finish(self) -> list[Finding]:
        """What was begun and has no end."""
        return [
            _finding("incomplete_command", life.last, parts=life.parts)
            for life in self._lives.values()
            if life.cause is not None and life.last is not None
        ]

    def state(self, stream: StreamId) -> State | None:
        """A subject as the facts so far leave it."""
        life = self._lives.get(stream)
        return life.state if life else None

    def _envelope(self, recorded: Recorded) -> list[Finding]:
        meta, event = recorded.fact.meta, recorded.fact.event
        if stream_of(meta.subject) != recorded.fact.stream:
            return [_finding("wrong_stream", recorded)]
        command = c.COMMANDS.get(meta.command)
        if command is None:
            return [_finding("unknown_command", recorded)]
        found: list[Finding] = []
        if meta.actor.role not in MAY_ASK[command]:
            found.append(_finding("wrong_role", recorded))
        if type(event) not in SAYS[meta.command]:
            found.append(_finding("foreign_event", recorded))
        return found + (self._grounds(recorded) if self.whole_log and meta.part == 1 else [])

    def _grounds(self, recorded: Recorded) -> list[Finding]:
        """A decision holds at its place in the log: it saw what was in force there."""
        meta = recorded.fact.meta
        found: list[Finding] = []
        in_force = self._version(RULES_SUBJECT)
        if meta.rules != in_force:
            found.append(_finding("wrong_rules", recorded, expected=in_force))
        for read in meta.reads:
            version = self._version(read.subject)
            if read.version != version:
                found.append(_finding("wrong_read", recorded, other=read.subject, expected=version))
        return found

    def _version(self, subject: str) -> int:
        life = self._lives.get(stream_of(subject))
        return life.version if life else 0


def check_all(facts: Sequence[Recorded], *, whole_log: bool = False) -> list[Finding]:
    """Everything that is wrong with these facts."""
    auditor = Auditor(whole_log)
    found = [finding for recorded in facts for finding in auditor.take(recorded)]
    return found + auditor.finish()


def _in_line(life: _Life, recorded: Recorded) -> list[Finding]:
    """Versions count up by one and time does not run back, even when the clock that recorded it did."""
    fact, before = recorded.fact, life.last.fact.meta.at if life.last else None
    found: list[Finding] = []
    if fact.version != life.version + 1:
        found.append(_finding("version_gap", recorded, expected=life.version + 1))
    if before is not None and fact.meta.at < before:
        found.append(_finding("time_backwards", recorded))
    if fact.meta.at > fact.meta.recorded and fact.meta.at != before:
        found.append(_finding("after_recorded", recorded))
    return found


def _part(life: _Life, recorded: Recorded) -> list[Finding]:
    """The events of a command stand together, n of k."""
    meta = recorded.fact.meta
    found: list[Finding] = []
    if life.cause is not None and meta.cause != life.cause and life.last is not None:
        found.append(_finding("incomplete_command", life.last, parts=life.parts))
        life.cause = None
    if life.cause is None:
        life.cause, life.before, life.done, life.parts = meta.cause, life.state, 0, meta.parts
    life.done += 1
    if meta.part != life.done or meta.parts != life.parts:
        found.append(_finding("wrong_part", recorded, expected=life.done))
    return found


def _step(life: _Life, recorded: Recorded) -> list[Finding]:
    """The command led from where the subject stood to where it may lead."""
    command = c.COMMANDS.get(recorded.fact.meta.command)
    before, after = life.before, life.state
    if command is None:
        return []
    if isinstance(before, Provider):
        needed = PROVIDER_STEPS.get(command.wire)
        return [] if before.standing is needed else [_not_from(recorded, before.standing, after)]
    if isinstance(before, Need):
        needed = NEED_STEPS.get(command.wire)
        return [] if before.stage is needed else [_not_from(recorded, before.stage, after)]
    if not (isinstance(before, Order) and isinstance(after, Order) and issubclass(command, c.OrderCommand)):
        return []
    return [] if after.stage in allowed(before.stage, command) else [_not_from(recorded, before.stage, after)]


def _not_from(recorded: Recorded, before: Stage | Standing | NeedStage, after: State) -> Finding:
    then = after.stage if isinstance(after, Order | Need) else getattr(after, "standing", "")
    before_zh = STAGE_NAMES[before][0] if isinstance(before, Stage) else str(before)
    then_zh = STAGE_NAMES[then][0] if isinstance(then, Stage) else str(then)
    return _finding(
        "forbidden_step", recorded, stage=before, stage_zh=before_zh, after=then, after_zh=then_zh
    )


def _finding(code: str, recorded: Recorded, **details: object) -> Finding:
    fact = recorded.fact
    meta = fact.meta
    told = {"subject": meta.subject, "command": meta.command, "role": meta.actor.role, **details}
    zh, en = (text.format(**told) for text in _SENTENCES[code])
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
        f"{where_zh}：{zh}。",
        f"{where_en} {en}.",
    )
