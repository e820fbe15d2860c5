"""The steps an order can take, by the verb in their address, and which of them are possible now."""

from collections.abc import Iterator
from typing import Final

from domain import commands as c
from domain.stages import Role, Stage
from domain.transitions import MAY_ASK, allowed

RESIDENTS, COMMUNITY, PROVIDERS = "点单、评单 residents", "派单 community", "接单 providers"

ORDER_STEPS: Final[dict[str, tuple[type[c.AnyOrderCommand], str]]] = {
    "amend": (c.AmendOrder, RESIDENTS),
    "withdraw": (c.WithdrawOrder, RESIDENTS),
    "second": (c.SecondOrder, RESIDENTS),
    "rate": (c.RateOrder, RESIDENTS),
    "reopen": (c.ReopenOrder, RESIDENTS),
    "dispatch": (c.DispatchOrder, COMMUNITY),
    "pool": (c.PoolOrder, COMMUNITY),
    "recall": (c.RecallOrder, COMMUNITY),
    "answer": (c.AnswerOrder, COMMUNITY),
    "not-accept": (c.NotAcceptOrder, COMMUNITY),
    "mark-duplicate": (c.MarkDuplicate, COMMUNITY),
    "accept": (c.AcceptOrder, PROVIDERS),
    "decline": (c.DeclineOrder, PROVIDERS),
    "claim": (c.ClaimOrder, PROVIDERS),
    "progress": (c.ReportProgress, PROVIDERS),
    "complete": (c.CompleteOrder, PROVIDERS),
}
PROVIDER_STEPS: Final[dict[str, type[c.AnyProviderCommand]]] = {
    "amend": c.AmendProvider,
    "offers": c.ChangeOffers,
    "capacity": c.ChangeCapacity,
    "enrol-volunteer": c.EnrolVolunteer,
    "change-volunteer": c.ChangeVolunteer,
    "release-volunteer": c.ReleaseVolunteer,
    "retire": c.RetireProvider,
}
NEED_STEPS: Final[dict[str, type[c.AnyNeedCommand]]] = {
    "amend": c.AmendNeed,
    "take-up": c.TakeUpNeed,
    "let-go": c.LetGoOfNeed,
    "close": c.CloseNeed,
}
_LEAVES_THE_STAGE: Final = (c.AmendOrder, c.SecondOrder, c.ReportProgress)


def possible(stage: Stage, role: Role, *, holds: bool = False) -> Iterator[str]:
    """The verbs that make sense for a role at a stage, by the transition table.

    Args:
        holds: of a provider, whether the order is with it.
    """
    for verb, (command, _) in ORDER_STEPS.items():
        after = allowed(stage, command)
        moves = bool(after - {stage}) or (bool(after) and command in _LEAVES_THE_STAGE)
        if not moves or role not in MAY_ASK[command]:
            continue  # what would only be said twice is not offered
        if command is c.DeclineOrder and stage is not Stage.DISPATCHED:
            continue
        if role is Role.PROVIDER and holds is (command is c.ClaimOrder):
            continue
        yield verb
