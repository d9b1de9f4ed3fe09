"""Passwords of invented people are hashed cheaply: at the real cost each log-in takes 0.3 s of a processor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from argon2 import PasswordHasher

from flask_app.services import authentication, bodies


def _cheap() -> PasswordHasher:
    return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@contextmanager
def quick_hashes() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for module in (authentication, bodies):
            patch.setattr(module, "PasswordHasher", _cheap)
        yield
