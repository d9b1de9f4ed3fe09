"""The rule packs that ship, and their loader."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from pydantic import ValidationError

from flask_app.domain.deadlines import WorkCalendar
from flask_app.domain.errors import InvalidInput, NotFound
from flask_app.domain.rule_pack import RulePack


def read_pack(text: str, file_name: str) -> RulePack:
    """A pack from its TOML text. Raises `InvalidInput("rule_pack.invalid")` naming file, place and reason."""
    try:
        return RulePack.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput("rule_pack.invalid", file=file_name, place="", reason=str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidInput("rule_pack.invalid", file=file_name, place=place, reason=first["msg"]) from error


@cache
def shipped_packs() -> dict[str, RulePack]:
    """All shipped packs by id."""
    packs = {}
    for entry in sorted(resources.files(__package__).iterdir(), key=lambda file: file.name):
        if entry.name.endswith(".toml") and not entry.name.startswith("calendar-"):
            pack = read_pack(entry.read_text(encoding="utf-8"), entry.name)
            packs[pack.id] = pack
    return packs


def shipped_pack(pack_id: str) -> RulePack:
    """Raises `NotFound("rule_pack.unknown")`."""
    try:
        return shipped_packs()[pack_id]
    except KeyError:
        raise NotFound("rule_pack.unknown", pack=pack_id) from None


@cache
def work_calendar(jurisdiction: str) -> WorkCalendar:
    """The working calendar of a jurisdiction: holidays that recur every year, and days moved in single years."""
    file = resources.files(__package__) / f"calendar-{jurisdiction.lower()}.toml"
    data: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    years = range(data["years"]["first"], data["years"]["last"] + 1)
    recurring = {date(year, month, day) for year in years for month, day in data["every_year"]["days"]}
    single = {holiday for table in data.get("single", {}).values() for holiday in table.get("holidays", [])}
    moved = {day for table in data.get("single", {}).values() for day in table.get("working_weekends", [])}
    return WorkCalendar(frozenset(recurring | single), frozenset(moved))
