"""What a route may ask for: the engine, who calls, and what they said about their request."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request

from adapters.web.access import Caller, caller
from adapters.web.engine import Engine
from adapters.web.intake import Envelope, read_body
from adapters.web.own_write import After, OwnWrite
from domain.commands import Command
from domain.stages import Channel


def engine_of(request: Request) -> Engine:
    """The engine the app was made for."""
    engine: Engine = request.app.state.engine
    return engine


def caught_up(request: Request, after: After = None) -> None:
    """Wait until the read models hold what `after` names."""
    own_write: OwnWrite = request.app.state.own_write
    own_write.wait_for(after)


@dataclass(frozen=True, slots=True)
class Asking:
    """A request's data and what its headers say about it."""

    body: bytes
    caller: Caller
    key: str | None
    on_behalf_of: str | None
    channel: Channel | None
    correlation: str

    def envelope(self, via: str, command: type[Command], subject: str | None = None) -> Envelope:
        """The envelope of such a command."""
        return Envelope(
            via,
            command.wire,
            subject=subject,
            key=self.key,
            on_behalf_of=self.on_behalf_of,
            channel=self.channel,
            correlation=self.correlation,
        )


def asking(
    *,
    request: Request,
    body: Annotated[bytes, Depends(read_body)],
    who: Annotated[Caller, Depends(caller)],
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="同一请求重发时不变 · the same for the same request, for ever",
        ),
    ] = None,
    on_behalf_of: Annotated[
        str | None, Header(alias="X-On-Behalf-Of", description="代点单：居民代码 · the resident's id")
    ] = None,
    channel: Annotated[
        Channel | None, Header(alias="X-Channel", description="渠道 · where it came in")
    ] = None,
) -> Asking:
    """Gather it."""
    return Asking(body, who, key, on_behalf_of, channel, request.state.correlation)


UseEngine = Annotated[Engine, Depends(engine_of)]
UseAsking = Annotated[Asking, Depends(asking)]
UseCaller = Annotated[Caller, Depends(caller)]
