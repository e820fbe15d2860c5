"""Runs the measurements, prints one Markdown table. `make bench`; a million by SIDAN_BENCH_ORDERS=1000000."""

import os
import platform
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from adapters import logs
from adapters.garbage import collect_seldom
from benchmarks import end_to_end, growth, handling, matching, rebuilding, replaying, rounds, sealing
from benchmarks.measuring import HEAD, Row
from tests.support.kafka import running_kafka
from tests.support.postgres import running_postgres

Measure = Callable[[str, str], Iterator[Row]]
MEASURES: Mapping[str, Measure] = {
    "handling": lambda _, server: handling.measure(server),
    "end-to-end": end_to_end.measure,
    "rebuilding": lambda _, server: rebuilding.measure(server),
    "replaying": lambda _, server: replaying.measure(server),
    "growth": lambda _, server: growth.measure(server),
    "matching": lambda _, server: matching.measure(server),
    "sealing": lambda _, server: sealing.measure(server),
    "rounds": lambda _kafka, _server: rounds.measure(),
}


def main() -> int:
    """Measure all, or those named on the command line; 1 if a goal is not met."""
    collect_seldom()  # as the `sidan` script does
    logs.configure(logs.QUIET)
    wanted = sys.argv[1:] or list(MEASURES)
    met = True
    with running_kafka(quick_start=False) as kafka, running_postgres() as server:
        machine = f"{platform.machine()}, {os.cpu_count()} cores"
        print(f"{datetime.now(UTC):%Y-%m-%d}, {machine}, fsync on, everything on one machine\n")
        print(HEAD, flush=True)
        for name in wanted:
            for row in MEASURES[name](kafka, server):
                print(row.markdown(), flush=True)
                met = met and row.met
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
