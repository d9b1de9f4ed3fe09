"""Form variables as PHP nests them (`users[0][idnumber]=…`), and how many of them one call may carry.

PHP reads the first 5,000 variables of a form and drops the rest without a word; a web server before it refuses a body
that is too large (nginx: 1 MiB unless told otherwise, and a Cyrillic letter takes twelve bytes in a form). Lists are
therefore cut by three bounds at once: items, variables, bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias, TypeVar
from urllib.parse import quote_plus

from flask_app.domain.errors import InvalidInput

Scalar: TypeAlias = str | int | bool | Decimal
Value: TypeAlias = "Scalar | Sequence[Value] | Mapping[str, Value]"
Params: TypeAlias = Mapping[str, Value]
Pair: TypeAlias = tuple[str, str]
T = TypeVar("T")

MAX_VARIABLES = 4_999
MAX_BODY_BYTES = 900_000
HEAD_VARIABLES = 4  # wstoken, wsfunction, moodlewsrestformat, opkey
HEAD_BYTES = 1_000


def flatten(params: Params) -> list[Pair]:
    """Name-value pairs in the order of `params`. An empty list has no spelling in a form and is left out.

    Raises `TypeError` for a value that a form cannot carry without loss, such as a float.
    """
    return [pair for name, value in params.items() for pair in _pairs(name, value)]


def _pairs(name: str, value: Value) -> Iterator[Pair]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _pairs(f"{name}[{key}]", inner)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _pairs(f"{name}[{index}]", inner)
    else:
        yield name, _text(name, value)


def _text(name: str, value: object) -> str:
    if isinstance(value, bool):  # before int: a bool is one
        return "1" if value else "0"
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal) and value.is_finite():
        return format(value, "f")
    raise TypeError(f"{name}: {type(value).__name__} has no spelling in a form")


def encoded_size(pairs: Sequence[Pair]) -> int:
    """Bytes of these pairs in an urlencoded body."""
    return sum(len(quote_plus(name)) + len(quote_plus(value)) + 2 for name, value in pairs)


def chunks(
    list_name: str, fixed: Params, items: Sequence[tuple[T, Params]], max_items: Callable[[], int]
) -> Iterator[list[T]]:
    """Cut `items` (each with its parameters) so that every call stays within all bounds, keeping their order.

    `fixed` are the call's other parameters; `max_items` is asked anew for each call. Raises
    `InvalidInput("moodle.item_too_large")` when one item alone has more variables than a call may carry.
    """
    head = flatten(fixed)
    base_variables, base_bytes = HEAD_VARIABLES + len(head), HEAD_BYTES + encoded_size(head)
    chunk: list[T] = []
    variables, size = base_variables, base_bytes
    for item, params in items:
        pairs = flatten({list_name: [params]})
        weight = encoded_size(pairs) + 4 * len(pairs)  # the index may have up to four more digits
        if base_variables + len(pairs) > MAX_VARIABLES:
            raise InvalidInput("moodle.item_too_large", variables=len(pairs), limit=MAX_VARIABLES)
        full = len(chunk) >= max_items() or variables + len(pairs) > MAX_VARIABLES or size + weight > MAX_BODY_BYTES
        if chunk and full:
            yield chunk
            chunk, variables, size = [], base_variables, base_bytes
        chunk.append(item)
        variables += len(pairs)
        size += weight
    if chunk:
        yield chunk
