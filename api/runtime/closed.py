"""The settings that may be changed while the program runs: a closed list, and why each is in it.

In it is what an office wants to turn without somebody at the machine, and what is asked anew for every request, photo
or sign-in, so that a change holds at once and everywhere. Not in it is what says where something is (databases, stores,
addresses, keys), what is built into a process when it starts, and what guards against whoever holds an account: what
may leave the house (TLP, webhooks, mail) stays with whoever holds the machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.settings import Settings


@dataclass(frozen=True, slots=True)
class Changeable:
    """A setting that may be changed.

    Attributes:
        name: `group.setting` as in `Settings`, or a setting without a group.
        least, most: tighter than the setting's own limits, so that nobody locks everybody out; None: not a number.
        choices: the only values there are; empty: any that the setting takes.
    """

    name: str
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()

    @property
    def place(self) -> tuple[str, str]:
        """The group, empty for none, and the name in it."""
        group, _, key = self.name.rpartition(".")
        return group, key


CHANGEABLE: Mapping[str, Changeable] = {
    each.name: each
    for each in (
        Changeable("vision.threshold", 0.5, 1),  # part of the reader's card: with it the reader is another one
        Changeable("watchlist.half_life_days"),  # laid over the list when it is asked for
        Changeable("intake.region"),  # asked for every report
        Changeable("intake.doubtful_m", 1, 100_000),  # the same
        Changeable("requests.grounds"),  # words of a letter
        Changeable("web.session_hours", 1, 168),  # asked for every request
        Changeable("web.session_longest_hours", 1, 720),  # of sign-ins from then on
        Changeable("limits.sign_in_per_minute", 3, 10_000),  # fewer would keep the one out who could mend it
        Changeable("limits.requests_per_minute", 120, 1_000_000),  # the same
        Changeable("limits.reports_per_minute", 1, 100_000),
        Changeable("telling.subscriptions_per_account", 1, 1000),
        Changeable("telling.watches_per_account", 1, 100_000),
        Changeable("log_level", choices=("debug", "info", "warning", "error")),
    )
}
"""By name, in the order in which they are shown."""


def value_of(settings: Settings, name: str) -> Any:
    """A setting's value, as JSON writes it."""
    group, key = CHANGEABLE[name].place
    written = settings.model_dump(mode="json", include={group or key})
    return written[group][key] if group else written[key]


def with_value(settings: Settings, name: str, value: Any) -> Settings:
    """The settings with another value of one of them, by the setting's own rules. ValueError."""
    group, key = CHANGEABLE[name].place
    if not group:
        if value not in CHANGEABLE[name].choices:
            raise ValueError(f"it is one of {', '.join(CHANGEABLE[name].choices)}")
        return settings.model_copy(update={key: value})
    present: Any = getattr(settings, group)
    return settings.model_copy(update={group: type(present).model_validate(dict(present) | {key: value})})


def with_values(settings: Settings, values: Mapping[str, Any]) -> tuple[Settings, frozenset[str]]:
    """The settings with these values, and the names of those that cannot be used (an upgrade may change the rules)."""
    unusable = set()
    for name, value in values.items():
        try:
            settings = with_value(settings, name, value)
        except (KeyError, ValueError):
            unusable.add(name)
    return settings, frozenset(unusable)
