"""`wallwatch extract`: addresses in text, by the rules that read walls."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from api.cli import wire
from api.cli.visible import visible

MAX_LINE_BYTES = 4 * 2**20


class NotText(ValueError):
    """A line of input that carries no text."""


def extract(
    *,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="JSON lines out, for programs.")] = False,
) -> None:
    """Find addresses in text: {"text": …} a line on standard input; a line break inside is a painted one."""
    from vision.addresses import extract_text  # noqa: PLC0415 - `--help` should not wait for suffix lists

    failed = False
    while raw := sys.stdin.buffer.readline(MAX_LINE_BYTES + 1):
        if not raw.strip():
            continue
        try:
            text = _text(raw, plain=not jsonl)
        except NotText as error:
            failed = True
            _skip_rest(raw)
            wire.write(wire.error("text_unreadable", str(error)))
            continue
        found = [wire.address(finding, with_box=False) for finding in extract_text(text)]
        if jsonl:
            wire.write({"addresses": found})
        else:
            _show(text, found)
    if failed:
        raise typer.Exit(1)


def _text(raw: bytes, *, plain: bool) -> str:
    if len(raw) > MAX_LINE_BYTES:
        raise NotText(f"A line may be at most {MAX_LINE_BYTES // 2**20} MiB.")
    try:
        line = raw.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise NotText("This line is not UTF-8.") from None
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        if plain:
            return line
        raise NotText('This line is not JSON: expected {"text": "…"}.') from None
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        return str(value["text"])
    if plain:
        return line
    raise NotText('This line has no text: expected {"text": "…"}.')


def _skip_rest(raw: bytes) -> None:
    while raw and not raw.endswith(b"\n"):
        raw = sys.stdin.buffer.readline(MAX_LINE_BYTES)


def _show(text: str, found: list[dict[str, Any]]) -> None:
    print(visible(text.replace("\n", " / ")))
    for address in found:
        sure = "" if address["accepted"] else "  (for review)"
        print(f"    {address['kind']:16} {visible(address['value'])}  {address['confidence']:.2f}{sure}")
