"""The one transition table, stage × command, and who may ask what. What is not listed is refused."""

from collections.abc import Iterator, Mapping
from typing import Final

from domain import commands as c
from domain.stages import CLOSED, OPEN, Role, Stage

S = Stage

TRANSITIONS: Final[Mapping[type[c.Command], Mapping[Stage, frozenset[Stage]]]] = {
    command: {stage: frozenset(after) for stages, after in rows for stage in stages}
    for command, rows in {
        c.PlaceOrder: [((S.NONE,), (S.PLACED,))],
        c.ImportOrder: [((S.NONE,), tuple(set(S) - {S.NONE}))],
        c.AmendOrder: [((stage,), (stage,)) for stage in OPEN],
        c.SecondOrder: [((stage,), (stage,)) for stage in (*OPEN, S.COMPLETED)],
        c.WithdrawOrder: [(tuple(OPEN), (S.WITHDRAWN,)), ((S.WITHDRAWN,), (S.WITHDRAWN,))],
        c.DispatchOrder: [((S.PLACED, S.POOLED, S.DISPATCHED, S.ARBITRATION), (S.DISPATCHED,))],
        c.ProposeDispatch: [((S.PLACED,), (S.PLACED,))],
        c.PoolOrder: [((S.PLACED, S.POOLED), (S.POOLED,))],
        c.RecallOrder: [((S.PLACED, S.POOLED, S.DISPATCHED, S.ACCEPTED), (S.PLACED,))],
        c.AnswerOrder: [((S.PLACED, S.ARBITRATION, S.ANSWERED), (S.ANSWERED,))],
        c.NotAcceptOrder: [((S.PLACED, S.ARBITRATION, S.NOT_ACCEPTED), (S.NOT_ACCEPTED,))],
        c.MarkDuplicate: [((S.PLACED, S.ARBITRATION, S.DUPLICATE), (S.DUPLICATE,))],
        c.AcceptOrder: [((S.DISPATCHED, S.ACCEPTED), (S.ACCEPTED,))],
        c.DeclineOrder: [
            ((S.DISPATCHED,), (S.PLACED, S.ARBITRATION)),
            ((S.PLACED,), (S.PLACED,)),
            ((S.ARBITRATION,), (S.ARBITRATION,)),
        ],
        c.ClaimOrder: [((S.POOLED, S.ACCEPTED), (S.ACCEPTED,))],
        c.ReportProgress: [((S.ACCEPTED,), (S.ACCEPTED,))],
        c.CompleteOrder: [((S.ACCEPTED, S.COMPLETED), (S.COMPLETED,))],
        c.RateOrder: [
            ((S.COMPLETED,), (S.RATED, S.COMPLETED)),  # a seconder's rating leaves it as it is
            ((S.ANSWERED,), (S.RATED, S.ANSWERED)),
            ((S.RATED,), (S.RATED,)),
        ],
        c.ReopenOrder: [((S.COMPLETED, S.ANSWERED, S.RATED, S.PLACED), (S.PLACED,))],
        c.EraseOrder: [((stage,), (stage,)) for stage in CLOSED],
        c.FinishOrderErasure: [((stage,), (stage,)) for stage in (*OPEN, *CLOSED)],  # it may be reopened
    }.items()
}
"""Command → stage it is allowed at → stages it may lead to."""

_FOR_RESIDENTS: Final = frozenset({Role.RESIDENT, Role.COMMUNITY, Role.OPERATOR})
_FOR_COMMUNITY: Final = frozenset({Role.COMMUNITY, Role.OPERATOR})
_FOR_PROVIDERS: Final = frozenset({Role.PROVIDER, Role.OPERATOR})
_BY_MACHINE_TOO: Final = _FOR_COMMUNITY | {Role.SYSTEM}

MAY_ASK: Final[Mapping[type[c.Command], frozenset[Role]]] = {
    **dict.fromkeys(
        (c.PlaceOrder, c.AmendOrder, c.WithdrawOrder, c.SecondOrder, c.RateOrder, c.ReopenOrder),
        _FOR_RESIDENTS,
    ),
    **dict.fromkeys((c.PoolOrder, c.AnswerOrder, c.NotAcceptOrder, c.MarkDuplicate), _FOR_COMMUNITY),
    **dict.fromkeys((c.DispatchOrder, c.RecallOrder), _BY_MACHINE_TOO),
    **dict.fromkeys(
        (c.ProposeDispatch, c.FinishRetirement, c.FinishErasure, c.FinishOrderErasure),
        frozenset({Role.SYSTEM}),
    ),
    c.ErasePerson: frozenset({Role.OPERATOR}),
    c.EraseOrder: frozenset({Role.OPERATOR, Role.SYSTEM}),
    **dict.fromkeys(
        (c.AcceptOrder, c.DeclineOrder, c.ClaimOrder, c.ReportProgress, c.CompleteOrder), _FOR_PROVIDERS
    ),
    **dict.fromkeys((c.RegisterProvider, c.RetireProvider), _FOR_COMMUNITY),
    **dict.fromkeys((c.AmendProvider, c.ChangeOffers, c.ChangeCapacity), _FOR_COMMUNITY | {Role.PROVIDER}),
    **dict.fromkeys(
        (c.EnrolVolunteer, c.ChangeVolunteer, c.ReleaseVolunteer), _FOR_COMMUNITY | {Role.PROVIDER}
    ),
    **dict.fromkeys((c.StateNeed, c.AmendNeed, c.TakeUpNeed), _FOR_COMMUNITY | {Role.PROVIDER}),
    **dict.fromkeys((c.LetGoOfNeed, c.CloseNeed), _BY_MACHINE_TOO | {Role.PROVIDER}),
    **dict.fromkeys((c.ImportOrder, c.AdoptRules), frozenset({Role.OPERATOR})),
}


def allowed(stage: Stage, command: type[c.Command]) -> frozenset[Stage]:
    """The stages a command may lead to from this one; empty where it is refused."""
    return TRANSITIONS[command].get(stage, frozenset())


def rows() -> Iterator[tuple[Stage, str, tuple[Stage, ...]]]:
    """The table for people: stage, command's wire name, stages it may lead to."""
    for stage in Stage:
        for command, stages in TRANSITIONS.items():
            if stage in stages:
                yield stage, command.wire, tuple(after for after in Stage if after in stages[stage])
