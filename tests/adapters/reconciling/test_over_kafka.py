"""The events topic of a real broker against the record: doubles, gaps and strangers, at their offsets."""

from collections.abc import Callable, Iterator, Sequence

import pytest
from msgspec.structs import replace

from adapters.bootstrap import Node
from adapters.bus.producing import Outgoing, Sender
from adapters.bus.relay import POSITION, Relay
from tests.adapters.cli.a_terminal import LAKE, LI, Said
from tests.adapters.cli.test_over_kafka import OverKafka
from tests.support.a_bus import QUIET

Changed = Callable[[list[Outgoing]], Sequence[Outgoing]]
POTHOLE = ("place", "--category", "roads/pothole", "--area", "lake/east", "--details", "路面有坑", *LI)


class Changing:
    """Sends what the relay says, changed; how a broker's topic comes to say something else."""

    def __init__(self, passed: Sender, change: Changed) -> None:
        self._passed = passed
        self._change = change

    def send(self, messages: Sequence[Outgoing]) -> None:
        self._passed.send(self._change(list(messages)))


@pytest.fixture
def sidan(kafka: str, postgres_url: str) -> OverKafka:
    """A founded town with two orders, of which nothing is sent yet."""
    found = OverKafka(kafka, postgres_url)
    found.json("init", "--town", str(LAKE))
    with Node(found.settings) as node:
        node.follow()
    for _ in range(2):
        assert found(*POTHOLE, "--json").code == 0
    return found


def relayed(sidan: OverKafka, change: Changed = lambda messages: messages) -> None:
    """Another relay sends everything from the beginning."""
    with Node(sidan.settings) as node:
        relay = Relay(
            node.store, Changing(Sender(sidan.settings.kafka, QUIET), change), sidan.topics, "lake-town"
        )
        relay._position = 0
        relay.run_once()
        assert node.store.positions()[POSITION] == node.store.head()


def events(sidan: OverKafka, messages: Sequence[Outgoing]) -> Iterator[int]:
    """The places of the public events among them."""
    return (number for number, one in enumerate(messages) if one.topic == sidan.topics.events)


def reconciled(sidan: OverKafka) -> Said:
    return sidan("audit", "reconcile", "--json")


def test_what_was_sent_once_agrees_and_what_is_still_to_be_sent_is_no_gap(sidan: OverKafka) -> None:
    relayed(sidan)
    assert sidan(*POTHOLE, "--json").code == 0  # not sent
    said = reconciled(sidan)
    assert (said.code, said.json["findings"], said.json["topic"]["doubles"]) == (0, [], 0)
    assert said.json["topic"]["facts"] == said.json["store"]["facts"] - 1


def test_a_second_relays_doubles_are_counted_and_harm_nobody(sidan: OverKafka) -> None:
    relayed(sidan)
    relayed(sidan)
    said = reconciled(sidan)
    assert (said.code, said.json["findings"]) == (0, [])
    assert said.json["topic"]["doubles"] == said.json["topic"]["facts"]
    first = said.json["topic"]["first_double"]
    assert (first["code"], first["offset"] > 0) == ("topic_double", True)
    assert first["partition"].startswith(sidan.topics.events)


def test_an_event_that_lacks_in_the_topic_is_named(sidan: OverKafka) -> None:
    def without_the_last(messages: list[Outgoing]) -> list[Outgoing]:
        del messages[list(events(sidan, messages))[-1]]
        return messages

    relayed(sidan, without_the_last)
    said = reconciled(sidan)
    (found,) = said.json["findings"]
    assert (said.code, found["code"], found["position"]) == (1, "topic_lacks", said.json["head"])
    assert (found["version"], len(found["subject"])) == (1, 36)


def test_an_event_that_came_too_late_is_named_where_it_lies(sidan: OverKafka) -> None:
    def first_of_a_partition_last(messages: list[Outgoing]) -> list[Outgoing]:
        """Rules are the first event; sent last, another of its key lies before it."""
        numbers = list(events(sidan, messages))
        first = messages[numbers[0]]
        other = messages[numbers[1]]
        messages[numbers[1]] = replace(other, key=first.key)
        messages.append(messages.pop(numbers[0]))
        return messages

    relayed(sidan, first_of_a_partition_last)
    said = reconciled(sidan)
    assert [(one["code"], one["position"]) for one in said.json["findings"]] == [("topic_out_of_order", 1)]


def test_an_event_that_says_something_else_is_named(sidan: OverKafka) -> None:
    def changed(messages: list[Outgoing]) -> list[Outgoing]:
        last = list(events(sidan, messages))[-1]
        messages[last] = replace(messages[last], value=messages[last].value.replace(b"east", b"west"))
        return messages

    relayed(sidan, changed)
    said = reconciled(sidan)
    (found,) = said.json["findings"]
    assert (said.code, found["code"], found["position"]) == (1, "topic_differs", said.json["head"])
    assert found["offset"] is not None


def test_what_somebody_else_sent_is_named(sidan: OverKafka) -> None:
    relayed(sidan)
    Sender(sidan.settings.kafka, QUIET).send([Outgoing(sidan.topics.events, b"k", b"{}", ())])
    (found,) = reconciled(sidan).json["findings"]
    assert (found["code"], found["position"]) == ("topic_stranger", None)


def test_an_event_of_a_position_where_the_record_never_came_is_named(sidan: OverKafka) -> None:
    def forged(messages: list[Outgoing]) -> list[Outgoing]:
        last = messages[list(events(sidan, messages))[-1]]
        headers = [(name, b"9999" if name == "ce_position" else value) for name, value in last.headers]
        return [*messages, replace(last, headers=headers)]

    relayed(sidan, forged)
    (found,) = reconciled(sidan).json["findings"]
    assert (found["code"], found["position"]) == ("record_lacks", 9999)
