"""`--moodle-url`, `--moodle-token`: run the contract suite against a Moodle that is there already.

Registered from `tests/conftest.py`, since pytest takes options only from the first conftest it reads.
"""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("moodle", "a Moodle with local_kyzmat for the contract suite (default: the stand-in)")
    group.addoption("--moodle-url", default="", help="address of the site, as the browser shows it")
    group.addoption("--moodle-token", default="", help="token of the service account of the panel")
    group.addoption("--moodle-hand", default="", help="command that does what a teacher does there: ACTION JSON")
