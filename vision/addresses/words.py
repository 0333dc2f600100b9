"""Lists that the rules look words up in: words.toml beside this file, read once."""

from __future__ import annotations

import tomllib
from importlib import resources

_LISTS = tomllib.loads(resources.files("vision.addresses").joinpath("words.toml").read_text("utf-8"))


def words(name: str) -> frozenset[str]:
    """The words of one list."""
    return frozenset(_LISTS[name].split())


def inverse(name: str) -> dict[str, str]:
    """Each word of a table's lists, with the key it stands under."""
    return {word: key for key, listed in _LISTS[name].items() for word in listed.split()}
