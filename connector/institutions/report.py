"""The business report: what became of each record of a batch, for the institution's program and for people.

A record may have several lines when several things are wrong with it; a line without record id is about the file.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from lxml import etree

from flask_app.ports.institutions import BatchHeader, BatchReading, GradeRecord

NAMESPACE = "urn:kyzmat:grade-report:1"

Outcome = Literal["accepted", "duplicate", "stale", "rejected"]
OUTCOMES: tuple[Outcome, ...] = ("accepted", "duplicate", "stale", "rejected")
# Code and parameters in, the sentence by language out ({"ru": "…", "ky": "…"}).
Sentences = Callable[[str, Mapping[str, object]], Mapping[str, str]]


class Judged(Protocol):
    """What was decided on one record."""

    @property
    def outcome(self) -> Outcome: ...
    @property
    def code(self) -> str: ...
    @property
    def params(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One statement about a record. `line` and `path` are places in the file as sent; `code` is empty if accepted."""

    record_id: str
    revision: int | None
    outcome: Outcome
    code: str
    line: int
    path: str
    params: Mapping[str, str]

    def sentence_params(self) -> dict[str, object]:
        """All that the sentence of `code` may name."""
        return {"line": self.line, "path": self.path, "record": self.record_id, **self.params}


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What became of a file. `header` is None when the file could not be used as a whole."""

    sha256: str
    header: BatchHeader | None
    lines: tuple[ReportLine, ...]

    @property
    def totals(self) -> Mapping[str, int]:
        """Records by outcome, whatever the number of their lines; what is said of the file is counted under `file`."""
        outcomes = {_subject(line.path): line.outcome for line in self.lines}
        counted = Counter(outcome for subject, outcome in outcomes.items() if subject)
        about_file = sum(not _subject(line.path) for line in self.lines)
        return {**{outcome: counted[outcome] for outcome in OUTCOMES}, "file": about_file}


def _subject(path: str) -> str:
    """The path of the record that a place belongs to; empty for a place outside the records."""
    steps = path.split("/")
    return "/".join(steps[:4]) if steps[1:3] == ["gradeBatch", "records"] and len(steps) > 3 else ""


def make_report(reading: BatchReading, judged: Iterable[tuple[GradeRecord, Judged]]) -> BatchReport:
    """One line for every finding of the reading and for every record that was judged, in the order of the file."""
    lines = [
        ReportLine(problem.record_id, None, "rejected", problem.code, problem.line, problem.path, problem.params)
        for problem in reading.problems
    ]
    for record, verdict in judged:
        path = f'/gradeBatch/records/record[recordId="{record.record_id}"][revision="{record.revision}"]'
        lines.append(
            ReportLine(
                str(record.record_id), record.revision, verdict.outcome, verdict.code, record.line, path, verdict.params
            )
        )
    return BatchReport(reading.sha256, reading.header, tuple(sorted(lines, key=lambda line: line.line)))


def report_json(report: BatchReport, sentences: Sentences) -> bytes:
    """The report as UTF-8 JSON, keys in a fixed order."""
    header = report.header
    content = {
        "messageId": None if header is None else str(header.message_id),
        "sender": None if header is None else header.sender,
        "sha256": report.sha256,
        "totals": dict(report.totals),
        "lines": [_line_content(line, sentences) for line in report.lines],
    }
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def _line_content(line: ReportLine, sentences: Sentences) -> dict[str, object]:
    return {
        "recordId": line.record_id or None,
        "revision": line.revision,
        "outcome": line.outcome,
        "code": line.code or None,
        "line": line.line,
        "path": line.path,
        "sentences": dict(sentences(line.code, line.sentence_params())) if line.code else {},
    }


def report_xml(report: BatchReport, sentences: Sentences) -> bytes:
    """The report as canonical XML (C14N 1.0, UTF-8) in the namespace `urn:kyzmat:grade-report:1`."""
    names: Any = {None: NAMESPACE}  # the stubs know no default namespace
    root = etree.Element(f"{{{NAMESPACE}}}gradeReport", nsmap=names)
    root.set("sha256", report.sha256)
    if report.header is not None:
        root.set("messageId", str(report.header.message_id))
        root.set("sender", report.header.sender)
    totals = etree.SubElement(root, f"{{{NAMESPACE}}}totals")
    for outcome, count in report.totals.items():
        totals.set(outcome, str(count))
    for line in report.lines:
        _line_element(root, line, sentences)
    etree.indent(root)
    return bytes(etree.tostring(root, method="c14n")) + b"\n"


def _line_element(parent: Any, line: ReportLine, sentences: Sentences) -> None:
    content = _line_content(line, sentences)
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}line")
    for name in ("recordId", "revision", "outcome", "code", "line", "path"):
        if content[name] is not None:
            element.set(name, str(content[name]))
    spoken = sentences(line.code, line.sentence_params()) if line.code else {}
    for language, text in spoken.items():
        sentence = etree.SubElement(element, f"{{{NAMESPACE}}}sentence")
        sentence.set("{http://www.w3.org/XML/1998/namespace}lang", language)
        sentence.text = _allowed(text)


def _allowed(text: str) -> str:
    """XML 1.0 knows no control characters; a value quoted from elsewhere may hold some."""
    return "".join(sign if sign >= " " or sign in "\t\n" else "\ufffd" for sign in text)
