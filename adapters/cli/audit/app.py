"""What an auditor may ask for, as one group of commands."""

from typing import Final

import typer

from adapters.cli.audit import comparing, replaying

app: Final = typer.Typer(
    no_args_is_help=True, help="审计：重放记录、比较两个时刻 · Audit: replay the record, compare two moments"
)
app.command()(replaying.replay)
app.command()(comparing.diff)
