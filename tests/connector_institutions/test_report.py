"""The business report and the command line: what became of each record, for programs and for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from lxml import etree

from connector.institutions.report import NAMESPACE, BatchReport, make_report, report_json, report_xml
from flask_app.cli.exchange import exchange
from flask_app.domain.grades import judge_all, known_after
from flask_app.messages.catalogue import explain
from tests.connector_institutions.samples import RECORD, batch, changed, read, records

ORDERS = {RECORD.order_ref: {RECORD.course_code}}
PEOPLE = {RECORD.person_id}


def sentences(code: str, params: Mapping[str, object]) -> Mapping[str, str]:
    return {"ru": str(explain(code, "ru", params)), "ky": str(explain(code, "ky", params))}


def mixed_report() -> BatchReport:
    """Record 1 is known, 2 is new, 3 is out of date, 4 says another order, 5 and 6 are wrong in themselves."""
    listed = records(6)
    listed[3] = replace(listed[3], order_ref="99")
    listed[4] = replace(listed[4], score="101", protocol_ref="")
    content = batch(*listed)
    content = content.decode()[::-1].replace("dessap", "ko", 1)[::-1].encode()
    reading = read(content)
    newer = known_after(replace(records(3)[2], revision=2, action="amend", reason="x"))
    known = {UUID(int=1): known_after(RECORD), UUID(int=3): newer}
    judged = zip(reading.records, judge_all(reading.records, known, ORDERS, PEOPLE, {}), strict=True)
    return make_report(reading, judged)


def test_every_record_has_its_outcome_in_the_order_of_the_file() -> None:
    report = mixed_report()
    assert [(line.record_id[-1], line.outcome, line.code) for line in report.lines] == [
        ("1", "duplicate", "GRADE_DUPLICATE"),
        ("2", "accepted", ""),
        ("3", "stale", "GRADE_STALE"),
        ("4", "rejected", "GRADE_ORDER_UNKNOWN"),
        ("5", "rejected", "BATCH_PROTOCOL_MISSING"),
        ("5", "rejected", "BATCH_SCORE_ABOVE_MAX"),
        ("6", "rejected", "BATCH_VALUE"),
    ]
    assert report.totals == {"accepted": 1, "duplicate": 1, "stale": 1, "rejected": 3, "file": 0}
    assert sum(report.totals.values()) == 6


def test_the_paths_of_a_report_find_their_elements() -> None:
    content = batch(*records(3))
    reading = read(content)
    report = make_report(reading, zip(reading.records, judge_all(reading.records, {}, ORDERS, PEOPLE, {}), strict=True))
    plain: Any = etree.fromstring(content.replace(b' xmlns="urn:kyzmat:grade-batch:1"', b""))
    for line in report.lines:
        (found,) = plain.xpath(line.path)
        assert found.sourceline == line.line
        assert found.findtext("recordId") == line.record_id


def test_the_report_as_json() -> None:
    content = json.loads(report_json(mixed_report(), sentences))
    assert content["totals"]["rejected"] == 3
    assert content["lines"][1] == {
        "recordId": str(UUID(int=2)),
        "revision": 1,
        "outcome": "accepted",
        "code": None,
        "line": content["lines"][1]["line"],
        "path": f'/gradeBatch/records/record[recordId="{UUID(int=2)}"][revision="1"]',
        "sentences": {},
    }
    assert content["lines"][5]["path"] == "/gradeBatch/records/record[5]/score"
    assert "101" in content["lines"][5]["sentences"]["ru"]
    assert content["messageId"] == "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"


def test_the_report_as_xml_says_the_same() -> None:
    report = mixed_report()
    root: Any = etree.fromstring(report_xml(report, sentences))
    listed = json.loads(report_json(report, sentences))["lines"]
    names = {"g": NAMESPACE}
    assert root.get("sender") == "knu"
    for element, line in zip(root.xpath("g:line", namespaces=names), listed, strict=True):
        for key in ("recordId", "revision", "outcome", "code", "line", "path"):
            assert element.get(key) == (None if line[key] is None else str(line[key]))
        said = {one.get("{http://www.w3.org/XML/1998/namespace}lang"): one.text for one in element}
        assert said == line["sentences"]


def test_a_file_that_cannot_be_used_is_reported_too() -> None:
    report = make_report(read(b"<html/>"), [])
    assert report.totals == {"accepted": 0, "duplicate": 0, "stale": 0, "rejected": 0, "file": 1}
    assert json.loads(report_json(report, sentences))["messageId"] is None
    root = etree.fromstring(report_xml(report, lambda code, _: {"ru": f"{code}\x07"}))
    assert root.get("messageId") is None
    assert root[1][0].text == "BATCH_WRONG_ROOT\ufffd"


def test_reports_are_the_same_bytes_each_time() -> None:
    assert report_xml(mixed_report(), sentences) == report_xml(mixed_report(), sentences)
    assert report_json(mixed_report(), sentences) == report_json(mixed_report(), sentences)


# --- the command -----------------------------------------------------------------------------------------------------


def run(file: Path, *options: str) -> tuple[int, str]:
    result = CliRunner().invoke(exchange, ["validate", str(file), *options])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def test_a_good_file_ends_with_0(tmp_path: Path) -> None:
    file = tmp_path / "batch.xml"
    file.write_bytes(batch(*records(3)))
    assert run(file) == (0, "Записей без замечаний: 3. Замечаний: 0.\n")
    assert run(file, "--lang", "en") == (0, "Records without findings: 3. Findings: 0.\n")


def test_each_finding_has_file_line_path_sentence_and_cure(tmp_path: Path) -> None:
    file = tmp_path / "batch.xml"
    content = changed(batch(RECORD), ">85.5<", ">101<")
    file.write_bytes(content)
    line = content.decode()[: content.decode().index("<score")].count("\n") + 1
    code, output = run(file)
    assert code == 1
    sentence = f"Строка {line}: балл 101 больше наибольшего 100. Исправьте балл или max."
    assert output.splitlines() == [
        f"{file}:{line}: /gradeBatch/records/record[1]/score: {sentence} [BATCH_SCORE_ABOVE_MAX]",
        "Записей без замечаний: 0. Замечаний: 1.",
    ]


@pytest.mark.parametrize("language", ["ru", "ky", "en"])
def test_findings_as_json(tmp_path: Path, language: str) -> None:
    file = tmp_path / "batch.xml"
    file.write_bytes(changed(batch(RECORD), "<attempt>1</attempt>", ""))
    code, output = run(file, "--json", "--lang", language)
    content = json.loads(output)
    assert code == 1
    assert (content["usable"], content["records"]) == (True, 0)
    (problem,) = content["problems"]
    assert (problem["code"], problem["params"]) == ("BATCH_FIELD_MISSING", {"field": "attempt"})
    assert problem["recordId"] == str(RECORD.record_id)
    assert "attempt" in problem["text"]
    assert problem["cure"]


def test_a_file_over_the_limit_is_not_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "batch.xml"
    with file.open("wb") as stream:
        stream.truncate(3 * 1024**3)  # a hole: takes no room on the disk
        stream.seek(0)
        stream.write(b"<")
    code, output = run(file, "--lang", "en")
    assert code == 1
    assert "BATCH_TOO_LARGE" in output


def test_a_missing_file_is_an_error_of_the_command(tmp_path: Path) -> None:
    assert run(tmp_path / "none.xml")[0] == 2
