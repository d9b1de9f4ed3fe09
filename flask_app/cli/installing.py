"""Commands that need a running installation share this: which Moodle, which database."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from connector.moodle.standin.process import StandinProcess
from flask_app.bootstrap import Installation, installation, moodle_of
from flask_app.cli.logs import log_to_standard_error
from flask_app.services.office import Office
from flask_app.settings import Settings, load_settings

STANDIN_PORT = 8010
NO_MOODLE = "http://127.0.0.1:9"
"""Where nothing answers."""


@contextlib.contextmanager
def moodle_site(settings: Settings) -> Iterator[tuple[str, str]]:
    """Address and token of the Moodle in use: the one that is set, else the stand-in, started for the block."""
    if settings.moodle_url is not None and settings.moodle_token is not None:
        yield settings.moodle_url, settings.moodle_token.get_secret_value()
        return
    settings.home.mkdir(parents=True, exist_ok=True)
    with StandinProcess(settings.home / "standin.sqlite", seed_demo=True) as standin:
        yield standin.url, standin.token


@contextlib.contextmanager
def running() -> Iterator[tuple[Installation, str]]:
    """An installation with its Moodle; yields it and Moodle's address."""
    log_to_standard_error()
    settings = load_settings()
    with moodle_site(settings) as (url, token), installation(settings, moodle_of(url, token)) as installed:
        yield installed, url


@contextlib.contextmanager
def without_moodle() -> Iterator[Office]:
    """The office of an installation for commands that ask Moodle nothing; no stand-in is started for them."""
    log_to_standard_error()
    settings = load_settings()
    with installation(settings, moodle_of(settings.moodle_url or NO_MOODLE, "")) as installed:
        yield installed.office
