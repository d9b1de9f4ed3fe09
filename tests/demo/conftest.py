"""What the tests of the whole program share."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def home() -> Iterator[Path]:
    """A home of its own that an unprivileged account can enter when the tests run as root."""
    made = Path(tempfile.mkdtemp(prefix="kyzmat-demo-", dir="/tmp"))
    made.chmod(0o711 if os.geteuid() == 0 else 0o700)
    yield made
    shutil.rmtree(made)
