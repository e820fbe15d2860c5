"""Applying a town file says first what differs from the record, and a second time nothing does."""

from collections.abc import Iterable
from pathlib import Path

from adapters.keys.town_key import TownSealer
from adapters.towns import difference, load
from domain.commands import (
    AdoptRules,
    AmendProvider,
    AnyCommand,
    AnyProviderCommand,
    ChangeCapacity,
    ChangeOffers,
    ChangeVolunteer,
    EnrolVolunteer,
    RegisterProvider,
    ReleaseVolunteer,
    RetireProvider,
)
from domain.facts import Actor, CommandKey
from domain.ids import ProviderId, VolunteerId
from domain.lifecycle import decide, evolve
from domain.provider import NO_PROVIDER, Provider
from domain.rules import Rules
from domain.sealed import Sealed
from domain.situation import Asked, Situation
from domain.stages import Role
from domain.town import NO_TOWN, Town
from tests.support.a_town import MONDAY
from tests.support.a_town_file import SMALL, small


def apply(commands: Iterable[AnyCommand], town: Town, providers: dict[ProviderId, Provider]) -> Town:
    """What the record holds once the domain has taken the commands."""
    actor = Actor(role=Role.OPERATOR, id="operator-1")
    asked = Asked(
        key=CommandKey("t", "1"), actor=actor, via="cli", recorded=MONDAY, correlation="1", intake="1"
    )
    for command in commands:
        now = Situation(asked=asked, at=MONDAY, rules=town.rules, others={})
        if isinstance(command, AdoptRules):
            for event in decide(command, town, now):
                after = evolve(town, event, MONDAY)
                assert isinstance(after, Town)
                town = after
        elif isinstance(command, AnyProviderCommand):
            state = providers.get(command.provider, NO_PROVIDER)
            for event in decide(command, state, now):
                after = evolve(state, event, MONDAY)
                assert isinstance(after, Provider)
                providers[command.provider] = after
    return town


def test_a_new_town_is_adopted_and_everyone_registered(tmp_path: Path) -> None:
    told = difference(None, {}, load(small(tmp_path)))
    assert [type(command) for command in told.commands] == [AdoptRules, RegisterProvider, RegisterProvider]
    assert "5个区域" in told.lines[0].zh


def test_applying_twice_changes_nothing() -> None:
    file, providers = load("guangming"), dict[ProviderId, Provider]()
    town = apply(difference(None, providers, file).commands, NO_TOWN, providers)
    again = difference(town.rules, providers, load("guangming"))
    assert (again.lines, again.commands) == ((), ())


def applied(path: Path) -> tuple[Rules, dict[ProviderId, Provider]]:
    providers: dict[ProviderId, Provider] = {}
    town = apply(difference(None, providers, load(path)).commands, NO_TOWN, providers)
    return town.rules, providers


def changed(tmp_path: Path, *changes: tuple[str, str]) -> tuple[list[type], list[str]]:
    rules, providers = applied(small(tmp_path))
    told = difference(rules, providers, load(small(tmp_path, *changes)))
    return [type(command) for command in told.commands], [words.en for words in told.lines]


def test_changed_rules_are_told_setting_by_setting(tmp_path: Path) -> None:
    commands, lines = changed(
        tmp_path,
        ("rate_days: 20", "rate_days: 10"),
        ("hours: [2, 24]", "hours: [2, 30]"),
        ("[120, 80]", "[200]"),
    )
    assert commands == [AdoptRules]
    assert "  rate_days: 20 → 10" in lines
    assert "  changed category (1): care/visits" in lines
    assert "  removed area (1): lake/east/grid-2" in lines


def test_what_a_provider_takes_and_how_much_is_compared(tmp_path: Path) -> None:
    commands, lines = changed(
        tmp_path, ("capacity: 20", "capacity: 30"), ("must: [roads]", "must: [roads], can: [care]")
    )
    assert commands == [ChangeOffers, ChangeCapacity]
    assert "Change the capacity of Works [works] (20 → 30)" in lines


def test_who_a_provider_is_and_how_to_reach_it_is_compared(tmp_path: Path) -> None:
    commands, lines = changed(
        tmp_path,
        ("[工务, Works], contact: 0755-23000001", "[工务, Roadworks], contact: 0755-23000009"),
        ("members: 4, full_time: 1", "members: 6, full_time: 1"),
    )
    assert commands == [AmendProvider, AmendProvider]
    assert lines == [
        "Amend Roadworks [works] (name_en: Works → Roadworks, contact: 0755-23000001 → 0755-23000009)",
        "Amend Cooks [cooks] (members: 4 → 6)",
    ]


def test_a_number_that_the_file_no_longer_tells_stays(tmp_path: Path) -> None:
    commands, lines = changed(
        tmp_path,
        ("  team:\n    cooks", "  social:\n    cooks"),
        ("members: 4, full_time: 1, ", ""),
        ("takes_by_bus: true, ", ""),
    )
    assert commands == [AmendProvider, AmendProvider]
    assert lines[0] == "Amend Works [works] (takes_by_bus: True → False)"
    assert lines[1] == "Amend Cooks [cooks] (kind: team → social)"


def test_a_provider_left_out_retires(tmp_path: Path) -> None:
    works = SMALL[SMALL.index("  department:") : SMALL.index("  team:")]
    commands, _ = changed(tmp_path, (works, ""))
    assert commands == [RetireProvider]


