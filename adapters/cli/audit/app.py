"""What an auditor may ask for, as one group of commands."""

from typing import Final

import typer

from adapters.cli.audit import erasing, replaying

app: Final = typer.Typer(no_args_is_help=True, help="审计：重放记录 · Audit: replay the record")
app.command()(replaying.replay)
app.command()(erasing.erase)
app.command()(erasing.erasure)
