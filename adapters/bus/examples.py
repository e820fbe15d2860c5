"""A small town's life as it is asked over the bus: every command at least once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from domain.ids import (
    NeedId,
    ProviderId,
    ResidentId,
    need_subject,
    person_subject,
    provider_subject,
    time_ordered_id,
)

START: Final = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TOWN: Final = "example"
SECRET: Final = bytes(32)  # of nobody's town
WATER: Final = "water"


@dataclass(frozen=True, slots=True)
class Asked:
    """One message to a command topic."""

    topic: str  # without the town's prefix
    event: Mapping[str, Any]  # the structured CloudEvent

    @property
    def body(self) -> bytes:
        return json.dumps(self.event, ensure_ascii=False).encode()


class Script:
    """Writes the messages, a minute apart."""

    def __init__(self) -> None:
        self.lines: list[Asked] = []

    def order(self, number: int) -> str:
        """The id of the example's n-th order."""
        return str(time_ordered_id(START, f"order {number}".encode()))

    def say(
        self, topic: str, wire: str, subject: str, actor: str, *, extra: object = None, **data: Any
    ) -> None:
        """`extra`: more attributes of the envelope."""
        at = START + timedelta(minutes=len(self.lines))
        more: Any = extra or {}
        event: dict[str, Any] = {
            "specversion": "1.0",
            "id": str(time_ordered_id(at, b"command")),
            "source": f"example/{topic}",
            "type": wire,
            "subject": subject,
            "time": at.isoformat(),
            "actor": actor,
            **more,
            "data": data,
        }
        self.lines.append(Asked(topic, event))


def asked() -> list[Asked]:
    """Every command at least once, in an order that makes sense."""
    script = Script()
    _founding(script)
    _one_life(script, script.order(1))
    _other_ways(script)
    _needs(script)
    _forgetting(script)
    _leaving(script)
    return script.lines


def _founding(script: Script) -> None:
    script.say("imports", "AdoptRules", "rules", "op-1", extra={"role": "operator"}, rules=RULES)
    for provider, by_bus in ((WATER, True), ("roads", False)):
        script.say(
            "community",
            "RegisterProvider",
            provider_subject(ProviderId(provider)),
            "d-chen",
            provider=provider,
            name_zh={"water": "水务中心"}.get(provider, "道路养护队"),
            name_en={"water": "Water Centre"}.get(provider, "Road Team"),
            kind="department",
            contact="0755-12345",
            capacity=20,
            takes_by_bus=by_bus,
            areas=["lake"],
            offers=[{"category": "roads", "duty": "must"}],
        )
    script.say(
        "community", "AmendProvider", "provider/roads", "d-chen", provider="roads", contact="0755-12346"
    )
    lists: dict[str, Any] = {"areas": ["lake/east"], "offers": [{"category": "roads/pothole", "duty": "can"}]}
    script.say("community", "ChangeOffers", "provider/roads", "d-chen", provider="roads", **lists)
    script.say("departments", "ChangeCapacity", "provider/roads", "roads", provider="roads", capacity=5)
    _volunteers(script)


def _volunteers(script: Script) -> None:
    about: dict[str, Any] = {"provider": "roads", "volunteer": "mei"}
    fridays = [{"weekdays": [5], "start": "14:00", "end": "17:00"}]
    script.say(
        "departments",
        "EnrolVolunteer",
        "provider/roads",
        "roads",
        **about,
        name="梅姨 Aunt Mei",
        hours=fridays,
        willing=["roads/pothole"],
        health="不能登高 no climbing",
    )
    script.say("community", "ChangeVolunteer", "provider/roads", "d-chen", **about, skills=["first-aid"])
    script.say("community", "ReleaseVolunteer", "provider/roads", "d-chen", **about)


