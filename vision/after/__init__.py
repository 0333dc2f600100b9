"""Was the wall painted over: the photo before beside the photo after.

`check(before, after, writing_of(reading_before), shown_in(reading_after))` answers `painted` only where it is sure;
what it cannot see is `unclear`, and a person decides. Pure: no database is opened here. How it decides, and how often
rightly: docs/after.md.
"""

from __future__ import annotations

from vision.after.check import check
from vision.after.words import Check, Reason, Shown, Verdict, shown_in, writing_of

__all__ = ["Check", "Reason", "Shown", "Verdict", "check", "shown_in", "writing_of"]
