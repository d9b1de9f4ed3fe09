"""What a reader has to say about a file: findings with a code and a place, never a sentence.

The first letter of a code is its severity. `E_`: Moodle refuses the file, stops in the middle, or imports something
that marks answers wrongly. `W_`: Moodle changes or drops something without a word. `I_`: worth knowing.
The sentences stand in `flask_app/messages/gift.toml` under the same codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "info"]

NO_PARAMS: Final[Mapping[str, str]] = MappingProxyType({})

_SEVERITIES: Final[Mapping[str, Severity]] = {"E": "error", "W": "warning", "I": "info"}


class Problem(NamedTuple):
    """One finding. `line` and `column` count from 1, in characters; both are 0 where the whole file is meant."""

    severity: Severity
    code: str
    line: int
    column: int
    params: Mapping[str, str] = NO_PARAMS


def problem(code: str, line: int, column: int, /, **params: object) -> Problem:
    """A finding whose severity is the one its code stands for; parameters become text."""
    shown = {name: str(value) for name, value in params.items()} if params else NO_PARAMS
    return Problem(_SEVERITIES[code[0]], code, line, column, shown)


def in_file_order(problems: list[Problem]) -> tuple[Problem, ...]:
    """Sorted by place; what concerns the whole file comes first."""
    return tuple(sorted(problems, key=lambda found: (found.line, found.column, found.code)))


def excerpt(text: str, limit: int = 40) -> str:
    """The beginning of `text` on one line, for a message."""
    flat = " ".join(text[: limit * 4].split())
    return flat if len(flat) <= limit and len(text) <= limit * 4 else flat[:limit].rstrip() + "…"
