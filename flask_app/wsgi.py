"""The panel for a WSGI server of the operator's own: `waitress-serve --call flask_app.wsgi:application`."""

from __future__ import annotations

import atexit
from contextlib import ExitStack

from flask import Flask

from flask_app.cli.installing import running
from flask_app.web import create_app


def application() -> Flask:
    """The panel over a running installation, which ends with the process."""
    stack = ExitStack()
    atexit.register(stack.close)
    installed, _ = stack.enter_context(running())
    return create_app(installed.office, installed.settings)
