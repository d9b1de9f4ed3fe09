"""`kyzmat results core`: results of a Moodle without the plugin."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from connector.moodle.fallback.core_results import CoreResults, Identity, Recognise, by_text
from connector.moodle.fallback.shown import visible_text
from flask_app.cli.by_hand import questions_of
from flask_app.cli.installing import moodle_site
from flask_app.cli.telling import language
from flask_app.messages import explain
from flask_app.settings import load_settings
from flask_app.store.clock import SystemClock
from question_banks.files import SHIPPED, bank_folders


@click.command()
@click.option("--course", "courses", multiple=True, required=True, help="Idnumber of a course with the tests.")
@click.option("--test", "tests", multiple=True, required=True, help="Idnumber of a test (ID number of the quiz).")
@click.option("--bank", "banks", multiple=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
def core(courses: Sequence[str], tests: Sequence[str], banks: Sequence[Path]) -> None:
    """Results through Moodle's own functions, for a site without the plugin: one attempt a line, as JSON.

    Questions are recognised by their text in the banks (--bank, default: the shipped ones). What Moodle does not tell
    without the plugin is named on stderr.
    """
    with moodle_site(load_settings()) as (url, token):
        found = CoreResults.of_site(url, token, courses, SystemClock(), _known(banks or (SHIPPED,)))
        for page in found.results(tests):
            for attempt in page.attempts:
                click.echo(json.dumps(asdict(attempt), ensure_ascii=False, default=_moment))
    for code in found.gaps:
        told = explain(code, language())
        click.echo(f"{told.text} {told.cure}", err=True)


def _known(banks: Sequence[Path]) -> Recognise:
    questions = (question for path in banks for folder in bank_folders(path) for question in questions_of(folder))
    return by_text((visible_text(question.text), Identity(question.idnumber)) for question in questions)


def _moment(value: Any) -> str:
    assert isinstance(value, datetime)
    return value.isoformat()
