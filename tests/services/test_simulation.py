"""The simulated week is one that the town would accept, the same for the same seed, and reads like life."""

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice, pairwise
from typing import Any

import pytest

from adapters.envelope import Decoder, Door
from adapters.towns import TownFile, load
from domain.commands import COMMANDS, RegisterProvider
from domain.facts import Actor, CommandKey
from domain.ids import RULES_SUBJECT, ProviderId, provider_subject
from domain.lifecycle import decide, evolve, initial
from domain.order import Order
from domain.provider import Provider, Standing
from domain.provider_events import Offer
from domain.rejections import ClaimedByAnother, Refused
from domain.rules import Rules
from domain.situation import Asked, Situation, State, settle_time
from domain.stages import Channel, Level, ProviderKind, Role, Stage
from domain.town import Town
from services.deciding import Deciding
from services.simulation import DEFAULT_START, EVERY, KINDS, simulate
from services.simulation.writing import Writer
from tests.support import a_town
from tests.support.one_key import OneKey

LATER = datetime(2026, 7, 1, tzinfo=UTC)  # when the stream is read
ORDERS = 1_500


@cache
def guangming() -> TownFile:
    return load("guangming")


def week(orders: int = ORDERS, seed: int = 4, **options: Any) -> Iterator[bytes]:
    return simulate(guangming().rules, guangming().providers, orders, seed, **options)


@cache
def messages() -> list[dict[str, Any]]:
    return [json.loads(line) for line in week()]


@dataclass
class Lived:
    """What the domain makes of a stream."""

    states: dict[str, State] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    stages: set[Stage] = field(default_factory=set)
    late: list[bool] = field(default_factory=list)

    def take(self, message: dict[str, Any], town: TownFile) -> None:
        subject = message["subject"]
        command = COMMANDS[message["type"]].model_validate({**message["data"], "order": subject})
        state = self.states.get(subject, initial(subject))
        others = {other: self.states[other] for other in command.also_reads()}
        asked = _asked(message)
        now = Situation(asked=asked, at=settle_time(asked, state.last_at), rules=town.rules, others=others)
        try:
            events = decide(command, state, now)
        except Refused as refusal:
            self.refused.append(refusal)
            return
        assert events, f"{message} changes nothing"
        for event in events:
            state = evolve(state, event, now.at)
            assert isinstance(state, Order)
            self.stages.add(state.stage)
            if message["type"] == "CompleteOrder":
                self.late.append(now.at > (state.due_at or now.at))
        self.states[subject] = state


def _asked(message: dict[str, Any]) -> Asked:
    return Asked(
        key=CommandKey(source=message["source"], id=message["id"]),
        actor=Actor(role=Role(message["role"]), id=message["actor"]),
        via="imports",
        recorded=LATER,
        correlation="1",
        claimed=datetime.fromisoformat(message["time"]),
        trusted_time=True,
        on_behalf_of=message.get("onbehalfof"),
        channel=message.get("channel"),
        intake="1",
    )


def live(stream: Iterable[dict[str, Any]], town: TownFile) -> Lived:
    lived = Lived()
    for one in town.providers:
        lived.states[provider_subject(one.provider)] = Provider(standing=Standing.ACTIVE)
    for message in stream:
        lived.take(message, town)
    return lived


@cache
def lived_week() -> Lived:
    return live(messages(), guangming())


def test_everything_is_accepted_but_claims_that_lose() -> None:
    refused = lived_week().refused
    assert {type(refusal) for refusal in refused} == {ClaimedByAnother}


def test_every_stage_and_every_command_occur() -> None:
    assert lived_week().stages == set(Stage) - {Stage.NONE}
    by_people = {name for name in COMMANDS if name.endswith("Order")} - {"ImportOrder", "EraseOrder"}
    assert {message["type"] for message in messages()} == by_people | {"MarkDuplicate", "ReportProgress"}


def test_a_seed_makes_the_same_bytes_and_another_seed_others() -> None:
    first = b"".join(week(200, seed=1))
    assert first == b"".join(week(200, seed=1))
    assert first != b"".join(week(200, seed=2))


def test_the_order_of_sets_does_not_matter() -> None:
    digests = {_week_in_a_process(hash_seed) for hash_seed in ("1", "2")}
    assert digests == {hashlib.sha256(b"".join(week(50))).hexdigest()}


