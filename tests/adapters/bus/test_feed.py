"""A feed keeps its batch in hand until it is taken in, and ends rather than lose one."""

import time
from collections.abc import Callable, Mapping, Sequence
from threading import Event
from typing import LiteralString

import psycopg
import pytest
from confluent_kafka import Message
from kafka.structs import TopicPartition
from structlog.testing import capture_logs

from adapters.bus.feed import Follower, Work
from adapters.bus.incoming import Partition, offset_of
from adapters.bus.topics import KafkaAway
from tests.adapters.bus.test_topics import takes_senders_time
from tests.support.a_bus import BusTown, InOneStep, a_bus_town, administrating, place
from tests.support.postgres import Server
from tests.support.waiting import Running, eventually, running
from tests.support.what_is_logged import watching_logs


class Notes(Follower):
    """Remembers what it was handed, and fails as often as it is told to."""

    def __init__(self, start: int | None = None, failures: int = 0) -> None:
        self.start = start
        self.failures = failures
        self.taken: list[int] = []
        self.tries = 0

    def offsets(self, partitions: Sequence[Partition]) -> Mapping[Partition, int | None]:
        return dict.fromkeys(partitions, self.start)

    def work(self, messages: Sequence[Message]) -> Work:
        return InOneStep(lambda: self.take(messages))

    def take(self, messages: Sequence[Message]) -> None:
        self.tries += 1
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the database is away")
        self.taken += [offset_of(message) for message in messages]


def imports_only(town: BusTown, follower: Follower, **more: object):
    return town.feed(follower, topics=[town.topics.name("imports")], **more).run


def test_a_batch_that_fails_is_tried_again_before_the_next_comes(town: BusTown) -> None:
    town.say("imports", *[b"%d" % number for number in range(20)])
    notes = Notes(failures=3)
    with running(imports_only(town, notes, largest=5)):
        eventually(lambda: len(notes.taken) >= 20)
    assert notes.taken == list(range(20))
    assert notes.tries >= 3 + 4


PHONE = "13800138000"
QUOTING: dict[str, LiteralString] = {
    "23505": "INSERT INTO residents VALUES ('13800138000')",  # DETAIL: Key (phone)=(…) already exists
    "22P02": "SELECT '13800138000 Li'::bigint",  # invalid input syntax for type bigint: "…"
    "23502": "INSERT INTO residents VALUES (NULL, '13800138000')",  # DETAIL: Failing row contains (…)
}


