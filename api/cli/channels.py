"""`wallwatch channels`: are messengers set up rightly, and where Telegram sends what people write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.options import load_settings, stop
from api.cli.visible import visible

if TYPE_CHECKING:
    from api.intake.channels.telegram import Telegram
    from api.settings import Settings

HOOK = "/hooks/telegram"
app = typer.Typer(help="Messengers: are they set up, and Telegram's webhook.", no_args_is_help=True)


@app.command("check")
def check() -> None:
    """Ask each messenger that is set up who we are. Exit status 1 when one of them does not know us, 2 without any."""
    settings = load_settings()
    asked: list[tuple[str, Callable[[Settings], list[str]]]] = []
    if settings.telegram.token.get_secret_value():
        asked.append(("telegram", _of_telegram))
    if settings.whatsapp.phone_id:
        asked.append(("whatsapp", _of_whatsapp))
    if not asked:
        stop("no messenger is set up: docs/guides say how")
    wrong = 0
    for name, ask in asked:
        lines = ask(settings)
        wrong += any(line.startswith("WRONG") for line in lines)
        for line in lines:
            print(f"{name}: {visible(line)}")
    if wrong:
        raise typer.Exit(1)


@app.command("set-webhook")
def set_webhook(
    origin: Annotated[str, typer.Argument(metavar="https://HOST", help="Where this installation answers.")],
) -> None:
    """Have Telegram send what people write to this installation, signed with WALLWATCH_TELEGRAM__WEBHOOK_SECRET."""
    settings = load_settings()
    if settings.telegram.mode != "webhook":
        stop("WALLWATCH_TELEGRAM__MODE is polling: set it to webhook first, and WALLWATCH_TELEGRAM__WEBHOOK_SECRET")
    if not origin.startswith("https://"):
        stop("Telegram sends to https:// only, at port 443, 80, 88 or 8443")
    with _telegram(settings) as bot:
        bot.set_webhook(origin.rstrip("/") + HOOK)
    print(f"Telegram sends to {visible(origin.rstrip('/') + HOOK)}")


@app.command("delete-webhook")
def delete_webhook() -> None:
    """Have Telegram keep what people write until it is asked for it; nothing that waits is lost."""
    with _telegram(load_settings()) as bot:
        bot.delete_webhook()
    print("no webhook is set: WALLWATCH_TELEGRAM__MODE=polling asks for what waits")


@contextmanager
def _telegram(settings: Settings) -> Iterator[Telegram]:
    from api.intake.channels.base import ChannelError  # noqa: PLC0415
    from api.intake.channels.telegram import Telegram  # noqa: PLC0415 - the library comes with it

    if not settings.telegram.token.get_secret_value():
        stop("WALLWATCH_TELEGRAM__TOKEN is not set: @BotFather gives one")
    bot = Telegram(settings)
    try:
        yield bot
    except ChannelError as error:
        stop(str(error))
    finally:
        bot.close()


def _of_telegram(settings: Settings) -> list[str]:
    from api.intake.channels.telegram import Telegram  # noqa: PLC0415 - the library comes with it

    said, wrong = _asked(Telegram, settings)
    if wrong:
        return [wrong]
    lines = [f"the bot is @{said['name']}; {said['waiting']} updates wait"]
    if not said["reads_groups"]:
        lines.append("in groups it sees answers to it and commands only, unless it is an administrator there")
    by_hook, hook = settings.telegram.mode == "webhook", said["webhook"]
    if by_hook and not hook.endswith(HOOK):
        lines.append("WRONG  no webhook of ours is set: run `wallwatch channels set-webhook https://HOST`")
    elif hook and not by_hook:
        lines.append("WRONG  a webhook is set, so polling gets nothing: run `wallwatch channels delete-webhook`")
    else:
        lines.append(f"it sends to {hook}" if by_hook else "a worker asks for updates")
    if said["last_error"]:
        lines.append(f"the last call did not get through: {said['last_error']}")
    return lines


def _of_whatsapp(settings: Settings) -> list[str]:
    from api.intake.channels.whatsapp import WhatsApp  # noqa: PLC0415 - the library comes with it

    said, wrong = _asked(WhatsApp, settings)
    if wrong:
        return [wrong]
    return [f"the number is {said['display_phone_number']}, {said['verified_name']}; quality {said['quality_rating']}"]


def _asked(make: Callable[[Settings], Any], settings: Settings) -> tuple[dict[str, Any], str]:
    """What a messenger says of us, and what is wrong."""
    from api.intake.channels.base import ChannelError  # noqa: PLC0415

    channel = make(settings)
    try:
        return channel.check(), ""
    except ChannelError as error:
        return {}, f"WRONG  {error}"
    finally:
        channel.close()
