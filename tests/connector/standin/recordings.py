"""Answers of a real Moodle 5.0.6 and 4.5.5, and comparing the stand-in's answers with their shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parents[2] / "data" / "moodle"


def recorded(name: str) -> Any:
    """The `response` of a recorded exchange."""
    return exchange(name)["response"]


def exchange(name: str) -> dict[str, Any]:
    """Request, status, content_type and response."""
    kept: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text("utf-8"))
    return kept


def differences(recorded_value: Any, answer: Any, path: str = "") -> list[str]:
    """Where keys or types differ. A number may be whole or not; null is a matter of state, not of shape."""
    if recorded_value is None or answer is None:
        return []
    if isinstance(recorded_value, dict) and isinstance(answer, dict):
        return _of_objects(recorded_value, answer, path)
    if isinstance(recorded_value, list) and isinstance(answer, list):
        if recorded_value and answer:
            return differences(recorded_value[0], answer[0], f"{path}[0]")
        return []
    kinds = (_kind(recorded_value), _kind(answer))
    return [] if kinds[0] == kinds[1] else [f"{path}: {kinds[0]} became {kinds[1]}"]


def _of_objects(recorded_value: dict[str, Any], answer: dict[str, Any], path: str) -> list[str]:
    found = [f"{path}.{name} is missing" for name in recorded_value if name not in answer]
    found += [f"{path}.{name} is not Moodle's" for name in answer if name not in recorded_value]
    for name in recorded_value:
        if name in answer:
            found += differences(recorded_value[name], answer[name], f"{path}.{name}")
    return found


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, int | float) else type(value).__name__
