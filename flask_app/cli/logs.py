"""Where the log of a command goes."""

from __future__ import annotations

import sys

import structlog


def log_to_standard_error() -> None:
    """What a command answers, JSON above all, stands alone on the standard output; the log goes beside it."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
