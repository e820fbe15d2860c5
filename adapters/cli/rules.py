"""`sidan rules`: rules tried before they bind - looked through, order by order, and in sum."""

from collections.abc import Mapping, Sequence

import typer

from adapters.cli.opening import opened
from adapters.cli.output import AsJson, people, put_json, say
from adapters.cli.problems import WANTING, Problem, no_town
from adapters.cli.setup import File, registered
from adapters.cli.trying import backtest, dry_run
from adapters.towns import Finding, Linter, afterwards, check, load
from domain.ids import ProviderId
from domain.provider import Provider

app = typer.Typer(
    no_args_is_help=True,
    help="细则试行：查一查，逐单试算，合计试算 · Rules tried before they bind, on what has been",
)


@app.command()
def lint(ctx: typer.Context, *, file: File, as_json: AsJson = False) -> None:
    """查出不起作用或走不通的规定 · Find what has no effect or will not go as it was meant."""
    findings: Sequence[Finding] = check(file)
    if not findings:
        town = load(file)
        findings = Linter(town.rules, afterwards(town, _recorded(ctx)), town.lines).findings()
    if as_json:
        put_json({"ok": not findings, "findings": findings})
    else:
        for one in findings:
            people().print(str(one), markup=False)
        if not findings:
            say("没有可疑之处。", "Nothing suspicious.")
    if findings:
        raise typer.Exit(WANTING)


def _recorded(ctx: typer.Context) -> Mapping[ProviderId, Provider]:
    """The providers on record; a file can be looked through before there is a town."""
    try:
        with opened(ctx) as node:
            return registered(node.store)
    except Problem as problem:
        if problem.code != no_town().code:
            raise
        return {}


app.command("dry-run")(dry_run)
app.command()(backtest)
