"""Solves a round of dispatch as a flow of least cost, by OR-tools: in integers, so exactly."""

from collections.abc import Sequence
from typing import Any, Final

from services.rounds import Arcs

TOO_LARGE: Final = "the scores of this round add up beyond 64 bits: make the weights smaller"


def least_cost_flow(arcs: Arcs, room: Sequence[int]) -> list[int]:
    """Places of the arcs that together are worth the most (`services.rounds.Solver`).

    Raises:
        OverflowError: the worths are too large for 64 bits.
    """
    # It and numpy take a fifth of a second to load, which no other command should wait for.
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow  # noqa: PLC0415

    # Its stubs ask for numpy's arrays; it takes lists as well, and so numpy is no business of ours.
    flow: Any = SimpleMinCostFlow()
    if max(arcs.worths) >= 2**63:
        raise OverflowError(TOO_LARGE)
    orders, providers = arcs.orders[-1] + 1, len(room)
    sink = orders + providers
    flow.add_arcs_with_capacity_and_unit_cost(
        # order → provider, provider → sink; and order → sink for those that are left waiting
        [*arcs.orders, *range(orders, sink), *range(orders)],
        [*(orders + provider for provider in arcs.providers), *[sink] * sink],
        [*[1] * len(arcs.orders), *room, *[1] * orders],
        [*(-worth for worth in arcs.worths), *[0] * sink],
    )
    flow.set_nodes_supplies([*range(orders), sink], [*[1] * orders, -orders])
    status = flow.solve()
    if status == flow.BAD_COST_RANGE:
        raise OverflowError(TOO_LARGE)
    if status != flow.OPTIMAL:  # nothing can hinder it: every order may go to the sink
        raise RuntimeError(f"the flow of this round came out {status.name}")
    return [place for place, taken in enumerate(flow.flows(range(len(arcs.orders)))) if taken]