PROPOSAL: Final = {
    "category": "roads/pothole",
    "area": "lake/east",
    "rules": 1,
    "at": "2026-03-02T09:00:00+08:00",
    "seen": {"matching/0": 18, "matching/1": 17, "rating/0": 18, "rating/1": 17, "evidence/log": 18},
    "of": 1,
    "winner": WATER,
    "candidates": [
        {
            "provider": WATER,
            "score": 61_000,
            "parts": {"duty": 50_000, "near": 6_000, "room": 5_000},
            "reasons": ["must", "same-area", "idle"],
        }
    ],
}


def _place(script: Script, order: str, **more: Any) -> None:
    data = {
        "category": "roads/pothole",
        "area": "lake/east",
        "details": "路口有坑，电动车摔过 a pothole",
        **more,
    }
    script.say("residents", "PlaceOrder", order, "r-7", extra={"channel": "app"}, **data)


def _one_life(script: Script, order: str) -> None:
    """Through arbitration to the rating, and once more."""
    _place(
        script,
        order,
        contact="13900000000",
        address="东区3栋",
        wanted=WATER,
        wanted_at="2026-03-03T01:00:00Z",
        urgency="urgent",
    )
    script.say("residents", "AmendOrder", order, "r-7", details="在公交站旁 beside the bus stop")
    script.say("residents", "SecondOrder", order, "r-8")
    script.say("system", "ProposeDispatch", order, "sidan/auto-dispatch", proposal=PROPOSAL)
    for provider in (WATER, "roads"):
        script.say("community", "DispatchOrder", order, "d-chen", provider=provider)
        script.say("departments", "DeclineOrder", order, provider, provider=provider, reason="not-ours")
    script.say("community", "DispatchOrder", order, "d-chen", provider=WATER)
    script.say("departments", "AcceptOrder", order, WATER, provider=WATER)
    script.say(
        "departments", "ReportProgress", order, WATER, provider=WATER, note="材料已到 material is there"
    )
    script.say(
        "departments", "CompleteOrder", order, WATER, provider=WATER, result="已补好 filled", resolved=True
    )
    script.say("residents", "RateOrder", order, "r-7", level="satisfied", comment="谢谢 thanks")
    script.say("residents", "ReopenOrder", order, "r-7", reason="又塌了 it sank again")
    script.say("community", "DispatchOrder", order, "d-chen", provider=WATER)
    script.say("community", "RecallOrder", order, "d-chen", reason="派错了 wrong place", provider=WATER)


def _other_ways(script: Script) -> None:
    """Claimed, withdrawn, answered, not accepted, a duplicate, imported; and a refusal."""
    claimed, withdrawn, answered, refused, double, imported, alone = map(script.order, range(2, 9))
    entered = {"onbehalfof": "r-9", "channel": "phone"}
    data = {"category": "roads/pothole", "area": "lake/east", "details": "路灯旁有坑 near the lamp"}
    script.say("community", "PlaceOrder", claimed, "d-chen", extra=entered, **data)
    script.say("community", "PoolOrder", claimed, "d-chen")
    script.say("departments", "ClaimOrder", claimed, WATER, provider=WATER)
    _place(script, withdrawn)
    script.say("community", "DispatchOrder", withdrawn, "d-chen", provider=WATER)
    script.say("residents", "WithdrawOrder", withdrawn, "r-7", reason="自己解决了 solved")
    for order in (answered, refused, double):
        _place(script, order)
    script.say("community", "AnswerOrder", answered, "d-chen", notice="明日开工 work starts tomorrow")
    script.say(
        "community",
        "NotAcceptOrder",
        refused,
        "d-chen",
        reason="in-court",
        notice="法院已受理 before the court",
    )
    script.say(
        "community",
        "MarkDuplicate",
        double,
        "d-chen",
        of=claimed,
        notice="并入前单 joined to the earlier one",
    )
    row = {"category": "roads/pothole", "area": "lake/east", "stage": "completed", "source": "2025-0042"}
    operator = {"role": "operator"}
    script.say(
        "imports", "ImportOrder", imported, "op-1", extra=operator, provider=WATER, in_time=True, **row
    )
    script.say("departments", "AcceptOrder", alone, WATER, provider=WATER)


