"""Texts from walls, file systems and strangers on a terminal: they may not steer it."""

from __future__ import annotations


def visible(text: str) -> str:
    """The text on one line, a question mark for whatever a terminal would obey or hide: escapes, bidi, line breaks."""
    return "".join(each if each.isprintable() else "?" for each in text)
