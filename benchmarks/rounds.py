"""Is a round of dispatch the best there is, how much better than first come, first served, and how fast?"""

from collections.abc import Callable, Iterator
from typing import Final

from adapters.solving import least_cost_flow
from benchmarks.bad_morning import bad_morning
from benchmarks.measuring import Contender, Row, at_least, at_most, in_turn
from benchmarks.relaxation import optimum
from services.rounds import Assignment, Round, best, greedy

ORDERS: Final = 10_000
PROVIDERS: Final = 1_000
SEED: Final = 1
ROUNDS: Final = 3
SECONDS: Final = 5.0  # for one round, on 2 cores
SIZE: Final = f"{ORDERS:,} orders × {PROVIDERS:,} providers"


def measure() -> Iterator[Row]:
    """The same round each time: ours, first come first served, and the relaxation."""
    asked = bad_morning(ORDERS, PROVIDERS, SEED)
    ours, first, ceiling = _decided(asked), greedy(asked), optimum(asked)
    yield at_least(
        f"worth of a round, {SIZE}",
        f"{ours.worth:,}",
        f"linear relaxation: {ceiling:,.1f}",
        ours.worth / ceiling,
        0.999,
    )
    yield at_least(
        "scores of a round", f"{ours.total:,}", f"greedy: {first.total:,}", ours.total / first.total, 1.0
    )
    yield at_least(
        "orders served in a round",
        f"{len(ours.chosen):,}",
        f"greedy: {len(first.chosen):,}",
        len(ours.chosen) / len(first.chosen),
        1.0,
    )
    yield from _speed(asked)


def _decided(asked: Round) -> Assignment:
    """All that a round costs from its scored bids on."""
    return best(asked, least_cost_flow)


def _speed(asked: Round) -> Iterator[Row]:
    def timed(run: Callable[[Round], object]) -> Contender:
        def contender() -> int:
            run(asked)
            return ORDERS

        return contender

    contenders = {"ours": timed(_decided), "relaxation": timed(optimum), "greedy": timed(greedy)}
    rates = in_turn(contenders, ROUNDS)
    seconds = {name: ORDERS / rates.rate(name) for name in contenders}
    told = f"{seconds['ours']:.2f} s"
    against = f"{SECONDS:.0f} s (greedy: {seconds['greedy']:.2f} s)"
    yield at_most("time of a round", told, against, seconds["ours"] / SECONDS, 1.0)
    against = f"linear relaxation: {seconds['relaxation']:.2f} s"
    yield at_most("time of a round", told, against, rates.ratio("relaxation", "ours"), 1.0)
