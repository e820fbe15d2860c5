"""Whether the process lives, and whether it is ready: the read models follow the log."""

from typing import Final

from fastapi import APIRouter

from adapters.web.api.models import HealthOut, ReadyOut
from adapters.web.api.queries import QUERY_PROBLEMS
from adapters.web.problems import problem
from adapters.web.using import UseEngine

router: Final = APIRouter(tags=["运行 health"])


@router.get("/health", summary="进程活着 · the process lives")
def health() -> HealthOut:
    """No more than that."""
    return HealthOut(status="ok")


@router.get("/readyz", summary="可以服务 · ready", responses={503: QUERY_PROBLEMS[503]})
def ready(engine: UseEngine) -> ReadyOut:
    """How far the read models are, against the end of the log."""
    head = engine.store.head()
    places = {one.model.name: one.positions() for one in engine.projectors}
    missing = [name for name, place in places.items() if head and not place]
    if missing:
        raise problem("not_ready", ", ".join(missing), headers={"Retry-After": "1"})
    furthest = {name: max((p.position for p in place.values()), default=0) for name, place in places.items()}
    return ReadyOut(status="ok", head=head, positions=furthest)