def _week_in_a_process(hash_seed: str) -> str:
    program = (
        "import hashlib; from adapters.towns import load; from services.simulation import simulate;"
        "town = load('guangming'); lines = simulate(town.rules, town.providers, 50, 4);"
        "print(hashlib.sha256(b''.join(lines)).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=environment, capture_output=True, check=True, text=True).stdout.strip()


def test_lines_are_events_in_order_of_time_within_the_week() -> None:
    times = [datetime.fromisoformat(message["time"]) for message in messages()]
    assert all(before <= after for before, after in pairwise(times))
    assert times[0] >= DEFAULT_START
    assert times[-1] < DEFAULT_START + timedelta(days=7)


def test_every_id_is_new_and_time_ordered() -> None:
    ids = [message["id"] for message in messages()]
    assert len(set(ids)) == len(ids)
    assert all(one[14] == "7" for one in ids)
    assert [one[:13] for one in ids] == sorted(one[:13] for one in ids)


@pytest.mark.parametrize("orders", [0, 1, 7, 500])
def test_exactly_as_many_orders_are_placed_as_asked(orders: int) -> None:
    placed = [line for line in week(orders) if b'"type":"PlaceOrder"' in line]
    assert len(placed) == orders


def test_any_number_fits_into_the_days_given() -> None:
    times = [json.loads(line)["time"] for line in week(300, days=2)]
    assert max(times) < "2026-03-03T16:00"


def test_the_rhythm_is_that_of_a_real_hotline() -> None:
    placed = [message for message in messages() if message["type"] == "PlaceOrder"]
    at = [datetime.fromisoformat(message["time"]).astimezone(DEFAULT_START.tzinfo) for message in placed]
    by_hour = Counter(moment.hour for moment in at)
    assert by_hour.most_common(1)[0][0] == 10
    assert by_hour[10] > 20 * by_hour[3]
    by_day = Counter(moment.weekday() for moment in at)
    assert by_day[1] > by_day[5] + by_day[6] / 4


def test_a_channel_pushes_what_it_has_gathered_second_by_second() -> None:
    placed = [m for m in messages() if m["type"] == "PlaceOrder" and m["time"].endswith(".000Z")]
    times = [datetime.fromisoformat(message["time"]) for message in placed]
    in_step = sum(after - before == timedelta(seconds=1) for before, after in pairwise(times))
    assert 0.10 < in_step / ORDERS < 0.17


def test_a_tenth_is_late_and_four_in_ten_are_never_rated() -> None:
    lived = live(map(json.loads, week(600, seed=6, days=60)), guangming())
    assert 0.07 < sum(lived.late) / len(lived.late) < 0.16
    done = Counter(s.stage for s in lived.states.values() if isinstance(s, Order))
    assert 0.5 < done[Stage.RATED] / (done[Stage.RATED] + done[Stage.COMPLETED] + done[Stage.ANSWERED]) < 0.7


def test_most_are_pleased_some_are_not() -> None:
    levels = Counter(message["data"]["level"] for message in messages() if message["type"] == "RateOrder")
    assert levels.most_common(1)[0][0] == Level.VERY_SATISFIED
    assert set(levels) == set(Level)


def test_declined_three_times_goes_to_arbitration_and_is_placed_by_the_community() -> None:
    steps: dict[str, list[str]] = defaultdict(list)
    for message in messages():
        steps[message["subject"]].append(f"{message['role']} {message['type']}")
    arbitrated = [life for life in steps.values() if life.count("provider DeclineOrder") == 3]
    after = {tuple(life[_last(life, "provider DeclineOrder") + 1 :][:2]) for life in arbitrated}
    assert ("community DispatchOrder", "provider AcceptOrder") in after


def _last(life: list[str], step: str) -> int:
    return len(life) - 1 - life[::-1].index(step)


def test_two_lines_of_one_moment_have_ids_of_their_own() -> None:
    writer = Writer(1)
    for _ in range(2):
        writer.say(DEFAULT_START, "PoolOrder", "x", (Role.COMMUNITY, "d-1"))
    first, second = (json.loads(line)["id"] for line in writer.take())
    assert first != second


def test_nobody_joins_an_order_that_is_given_up() -> None:
    stream = [json.loads(line) for line in simulate(a_town.RULES, small_lists(), 4_000, 1, days=60)]
    joined = {message["data"]["of"] for message in stream if message["type"] == "MarkDuplicate"}
    given_up = {message["subject"] for message in stream if message["type"] == "WithdrawOrder"}
    assert joined
    assert joined & given_up == set()


def test_staff_say_for_whom_and_all_say_through_which_channel() -> None:
    placed = [message for message in messages() if message["type"] == "PlaceOrder"]
    assert {message["channel"] for message in placed} == set(Channel)
    assert all(("onbehalfof" in message) == (message["role"] == "community") for message in placed)


def test_phones_are_plainly_fictitious() -> None:
    contacts = {m["data"]["contact"] for m in messages() if m["type"] == "PlaceOrder"}
    assert all(contact.split()[1].startswith("1380000") for contact in contacts)


def test_a_quote_in_a_name_does_not_break_a_line() -> None:
    quoted = a_town.words('"东"\\社区', "East")
    areas = tuple(area.model_copy(update={"name": quoted}) for area in a_town.RULES.areas)
    rules = Rules.model_validate({**a_town.RULES.model_dump(), "areas": areas})
    texts = [json.loads(line)["data"].get("address", "") for line in simulate(rules, small_lists(), 60, 1)]
    assert any('"东"\\社区' in text for text in texts)


def small_lists() -> tuple[RegisterProvider, ...]:
    """One department for everything and one team for meals."""
    shared: dict[str, Any] = {
        "contact": "0755-23000000",
        "capacity": 9,
        "areas": (a_town.STREET,),
        "name_en": "x",
    }
    return tuple(
        RegisterProvider(
            provider=ProviderId(slug), name_zh=slug, kind=kind, members=5, full_time=2,
            offers=tuple(Offer(category=category) for category in offers), **shared,
        )
        for slug, kind, offers in (
            ("water", ProviderKind.DEPARTMENT, (a_town.POTHOLE, a_town.LAMP)),
            ("cooks", ProviderKind.TEAM, (a_town.MEALS,)),
            ("spoons", ProviderKind.TEAM, (a_town.MEALS,)),
        )
    )  # fmt: skip


def test_a_small_town_lives_too() -> None:
    town = TownFile(a_town.RULES, small_lists())
    lived = live(map(json.loads, simulate(town.rules, town.providers, 1_500, 3)), town)
    assert {type(refusal) for refusal in lived.refused} <= {ClaimedByAnother}
    assert Stage.RATED in lived.stages


def test_short_windows_are_kept() -> None:
    rules = guangming().rules.model_copy(update={"rate_days": 1, "reopen_days": 1})
    town = TownFile(rules, guangming().providers)
    lived = live(map(json.loads, simulate(rules, town.providers, 400, 5, days=30)), town)
    assert {type(refusal) for refusal in lived.refused} <= {ClaimedByAnother}


# faults


def test_faults_come_between_the_same_good_lines() -> None:
    good, mixed = list(week()), list(week(faults=True))
    due = len(good) // EVERY
    assert due - 1 <= len(mixed) - len(good) <= due  # the last may find no order left to follow
    rest = iter(mixed)
    assert all(line in rest for line in good)


EXPECTED = {
    "unreadable_bytes": "unreadable",
    "broken_json": "unreadable",
    "not_an_event": "not_cloudevent",
    "unknown_type": "unknown_type",
    "missing_field": "invalid_field",
    "unknown_category": "unknown_category",
    "wrong_role": "wrong_role",
    "unknown_order": "unknown_order",
    "forbidden_step": "forbidden_step",
    "future_date": "date_in_future",
    "absurd_date": "date_absurd",
    "repeated": "repeated",
    "id_reused": "id_reused",
}


def test_each_kind_of_fault_is_answered_by_its_own_code_and_stops_nobody() -> None:
    faults = list(islice(_codes(week(orders=600, faults=True)), 10_000))
    counted = Counter(code for code in faults if code != "claimed_by_another")
    assert set(counted) == set(EXPECTED.values())
    turns = sum(counted.values()) // len(KINDS)
    assert all(turns <= counted[code] <= 2 * (turns + 1) for code in counted)


def test_every_kind_of_fault_is_expected_here() -> None:
    assert set(KINDS) == set(EXPECTED)


def _codes(lines: Iterable[bytes]) -> Iterator[str]:
    """The codes of all that was not plainly recorded, from the real decoder and the real decisions."""
    decoder, door = Decoder(OneKey(b"secret"), b"secret"), Door("imports", trusted_time=True)
    deciding = Deciding(_registered(), {})
    for number, line in enumerate(lines):
        deciding.take(decoder.decode(line, {}, door, LATER, f"imports[0]@{number}"))
        event: Any = deciding.drafts[-1].facts[0].event
        if hasattr(event, "code"):
            yield event.code


def _registered() -> dict[str, State]:
    states: dict[str, State] = {RULES_SUBJECT: Town(rules=guangming().rules, version=1)}
    for one in guangming().providers:
        states[provider_subject(one.provider)] = Provider(standing=Standing.ACTIVE)
    return states


def test_roles_are_those_who_may_ask() -> None:
    assert {message["role"] for message in messages()} == {Role.RESIDENT, Role.COMMUNITY, Role.PROVIDER}
