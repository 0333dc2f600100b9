"""`wallwatch user`: accounts and API keys from the machine itself, for the first sign-in and for lost passwords."""

from __future__ import annotations

import secrets
import sys
from datetime import timedelta
from typing import Annotated

import typer

from api.cli.options import open_services
from api.errors import Problem
from api.unit import Actor
from models import Role

app = typer.Typer(
    help="Accounts, passwords and API keys.", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
CONSOLE = Actor(name="console")

PasswordIn = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input; without it one is made up.")
]


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Sign-in name.")],
    role: Annotated[Role, typer.Option(help="What the account is for.")],
    *,
    password_stdin: PasswordIn = False,
) -> None:
    """Add an account; prints the password if it made one up."""
    from api.accounts.service import add_account  # noqa: PLC0415 - `--help` needs no database

    password, made_up = _password(from_stdin=password_stdin)
    with open_services() as services, _problems(), services.unit(CONSOLE) as unit:
        add_account(unit, name, role=role, password=password)
    print(f"{name} ({role}) added")
    if made_up:
        print(f"password: {password}")


@app.command("passwd")
def passwd(name: Annotated[str, typer.Argument(help="Sign-in name.")], *, password_stdin: PasswordIn = False) -> None:
    """Give an account a new password; its browsers are signed out."""
    from api.accounts.service import set_password  # noqa: PLC0415

    password, made_up = _password(from_stdin=password_stdin)
    with open_services() as services, _problems(), services.unit(CONSOLE) as unit:
        set_password(unit, name, password=password)
    print(f"{name} has a new password")
    if made_up:
        print(f"password: {password}")


@app.command("key")
def key(
    name: Annotated[str, typer.Argument(help="Account that the key acts for.")],
    *,
    label: Annotated[str, typer.Option(help="What the key is for.")] = "command line",
    scope: Annotated[list[str] | None, typer.Option(help="May be repeated; without it, all that the role has.")] = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="Days until it expires.")] = 365,
) -> None:
    """Make an API key; it is shown once, here."""
    from api.accounts.service import make_key  # noqa: PLC0415

    with open_services() as services, _problems(), services.unit(CONSOLE) as unit:
        expires_at = unit.clock.now() + timedelta(days=days)
        _, secret = make_key(unit, name, label=label, scopes=scope, expires_at=expires_at)
    print(secret)


def _password(*, from_stdin: bool) -> tuple[str, bool]:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n"), False
    return secrets.token_urlsafe(15), True


class _problems:  # noqa: N801 - reads as a word in a with statement
    """Problems become one line and exit status 1."""

    def __enter__(self) -> None:
        return

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, Problem):
            typer.echo(f"wallwatch: {error.message}", err=True)
            raise typer.Exit(1) from None
