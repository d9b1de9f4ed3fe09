"""Pass words of trainees, kept as salted scrypt."""

from __future__ import annotations

import hashlib
import hmac
import secrets

_COST, _BLOCK, _LANES = 2**9, 8, 1  # ~4 ms: 500 people of one call must not take minutes


def hashed(password: str) -> str:
    """`salt$key` in hex; "" stays "", an account without a pass word cannot be entered."""
    return _with_salt(password, secrets.token_bytes(16)) if password else ""


def matches(password: str, kept: str) -> bool:
    if not password or not kept:
        return False
    salt, _, _ = kept.partition("$")
    return hmac.compare_digest(_with_salt(password, bytes.fromhex(salt)), kept)


def _with_salt(password: str, salt: bytes) -> str:
    key = hashlib.scrypt(password.encode(), salt=salt, n=_COST, r=_BLOCK, p=_LANES)
    return f"{salt.hex()}${key.hex()}"
