"""A provider's volunteers (志愿者): enrol, change, release, list."""

from typing import Annotated, Any, Final

import typer

from adapters.cli import filling
from adapters.cli.asking import put
from adapters.cli.opening import AsOf, HappenedBy, Then, opened
from adapters.cli.options import As, Key, envelope
from adapters.cli.output import AsJson, put_json, put_table
from adapters.cli.problems import Problem
from adapters.cli.providing import Hours, Skill, Slug, itself, on_record
from adapters.hours import shifts_in_words
from domain import commands as c
from domain.provider import Provider, Standing
from domain.rejections import UnknownProvider
from domain.rules import Words

app = typer.Typer(
    no_args_is_help=True,
    help="志愿者：登记、变更、退出、查看 · Volunteers of a provider: enrol, change, release, list",
)

Volunteer = Annotated[str, typer.Argument(metavar="VOLUNTEER", help="志愿者代码 · the volunteer's id")]
Name = Annotated[str | None, typer.Option(help="姓名，封存 · name, sealed")]
Willing = Annotated[
    list[str] | None,
    typer.Option(
        help="愿办事项，可多次，'' 为接单方的一切事项 · what they will do, '' for whatever is offered"
    ),
]
Health = Annotated[
    str | None, typer.Option(help="健康情况，封存，不用于匹配 · health, sealed, never used to match")
]

NAME: Final = Words(zh="姓名", en="name")


@app.command()
def enrol(
    ctx: typer.Context,
    *,
    provider: Slug,
    volunteer: Volunteer,
    name: Name = None,
    hours: Hours = None,
    skill: Skill = None,
    willing: Willing = None,
    health: Health = None,
    as_: As = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """登记志愿者；做不了的事，请不要列入愿办事项和技能 · Enrol a volunteer, for what they can do."""
    with opened(ctx) as node:
        fields = {"name": filling.text("--name", name, NAME), **_about(hours, skill, willing, health)}
        asking = envelope(as_, key, default=itself(provider))
        put(node, c.EnrolVolunteer, _of(provider, volunteer) | fields, asking, as_json=as_json)


@app.command()
def change(
    ctx: typer.Context,
    *,
    provider: Slug,
    volunteer: Volunteer,
    name: Name = None,
    hours: Hours = None,
    skill: Skill = None,
    willing: Willing = None,
    health: Health = None,
    forget_health: Annotated[
        bool, typer.Option("--forget-health", help="撤去健康情况 · take back what was said of health")
    ] = False,
    as_: As = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """变更志愿者 · Change a volunteer; what is not given stays."""
    with opened(ctx) as node:
        fields = {"name": name, "forget_health": forget_health, **_about(hours, skill, willing, health)}
        asking = envelope(as_, key, default=itself(provider))
        put(node, c.ChangeVolunteer, _of(provider, volunteer) | fields, asking, as_json=as_json)


@app.command()
def release(
    ctx: typer.Context,
    *,
    provider: Slug,
    volunteer: Volunteer,
    as_: As = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """志愿者退出 · Release a volunteer."""
    with opened(ctx) as node:
        asking = envelope(as_, key, default=itself(provider))
        put(node, c.ReleaseVolunteer, _of(provider, volunteer), asking, as_json=as_json)


@app.command("list")
def list_(
    ctx: typer.Context,
    *,
    provider: Slug,
    as_of: AsOf = None,
    happened_by: HappenedBy = None,
    as_json: AsJson = False,
) -> None:
    """查看志愿者，姓名与健康情况仍封存 · List volunteers; names and health stay sealed."""
    with opened(ctx, Then(as_of, happened_by), of=()) as node:
        found = on_record(node, provider)
    if found.standing is Standing.UNKNOWN:
        unknown = UnknownProvider(provider=provider)
        raise Problem(unknown.code, unknown.reason_zh, unknown.reason_en)
    rows = _listed(found)
    if as_json:
        put_json({"volunteers": rows})
        return
    heads = ("代码 id", "值班 hours", "技能 skills", "愿办 willing")
    cells = [
        (
            one["volunteer"],
            f"{one['hours_zh']} {one['hours_en']}",
            _joined(one["skills"]),
            _joined(one["willing"]),
        )
        for one in rows
    ]
    put_table(heads, cells)


def _listed(provider: Provider) -> list[dict[str, Any]]:
    return [
        {
            "volunteer": volunteer,
            "hours": [shift.model_dump() for shift in one.hours],
            "hours_zh": shifts_in_words(one.hours).zh,
            "hours_en": shifts_in_words(one.hours).en,
            "skills": one.skills,
            "willing": one.willing,
        }
        for volunteer, one in sorted(provider.volunteers.items())
    ]


def _joined(codes: tuple[str, ...]) -> str:
    return ", ".join(codes)


def _of(provider: str, volunteer: str) -> dict[str, Any]:
    return {"provider": provider, "volunteer": volunteer}


def _about(
    hours: list[str] | None, skill: list[str] | None, willing: list[str] | None, health: str | None
) -> dict[str, Any]:
    return {
        "hours": filling.shifts(hours),
        "skills": filling.codes(skill),
        "willing": filling.codes(willing),
        "health": health,
    }
