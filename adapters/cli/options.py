"""Options that commands share, and the envelope that they make up."""

from typing import Annotated, Final

import typer

from adapters.cli import filling
from adapters.cli.asking import Envelope
from domain.facts import Actor
from domain.rules import Words
from domain.stages import Channel

As = Annotated[
    str | None,
    typer.Option("--as", "--actor", envvar="SIDAN_AS", metavar="ROLE:ID", help="以谁的身份 · as whom"),
]
For = Annotated[
    str | None, typer.Option("--for", metavar="RESIDENT", help="代谁（代点单） · on whose behalf")
]
By = Annotated[Channel | None, typer.Option("--channel", help="渠道 · where it came in")]
Key = Annotated[
    str | None, typer.Option("--id", help="命令编号，重发同一编号不会重复记录 · the same id is recorded once")
]
Why = Annotated[str | None, typer.Option("--reason", help="理由 · reason, in words")]

WHY: Final = Words(zh="理由", en="reason")


def envelope(
    as_: str | None,
    key: str | None,
    *,
    for_: str | None = None,
    channel: Channel | None = None,
    default: Actor | None = None,
) -> Envelope:
    """Who asks, for whom and under which id; `default` asks where nobody is named.

    Raises:
        Usage: missing_option, bad_actor.
    """
    return Envelope(filling.actor(as_, default), for_, channel, key)
