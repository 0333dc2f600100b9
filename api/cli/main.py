"""`wallwatch`: one short command per verb, each on the same services as the web."""

from __future__ import annotations

import os
import sys

import typer

from api.cli import accounts, exchange, extract, intake, keep, read, run, templates, territories, training

app = typer.Typer(
    name="wallwatch",
    help="Reads photos of drug-advertising graffiti and keeps a watchlist of the addresses on the walls.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("read")(read.read)
app.command("extract")(extract.extract)
app.command("serve")(run.serve)
app.command("worker")(run.worker)
app.command("import")(intake.import_folder)
app.command("export")(exchange.export)
app.command("import-watchlist")(exchange.import_watchlist)
app.command("export-training")(training.export_training)
app.command("territories")(territories.territories)
app.command("verify")(keep.verify)
app.command("templates")(templates.templates)
app.command("backup")(keep.backup)
app.command("restore")(keep.restore)
app.add_typer(accounts.app, name="user")


def main() -> None:
    """Run the command line; a reader of our output that went away is not an error of ours."""
    try:
        app()
    except BrokenPipeError:
        # Python would complain once more while flushing at exit: give it somewhere harmless to flush to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


if __name__ == "__main__":
    main()
