"""`kyzmat exchange`: what institutions hand in, looked at from the command line, without a database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import click

from connector.institutions.reader import GradeBatchXmlReader
from connector.institutions.safety import LARGEST_BATCH
from flask_app.messages.catalogue import Explanation, Language, explain, label
from flask_app.ports.institutions import BatchProblem, BatchReading


@click.group()
def exchange() -> None:
    """Grade batches of training institutions."""


@exchange.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Findings as JSON, for programs.")
@click.option("--lang", type=click.Choice(["ru", "ky", "en"]), default="ru", show_default=True)
@click.pass_context
def validate(context: click.Context, file: Path, *, as_json: bool, lang: str) -> None:
    """Check a grade batch: line, XPath, sentence and cure of every finding. Exit status 0 = none, 1 = some."""
    language = cast(Language, lang)
    with file.open("rb") as stream:
        # One byte more than allowed is enough to know that a file is too large.
        reading = GradeBatchXmlReader().read(stream.read(LARGEST_BATCH + 1))
    click.echo(_as_json(reading, language) if as_json else _as_text(file, reading, language))
    context.exit(1 if reading.problems else 0)


def _as_text(file: Path, reading: BatchReading, language: Language) -> str:
    lines = [
        f"{file}:{problem.line}: {problem.path}: {_explanation(problem, language)} [{problem.code}]"
        for problem in reading.problems
    ]
    lines.append(label("exchange_summary", language, records=len(reading.records), problems=len(reading.problems)))
    return "\n".join(lines)


def _as_json(reading: BatchReading, language: Language) -> str:
    content = {
        "sha256": reading.sha256,
        "size": reading.size,
        "usable": reading.header is not None,
        "records": len(reading.records),
        "problems": [_problem(problem, language) for problem in reading.problems],
    }
    return json.dumps(content, ensure_ascii=False, indent=2)


def _problem(problem: BatchProblem, language: Language) -> Mapping[str, object]:
    explanation = _explanation(problem, language)
    return {
        "code": problem.code,
        "line": problem.line,
        "path": problem.path,
        "recordId": problem.record_id or None,
        "params": dict(problem.params),
        "text": explanation.text,
        "why": explanation.why,
        "cure": explanation.cure,
    }


def _explanation(problem: BatchProblem, language: Language) -> Explanation:
    params = {"line": problem.line, "path": problem.path, "record": problem.record_id, **problem.params}
    return explain(problem.code, language, params)
