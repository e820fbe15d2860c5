"""What residents, the community and the departments ask, how they ask it again, and what else comes in."""

import re
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from domain.ids import time_ordered_id
from tests.support.a_bus import command
from tests.support.a_town import EAST, LAMP, MONDAY, POTHOLE, ROADS, WATER, WEST

TOPICS: Final = {
    "resident": "residents",
    "community": "community",
    "provider": "departments",
    "operator": "imports",
}
DESK: Final = "desk"
PEOPLE: Final = ("r-li", "r-wang")
WRITTEN: Final = re.compile(r"text-[0-9]+-(of|about)-(r-[a-z]+)")
"""In each text: who wrote it, or whom staff wrote it about."""
Step = tuple[str, str, str, dict[str, Any]]
"""Role, who in it, command, content."""


@dataclass(frozen=True)
class Said:
    """One thing said at one door: a command topic, without the town's prefix, or the desk."""

    door: str
    key: bytes | None
    body: bytes


class Clients:
    """Several orders' commands, interleaved; each order's in a sensible order, though not all succeed."""

    def __init__(self, chance: Random, orders: int) -> None:
        self._chance = chance
        self._numbers = self._texts = 0
        self._lives = [self._life(number) for number in range(orders)]
        if chance.random() < 0.3:
            self._lives.append(self._leaving(ROADS))
        self._lives += [self._erasing(person) for person in PEOPLE if chance.random() < 0.4]
        self._again: list[Said] = []

    def next(self) -> Said | None:
        """What is said next; None when all is said."""
        if self._again and (self._chance.random() < 0.3 or not self._lives):
            return self._again.pop(self._chance.randrange(len(self._again)))
        if not self._lives:
            return None
        life = self._chance.choice(self._lives)
        first, *later = life.pop(0)
        self._lives = [one for one in self._lives if one]
        self._again += later
        return first

    def _life(self, number: int) -> list[list[Said]]:
        order = str(time_ordered_id(MONDAY, f"order {number}".encode()))
        usual = self._chance.choice(["", "", "imports", DESK])  # one door for all of it, or each its own
        steps = [step for step in self._steps() if self._chance.random() < 0.9]
        return [self._said(order, usual, step) for step in steps]

    def _leaving(self, provider: str) -> list[list[Said]]:
        """A provider changes what it can do, and then retires."""
        about, by = f"provider/{provider}", ("community", "d-chen")
        return [
            self._said(about, "", (*by, "ChangeCapacity", {"provider": provider, "capacity": 5})),
            self._said(about, "", (*by, "RetireProvider", {"provider": provider, "reason": "解散 closed"})),
        ]

    def _erasing(self, person: str) -> list[list[Said]]:
        """Somebody asks to be forgotten, now and then once more, while their orders go on."""
        times = self._chance.choice([1, 1, 2])
        step: Step = ("operator", "op", "ErasePerson", {"person": person, "reason": "本人要求 asked to"})
        return [self._said(f"person/{person}", "", step) for _ in range(times)]

    def _steps(self) -> list[Step]:
        chance = self._chance
        mine, other = chance.sample(PEOPLE, 2)
        category, area = chance.choice([POTHOLE, POTHOLE, LAMP]), chance.choice([EAST, WEST])
        first, second = chance.sample([WATER, ROADS], 2)
        placed = {"category": category, "area": area, "details": self._text("of", mine)}
        if call := chance.random() < 0.3:
            placed["urgency"] = "call"
        steps = [
            ("resident", mine, "PlaceOrder", placed),
            ("resident", other, "SecondOrder", {}),
            ("community", "d-chen", "DispatchOrder", {"provider": first}),
        ]
        if chance.random() < 0.4:
            steps += [
                ("provider", first, "DeclineOrder", {"provider": first, "reason": "not-ours"}),
                ("community", "d-chen", "DispatchOrder", {"provider": second}),
            ]
            first = second
        steps += [
            ("provider", first, "AcceptOrder", {"provider": first}),
            ("provider", first, "ReportProgress", {"provider": first, "note": self._text("about", mine)}),
            ("provider", first, "CompleteOrder", {"provider": first, "result": self._text("about", mine)}),
            self._rating(mine if chance.random() < 0.7 else other),
        ]
        if chance.random() < 0.3:
            withdrawn = {"reason": self._text("of", mine)}
            steps.insert(chance.randrange(len(steps)), ("resident", mine, "WithdrawOrder", withdrawn))
        if chance.random() < 0.2:
            steps.append(("operator", "op", "EraseOrder", {"reason": "本人要求 asked to"}))
        if chance.random() < 0.2:
            steps.append(self._rating(mine))
        if call and chance.random() < 0.5:  # nobody of the departments answers
            steps = [step for step in steps if step[0] != "provider"]
        return steps

    def _rating(self, person: str) -> Step:
        level = self._chance.choice(["satisfied", "dissatisfied"])
        return "resident", person, "RateOrder", {"level": level, "comment": self._text("of", person)}

    def _text(self, how: str, person: str) -> str:
        self._texts += 1
        return f"坏了 broken text-{self._texts}-{how}-{person}"

    def _said(self, subject: str, usual: str, step: Step) -> list[Said]:
        """A command, and what is said some time later: it again, another one under its id, mere noise."""
        role, actor, wire, data = step
        self._numbers += 1
        name = f"command-{self._numbers}"
        body = command(wire, subject, role, actor, id_=name, **data)
        said = [self._at(usual, role, subject, body)]
        if self._chance.random() < 0.2:
            said.append(self._at(usual, role, subject, body))
        if self._chance.random() < 0.08:
            other = command("SecondOrder", subject, "resident", "r-zhao", id_=name)
            said.append(self._at(usual, "resident", subject, other))
        if self._chance.random() < 0.05 and role == "resident":
            unfit = command(wire, subject, role, actor, id_=f"{name}-unfit", what=self._text("of", actor))
            said.append(self._at(usual, role, subject, unfit))
        if self._chance.random() < 0.03:
            said.append(self._at("imports", role, subject, b"\xff{"))
        return said

    def _at(self, usual: str, role: str, subject: str, body: bytes) -> Said:
        """Through the usual door or another; keys are mostly as they should be."""
        doors = (TOPICS[role], TOPICS[role], "imports", DESK)
        door = usual if usual and self._chance.random() < 0.8 else self._chance.choice(doors)
        return Said(door, subject.encode() if self._chance.random() < 0.9 else None, body)
