"""What an auditor may ask for, as one group of commands."""

from typing import Final

import typer

from adapters.cli.audit import exporting, reconciling, replaying

app: Final = typer.Typer(no_args_is_help=True, help="审计：重放记录 · Audit: replay the record")
app.command()(replaying.replay)
app.command()(exporting.export)
app.command("import")(exporting.import_)
app.command()(reconciling.reconcile)
