"""What applying a town file would change, in sentences and as the commands that bring it about."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import islice
from typing import Final, cast

from adapters.hours import shifts_in_words
from adapters.towns.town_file import TownFile
from adapters.towns.volunteers_differing import enrolled
from domain.commands import (
    AdoptRules,
    AmendProvider,
    AnyCommand,
    ChangeCapacity,
    ChangeOffers,
    RegisterProvider,
    RetireProvider,
)
from domain.hours import Shift
from domain.ids import ProviderId
from domain.model import Value
from domain.provider import Particulars, Provider, Standing
from domain.routes import Route
from domain.rules import Retention, Rules, Words
from domain.sealed import Sealed

FEW: Final = 5  # named one by one; the rest are counted
BRIEF: Final = 40  # characters of a setting told
REMOVED: Final = "已从镇街文件中移除 removed from the town file"
LISTS: Final = (("areas", "区域", "area"), ("catalogue", "事项", "category"), ("people", "人员", "person"))


@dataclass(frozen=True, slots=True)
class Difference:
    """Sentences for people, and commands in the order to send them. Both empty: nothing to do."""

    lines: tuple[Words, ...] = ()
    commands: tuple[AnyCommand, ...] = ()


def difference(
    current: Rules | None,
    providers: Mapping[ProviderId, Provider],
    file: TownFile,
    unseal: Callable[[Sealed], str] = str,
) -> Difference:
    """What separates the town on record from the file, loaded without a sealer.

    `unseal` opens the names the record holds: a cipher seals the same name differently each time, so
    sealed names cannot be compared. Rules come first, since offers are checked against them; those who
    leave come last.
    """
    steps = [
        *_rules(current, file.rules, unseal),
        *_registered(providers, file),
        *enrolled(providers, file, unseal),
        *_removed(providers, file),
    ]
    commands = tuple(command for _, command in steps if command is not None)
    return Difference(tuple(line for line, _ in steps), commands)


_Step = tuple[Words, AnyCommand | None]


def _rules(current: Rules | None, wanted: Rules, unseal: Callable[[Sealed], str]) -> Iterator[_Step]:
    adopt = AdoptRules(rules=wanted)
    if current is None:
        areas, items, people = len(wanted.areas), len(wanted.catalogue), len(wanted.people)
        yield (
            Words(
                zh=f"采用细则“{wanted.name.zh}”：{areas}个区域、{items}个事项、{people}名人员。",
                en=f"Adopt the rules of {wanted.name.en}: {areas} areas, {items} items, {people} people.",
            ),
            adopt,
        )
        return
    opened = _opened(current, unseal)
    if opened == wanted:
        return
    lines = [*_settings_changed(opened, wanted), *_lists_changed(opened, wanted)]
    yield Words(zh="采用修改后的细则：", en="Adopt the changed rules:"), adopt
    yield from ((line, None) for line in lines)


def _opened(rules: Rules, unseal: Callable[[Sealed], str]) -> Rules:
    people = tuple(person.model_copy(update={"name": Sealed(unseal(person.name))}) for person in rules.people)
    return rules.model_copy(update={"people": people})


def _settings_changed(before: Rules, after: Rules) -> Iterator[Words]:
    """Every field that is not a list of things with a path or an id."""
    lists = {name for name, _, _ in LISTS}
    for name in Rules.model_fields:
        old, new = getattr(before, name), getattr(after, name)
        if name not in lists and old != new:
            old, new = _told(old), _told(new)
            yield _words(f"　{name}：{old} → {new}", f"  {name}: {old} → {new}")


def _told(value: object) -> str:
    if isinstance(value, tuple):
        return _brief(", ".join(map(_told, cast("tuple[object, ...]", value))) or "-")
    if isinstance(value, Retention):
        return f"{value.category or '*'} {value.days} d"
    if isinstance(value, Route):
        return f"{value.category or '*'} @ {value.area or '*'} {value.channel or ''} → {value.provider}"
    if isinstance(value, Shift):
        return shifts_in_words((value,)).en
    text = value.zh if isinstance(value, Words) else "-" if value is None else str(value)
    return _brief(text)


def _brief(text: str) -> str:
    return text if len(text) <= BRIEF else text[: BRIEF - 1] + "…"


def _lists_changed(before: Rules, after: Rules) -> Iterator[Words]:
    for name, zh, en in LISTS:
        old, new = _by_key(getattr(before, name)), _by_key(getattr(after, name))
        changed = [key for key in new if key in old and old[key] != new[key]]
        yield from _counted("新增", "new", zh, en, [key for key in new if key not in old])
        yield from _counted("取消", "removed", zh, en, [key for key in old if key not in new])
        yield from _counted("修改", "changed", zh, en, changed)
        if not changed and list(old) != list(new) and set(old) == set(new):
            yield _words(f"　{zh}：顺序改变", f"  {en}: another order")


def _by_key(values: Sequence[Value]) -> dict[str, Value]:
    return {str(getattr(value, "path", None) or getattr(value, "id", "")): value for value in values}


def _counted(what_zh: str, what_en: str, zh: str, en: str, keys: Sequence[str]) -> Iterator[Words]:
    if keys:
        few = ", ".join(islice(keys, FEW)) + (" …" if len(keys) > FEW else "")
        yield _words(f"　{what_zh}{zh}{len(keys)}：{few}", f"  {what_en} {en} ({len(keys)}): {few}")


def _registered(providers: Mapping[ProviderId, Provider], file: TownFile) -> Iterator[_Step]:
    for wanted in file.providers:
        state = providers.get(wanted.provider, Provider())
        match state.standing:
            case Standing.UNKNOWN:
                yield _said(wanted, "登记", "Register", "", wanted)
            case Standing.ACTIVE:
                yield from _changed(state, wanted)
            case Standing.RETIRING | Standing.RETIRED:
                yield _said(wanted, "已退出，请换代码登记：", "Retired, register under a new code:", "", None)


def _changed(state: Provider, wanted: RegisterProvider) -> Iterator[_Step]:
    yield from _amended(state.particulars, wanted)
    if (state.areas, state.offers) != (wanted.areas, wanted.offers):
        change = ChangeOffers(provider=wanted.provider, areas=wanted.areas, offers=wanted.offers)
        counts = f" ({len(state.offers)} → {len(wanted.offers)})"
        yield _said(wanted, "调整事项与区域", "Change offers and areas of", counts, change)
    if state.capacity != wanted.capacity:
        capacity = ChangeCapacity(provider=wanted.provider, capacity=wanted.capacity)
        counts = f" ({state.capacity} → {wanted.capacity})"
        yield _said(wanted, "调整接单能力", "Change the capacity of", counts, capacity)


def _amended(before: Particulars, wanted: RegisterProvider) -> Iterator[_Step]:
    """What the file leaves out stays as it is."""
    said = (field.name for field in fields(Particulars) if field.name in wanted.model_fields_set)
    told = {name: getattr(wanted, name) for name in said}
    differing = {name: now for name, now in told.items() if now is not None and now != getattr(before, name)}
    if differing:
        changes = ", ".join(
            f"{name}: {_told(getattr(before, name))} → {_told(now)}" for name, now in differing.items()
        )
        amend = AmendProvider(provider=wanted.provider, **differing)
        yield _said(wanted, "更正登记信息", "Amend", f" ({changes})", amend)


def _removed(providers: Mapping[ProviderId, Provider], file: TownFile) -> Iterator[_Step]:
    wanted = {provider.provider for provider in file.providers}
    for slug, state in providers.items():
        if slug not in wanted and state.standing is Standing.ACTIVE:
            yield (
                Words(zh=f"退出 {slug}", en=f"Retire {slug}"),
                RetireProvider(provider=slug, reason=Sealed(REMOVED)),
            )


def _said(wanted: RegisterProvider, zh: str, en: str, more: str, command: AnyCommand | None) -> _Step:
    which = f"[{wanted.provider}]{more}"
    return _words(f"{zh} {wanted.name_zh} {which}", f"{en} {wanted.name_en} {which}"), command


def _words(zh: str, en: str) -> Words:
    """A line may be longer than the names that Words hold, and keeps its indent."""
    return Words.model_construct(zh=zh, en=en)
