"""Whether the process lives, whether the engine is ready, and its figures for Prometheus."""

from typing import Final

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from adapters.metrics import exposed
from adapters.web.api.models import HealthOut, ReadyOut
from adapters.web.using import UseEngine

AGAIN: Final = "5"  # seconds until it is worth asking again

router: Final = APIRouter(tags=["运行 health"])


@router.get("/health", summary="进程活着 · the process lives")
async def health() -> HealthOut:
    """No more than that; answered even while every thread waits for the database."""
    return HealthOut(status="ok")


@router.get(
    "/readyz",
    summary="可以服务 · ready",
    responses={503: {"model": ReadyOut, "description": "未就绪或停住 not ready, or stalled"}},
)
def ready(engine: UseEngine, response: Response) -> ReadyOut:
    """How far every role is behind, in events and seconds; 503 when one has not begun or has stalled."""
    standing = engine.standing()
    if standing.code != "ok":
        response.status_code = 503
        response.headers["Retry-After"] = AGAIN
    return ReadyOut.model_validate(standing.as_dict())


@router.get("/metrics", summary="Prometheus 指标 · figures for Prometheus", response_class=Response)
def metrics(engine: UseEngine) -> Response:
    """Lag, stalls and what lies aside, looked up now; commands and requests as this process counted them."""
    return Response(exposed(engine.standing), media_type=CONTENT_TYPE_LATEST)