def test_one_that_has_retired_is_told_but_not_registered_again(tmp_path: Path) -> None:
    rules, providers = applied(small(tmp_path))
    leave = RetireProvider(provider=ProviderId("works"), reason=Sealed("-"))
    apply([leave], Town(rules=rules, version=1), providers)
    told = difference(rules, providers, load(small(tmp_path)))
    assert told.commands == ()
    assert "new code" in told.lines[0].en


def test_a_sealed_name_is_compared_opened(tmp_path: Path) -> None:
    sealer = TownSealer(b"secret")
    rules, providers = applied(small(tmp_path))
    people = tuple(one.model_copy(update={"name": sealer.seal(one.name)}) for one in rules.people)
    recorded = rules.model_copy(update={"people": people})
    assert difference(recorded, providers, load(small(tmp_path)), sealer.open).commands == ()
    renamed = load(small(tmp_path, ("林嘉禾", "林小满")))
    assert [type(c) for c in difference(recorded, providers, renamed, sealer.open).commands] == [AdoptRules]


def test_no_name_stands_in_the_sentences(tmp_path: Path) -> None:
    _, lines = changed(tmp_path, ("林嘉禾", "林小满"))
    assert not any("林" in said for said in lines)


MEI = "mei: {name: 梅姨, hours: [Fri 14:00-17:00]}"
ZHOU = "zhou: {name: 老周, willing: [care]}"
NO_LIST = "can: [care/meals]}"


def with_volunteers(*volunteers: str) -> tuple[str, str]:
    return NO_LIST, f"can: [care/meals], volunteers: {{{', '.join(volunteers)}}}}}"


def between(
    tmp_path: Path, before: tuple[str, str], after: tuple[str, str]
) -> tuple[list[AnyCommand], list[str]]:
    rules, providers = applied(small(tmp_path, before))
    told = difference(rules, providers, load(small(tmp_path, after)))
    return list(told.commands), [words.en for words in told.lines]


def test_volunteers_are_enrolled_once(tmp_path: Path) -> None:
    both = with_volunteers(MEI, ZHOU)
    commands, lines = between(tmp_path, (NO_LIST, NO_LIST), both)
    assert [type(command) for command in commands] == [EnrolVolunteer, EnrolVolunteer]
    assert lines == ["Enrol volunteer mei [cooks]", "Enrol volunteer zhou [cooks]"]
    assert between(tmp_path, both, both) == ([], [])


def test_a_list_of_volunteers_says_who_changes_and_who_goes(tmp_path: Path) -> None:
    later = MEI.replace("17:00", "18:00")
    commands, lines = between(tmp_path, with_volunteers(MEI, ZHOU), with_volunteers(later))
    assert [type(command) for command in commands] == [ChangeVolunteer, ReleaseVolunteer]
    assert lines == ["Change volunteer mei [cooks]", "Release volunteer zhou [cooks]"]
    assert "梅姨" not in "".join(lines)


def test_a_file_without_a_list_leaves_volunteers_alone(tmp_path: Path) -> None:
    assert between(tmp_path, with_volunteers(MEI, ZHOU), (NO_LIST, NO_LIST)) == ([], [])


def test_of_health_a_file_says_nothing(tmp_path: Path) -> None:
    rules, providers = applied(small(tmp_path, with_volunteers(MEI)))
    cooks, mei = ProviderId("cooks"), VolunteerId("mei")
    ill = ChangeVolunteer(provider=cooks, volunteer=mei, health=Sealed("asthma"))
    apply([ill], Town(rules=rules, version=1), providers)
    assert difference(rules, providers, load(small(tmp_path, with_volunteers(MEI)))).commands == ()
    assert providers[cooks].volunteers[mei].health == "asthma"


def test_one_that_has_retired_takes_no_volunteers(tmp_path: Path) -> None:
    rules, providers = applied(small(tmp_path))
    leave = RetireProvider(provider=ProviderId("cooks"), reason=Sealed("-"))
    apply([leave], Town(rules=rules, version=1), providers)
    assert difference(rules, providers, load(small(tmp_path, with_volunteers(MEI)))).commands == ()


def test_a_sealed_name_of_a_volunteer_is_compared_opened(tmp_path: Path) -> None:
    sealer = TownSealer(b"secret")
    providers: dict[ProviderId, Provider] = {}
    clear = load(small(tmp_path, with_volunteers(MEI)))
    enrolled = difference(None, providers, clear).commands
    apply(
        [
            one.model_copy(update={"name": sealer.seal(one.name)}) if isinstance(one, EnrolVolunteer) else one
            for one in enrolled
        ],
        NO_TOWN,
        providers,
    )
    people = tuple(one.model_copy(update={"name": sealer.seal(one.name)}) for one in clear.rules.people)
    rules = clear.rules.model_copy(update={"people": people})
    assert difference(rules, providers, clear, sealer.open).commands == ()


def test_hours_are_compared_and_told_and_stay_where_the_file_has_none(tmp_path: Path) -> None:
    with_hours = ("must: [roads]", "must: [roads], hours: [Mon-Fri 9:00-18:00]")
    commands, lines = between(tmp_path, (NO_LIST, NO_LIST), with_hours)
    assert [type(command) for command in commands] == [AmendProvider]
    assert lines == ["Amend Works [works] (hours: - → Mon-Fri 9:00-18:00)"]
    assert between(tmp_path, with_hours, (NO_LIST, NO_LIST)) == ([], [])
    emptied = ("must: [roads]", "must: [roads], hours: []")
    assert [type(command) for command in between(tmp_path, with_hours, emptied)[0]] == [AmendProvider]
