"""Changing settings while the program runs: checked, versioned, written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import event, select, update
from sqlalchemy.exc import IntegrityError

from api.audit.service import record
from api.errors import NotFound, Problem
from api.runtime.closed import CHANGEABLE, value_of, with_value, with_values
from api.runtime.current import Running
from api.unit import Unit
from models import RuntimeSetting

SUBJECT = "setting:"


class SettingRefused(Problem):
    """A value that the setting does not take."""

    status = 422

    def __init__(self, reason: str) -> None:
        super().__init__(f"The setting does not take this value: {reason}.")
        self.reason = reason


class SettingOutOfRange(Problem):
    """A number that is too small or too large."""

    status = 422

    def __init__(self, *, least: float, most: float) -> None:
        super().__init__(f"Give a number from {least:g} to {most:g}.")
        self.least = int(least) if float(least).is_integer() else least
        self.most = int(most) if float(most).is_integer() else most


class SettingChanged(Problem):
    """Somebody else has changed the setting meanwhile."""

    status = 409

    def __init__(self, *, version: int) -> None:
        super().__init__("Somebody has changed this setting meanwhile: look at it again.")
        self.version = version


@dataclass(frozen=True, slots=True)
class Standing:
    """A setting as it stands. `is_usable` is false for a kept value that the setting no longer takes."""

    name: str
    value: Any
    default: Any
    is_set: bool
    is_usable: bool
    version: int
    changed_at: datetime | None
    changed_by: str | None
    least: float | None
    most: float | None
    choices: tuple[str, ...]


def standings(unit: Unit, running: Running) -> list[Standing]:
    """Every setting that may be changed, as the database has it now."""
    rows = {row.name: row for row in unit.session.scalars(select(RuntimeSetting))}
    return [_standing(running, name, rows.get(name)) for name in CHANGEABLE]


def standing(unit: Unit, running: Running, name: str) -> Standing:
    """One setting that may be changed. NotFound."""
    if name not in CHANGEABLE:
        raise NotFound("setting")
    return _standing(running, name, unit.session.get(RuntimeSetting, name, populate_existing=True))


def change(unit: Unit, running: Running, name: str, *, value: Any, version: int) -> Standing:
    """Give a setting another value. `version` is the one the caller saw, 0 for a setting that never was changed.

    Raises:
        NotFound: no setting of this name may be changed.
        SettingRefused, SettingOutOfRange: each as its name says.
        SettingChanged: it has another version by now.
    """
    before = standing(unit, running, name)
    kept = _checked(running, name, value)
    _write(unit, running, before, version=version, value=kept, is_set=True)
    record(unit, "setting.change", f"{SUBJECT}{name}", before=before.value, after=kept)
    return standing(unit, running, name)


def back_to_default(unit: Unit, running: Running, name: str, *, version: int) -> Standing:
    """Let the environment's value, or the program's own, hold again; once more changes nothing. As `change`."""
    before = standing(unit, running, name)
    if not before.is_set and before.version == version:
        return before
    _write(unit, running, before, version=version, value=None, is_set=False)
    record(unit, "setting.default", f"{SUBJECT}{name}", before=before.value, after=before.default)
    return standing(unit, running, name)


def _standing(running: Running, name: str, row: RuntimeSetting | None) -> Standing:
    default = value_of(running.started, name)
    is_set = row is not None and row.is_set
    kept = {name: row.value} if row is not None and row.is_set else {}
    settings, unusable = with_values(running.started, kept)
    allowed = CHANGEABLE[name]
    return Standing(
        name=name,
        value=value_of(settings, name),
        default=default,
        is_set=is_set,
        is_usable=not unusable,
        version=row.version if row else 0,
        changed_at=row.changed_at if row else None,
        changed_by=row.changed_by if row else None,
        least=allowed.least,
        most=allowed.most,
        choices=allowed.choices,
    )


def _checked(running: Running, name: str, value: Any) -> Any:
    """The value as the setting takes it."""
    allowed = CHANGEABLE[name]
    if allowed.least is not None and allowed.most is not None:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not allowed.least <= value <= allowed.most:
            raise SettingOutOfRange(least=allowed.least, most=allowed.most)
    try:
        return value_of(with_value(running.started, name, value), name)
    except ValidationError as error:
        raise SettingRefused(str(error.errors()[0]["msg"]).removeprefix("Value error, ")) from None
    except ValueError as error:
        raise SettingRefused(str(error)) from None


def _write(unit: Unit, running: Running, before: Standing, *, version: int, value: Any, is_set: bool) -> None:
    now = unit.clock.now()
    values = {"value": value, "is_set": is_set, "changed_at": now, "changed_by": unit.actor.name}
    if before.version != version:
        raise SettingChanged(version=before.version)
    if version == 0:
        try:
            with unit.session.begin_nested():
                unit.session.add(RuntimeSetting(name=before.name, version=1, **values))
        except IntegrityError:
            raise SettingChanged(version=1) from None
    else:
        held = update(RuntimeSetting).where(RuntimeSetting.name == before.name, RuntimeSetting.version == version)
        changed: Any = unit.session.execute(held.values(**values, version=version + 1))
        if changed.rowcount != 1:
            raise SettingChanged(version=version + 1)
    event.listen(unit.session, "after_commit", lambda _session: running.forget(), once=True)
