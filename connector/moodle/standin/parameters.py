"""How PHP reads a form (`a[0][b]=1`) and how Moodle checks the result against a function's description."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Any, Final, TypeAlias

from connector.moodle.standin.errors import MoodleError, invalid_parameter

MAX_INPUT_VARS: Final = 5000
"""PHP's max_input_vars: what follows is cut, with nothing but a line in PHP's own log."""

PhpValue: TypeAlias = "str | dict[str, PhpValue]"

_SUBSCRIPT = re.compile(r"\[([^\]]*)\]")


def read_form(pairs: Iterable[tuple[str, str]]) -> dict[str, PhpValue]:
    """The variables of a form as PHP nests them; only the first 5,000 count."""
    form: dict[str, PhpValue] = {}
    for name, value in islice(pairs, MAX_INPUT_VARS):
        path = _path(name)
        if path:
            _put(form, path, value)
    return form


def _path(name: str) -> list[str]:
    """`a[0][b]` -> a, 0, b. PHP turns blanks and dots of the first part into underscores."""
    name = name.lstrip(" ")
    head, bracket, rest = name.partition("[")
    if not bracket or "]" not in rest:
        return [name.replace(" ", "_").replace(".", "_").replace("[", "_")] if name else []
    if not head:
        return []
    return [head.replace(" ", "_").replace(".", "_"), *_subscripts(bracket + rest)]


def _subscripts(text: str) -> list[str]:
    found = []
    position = 0
    while match := _SUBSCRIPT.match(text, position):
        found.append(match.group(1))
        position = match.end()
    return found


def _put(form: dict[str, PhpValue], path: list[str], value: str) -> None:
    place = form
    for key in path[:-1]:
        key = key or _next_index(place)
        inner = place.get(key)
        if not isinstance(inner, dict):
            inner = {}
            place[key] = inner
        place = inner
    place[path[-1] or _next_index(place)] = value


def _next_index(place: dict[str, PhpValue]) -> str:
    numbers = [int(key) for key in place if key.isdecimal()]
    return str(max(numbers, default=-1) + 1)


# ------------------------------------------------------------------------------------------------ descriptions


class _Required:
    """Marks a value that must be sent."""


REQUIRED: Final = _Required()


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value. `kind`: int, float, bool, alpha, alphanumext or raw, as Moodle's PARAM_ constants."""

    kind: str
    default: object = REQUIRED


@dataclass(frozen=True, slots=True)
class Items:
    """A list; missing = empty unless `required` (VALUE_DEFAULT [], since a form cannot carry an empty list)."""

    item: Description
    required: bool = False


@dataclass(frozen=True, slots=True)
class Fields:
    fields: Mapping[str, Description] = field(default_factory=dict)


Description: TypeAlias = Scalar | Items | Fields

INT: Final = Scalar("int")
FLOAT: Final = Scalar("float")
BOOL: Final = Scalar("bool")
RAW: Final = Scalar("raw")
ALPHA: Final = Scalar("alpha")
PAIRS: Final = Items(Fields({"name": RAW, "value": RAW}))

_DROPPED = {"alpha": re.compile(r"[^A-Za-z]"), "alphanumext": re.compile(r"[^A-Za-z0-9_-]")}
_INTEGER = re.compile(r"(0|-?[1-9][0-9]{0,18})\Z")
_FLOAT = re.compile(r"[+-]?(?:[0-9]{1,20}\.?[0-9]{0,20}|\.[0-9]{1,20})(?:e[-+]?[0-9]{1,2})?\Z", re.IGNORECASE)
_MOST_INTEGER = 2**63 - 1  # PHP's; a larger one does not survive the cast and is refused


def check(description: Description, value: PhpValue, where: str = "") -> Any:
    """The value in Python's types (int, Decimal, bool, str, list, dict).

    Raises `MoodleError` invalidparameter as Moodle's validate_parameters does.
    """
    if isinstance(description, Fields):
        return _check_fields(description, value, where)
    if isinstance(description, Items):
        return _check_items(description, value, where)
    return _check_scalar(description, value, where)


def _check_fields(description: Fields, value: PhpValue, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _bad(where, "Only arrays accepted. The bad value is: a scalar")
    unexpected = [key for key in value if key not in description.fields]
    if unexpected:
        raise _bad(where, f"Unexpected keys ({', '.join(unexpected)}) detected in parameter array.")
    return {name: _check_member(name, part, value) for name, part in description.fields.items()}


def _check_member(name: str, part: Description, value: dict[str, PhpValue]) -> Any:
    if name in value:
        return check(part, value[name], name)
    if isinstance(part, Items) and not part.required:
        return []
    if isinstance(part, Scalar) and part.default is not REQUIRED:
        return part.default
    raise _bad("", f"Missing required key in single structure: {name}")


def _check_items(description: Items, value: PhpValue, where: str) -> list[Any]:
    if not isinstance(value, dict):
        raise _bad(where, f"Only arrays accepted. The bad value is: '{value}'")
    return [check(description.item, item, where) for item in value.values()]


def _check_scalar(description: Scalar, value: PhpValue, where: str) -> Any:
    if isinstance(value, dict):
        raise _bad(where, "Scalar type expected, array or object received.")
    kind = description.kind
    if kind == "raw":
        return value
    if kind == "int" and _INTEGER.match(value) and abs(int(value)) <= _MOST_INTEGER:
        return int(value)
    if kind == "bool" and value in ("0", "1"):
        return value == "1"
    if kind == "float" and _FLOAT.match(value) and abs(Decimal(value)) <= _MOST_INTEGER:
        return Decimal(value)
    if kind in _DROPPED and not _DROPPED[kind].search(value):
        return value
    raise _bad(where, f'the value is "{value}", the server was expecting "{kind}" type')


def _bad(where: str, why: str) -> MoodleError:
    return invalid_parameter(f"{where} => Invalid parameter value detected: {why}" if where else why)