@pytest.mark.parametrize("code", QUOTING)
def test_what_the_database_quotes_of_a_row_does_not_reach_the_log(
    town: BusTown, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    def refused() -> None:
        with psycopg.connect(town.settings.store, autocommit=True) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS residents (phone text PRIMARY KEY, name text)")
            connection.execute("INSERT INTO residents VALUES ('13800138000') ON CONFLICT DO NOTHING")
            connection.execute(QUOTING[code])

    town.say("imports", b"1")
    with watching_logs(monkeypatch) as watch:
        watch.keep(PHONE)
        failure = Running(imports_only(town, Refusing(refused))).failed()
    assert PHONE in str(failure)  # that is what is kept back
    told = watch.logged.getvalue()
    assert {f" {code}: " in line for line in told.splitlines() if "feed.retry" in line} == {True}
    for event in ("feed.retry", "feed.ended", "feed.failure"):
        assert event in told
    assert watch.leaks() == set()


class Refusing(Notes):
    """Does what the database refuses."""

    def __init__(self, do: Callable[[], None]) -> None:
        super().__init__()
        self._do = do

    def work(self, messages: Sequence[Message]) -> Work:  # noqa: ARG002 - whatever comes
        return InOneStep(self._do)


def test_it_ends_when_it_has_tried_often_enough_and_nothing_is_passed_over(town: BusTown) -> None:
    town.say("imports", *[b"%d" % number for number in range(20)])
    notes = Notes(failures=1_000)
    assert isinstance(Running(imports_only(town, notes, largest=5)).failed(), ConnectionError)
    assert notes.tries == 4  # once, and after each of three pauses
    assert notes.taken == []
    notes.failures = 0
    with running(imports_only(town, notes, largest=5)):
        eventually(lambda: len(notes.taken) >= 20)
    assert notes.taken == list(range(20))


class Forgetful(Notes):
    def offsets(self, partitions: Sequence[Partition]) -> Mapping[Partition, int | None]:
        raise ConnectionError(f"no record to ask of {partitions}")


def test_it_ends_when_it_cannot_learn_where_to_start(town: BusTown) -> None:
    town.say("imports", b"1")
    forgetful = Forgetful()
    assert isinstance(Running(imports_only(town, forgetful)).failed(), ConnectionError)
    assert forgetful.taken == []


def test_it_starts_behind_what_was_taken(town: BusTown) -> None:
    town.say("imports", *[b"%d" % number for number in range(10)])
    notes = Notes(start=6)
    with running(imports_only(town, notes)):
        eventually(lambda: notes.taken)
    assert notes.taken == [7, 8, 9]


def test_a_topic_that_ends_before_what_we_took_is_refused(town: BusTown) -> None:
    town.say("imports", b"1")
    failure = Running(imports_only(town, Notes(start=41))).failed()
    assert isinstance(failure, KafkaAway)
    assert "lost data" in str(failure)


def expire(town: BusTown, topic: str, before: int) -> None:
    with administrating(town.kafka) as admin:
        admin.delete_records({TopicPartition(topic, 0): before})


def test_messages_that_expired_unread_are_said_in_the_log(town: BusTown) -> None:
    town.say("imports", *[b"%d" % number for number in range(10)])
    expire(town, town.topics.name("imports"), 8)
    notes = Notes(start=4)
    with capture_logs() as logs, running(imports_only(town, notes)):
        eventually(lambda: notes.taken)
    assert notes.taken == [8, 9]
    (said,) = [entry for entry in logs if entry["event"] == "feed.expired"]
    assert (said["first"], said["last"], said["log_level"]) == (5, 7, "error")


def test_a_topic_nobody_made_is_not_made_by_asking_for_it(town: BusTown) -> None:
    name = town.topics.name("nobody-made-it")
    with running(town.feed(Notes(), topics=[name, town.topics.name("imports")]).run):
        town.say("imports", b"1")
        time.sleep(0.5)
    with pytest.raises(KafkaAway):
        town.provisioning.ids([name])


def test_it_stops_soon_and_finishes_the_batch_in_hand(town: BusTown) -> None:
    class Slow(Notes):
        def take(self, messages: Sequence[Message]) -> None:
            started.set()
            time.sleep(0.3)
            super().take(messages)

    started = Event()
    town.say("imports", b"1")
    slow = Slow()
    with running(imports_only(town, slow)) as (thread,):
        started.wait(20)
        thread.stop()
    assert slow.taken == [0]


class InHand(Notes):
    """Counts what was handed to it and is not durable yet, each time that it is handed more."""

    def __init__(self, fast: Event) -> None:
        super().__init__()
        self.fast = fast
        self.handed = 0
        self.most = 0

    def work(self, messages: Sequence[Message]) -> Work:
        self.handed += len(messages)
        self.most = max(self.most, self.handed - len(self.taken))
        return InTheEnd(lambda: self.take(messages))

    def take(self, messages: Sequence[Message]) -> None:
        self.fast.wait(0.2)
        super().take(messages)


class InTheEnd(InOneStep):
    """Work that is nothing but its commit."""

    def start(self) -> None:
        """All comes later."""

    def finish(self) -> None:
        self._do()


def test_however_slow_the_database_no_more_than_two_batches_are_in_hand(town: BusTown) -> None:
    town.say("imports", *[b"%d" % number for number in range(500)])
    follower = InHand(Event())
    with running(imports_only(town, follower, largest=10)):
        eventually(lambda: len(follower.taken) >= 50)
        follower.fast.set()
        eventually(lambda: len(follower.taken) == 500)
    assert follower.taken == list(range(500))
    assert follower.most == 2 * 10


def test_the_worker_ends_where_the_clock_of_a_topic_is_its_senders(town: BusTown) -> None:
    takes_senders_time(town.kafka, town.topics.name("residents"))
    thread = Running(town.feed(town.worker()).run)
    while not thread.ended:  # the setting takes a moment to come into force
        town.say("residents", place(town.new_order()))
    assert "LogAppendTime" in str(thread.failed())


def test_a_database_that_goes_and_comes_back_costs_nothing(own_server: Server, kafka: str) -> None:
    with a_bus_town(kafka, own_server.url) as town:
        town.found()
        patient = (0.1, *[0.5] * 30)
        with running(town.feed(town.worker(), pauses=patient, largest=10).run):
            town.say("imports", *[place(town.new_order()) for _ in range(20)])
            eventually(lambda: len(town.log()) >= 23)
            own_server.kill()
            town.say("imports", *[place(town.new_order()) for _ in range(20)])
            own_server.start()
            eventually(lambda: length(town) >= 43)
        assert town.told()[3:] == ["OrderPlaced"] * 40


def length(town: BusTown) -> int:
    try:
        return len(town.log())
    except Exception:  # noqa: BLE001 - the pool hands out connections that broke
        return 0
