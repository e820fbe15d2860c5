"""Opening personal texts at the command line: whoever sits there reads as the operator, and says what for."""

from typing import Annotated, Final

import typer

from adapters.cli import filling
from adapters.cli.problems import Usage
from adapters.opening import Reading
from domain.facts import Actor
from domain.ids import ResidentId
from domain.rules import Words
from domain.stages import Right, Role

VIA: Final = "cli"
NOBODY_NAMED: Final = Actor(role=Role.OPERATOR, id="unnamed")  # who only looks need not say who they are
WHAT_FOR: Final = Words(zh="查阅目的", en="what you read it for")

Open = Annotated[
    bool, typer.Option("--open", help="打开个人内容，先记录在案 · open personal texts; it is recorded first")
]
WhatFor = Annotated[
    str | None,
    typer.Option("--why", help="查阅目的，与 --open 同用 · what you read it for; goes with --open"),
]


def purpose(why: str | None, *, open_: bool) -> str | None:
    """What the texts are read for, asked for where it is not given; None where none are opened.

    Raises:
        Usage: missing_option; why_needs_open.
    """
    if open_:
        return filling.some_text("--why", why, WHAT_FOR)
    if why is not None:
        raise Usage(
            "why_needs_open",
            "--why 说明为何打开个人内容，请加上 --open，或去掉 --why。",
            "--why says what personal texts are opened for; add --open, or leave --why out.",
        )
    return None


def reading(subject: str, what_for: str | None, as_: str | None, person: str | None = None) -> Reading:
    """Reading at this machine. Raises Usage: bad_actor."""
    return Reading(
        actor=filling.actor(as_, NOBODY_NAMED),
        via=VIA,
        right=Right.OPERATOR,
        subject=subject,
        person=ResidentId(person) if person else None,
        purpose=what_for,
    )
