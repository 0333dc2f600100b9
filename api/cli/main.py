"""`wallwatch`: one short command per verb, each on the same services as the web."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

COMMANDS = {
    "read": "read:read",
    "extract": "extract:extract",
    "serve": "run:serve",
    "worker": "run:worker",
    "import": "intake:import_folder",
    "export": "exchange:export",
    "import-watchlist": "exchange:import_watchlist",
    "export-training": "training:export_training",
    "press": "press:press",
    "territories": "territories:territories",
    "verify": "keep:verify",
    "templates": "templates:templates",
    "backup": "keep:backup",
    "restore": "keep:restore",
    "user": "accounts:app",
    "channels": "channels:app",
}
"""Each command, and where in `api.cli` its function (or its group of commands) is."""


class OnDemand(MutableMapping[str, Any]):
    """The commands by name; a module is imported when its command is asked for, so that none waits for another's."""

    def __init__(self) -> None:
        self._places = dict(COMMANDS)

    def __getitem__(self, name: str) -> Any:
        module, _, attribute = self._places[name].partition(":")
        found = getattr(import_module(f"api.cli.{module}"), attribute)
        if not isinstance(found, typer.Typer):
            alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
            alone.command(name)(found)
            found = alone
        command = typer.main.get_command(found)
        command.name = name
        return command

    def __setitem__(self, name: str, place: str) -> None:
        self._places[name] = place

    def __delitem__(self, name: str) -> None:
        del self._places[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


class Wallwatch(TyperGroup):
    """The group of all commands."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = OnDemand()


app = typer.Typer(
    name="wallwatch",
    cls=Wallwatch,
    help="Reads photos of drug-advertising graffiti and keeps a watchlist of the addresses on the walls.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def _wallwatch() -> None:
    """Typer needs something to hang a group without commands of its own on."""


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
