"""`sidan rules`: rules tried before they bind - looked through, order by order, and in sum."""

import typer

from adapters.cli.trying import backtest, dry_run

app = typer.Typer(
    no_args_is_help=True,
    help="细则试行：查一查，逐单试算，合计试算 · Rules tried before they bind, on what has been",
)
app.command("dry-run")(dry_run)
app.command()(backtest)
