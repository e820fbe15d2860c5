"""Compares what was sent, what is recorded, what went out and what the read models say: row by row."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from adapters.bootstrap import Node
from adapters.bus.relay import ASIDE
from adapters.bus.topics import Topics
from domain.facts import Recorded
from projections.engine import catch_up
from tests.faults.storm.load import HttpLoad
from tests.support.a_bus import Heard, read_all

PAGE: Final = 2_000


@dataclass(frozen=True)
class Tally:
    """What a storm did to the promises; every count of harm must be 0."""

    arrived: int  # messages in the command topics, and answers given over HTTP
    facts: int
    lost: int  # arrivals without an answer, facts that no topic or read model has
    doubled: int
    disordered: int
    repeated_on_the_bus: int  # by a relay that was interrupted; readers pass over them
    differing: Sequence[str]  # read models whose rows are not what the record says

    @property
    def unharmed(self) -> bool:
        return not (self.lost or self.doubled or self.disordered or self.differing)


def check(node: Node, http: HttpLoad, scratch: Path) -> Tally:
    """After the storm, when nothing moves any more. `scratch` is a folder for read models made anew."""
    facts = list(whole_log(node))
    topics = Topics(node.settings.prefix)
    events = read_all(node.settings.kafka, topics.events)
    answers = read_all(node.settings.kafka, topics.outcomes)
    came = _arrivals(node, topics)
    told = Counter(one.fact.meta.intake for one in facts)
    unanswered = len(came - told.keys()) + len(_unplaced(http, facts))
    public = [one.position for one in facts if one.fact.event.wire not in ASIDE]
    heard, repeats = _once(events)
    heard_answers, repeated_answers = _once(answers)
    return Tally(
        arrived=len(came) + len(http.placed),
        facts=len(facts),
        lost=unanswered + len(set(public) - set(heard)) + len(_unfinished(facts, heard_answers)),
        doubled=_doubled(facts),
        disordered=_disordered(facts) + _backwards(events),
        repeated_on_the_bus=repeats + repeated_answers,
        differing=_differing(node, scratch),
    )


def whole_log(node: Node) -> Iterator[Recorded]:
    position = 0
    while page := node.store.read(position, PAGE):
        yield from page
        position = page[-1].position


def _arrivals(node: Node, topics: Topics) -> set[str]:
    """Every message of the command topics by its place."""
    return {
        f"{one.topic}[{one.partition}]@{one.offset}"
        for topic in topics.commands
        for one in read_all(node.settings.kafka, topic)
    }


def _unplaced(http: HttpLoad, facts: Sequence[Recorded]) -> set[str]:
    """Orders whose placing was answered over HTTP and is not recorded."""
    placed = {one.fact.meta.subject for one in facts if one.fact.event.wire == "OrderPlaced"}
    return {str(order) for order in http.placed} - placed


def _doubled(facts: Sequence[Recorded]) -> int:
    """Parts of one answer that are there twice, and commands that took effect twice."""
    parts = Counter((one.fact.meta.intake, one.fact.meta.part) for one in facts)
    done = Counter(
        (one.fact.meta.cause, one.fact.meta.part) for one in facts if one.fact.event.wire not in ASIDE
    )
    return sum(number - 1 for counted in (parts, done) for number in counted.values())


def _disordered(facts: Sequence[Recorded]) -> int:
    """Streams with a gap, or in which time goes back."""
    harm = 0
    last: dict[object, Recorded] = {}
    for one in facts:
        before = last.get(one.fact.stream)
        version, at = (before.fact.version, before.fact.meta.at) if before else (0, one.fact.meta.at)
        harm += one.fact.version != version + 1 or one.fact.meta.at < at
        last[one.fact.stream] = one
    return harm


def _once(messages: Sequence[Heard]) -> tuple[list[int], int]:
    """The positions that a reader with a high-water mark takes in, and how many messages it passes over."""
    marks: defaultdict[int, int] = defaultdict(int)
    taken: list[int] = []
    for one in messages:
        position = int(one.headers["ce_position"])
        if position > marks[one.partition]:
            marks[one.partition] = position
            taken.append(position)
    return taken, len(messages) - len(taken)


def _backwards(events: Sequence[Heard]) -> int:
    """Events that a reader would pass over although it has not seen them: a later one came before them."""
    taken, _ = _once(events)
    return len({int(one.headers["ce_position"]) for one in events} - set(taken))


def _unfinished(facts: Sequence[Recorded], answered: Sequence[int]) -> set[int]:
    """Commands whose last part is recorded and whose answer never went out."""
    last: set[int] = {one.position for one in facts if one.fact.meta.part == one.fact.meta.parts}
    return last - set(answered)


def _differing(node: Node, scratch: Path) -> list[str]:
    """Read models whose digest is not that of one made anew from the record."""
    with Node(replace(node.settings, reads=f"sqlite:///{scratch}/anew.db")) as anew:
        anew.create()
        catch_up(anew.projectors, anew.store)
        catch_up(node.in_log_order, node.store)  # their role may not have come so far
        pairs = zip(node.projectors, anew.projectors, strict=True)
        return [live.model.name for live, shadow in pairs if live.digest() != shadow.digest()]
