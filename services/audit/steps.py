"""Where a command may lead from where its subject stands, as the tables say it."""

from collections.abc import Mapping
from typing import Final

from domain import commands as c
from domain import events as e
from domain.facts import Recorded
from domain.model import Event
from domain.need import Need, NeedStage
from domain.order import Order
from domain.provider import Provider, Standing
from domain.situation import State
from domain.stages import STAGE_NAMES, Stage
from domain.transitions import TRANSITIONS, allowed
from services.audit.findings import Finding, finding
from services.audit.lives import Life
from services.audit.remaking import COPIED

_BESIDES: Final[Mapping[type[c.Command], tuple[type[Event], ...]]] = {
    c.DeclineOrder: (e.OrderSentToArbitration,)
}
SAYS: Final[Mapping[str, frozenset[type[Event]]]] = {
    command.wire: frozenset({first, *_BESIDES.get(command, ())}) for command, (first, _) in COPIED.items()
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


def step(life: Life, recorded: Recorded) -> list[Finding]:
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
    if not (isinstance(before, Order) and isinstance(after, Order) and command in TRANSITIONS):
        return []
    return [] if after.stage in allowed(before.stage, command) else [_not_from(recorded, before.stage, after)]


def _not_from(recorded: Recorded, before: Stage | Standing | NeedStage, after: State) -> Finding:
    then = after.stage if isinstance(after, Order | Need) else getattr(after, "standing", "")
    before_zh = STAGE_NAMES[before][0] if isinstance(before, Stage) else str(before)
    then_zh = STAGE_NAMES[then][0] if isinstance(then, Stage) else str(then)
    return finding("forbidden_step", recorded, stage=before, stage_zh=before_zh, after=then, after_zh=then_zh)
