"""Texts that strangers send, without what fools a reader or a file system."""

from __future__ import annotations

import unicodedata

LONGEST_FILE_NAME = 255


def clean_line(text: str) -> str:
    """One line without control, bidi, zero-width, private or unassigned characters; spaces are single."""
    kept = (" " if character in "\t\r\n\u2028\u2029" else character for character in unicodedata.normalize("NFC", text))
    return " ".join("".join(character for character in kept if unicodedata.category(character)[0] != "C").split())


def clean_note(text: str) -> str:
    """As `clean_line`, but line breaks stay."""
    return "\n".join(clean_line(line) for line in text.splitlines()).strip()


def clean_file_name(name: str) -> str | None:
    """The last part of the path, cleaned, at most 255 characters with its ending kept; None when nothing is left."""
    last = clean_line(name.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .")
    if len(last) > LONGEST_FILE_NAME:
        stem, dot, ending = last.rpartition(".")
        ending = dot + ending if stem and len(ending) <= 16 else ""
        last = last[: LONGEST_FILE_NAME - len(ending)] + ending
    return last or None
