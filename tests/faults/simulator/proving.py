"""The seal and the replay: what an auditor says of the record once all is done."""

from collections.abc import Iterator, Sequence

from adapters.sealed_log.checking import Checking
from domain.facts import Recorded
from services.audit.auditor import check_all
from services.audit.checkpoints import parse
from tests.faults.simulator.sealing import KEY, published, sealed_log
from tests.faults.simulator.world import TOPICS, World


def proven(world: World, log: Sequence[Recorded]) -> Iterator[str]:
    """What should not be."""
    sealed, file, topic = (
        sealed_log(world.sealed),
        world.paper.notes(),
        published(world.broker, TOPICS),
    )
    kept = [note for _, note in sealed.notes()]
    if file != kept:
        yield f"the file has other checkpoints than were signed: {len(file)} and {len(kept)}"
    if list(_once(topic)) != kept:
        yield f"the topic has other checkpoints than were signed: {len(set(topic))} and {len(kept)}"
    verdict = Checking(world.store, sealed, [KEY.verifier], [*file, *topic]).run()
    yield from (f"verify: {flaw.en}" for flaw in verdict.flaws)
    if verdict.sealed != len(log):
        yield f"{verdict.sealed} of {len(log)} facts are sealed"
    yield from (f"replay: {one.en}" for one in check_all(log, whole_log=True))


def _once(notes: Sequence[bytes]) -> Iterator[bytes]:
    """As a reader sees them who passes over what comes again."""
    seen: set[bytes] = set()
    for note in notes:
        if note not in seen:
            seen.add(note)
            parse(note)
            yield note
