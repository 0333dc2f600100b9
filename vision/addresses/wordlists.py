"""The word lists of `wordlists.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

WORDS_OF: Mapping[str, frozenset[str]] = {
    name: frozenset(words.split())
    for name, words in tomllib.loads(Path(__file__).with_name("wordlists.toml").read_text("utf-8")).items()
}
"""By name; each a set of lower-case words."""
