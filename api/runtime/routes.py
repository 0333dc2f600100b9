"""Settings that may be changed while the program runs, over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.accounts.roles import Scope
from api.deps import Process, ReadingUnit, WritingUnit, needs
from api.runtime import service
from api.runtime.schemas import SettingChange, SettingOut

router = APIRouter(prefix="/v1/settings", tags=["settings"])

Name = Annotated[str, Path(max_length=64, examples=["intake.doubtful_m"])]


@router.get("", dependencies=[needs(Scope.ACCOUNTS_WRITE)], summary="Settings that may be changed")
def settings(unit: ReadingUnit, services: Process) -> list[SettingOut]:
    """All of them, with the value that holds, the default, and who changed it last."""
    return [SettingOut.model_validate(each) for each in service.standings(unit, services.running)]


@router.get("/{name}", dependencies=[needs(Scope.ACCOUNTS_WRITE)], summary="One setting")
def setting(name: Name, unit: ReadingUnit, services: Process) -> SettingOut:
    """One setting that may be changed."""
    return SettingOut.model_validate(service.standing(unit, services.running, name))


@router.put("/{name}", dependencies=[needs(Scope.ACCOUNTS_WRITE)], summary="Change a setting")
def change(name: Name, body: SettingChange, unit: WritingUnit, services: Process) -> SettingOut:
    """Another value, which holds in all processes within seconds and stays over restarts."""
    changed = service.change(unit, services.running, name, value=body.value, version=body.version)
    return SettingOut.model_validate(changed)


@router.delete("/{name}", dependencies=[needs(Scope.ACCOUNTS_WRITE)], summary="Back to the default")
def back(
    name: Name, unit: WritingUnit, services: Process, version: Annotated[int, Query(ge=0, le=2**31 - 1)]
) -> SettingOut:
    """Let the environment's value, or the program's own, hold again."""
    return SettingOut.model_validate(service.back_to_default(unit, services.running, name, version=version))
