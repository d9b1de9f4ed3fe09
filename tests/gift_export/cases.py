"""The conformance cases: GIFT inputs with Moodle's own parse beside them, one JSON line each, a file per rule group."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "data" / "gift"
GROUPS = sorted(path.stem for path in FOLDER.glob("*.jsonl") if path.stem != "writer")


@dataclass(frozen=True)
class Case:
    """One input, what Moodle makes of it, and what a good linter says (severity, code, line, column)."""

    name: str
    data: bytes
    questions: list[dict[str, Any]]
    comparable: bool
    worst: str | None
    diagnostics: list[tuple[str, str, int | None, int | None]]


def load(group: str) -> list[dict[str, Any]]:
    """The raw entries of a group."""
    lines = (FOLDER / f"{group}.jsonl").read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


def cases(group: str) -> list[Case]:
    """The reading cases of a group. `comparable`: Moodle's reader finished, so its questions are the reference."""
    return [_case(entry) for entry in load(group)]


def _case(entry: dict[str, Any]) -> Case:
    data = base64.b64decode(entry["base64"]) if "base64" in entry else entry["text"].encode("utf-8")
    finished = entry["encoding_ok"] and entry["outcome"] != "exception" and not entry["parse_error"]
    diagnostics = [(severity, code, line, column) for severity, code, line, column in entry["diagnostics"]]
    return Case(entry["case"], data, entry["questions"], finished, entry["worst"], diagnostics)


def same(expected: Any, found: Any) -> bool:
    """Equality as the conformance check has it: every expected key, numbers to one in a million."""
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    if isinstance(expected, int | float) and isinstance(found, int | float):
        return abs(expected - found) <= 1e-6 * max(1, abs(expected))
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(
            key in found and same(value, found[key]) for key, value in expected.items()
        )
    if isinstance(expected, list):
        return isinstance(found, list) and len(expected) == len(found) and all(map(same, expected, found))
    return bool(expected == found)
