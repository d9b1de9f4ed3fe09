"""Asking for a refusal by its code."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connector.moodle.client import errorcode_of
from flask_app.domain.errors import RefusedOutside


def refused(call: Callable[[], object]) -> str:
    """Moodle's error code for a call that must be refused."""
    with pytest.raises(RefusedOutside) as caught:
        call()
    return errorcode_of(caught.value)
