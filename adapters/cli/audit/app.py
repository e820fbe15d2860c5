"""What an auditor may ask for, as one group of commands."""

from typing import Final

import typer

from adapters.cli.audit import readings, replaying

app: Final = typer.Typer(
    no_args_is_help=True, help="审计：重放记录、谁看过什么 · Audit: replay the record, who has read what"
)
app.command()(replaying.replay)
app.command()(readings.readings)
