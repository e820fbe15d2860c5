"""What an auditor may ask for, as one group of commands."""

from typing import Final

import typer

from adapters.cli.audit import (
    comparing,
    erasing,
    exporting,
    proving,
    readings,
    reconciling,
    replaying,
    sealing,
    verifying,
)

app: Final = typer.Typer(
    no_args_is_help=True,
    help="审计：重放、封存、校验、回执、删除、查阅记录 · Audit: replay, seal, verify, prove, erase, readings",
)
app.command()(replaying.replay)
app.command()(comparing.diff)
app.command()(readings.readings)
app.command()(erasing.erase)
app.command()(erasing.erasure)
app.command()(sealing.seal)
app.command()(sealing.key)
app.command()(verifying.verify)
app.command()(proving.prove)
app.command()(exporting.export)
app.command("import")(exporting.import_)
app.command()(reconciling.reconcile)
