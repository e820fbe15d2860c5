"""The solver of rounds: exact, loud where it cannot be, and loaded only by who needs it."""

import subprocess
import sys

import pytest

from adapters.solving import least_cost_flow
from benchmarks.bad_morning import bad_morning
from benchmarks.relaxation import optimum
from services.rounds import LARGEST, Arcs, best, greedy


def test_it_takes_the_arcs_that_are_worth_the_most_together() -> None:
    arcs = Arcs(orders=[0, 0, 1, 1], providers=[0, 1, 0, 1], worths=[6, 5, 9, 1])
    assert least_cost_flow(arcs, [1, 1]) == [1, 2]


def test_it_leaves_out_what_there_is_no_room_for() -> None:
    assert least_cost_flow(Arcs([0, 1, 2], [0, 0, 0], [5, 7, 6]), [2]) == [1, 2]


def test_an_order_without_arcs_hinders_nothing() -> None:
    assert least_cost_flow(Arcs([1, 3], [0, 0], [5, 7]), [1]) == [1]


def test_a_difference_of_one_counts_among_large_worths() -> None:
    """Floating point would lose it: above 2⁵³ not every integer has a double."""
    large = 2**54
    assert least_cost_flow(Arcs([0, 1, 2], [0, 0, 0], [large, large + 1, large]), [1]) == [1]


def test_it_counts_as_far_as_a_round_asks_for() -> None:
    orders, providers = 400, 100
    top = LARGEST // (orders + providers + 1)
    arcs = Arcs(list(range(orders)), [n % providers for n in range(orders)], [top - n for n in range(orders)])
    assert least_cost_flow(arcs, [1] * providers) == list(range(providers))


@pytest.mark.parametrize("large", [2**62, 2**70])
def test_worths_too_large_to_add_up_are_refused_aloud(large: int) -> None:
    with pytest.raises(OverflowError, match="make the weights smaller"):
        least_cost_flow(Arcs([0, 1], [0, 0], [large, large - 1]), [1])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_round_reaches_the_optimum_of_the_linear_relaxation(seed: int) -> None:
    """Which another solver finds, by another method."""
    asked = bad_morning(600, 60, seed)
    found = best(asked, least_cost_flow)
    assert found.left
    assert found.worth == pytest.approx(optimum(asked), abs=0.01)
    assert found.worth > greedy(asked).worth


def test_neither_it_nor_numpy_is_loaded_before_a_round() -> None:
    asked = "import sys, adapters.cli.app, adapters.solving; print({'ortools', 'numpy'} & sys.modules.keys())"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert said.stdout == "set()\n"
