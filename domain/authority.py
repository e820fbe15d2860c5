"""Who may ask what: the role, the name it is asked in, and the area a dispatcher answers for."""

from collections.abc import Mapping, Sequence
from typing import Final

from domain import commands as c
from domain import transitions
from domain.facts import Proof
from domain.ids import AreaPath, ProviderId, within
from domain.need import Need, NeedStage
from domain.order import Order
from domain.provider import Provider
from domain.rejections import AnotherName, EngineOnly, NotYours, OutsideArea, WrongRole
from domain.rules import Rules
from domain.situation import Situation, State
from domain.stages import ROLE_NAMES, Role

_STAFF: Final = frozenset({Role.COMMUNITY, Role.OPERATOR})
_BY_ENGINE: Final[Mapping[type[c.Command], Sequence[str]]] = {
    command: fields
    for command in c.COMMANDS.values()
    if (fields := [name for name in ("proposal", "accept_by", "since") if name in command.model_fields])
}
"""Fields of commands that only the engine gives."""


def in_own_name(said: str, proof: Proof | None) -> None:
    """Who has proven who they are says so too. Raises AnotherName."""
    if proof is not None and said != proof.actor:
        raise AnotherName(proven=proof.actor, said=said)


def may_ask(command: c.AnyCommand, state: State, now: Situation) -> None:
    """The role may ask this, in this name, of this subject.

    Raises:
        WrongRole: nobody in that role may ask for it.
        NotYours: a provider asks for itself, and only staff for somebody else (代点单).
        EngineOnly: what the engine proposes or waits for is not for others to say.
        OutsideArea: the subject lies outside the dispatcher's area.
    """
    asked = now.asked
    role = asked.actor.role
    if role not in transitions.MAY_ASK[type(command)]:
        role_zh, name = ROLE_NAMES[role]
        raise WrongRole(role_zh=role_zh, role=name, command_zh=command.zh, command=command.wire)
    if role is not Role.SYSTEM and type(command) in _BY_ENGINE:
        _not_for_others_to_say(command)
    if role is Role.PROVIDER and not _in_own_name(command, state, asked.provider):
        raise NotYours
    if role not in _STAFF and asked.on_behalf_of not in (None, asked.actor.id):
        raise NotYours
    if role is Role.COMMUNITY:
        _in_their_area(command, state, now)


def _not_for_others_to_say(command: c.AnyCommand) -> None:
    for field in _BY_ENGINE[type(command)]:
        if getattr(command, field) is not None:
            raise EngineOnly(field=field)


def _in_own_name(command: c.AnyCommand, state: State, provider: ProviderId) -> bool:
    """Whether a provider asks for itself. Of a need whose it is does not say who asks, but who stated it."""
    if type(state) is Need and isinstance(command, c.AmendNeed | c.CloseNeed):
        return state.stage is NeedStage.NONE or state.owner == provider
    return getattr(command, "provider", None) == provider


def answers_for(rules: Rules, person: str, proof: Proof | None) -> Sequence[AreaPath] | None:
    """The areas a dispatcher has to stay in: the one the door proves, the one the town lists; None: any.

    A topic proves a role, so a name that the town does not list keeps the whole town there. Where the
    door proves the person, whoever has no area at all has none to act in.
    """
    listed = rules.dispatcher_area(person)
    if proof is None:
        return None if listed is None else [listed]
    return [area for area in (proof.area, listed) if area is not None]


def concerns(area: AreaPath, theirs: Sequence[AreaPath] | None) -> bool:
    """Whether what lies there is the business of a dispatcher who has to stay in these areas."""
    return theirs is None or (bool(theirs) and all(within(area, one) for one in theirs))


def _in_their_area(command: c.AnyCommand, state: State, now: Situation) -> None:
    theirs = answers_for(now.rules, now.asked.actor.id, now.asked.proof)
    if theirs is None:
        return
    if isinstance(state, Order):
        its = (state.area,) if state.area else ()  # a new one may be taken in for elsewhere too
        ours = all(concerns(area, theirs) for area in its)
    elif isinstance(state, Provider):
        its = state.areas or _listed(command, now.rules)
        ours = not its or _work_in(its, theirs)
    elif isinstance(state, Need):
        its = _where(command, state, now.rules)
        ours = all(concerns(area, theirs) for area in its)
    else:
        return
    if not ours:
        raise OutsideArea(area=", ".join(its), theirs=", ".join(theirs or ()) or "-")


def _listed(command: c.AnyCommand, rules: Rules) -> Sequence[AreaPath]:
    """Where a new provider is to work, as far as the town knows those areas."""
    return [area for area in getattr(command, "areas", ()) if area in rules.area_by_path]


def _where(command: c.AnyCommand, need: Need, rules: Rules) -> Sequence[AreaPath]:
    """Where a need stands, and where it is to stand from now on."""
    asked = command.area if isinstance(command, c.StateNeed | c.AmendNeed) else None
    stands = [need.wanted.area] if need.stage is not NeedStage.NONE else []
    if asked is None or asked in stands or asked not in rules.area_by_path:
        return stands
    return [*stands, asked]


def _work_in(its: Sequence[AreaPath], theirs: Sequence[AreaPath] | None) -> bool:
    """A provider is the business of each community it works in, a town-wide one of all."""
    if theirs is None:
        return True
    return bool(theirs) and all(any(within(one, area) or within(area, one) for one in its) for area in theirs)
