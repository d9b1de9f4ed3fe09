"""The reader against Moodle's own parse, and its findings against what the cases expect."""

from __future__ import annotations

import json

import pytest

from gift_export.exchange import questions_from_json, to_json
from gift_export.reader import Reading, read, read_bytes
from gift_export.writer import CannotSayError, write
from tests.gift_export.cases import GROUPS, Case, cases, same

pytestmark = pytest.mark.parametrize("group", GROUPS)


def _plain(reading: Reading) -> list[object]:
    plain: list[object] = json.loads(json.dumps([to_json(item) for item in reading.items]))
    return plain


def _found(reading: Reading) -> set[tuple[str, str, int | None, int | None]]:
    return {(one.severity, one.code, one.line or None, one.column or None) for one in reading.problems}


def test_questions_are_those_moodle_reads(group: str) -> None:
    wrong = [case.name for case in cases(group) if case.comparable and not _agrees(case)]
    assert not wrong


def _agrees(case: Case) -> bool:
    return same(case.questions, _plain(read_bytes(case.data)))


def test_every_expected_finding_is_reported_at_its_place(group: str) -> None:
    missing = [
        (case.name, expected)
        for case in cases(group)
        for expected in case.diagnostics
        # Language detection belongs to the bank's lint, not to GIFT.
        if expected[1] != "I_MIXED_LANGUAGE" and expected not in _found(read_bytes(case.data))
    ]
    assert not missing


def test_no_false_alarm(group: str) -> None:
    alarmed = {
        case.name: [one for one in read_bytes(case.data).problems if one.severity != "info"]
        for case in cases(group)
        if case.worst in ("ok", "info")
    }
    assert not {name: problems for name, problems in alarmed.items() if problems}


def test_what_moodle_reads_is_written_and_read_back(group: str) -> None:
    for case in cases(group):
        if not case.comparable:
            continue
        items = questions_from_json({"questions": case.questions})
        try:
            text = write(items)
        except CannotSayError:
            assert case.worst == "error", case.name
            continue
        back = [to_json(item) for item in read(text).items]
        bare = [{key: value for key, value in question.items() if key != "lines"} for question in case.questions]
        assert same(bare, json.loads(json.dumps(back))), case.name