def _needs(script: Script) -> None:
    """What the community and a provider need, taken up by the other side."""
    shade, hall = (need_subject(NeedId(need)) for need in ("shade", "hall"))
    script.say(
        "community",
        "StateNeed",
        shade,
        "d-chen",
        need="shade",
        title_zh="路口候车处的遮阳棚",
        title_en="A shelter from the sun at the crossing",
        category="roads",
        area="lake/east",
        takers_wanted=2,
        until="2026-06-30T15:59:59Z",
    )
    script.say(
        "departments",
        "StateNeed",
        hall,
        WATER,
        need="hall",
        provider=WATER,
        title_zh="职工周末活动场地",
        title_en="A hall for our staff at weekends",
        area="lake",
    )
    script.say("departments", "AmendNeed", hall, WATER, need="hall", takers_wanted=1)
    note = "可提供材料 we have the material"
    script.say("departments", "TakeUpNeed", shade, WATER, need="shade", provider=WATER, note=note)
    script.say("community", "TakeUpNeed", hall, "d-chen", need="hall")
    script.say("departments", "LetGoOfNeed", shade, WATER, need="shade", provider=WATER)
    script.say("community", "CloseNeed", shade, "d-chen", need="shade", reason="已建成 it is built")


REACHED: Final = [
    {"place": "log", "how": "key_destroyed", "count": 3},
    {"place": "command_topics", "how": "expires", "until": "2026-03-10T01:00:00Z"},
    {"place": "backups", "how": "not_reached"},
]


def _forgetting(script: Script) -> None:
    """A person, and the texts of an order that was answered."""
    order, person, operator = script.order(4), person_subject(ResidentId("r-8")), {"role": "operator"}
    why = "居民来函要求 the resident asked in writing"
    script.say("imports", "ErasePerson", person, "op-1", extra=operator, person="r-8", reason=why)
    engine = "sidan/erasure"
    script.say("system", "FinishErasure", person, engine, person="r-8", erasure=1, reached=REACHED)
    script.say("imports", "EraseOrder", order, "op-1", extra=operator, because="request", reason=why)
    script.say("system", "FinishOrderErasure", order, engine, erasure=1, reached=REACHED)


def _leaving(script: Script) -> None:
    subject = "provider/roads"
    script.say("community", "RetireProvider", subject, "d-chen", provider="roads", reason="机构改革 reform")
    script.say("system", "FinishRetirement", subject, "sidan/retirement", provider="roads", returned=0)


RULES: Final[Mapping[str, Any]] = {
    "town": TOWN,
    "name": {"zh": "湖镇", "en": "Lake Town"},
    "levels": [{"zh": "街道", "en": "street"}, {"zh": "社区", "en": "community"}],
    "areas": [
        {"path": "lake", "name": {"zh": "湖街道", "en": "Lake"}, "responsible": "d-chen"},
        {"path": "lake/east", "name": {"zh": "东社区", "en": "East"}},
    ],
    "catalogue": [
        {"path": "roads", "name": {"zh": "道路", "en": "roads"}, "kind": "group"},
        {
            "path": "roads/pothole",
            "name": {"zh": "坑洼", "en": "pothole"},
            "kind": "complaint",
            "finish_hours": 48,
        },
    ],
    "people": [{"id": "d-chen", "name": "陈明", "roles": ["community"], "area": "lake"}],
    "declines_to_arbitration": 2,
    "decline_reasons": {"not-ours": {"zh": "不属本单位职责", "en": "not our duty"}},
    "legal_reasons": {"in-court": {"zh": "已进入诉讼", "en": "before the court"}},
    "skills": {"first-aid": {"zh": "急救", "en": "first aid"}},
}
