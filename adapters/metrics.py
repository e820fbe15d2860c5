"""Figures for Prometheus: what this process has counted, and how the engine stands, looked up when asked."""

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from adapters.away import AWAY, brief
from adapters.standing import Standing
from domain.events import TextsOpened
from services.requests import Outcome, Status

COUNTED: Final = CollectorRegistry()
"""What this process counts; each process has its own, Prometheus adds them up."""

_COMMANDS: Final = Counter(
    "sidan_commands",
    "Commands answered by this process, by what became of them.",
    ["outcome"],
    registry=COUNTED,
)
_BY_STATUS: Final = {status: _COMMANDS.labels(status) for status in Status}
_READINGS: Final = Counter(
    "sidan_readings",
    "Readings of personal texts that this process has put on record.",
    registry=COUNTED,
)
_REQUESTS: Final = Counter(
    "sidan_http_requests",
    "HTTP requests by method, route and status.",
    ["method", "route", "status"],
    registry=COUNTED,
)

_BATCHES: Final = Histogram(
    "sidan_batch_seconds",
    "How long a role took over a batch, from the moment it had it until it was durable or delivered.",
    ["role"],
    buckets=(0.005, 0.02, 0.1, 0.5, 2.0, 10.0),
    registry=COUNTED,
)
_HANDLED: Final = Counter(
    "sidan_handled",
    "What a role has dealt with: commands taken in, facts sent, applied or reacted to.",
    ["role"],
    registry=COUNTED,
)

log: structlog.stdlib.BoundLogger = structlog.get_logger()


def count_commands(outcomes: Sequence[Outcome]) -> None:
    """Count a batch: one step for each kind of outcome, not for each command. A reading is no command."""
    commands = [one for one in outcomes if not (one.events and isinstance(one.events[0], TextsOpened))]
    _READINGS.inc(len(outcomes) - len(commands))
    for status, number in Tally(one.status for one in commands).items():
        _BY_STATUS[status].inc(number)


def count_request(method: str, route: str, status: int) -> None:
    """Count an HTTP request by its route, which is one of few, not by its address."""
    _REQUESTS.labels(method, route, status).inc()


def count_batch(role: str, number: int, seconds: float) -> None:
    """Count what a role has dealt with, and how long it took; once a batch."""
    _BATCHES.labels(role).observe(seconds)
    _HANDLED.labels(role).inc(number)


def counted() -> bytes:
    """What this process has counted, in Prometheus' text form; looks nothing up."""
    return generate_latest(COUNTED)


def exposed(standing: Callable[[], Standing]) -> bytes:
    """Everything in Prometheus' text form."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Surveyed(standing))
    return generate_latest(registry) + counted()


class _Surveyed(Collector):
    """The standing as gauges. Where a service is away the counters still come, and sidan_surveyed is 0."""

    def __init__(self, standing: Callable[[], Standing]) -> None:
        self._standing = standing

    def describe(self) -> Iterable[Metric]:
        return ()  # nothing is looked up before it is asked for

    def collect(self) -> Iterable[Metric]:
        try:
            found = self._standing()
        except AWAY as error:
            log.warning("metrics.away", error=brief(error))
            return [_gauge("surveyed", "Whether record, read models and broker answered.", [], {(): 0})]
        return _families(found)


def _families(found: Standing) -> list[Metric]:
    of = {(one.role, one.name): one for one in found.roles}
    whose = ["role", "name"]
    topics = {(one.partition,): one.behind for one in found.topics}
    parked = {(what,): number for what, number in found.parked.items()}
    return [
        _gauge("surveyed", "Whether record, read models and broker answered.", [], {(): 1}),
        _gauge("head", "Last position of the log.", [], {(): found.head}),
        _gauge("position", "How far a role has come.", whose, {who: one.position for who, one in of.items()}),
        _gauge("lag_events", "Not taken in yet.", whose, {who: one.events for who, one in of.items()}),
        _gauge(
            "lag_seconds",
            "Age of the oldest not taken in.",
            whose,
            {who: one.seconds for who, one in of.items()},
        ),
        _gauge(
            "stalled", "1: has work and does not move.", whose, {who: one.stalled for who, one in of.items()}
        ),
        _gauge("topic_behind", "Messages of a partition not taken in yet.", ["partition"], topics),
        _gauge("unsealed", "Events that no checkpoint covers yet.", [], {(): found.unsealed.events}),
        _gauge("unsealed_seconds", "Age of the oldest of them.", [], {(): found.unsealed.seconds(found.at)}),
        _gauge("parked", "What lies aside, by kind.", ["kind"], parked),
    ]


def _gauge(
    name: str, documentation: str, labels: Sequence[str], values: Mapping[tuple[str, ...], float]
) -> Metric:
    family = GaugeMetricFamily(f"sidan_{name}", documentation, labels=labels)
    for key, value in values.items():
        family.add_metric(key, float(value))
    return family
