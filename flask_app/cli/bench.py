"""`kyzmat bench …`: measurements, as ratios against a named peer or limit; never part of the tests."""

from __future__ import annotations

import click

from flask_app.bench.duplicates import duplicates
from flask_app.bench.gift import gift
from flask_app.bench.moodle import moodle
from flask_app.bench.panel import panel
from flask_app.cli.logs import log_to_standard_error


@click.group()
def bench() -> None:
    """Measurements against named peers and limits, side by side in one run."""
    log_to_standard_error()


bench.add_command(duplicates)
bench.add_command(gift)
bench.add_command(moodle)
bench.add_command(panel)
