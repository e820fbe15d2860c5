"""Work that stands on a service begins anew when that is back, waits longer each time, stops when told."""

from threading import Event

import psycopg
import pytest
import sqlalchemy.exc
from confluent_kafka import KafkaError, KafkaException
from eventsourcing import persistence

from adapters.away import CALM, PAUSES, KafkaAway, brief, until_stopped, whereabouts
from adapters.keys.master import OtherMasterKey


class Stop(Event):
    """Nobody sleeps; how long it would have been is remembered."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.waited: list[float] = []
        self._most = most

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout or 0.0)
        if len(self.waited) == self._most:
            self.set()
        return self.is_set()


def refused() -> None:
    raise KafkaAway("nobody there")


def test_the_pauses_grow_to_their_limit_and_stay_there() -> None:
    stop = Stop(len(PAUSES) + 2)
    until_stopped(refused, stop, "relay")
    assert stop.waited == [*PAUSES, PAUSES[-1], PAUSES[-1]]


def test_after_a_time_of_calm_the_pauses_begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(range(0, 1000, int(CALM) + 1))
    monkeypatch.setattr("adapters.away.monotonic", lambda: next(moments))
    stop = Stop(3)
    until_stopped(refused, stop, "relay")
    assert stop.waited == [PAUSES[0]] * 3


def test_work_that_ends_because_it_was_told_to_is_not_begun_again() -> None:
    stop = Stop(9)
    begun: list[int] = []

    def work() -> None:
        begun.append(1)
        if len(begun) < 3:
            raise persistence.OperationalError("restarting")
        stop.set()

    until_stopped(work, stop, "process")
    assert (len(begun), len(stop.waited)) == (3, 2)


def test_a_fault_of_our_own_ends_it() -> None:
    def faulty() -> None:
        raise KeyError("ours")

    with pytest.raises(KeyError):
        until_stopped(faulty, Stop(9), "process")


PHONE = "13800138000"


def test_what_a_driver_says_is_not_repeated_but_its_code_and_what_to_do_are() -> None:
    told = brief(psycopg.errors.UniqueViolation(f"duplicate key\nDETAIL: Key (phone)=({PHONE}) exists"))
    assert told.startswith("UniqueViolation 23505: 数据库不接受")
    assert PHONE not in told


def test_what_a_library_has_wrapped_is_named_for_what_it_is() -> None:
    inner = psycopg.errors.InvalidTextRepresentation(f'invalid input syntax for type bigint: "{PHONE}"')
    wrapped = sqlalchemy.exc.DataError("INSERT …", {"phone": PHONE}, inner)
    library = persistence.DataError(inner)
    for error in (inner, wrapped, library):
        assert brief(error).startswith("InvalidTextRepresentation 22P02: ")
        assert PHONE not in brief(error)


@pytest.mark.parametrize(
    ("error", "begins"),
    [
        (psycopg.OperationalError("connection refused"), "OperationalError: 服务没有应答"),
        (psycopg.errors.DiskFull("no space"), "DiskFull 53100: 数据库没有空间"),
        (KafkaException(KafkaError(KafkaError._TRANSPORT)), "KafkaException _TRANSPORT: Kafka 不在"),
        (KafkaAway("没有。 Not there."), "KafkaAway: 没有。 Not there."),  # a sentence of ours
        (KeyError(PHONE), "KeyError: 程序出错"),
    ],
)
def test_each_kind_of_failure_has_a_sentence(error: Exception, begins: str) -> None:
    assert brief(error).startswith(begins)


def test_where_it_failed_is_told_without_what_it_failed_on() -> None:
    def insert(_: str) -> None:
        raise psycopg.errors.NotNullViolation(f"Failing row contains ({PHONE})")

    with pytest.raises(psycopg.Error) as failure:
        insert(PHONE)
    told = whereabouts(failure.value)
    assert "in insert" in str(told["where"])
    assert PHONE not in str(told)


def test_what_our_own_errors_say_is_said_whole() -> None:
    assert brief(OtherMasterKey()).endswith(OtherMasterKey.reason_en)
    assert "hand this line" in brief(ValueError("李阿姨"))
