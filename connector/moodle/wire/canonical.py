"""One spelling for everything that is hashed: the same content gives the same hash in every run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

Seal = Callable[[str], str]
"""Turns a secret into a keyed one-way mark: a hash of an examination password must not be a way to guess it."""

SECRETS = frozenset({"password", "secret"})
_KEY_DIGITS = 40


def sealed(value: object, seal: Seal) -> object:
    """The same structure with every non-empty secret replaced by its mark, and numbers in their one spelling."""
    if isinstance(value, Mapping):
        return {
            name: f"sealed:{seal(inner)}"
            if name in SECRETS and isinstance(inner, str) and inner
            else sealed(inner, seal)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [sealed(inner, seal) for inner in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    return value


def canonical_hash(value: object) -> str:
    """SHA-256 of the canonical JSON: sorted names, no blanks, UTF-8. Raises `TypeError` for what JSON does not know."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()


def operation_key(function: str, sealed_params: object, seen: Sequence[str]) -> str:
    """The key of a writing call: at most 64 of `A-Za-z0-9._-`, as the contract asks.

    It comes from what is written and from what was seen before it, and from nothing else: a repeat after a crash finds
    the first call, and the same wish in another situation is another call.
    """
    return f"{function}.{canonical_hash([function, sealed_params, list(seen)])[:_KEY_DIGITS]}"
