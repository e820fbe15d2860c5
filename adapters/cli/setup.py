"""Founds a town and changes it, through commands like everything else: `init` and `town`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from adapters.bootstrap import Node
from adapters.cli.asking import SOURCE, new_id
from adapters.cli.filling import agreed
from adapters.cli.opening import founding, opened, settings_of, town_of
from adapters.cli.output import AsJson, aside, people, put_json, say
from adapters.cli.problems import WANTING
from adapters.envelope import Door
from adapters.settings import Settings
from adapters.store.event_store import EventStore
from adapters.tables import derive_town, load_mapping, save_town
from adapters.towns import Difference, TownFile, check, difference, load
from domain.commands import AnyCommand, RegisterProvider
from domain.events import ProviderRegistered
from domain.ids import ProviderId, stream_of
from domain.provider import Provider
from domain.stages import Role
from services.requests import Outcome, Request, Status, Unreadable

OPERATOR: Final = Door("cli", Role.OPERATOR)
ACTOR: Final = "sidan-cli"
PAGE: Final = 500

app = typer.Typer(no_args_is_help=True, help="镇街文件：检查、应用 · A town's file: check it, apply it")

Town = Annotated[str, typer.Option("--town", help="随附的镇街名或文件 · a shipped town's name, or a file")]
File = Annotated[
    str, typer.Argument(metavar="FILE", help="镇街文件，或随附的名称 · a town file, or a shipped name")
]


def init(
    ctx: typer.Context,
    *,
    town: Town = "guangming",
    from_table: Annotated[
        str | None, typer.Option(metavar="FILE", help="由表格得出镇街 · derive the town from a table")
    ] = None,
    mapping: Annotated[
        str | None, typer.Option("--map", help="表格的列映射 · the table's column mapping")
    ] = None,
    name: Annotated[str, typer.Option(help="得出的镇街叫什么 · what the derived town is called")] = "",
    save: Annotated[str | None, typer.Option(help="把得出的镇街另存为文件 · save the derived town")] = None,
    as_json: AsJson = False,
) -> None:
    """建库并录入镇街；可重复运行 · Create what is missing and record the town; may be run again."""
    settings = settings_of(ctx)
    with founding(ctx) as node:
        file = load(town) if from_table is None else _derived(from_table, mapping, name, save)
        topics = provision(settings)
        differs = difference_to(node, file)
        first = differs.commands
        if town_of(node).version:  # what is on record changes by `town apply`, where it is shown first
            first = [command for command in first if isinstance(command, RegisterProvider)]
        left = len(differs.commands) - len(first)
        outcomes = bring_about(node, first)
        rules = node.rules
    counts = _counts(outcomes)
    if as_json:
        put_json({"town": rules.town, **counts, "topics": topics, "differences": left})
    else:
        say(
            f"{rules.name.zh}已就绪，记录了{counts['recorded']}条。",
            f"{rules.name.en} is ready; {counts['recorded']} recorded.",
        )
        if left:
            say(
                f"记录与文件还有{left}处不同，请用 sidan town apply。",
                f"The record differs from the file in {left} more; see sidan town apply.",
            )
    _end(outcomes)


@app.command("check")
def check_file(file: File, as_json: AsJson = False) -> None:
    """检查镇街文件，指出行号和原因 · Check a town file: line, code and reason."""
    findings = check(file)
    if as_json:
        put_json({"ok": not findings, "findings": findings})
    else:
        for one in findings:
            people().print(str(one), markup=False)
        if not findings:
            say("文件可用。", "The file can be applied.")
    if findings:
        raise typer.Exit(WANTING)


@app.command("apply")
def apply_file(
    ctx: typer.Context,
    *,
    file: File,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="不再询问 · do not ask")] = False,
    as_json: AsJson = False,
) -> None:
    """先列出不同，再应用镇街文件 · Show what a town file would change, then apply it."""
    with opened(ctx) as node:
        differs = difference_to(node, load(file))
        for line in differs.lines:
            aside().print(f"{line.zh}　{line.en}", markup=False)
        if differs.commands and not yes:
            agreed("应用以上变更？ Apply these changes?")
        outcomes = bring_about(node, differs.commands)
        if node.settings.embedded:
            node.follow()
    counts = _counts(outcomes)
    if as_json:
        put_json({"changes": [line.model_dump() for line in differs.lines], **counts})
    elif not differs.commands:
        say("没有不同，无需应用。", "Nothing differs; there is nothing to apply.")
    else:
        say(f"已应用{counts['recorded']}项变更。", f"Changes applied: {counts['recorded']}.")
    _end(outcomes)


def _derived(table: str, mapping: str | None, name: str, save: str | None) -> TownFile:
    """The town as a table shows it; saved, people can complete it and apply it again."""
    town = derive_town(Path(table), load_mapping(Path(mapping) if mapping else None), name)
    if save is not None:
        save_town(town, Path(save))
    return town


def provision(settings: Settings) -> list[str]:
    """In Kafka mode: create the topics that are missing. Returns their names."""
    if settings.embedded:
        return []
    from adapters.bus.topics import Provisioning, Topics  # noqa: PLC0415 - the embedded default needs no Kafka

    with Provisioning(settings.kafka, settings.librdkafka) as provisioning:
        return provisioning.create(Topics(settings.prefix).all(settings.own_topics))


def difference_to(node: Node, file: TownFile) -> Difference:
    """What separates the town on record from the file."""
    town = town_of(node)
    current = town.rules if town.version else None
    return difference(current, registered(node.store), file, node.opening.unshown)


def registered(store: EventStore) -> Mapping[ProviderId, Provider]:
    """Every provider on record, as it stands; from the record itself, since read models may lag."""
    slugs: dict[str, ProviderId] = {}
    position = 0
    while found := store.read_only(ProviderRegistered, position, PAGE):
        for recorded in found:
            assert isinstance(recorded.fact.event, ProviderRegistered)
            slugs[recorded.fact.meta.subject] = recorded.fact.event.provider
        position = found[-1].position
    states = store.load({subject: stream_of(subject) for subject in slugs})
    found_states = {slug: states[subject] for subject, slug in slugs.items()}
    return {slug: state for slug, state in found_states.items() if isinstance(state, Provider)}


def bring_about(node: Node, commands: Sequence[AnyCommand]) -> list[Outcome]:
    """Ask for each as the operator, in order. Names are sealed on the way in."""
    outcomes: list[Outcome] = []
    for start in range(0, len(commands), PAGE):
        intake = [_as_request(node, command) for command in commands[start : start + PAGE]]
        outcomes += node.desk.ask_all(intake)
    if node.settings.embedded:
        node.follow()
    return outcomes


def _as_request(node: Node, command: AnyCommand) -> Request | Unreadable:
    attributes = {
        "specversion": "1.0",
        "id": new_id(node),
        "source": SOURCE,
        "type": command.wire,
        "subject": command.subject,
        "actor": ACTOR,
    }
    return node.decode(command.model_dump_json(exclude_none=True).encode(), attributes, OPERATOR)


def _counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    return {status.value: sum(one.status is status for one in outcomes) for status in Status}


def _end(outcomes: Sequence[Outcome]) -> None:
    """Tell what was refused, and end with 1 for it."""
    refused = [one for one in outcomes if one.status in (Status.REJECTED, Status.PARKED)]
    for one in refused:
        aside().print(f"{one.subject}: {one.reason_zh} {one.reason_en} [{one.code}]", markup=False)
    if refused:
        raise typer.Exit(WANTING)
