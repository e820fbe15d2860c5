"""One example of every event, from which its golden file was written; run as a module to write new ones.

A golden file is never changed: an event of a new shape gets a new version, a new file and an upcast.
"""

import json
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import domain.events as e
from adapters.store.wire import encode
from domain.facts import Actor, CommandKey, Fact, Meta, Proof, Read
from domain.ids import ResidentId, StreamId
from domain.model import Event
from domain.proposal import Candidate, Part, Proposal
from domain.rules import Retention
from domain.stages import Channel, Level, Right, Role, Stage, Urgency
from tests.support import a_need as need
from tests.support import a_person as person
from tests.support import a_provider as unit
from tests.support import an_order as order
from tests.support.a_town import (
    AUNT_LI,
    MEALS,
    MONDAY,
    NIGHTS,
    OFFICE_HOURS,
    ROADS,
    WATER,
    WEST,
    hours,
    rules_with,
)

FILES: Final = Path(__file__).parent / "files"
TEXT: Final = order.TEXT

PROPOSAL: Final = Proposal(
    category=MEALS,
    area=WEST,
    rules=3,
    at=MONDAY,
    seen={"matching/log": 41, "evidence/log": 40},
    of=7,
    winner=WATER,
    routed=WATER,
    candidates=(
        Candidate(
            provider=WATER,
            score=70_000,
            parts={Part.DUTY: 50_000, Part.EVIDENCE: 20_000},
            price=1_500,
            reasons=("must", "same-area"),
        ),
    ),
)
BROKEN: Final = PROPOSAL.model_copy(
    update={"winner": None, "routed": ROADS, "broken": "route-provider-retired"}
)

EXAMPLES: Final[tuple[Event, ...]] = (
    order.placed().model_copy(
        update={
            "contact": TEXT,
            "address": TEXT,
            "wanted": WATER,
            "wanted_at": MONDAY,
            "urgency": Urgency.URGENT,
            "channel": Channel.PHONE,
        }
    ),
    e.OrderAmended(
        category=MEALS, area=WEST, old_category=order.POTHOLE, old_area=order.EAST, details=TEXT, contact=TEXT
    ),
    order.seconded(),
    e.OrderWithdrawn(category=MEALS, area=WEST, provider=WATER, reason=TEXT),
    order.answered(),
    order.not_accepted(),
    order.marked_duplicate(),
    e.DispatchProposed(category=MEALS, area=WEST, proposal=PROPOSAL),
    order.dispatched().model_copy(
        update={"channel": "热线", "proposal": BROKEN, "overruled": False, "why": TEXT, "call": True}
    ),
    order.pooled(),
    order.claimed().model_copy(update={"channel": "热线"}),
    order.recalled().model_copy(update={"passed_on": True}),
    order.accepted(),
    order.declined().model_copy(update={"channel": "热线"}),
    order.sent_to_arbitration(),
    e.ProgressReported(category=MEALS, area=WEST, provider=WATER, note=TEXT),
    order.completed(),
    order.rated(Level.DISSATISFIED).model_copy(update={"comment": TEXT, "bad": True}),
    order.reopened(),
    person.texts_erased(),
    person.order_erasure_finished(),
    e.OrderImported(
        category=MEALS,
        area=WEST,
        number=order.placed().number,
        stage=Stage.RATED,
        source="A-1",
        channel="热线",
        provider=WATER,
        accepted_at=MONDAY,
        closed_at=MONDAY + hours(1),
        due_at=MONDAY + hours(48),
        in_time=True,
        level=Level.SATISFIED,
        bad=False,
        details=TEXT,
    ),
    unit.registered().model_copy(
        update={
            "members": 5,
            "full_time": 2,
            "takes_by_bus": True,
            "hours": (OFFICE_HOURS, NIGHTS),
            "skills": ("electrician",),
        }
    ),
    unit.amended(),
    e.ProviderOffersChanged(provider=WATER, areas=(WEST,), offers=unit.OFFERS),
    e.ProviderCapacityChanged(provider=WATER, capacity=9),
    unit.enrolled(),
    unit.changed(hours=(), willing=()),
    unit.released(),
    unit.retiring(),
    unit.retired(),
    need.stated(by=WATER, takers_wanted=2, until=MONDAY + hours(72)),
    need.need_amended(owner=WATER, takers_wanted=2, until=MONDAY + hours(72)),
    need.taken_up(owner=WATER, note=TEXT),
    need.let_go(owner=WATER),
    need.closed(owner=WATER, reason=TEXT),
    person.person_erased(listed="rules"),
    person.erasure_finished(listed="rules"),
    e.RulesAdopted(version=1, rules=rules_with(retention=(Retention(category=MEALS, days=1095),))),
    e.CommandRejected(
        subject=str(order.ORDER),
        command="AcceptOrder",
        code="not_offered",
        reason_zh="此单不在water手中。",
        reason_en="The order is not with water.",
        asked='{"order":"019cac2e-f380-7000-8000-000000000001","provider":"water"}',
    ),
    e.CommandRepeated(subject=str(order.ORDER), command="AcceptOrder", code="repeated", first=7),
    e.MessageParked(
        code="unreadable", reason_zh="读不懂。", reason_en="Not readable.", body=TEXT, size=3, digest="00"
    ),
    e.MessageRequeued(
        letter=7,
        status="rejected",
        code="not_offered",
        answered="dead-letters@7/x",
        corrected="00",
        reason=TEXT,
    ),
    e.MessageDiscarded(letter=7, reason=TEXT),
    e.TextsOpened(
        subject=str(order.ORDER),
        fields=("details", "contact"),
        right=Right.COMMUNITY,
        person=ResidentId(AUNT_LI),
        provider=WATER,
        area=WEST,
        purpose=TEXT,
    ),
)


def as_fact(event: Event) -> Fact:
    """The first event with every field of meta in use, the others as they were before some were added."""
    added: dict[str, Any] = {}
    if isinstance(event, e.OrderPlaced):
        proof = Proof(actor="d-chen", area=WEST, provider=WATER)
        added = {"proof": proof, "trusted_time": True, "claimed": MONDAY}
    meta = Meta(
        subject=str(order.ORDER),
        actor=Actor(role=Role.COMMUNITY, id="d-chen"),
        on_behalf_of=ResidentId(AUNT_LI),
        channel=Channel.PHONE,
        via="sidan.community",
        command="PlaceOrder",
        cause=CommandKey(source="window-3", id="019cac2e"),
        correlation="talk-1",
        recorded=MONDAY + hours(0.25),
        at=MONDAY,
        rules=3,
        reads=(Read(subject="provider/water", version=4),),
        part=1,
        parts=2,
        intake="sidan.community[0]@42",
        class_version=event.class_version,
        **added,
    )
    return Fact(StreamId(UUID(int=order.ORDER.int)), 5, meta, event)


def file_of(wire: str, version: int) -> Path:
    return FILES / f"{wire}.{version}.json"


def golden(fact: Fact) -> str:
    """Topic and state as they lie in the record; each line of the state is JSON in its own bytes."""
    head, _, data = encode(fact).decode().partition("\n")
    lying = {"topic": fact.event.wire, "meta": head, "data": data}
    return json.dumps(lying, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    FILES.mkdir(exist_ok=True)
    for example in EXAMPLES:
        path = file_of(example.wire, example.class_version)
        if not path.exists():
            path.write_text(golden(as_fact(example)), encoding="utf-8")
