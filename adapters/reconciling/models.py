"""The read models against a replay of the record, rows in the order of their keys."""

from collections.abc import Iterator

from adapters.bootstrap import Node
from adapters.places import holds
from adapters.reconciling.findings import Finding, finding
from projections.engine import Parting, Projector, verify
from projections.engine.comparing import Told


def check_model(node: Node, projector: Projector, told: Told) -> Iterator[Finding]:
    """Whether its rows say what the facts say that it has read, and it has read none that are not there."""
    name, head = projector.model.name, node.store.head()
    ahead = max((place.position for place in projector.positions().values()), default=0)
    if ahead > max(head, node.store.head()):
        yield finding("reads_ahead", model=name, position=ahead)
    found = verify(projector, node.log, holds=holds, told=told)
    if not found.ok:
        yield _parted(name, found.parting)


def _parted(model: str, parting: Parting | None) -> Finding:
    if parting is None:
        return finding("reads_groundless", model=model, row="?")  # no longer there when it was looked for
    row = f"{parting.table} {', '.join(parting.key)}"
    if parting.position is None:
        return finding("reads_groundless", model=model, row=row)
    where = {"position": parting.position, "subject": parting.subject}
    return finding("reads_differ", model=model, row=row, **where)
