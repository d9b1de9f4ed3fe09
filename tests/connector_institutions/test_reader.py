"""Grade batches: what is right comes out, what is wrong is told by field, line and path, and spoils nothing else."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from connector.institutions import reader as reader_module
from connector.institutions.reader import GradeBatchXmlReader
from connector.institutions.schema import fast_schema
from connector.institutions.writer import write_batch, write_batch_by_rows
from flask_app.ports.institutions import BatchHeader, GradeBatches, GradeRecord, GradeStatus
from tests.connector_institutions.samples import (
    HEADER,
    NAMESPACE,
    RECORD,
    batch,
    changed,
    codes,
    read,
    records,
    without_line,
)

DATA = Path(__file__).parent.parent / "data" / "exchange"
SCORE = '<score max="100">85.5</score>'


def test_the_reader_is_the_port() -> None:
    reader: GradeBatches = GradeBatchXmlReader()
    assert reader.read(b"").header is None


def test_a_good_batch_comes_out_whole() -> None:
    content = batch(*records(3))
    reading = read(content)
    assert reading.header == replace(HEADER, record_count=3)
    assert without_line(reading.records) == records(3)
    assert (reading.problems, reading.size) == ((), len(content))
    assert reading.sha256 == hashlib.sha256(content).hexdigest()
    lines = content.decode().splitlines()
    assert all("<record " in lines[record.line - 1] for record in reading.records)


@given(st.sets(st.integers(2, 500), min_size=1, max_size=20))
def test_records_of_a_spreadsheet_stand_on_the_lines_of_their_rows(rows: set[int]) -> None:
    listed = [replace(RECORD, record_id=UUID(int=row), line=row) for row in sorted(rows)]
    header = replace(HEADER, record_count=len(listed))
    reading = read(write_batch_by_rows(header, listed))
    assert (reading.header, reading.records, reading.problems) == (header, tuple(listed), ())


@pytest.mark.parametrize("lines", [(1,), (3, 3), (4, 3)])
def test_lines_that_do_not_ascend_are_refused(lines: tuple[int, ...]) -> None:
    listed = [replace(RECORD, record_id=UUID(int=place), line=line) for place, line in enumerate(lines)]
    with pytest.raises(ValueError, match="ascend"):
        write_batch_by_rows(replace(HEADER, record_count=len(listed)), listed)


def test_optional_fields_may_be_absent() -> None:
    bare = replace(RECORD, status="in-progress", score=None, score_max=None, hours=None, protocol_ref="")
    assert without_line(read(batch(bare)).records) == [bare]


def test_changes_carry_their_reason() -> None:
    listed = [
        RECORD,
        replace(RECORD, revision=2, action="amend", score="90", reason="апелляция, протокол № 3"),
        replace(RECORD, revision=3, action="withdraw", reason="ошибка в списке"),
    ]
    reading = read(batch(*listed))
    assert without_line(reading.records) == listed
    assert reading.problems == ()


def test_white_space_comments_and_cdata_do_not_change_values() -> None:
    content = changed(batch(RECORD), ">85.5<", ">\n 8<!-- 1 -->5<![CDATA[.5]]>\t<")
    content = changed(content, "Асанов Азамат", "Асанов \n\t Азамат")
    content = changed(content, 'action="issue"', 'action=" issue "')
    assert without_line(read(content).records) == [RECORD]


def test_a_byte_order_mark_a_declaration_and_a_prefix_are_all_right() -> None:
    text = batch(RECORD).decode()
    assert without_line(read(b"\xef\xbb\xbf" + text.encode()).records) == [RECORD]
    assert without_line(read(f'<?xml version="1.0" encoding="utf-8"?>\n{text}'.encode()).records) == [RECORD]
    prefixed = text.replace("</", "</g:").replace("<", "<g:").replace("<g:/g:", "</g:").replace("xmlns=", "xmlns:g=")
    assert without_line(read(prefixed.encode()).records) == [RECORD]


def test_a_location_hint_for_the_schema_is_all_right_and_never_fetched() -> None:
    hint = (
        f'<gradeBatch xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="{NAMESPACE} http://192.0.2.1/grade_batch.xsd"'
    )
    assert without_line(read(changed(batch(RECORD), "<gradeBatch", hint)).records) == [RECORD]


# --- one record wrong, its neighbours right --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "code", "path", "field"),
    [
        ('action="issue"', 'action="isue"', "BATCH_VALUE", "", "@action"),
        (' action="issue"', "", "BATCH_ATTRIBUTE_MISSING", "", "@action"),
        ('action="issue"', 'action="issue" x="1"', "BATCH_ATTRIBUTE_UNEXPECTED", "", "@x"),
        (f"<recordId>{UUID(int=2)}", "<recordId>2", "BATCH_VALUE", "/recordId", "recordId"),
        ("<revision>1<", "<revision>0<", "BATCH_VALUE", "/revision", "revision"),
        ("<revision>1<", "<revision>01<", "BATCH_VALUE", "/revision", "revision"),
        ("<orderRef>№ 12-О/2026<", '<orderRef>=cmd|"x"<', "BATCH_VALUE", "/orderRef", "orderRef"),
        ("<names>Асанов", "<names>\u202eАсанов", "BATCH_VALUE", "/names", "names"),
        ("<names>Асанов Азамат Асан уулу<", "<names><", "BATCH_VALUE", "/names", "names"),
        ("2026-05-15", "2026-02-30", "BATCH_VALUE", "/assessedOn", "assessedOn"),
        ("2026-05-15", "2026-05-15+06:00", "BATCH_VALUE", "/assessedOn", "assessedOn"),
        ("<attempt>1</attempt>", "", "BATCH_FIELD_MISSING", "", "attempt"),
        ("<attempt>1</attempt>", "<atempt>1</atempt>", "BATCH_FIELD_UNEXPECTED", "/atempt", "atempt"),
        ("<status>", '<status xmlns="">', "BATCH_FIELD_UNEXPECTED", "/status", "status"),
        ("<status>passed", "<status>зачёт", "BATCH_VALUE", "/status", "status"),
        (SCORE, "<score>85.5</score>", "BATCH_ATTRIBUTE_MISSING", "/score", "@max"),
        (SCORE, '<score max="100">85,5</score>', "BATCH_VALUE", "/score", "score"),
        (SCORE, '<score max="сто">85.5</score>', "BATCH_VALUE", "/score", "@max"),
        (SCORE, '<score max="100">-1</score>', "BATCH_VALUE", "/score", "score"),
        (SCORE, '<score max="100">1e2</score>', "BATCH_VALUE", "/score", "score"),
        (SCORE, '<score max="100">8<b/>5</score>', "BATCH_FIELD_UNEXPECTED", "/score/b", "b"),
        (SCORE, SCORE * 2, "BATCH_FIELD_TWICE", "/score[2]", "score"),
        ("<hours>72</hours>", "<hours>72</hours>\u00a0", "BATCH_FOREIGN_SPACE", "", "record"),
        ("<revision>1<", "<revision>\u00a01<", "BATCH_FOREIGN_SPACE", "/revision", "revision"),
        ("<hours>72</hours>", "<hours>72</hours>x", "BATCH_STRAY_TEXT", "", "record"),
        ("<hours>72</hours>", "<hours>72</hours>" * 60, "BATCH_TOO_MANY_FIELDS", "", None),
        (
            "<attempt>1</attempt><status>passed</status>",
            "<status>passed</status><attempt>1</attempt>",
            "BATCH_FIELD_ORDER",
            "/status",
            "status",
        ),
        ("<gradingScheme>100 баллов</gradingScheme>", "", "BATCH_FIELD_MISSING", "", "gradingScheme"),
        ("<protocolRef>П-17</protocolRef>", "<note>x</note>", "BATCH_FIELD_UNEXPECTED", "/note", "note"),
    ],
)
def test_a_wrong_field_is_named_and_the_neighbours_come_out(
    old: str, new: str, code: str, path: str, field: str | None
) -> None:
    text = batch(*records(3)).decode()
    lines = [line.strip() for line in text.splitlines()]
    head, one, two, three = "\n".join(lines).split("<record ")
    two = two.replace("</attempt>\n", "</attempt>")
    assert old in f"<record {two}"
    content = f"{head}<record {one}{f'<record {two}'.replace(old, new, 1)}<record {three}"
    reading = read(content.encode())
    assert without_line(reading.records) == [records(3)[0], records(3)[2]]
    assert codes(reading) == [code]
    (problem,) = reading.problems
    assert problem.path == f"/gradeBatch/records/record[2]{path}"
    assert problem.params.get("field") == field
    assert problem.record_id == ("" if "recordId" in path else str(UUID(int=2)))
    starts = [content[: found.start()].count("\n") + 1 for found in re.finditer("<record[ >]", content)]
    assert starts[1] <= problem.line < starts[2]


def test_several_wrong_fields_of_a_record_are_told_together() -> None:
    content = changed(changed(batch(RECORD), ">passed<", ">ok<"), 'max="100"', 'max="x"')
    content = changed(content, "<revision>1<", "<revision>one<")
    reading = read(content)
    assert [problem.params["field"] for problem in reading.problems] == ["revision", "status", "@max"]
    assert "passed | failed | in-progress | absent" in reading.problems[1].params["rule"]


def test_a_persons_number_is_masked_where_it_is_quoted() -> None:
    (problem,) = read(changed(batch(RECORD), "12810197208271", "12810197208271 ?")).problems
    assert problem.params["value"] == "1" + "•" * 13 + " ?"


def test_long_values_are_shortened_where_they_are_quoted() -> None:
    (problem,) = read(changed(batch(RECORD), ">passed<", f">{'x' * 5000}<")).problems
    assert len(problem.params["value"]) == 61


def test_a_misspelt_record_spoils_nothing() -> None:
    content = batch(*records(3)).decode()
    head, one, rest = content.split("</record>", 2)
    content = f"{head}</record>{one.replace('<record ', '<recrod ')}</recrod>{rest}"
    reading = read(content.encode())
    assert without_line(reading.records) == [records(3)[0], records(3)[2]]
    assert [(problem.code, problem.path) for problem in reading.problems] == [
        ("BATCH_NOT_A_RECORD", "/gradeBatch/records/recrod[1]")
    ]


def test_a_thoroughly_wrong_file_is_explained_in_part_and_told_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_module, "MOST_EXPLAINED", 2)
    reading = read(batch(*records(5)).replace(b"passed", b"ok"))
    assert codes(reading) == ["BATCH_VALUE"] * 2 + ["BATCH_RECORD_INVALID"] * 3
    assert reading.records == ()
    assert reading.header is not None


# --- the file as a whole ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        ("<recordCount>1<", "<recordCount>2<", "BATCH_COUNT_DIFFERS", "/gradeBatch/header/recordCount"),
        ("<sequence>7</sequence>", "", "BATCH_FIELD_MISSING", "/gradeBatch/header"),
        ("<sender>knu<", "<sender>КНУ<", "BATCH_VALUE", "/gradeBatch/header/sender"),
        ("+06:00", "", "BATCH_VALUE", "/gradeBatch/header/createdAt"),
        ("2026-05-20T09:30:00+06:00", "9999999999999-01-01T00:00:00Z", "BATCH_RECORD_INVALID", "/gradeBatch/header"),
        ("2026-05-20T", "2100-05-20T", "BATCH_VALUE", "/gradeBatch/header/createdAt"),
        ("<records>", "\u00a0<records>", "BATCH_STRUCTURE", "/gradeBatch"),
        ("<header>", "<header>\u00a0", "BATCH_FOREIGN_SPACE", "/gradeBatch/header"),
        ("T09:30:00", "T24:00:00", "BATCH_VALUE", "/gradeBatch/header/createdAt"),
        ("2026-05-20T", "1999-05-20T", "BATCH_VALUE", "/gradeBatch/header/createdAt"),
        ("<header>", '<header x="1">', "BATCH_ATTRIBUTE_UNEXPECTED", "/gradeBatch/header"),
        ("<records>", "<header/><records>", "BATCH_PARTS", "/gradeBatch"),
        ("<records>", "text<records>", "BATCH_STRUCTURE", "/gradeBatch"),
        ("<records>", '<records x="1">', "BATCH_STRUCTURE", "/gradeBatch/records"),
        ("<records>", "<records>text", "BATCH_STRUCTURE", "/gradeBatch/records"),
        ("</records>", "text</records>", "BATCH_STRUCTURE", "/gradeBatch/records"),
        ("<gradeBatch", '<gradeBatch x="1"', "BATCH_STRUCTURE", "/gradeBatch"),
    ],
)
def test_what_is_wrong_with_the_file_leaves_nothing_to_take(old: str, new: str, code: str, path: str) -> None:
    reading = read(changed(batch(RECORD), old, new))
    assert reading.header is None
    assert reading.records == ()
    assert [(problem.code, problem.path, problem.record_id) for problem in reading.problems] == [(code, path, "")]


def test_a_batch_without_records_is_none() -> None:
    assert codes(read(batch(record_count=0))) == ["BATCH_PARTS"]


# --- rules -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"score": "100.01"}, [("BATCH_SCORE_ABOVE_MAX", "/score")]),
        ({"score": "100"}, []),
        ({"score": "100.00", "score_max": "100"}, []),
        ({"score": "0", "score_max": "0"}, [("BATCH_SCORE_MAX_ZERO", "/score")]),
        ({"status": "absent"}, [("BATCH_SCORE_WITHOUT_RESULT", "/score")]),
        ({"status": "in-progress"}, [("BATCH_SCORE_WITHOUT_RESULT", "/score")]),
        ({"status": "absent", "score": None, "score_max": None}, []),
        ({"score": None, "score_max": None}, []),
        ({"protocol_ref": ""}, [("BATCH_PROTOCOL_MISSING", "")]),
        ({"status": "failed", "protocol_ref": ""}, [("BATCH_PROTOCOL_MISSING", "")]),
        ({"revision": 2}, [("BATCH_ISSUE_REVISION", "/revision")]),
        ({"action": "amend", "reason": "x"}, [("BATCH_CHANGE_REVISION", "/revision")]),
        ({"action": "withdraw", "revision": 2}, [("BATCH_REASON_MISSING", "")]),
        ({"action": "amend", "revision": 2, "reason": "апелляция"}, []),
        ({"assessed_on": date(2026, 5, 20)}, []),
        ({"assessed_on": date(2026, 5, 21)}, [("BATCH_ASSESSED_LATER", "/assessedOn")]),
        (
            {"action": "amend", "score": "101"},
            [("BATCH_CHANGE_REVISION", "/revision"), ("BATCH_REASON_MISSING", ""), ("BATCH_SCORE_ABOVE_MAX", "/score")],
        ),
    ],
)
def test_rules_of_one_record(change: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    record = replace(RECORD, record_id=UUID(int=9), **change)
    reading = read(batch(RECORD, record))
    found = sorted(
        (problem.code, problem.path.removeprefix("/gradeBatch/records/record[2]")) for problem in reading.problems
    )
    assert found == expected
    assert without_line(reading.records) == ([RECORD] if expected else [RECORD, record])
    assert {problem.record_id for problem in reading.problems} <= {str(UUID(int=9))}


def test_a_reason_of_spaces_is_none() -> None:
    content = changed(batch(replace(RECORD, action="amend", revision=2, reason="x")), ">x<", "> \n <")
    assert codes(read(content)) == ["BATCH_REASON_MISSING"]


def test_an_equal_copy_is_refused_and_the_first_goes_on() -> None:
    reading = read(batch(RECORD, records(2)[1], RECORD))
    assert without_line(reading.records) == records(2)
    (problem,) = reading.problems
    assert (problem.code, problem.path) == ("BATCH_RECORD_REPEATED", "/gradeBatch/records/record[3]/recordId")


def test_differing_copies_are_all_refused() -> None:
    reading = read(batch(RECORD, records(2)[1], replace(RECORD, score="99")))
    assert without_line(reading.records) == [records(2)[1]]
    assert codes(reading) == ["BATCH_RECORD_CONFLICT"] * 2


def test_one_id_in_two_spellings_is_one_id() -> None:
    one = replace(RECORD, record_id=UUID("abcdefab-0000-0000-0000-000000000000"))
    content = batch(one, replace(one, score="99"))
    content = content[::-1].replace(b"bafedcba"[::1][::1], b"BAFEDCBA", 1)[::-1]
    assert b"ABCDEFAB" in content
    assert codes(read(content)) == ["BATCH_RECORD_CONFLICT"] * 2


def test_revisions_of_a_record_stand_in_ascending_order() -> None:
    two = replace(RECORD, revision=2, action="amend", reason="x")
    reading = read(batch(two, RECORD))
    assert without_line(reading.records) == [two]
    assert codes(reading) == ["BATCH_REVISION_ORDER"]


# --- lines -----------------------------------------------------------------------------------------------------------


def test_lines_are_right_beyond_the_count_of_the_parser() -> None:
    listed = records(2)
    content = changed(batch(*listed), "<records>", "<records>" + "\n" * 70_000)
    content = content[::-1].replace(b">dnehctne<"[::1], b">dnehctne<", 1)[::-1]
    text = content.decode()
    starts = [number for number, line in enumerate(text.splitlines(), start=1) if "<record " in line]
    assert [record.line for record in read(content).records] == starts
    assert starts[0] > 70_000


# --- properties ------------------------------------------------------------------------------------------------------

WORD = st.text(alphabet="абвгдеёжзийңөүқА-'", min_size=3, max_size=10).map(lambda word: "Б" + word)
REFERENCE = st.text(alphabet="абвгдеңөүAZ0129 .,:/()_-№", max_size=20).map(lambda text: " ".join(f"Р{text}".split()))
POINTS = st.decimals(0, 100, places=2).map(str)


@st.composite
def grade_records(draw: st.DrawFn) -> GradeRecord:
    statuses: list[GradeStatus] = ["passed", "failed", "in-progress", "absent"]
    status = draw(st.sampled_from(statuses))
    scored = status in ("passed", "failed") and draw(st.booleans())
    revision = draw(st.integers(1, 9))
    return GradeRecord(
        record_id=draw(st.uuids()),
        revision=revision,
        action="issue" if revision == 1 else draw(st.sampled_from(["amend", "withdraw"])),
        order_ref=draw(REFERENCE),
        course_code=draw(REFERENCE),
        person_id=draw(st.from_regex(r"[0-9]{14}", fullmatch=True)),
        names=" ".join(draw(st.lists(WORD, min_size=2, max_size=4))),
        assessed_on=draw(st.dates(date(1990, 1, 1), date(2026, 5, 19))),
        attempt=draw(st.integers(1, 99)),
        status=status,
        score=draw(POINTS) if scored else None,
        score_max="100" if scored else None,
        grading_scheme=draw(REFERENCE),
        hours=draw(st.none() | st.integers(1, 9999)),
        protocol_ref=draw(REFERENCE),
        reason="" if revision == 1 else draw(REFERENCE),
        line=0,
    )


ZONES = st.integers(-14 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
MOMENTS = st.datetimes(datetime(2026, 5, 20), datetime(2090, 1, 1), timezones=ZONES)  # noqa: DTZ001 – zones are drawn


@settings(max_examples=60, deadline=None)
@given(st.lists(grade_records(), min_size=1, max_size=6, unique_by=lambda one: one.record_id), MOMENTS, st.uuids())
def test_what_is_written_is_read_and_written_again_to_the_same_bytes(
    listed: list[GradeRecord], moment: datetime, message: UUID
) -> None:
    header = BatchHeader(message, "knu", "nookat", moment, 1, len(listed))
    content = write_batch(header, listed)
    assert fast_schema().validate(etree.fromstring(content))
    reading = read(content)
    assert reading.problems == ()
    assert reading.header == header
    assert without_line(reading.records) == listed
    assert write_batch(header, reading.records) == content


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_a_file_broken_anywhere_is_answered_and_never_gives_another_value(data: st.DataObject) -> None:
    """One byte replaced or cut: either nothing wrong came out, or what came out still says what was written."""
    content = bytearray(batch(*records(2)))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=2))
    reading = GradeBatchXmlReader().read(bytes(content))
    assert reading.header is not None or reading.problems
    assert reading.header is None or len(reading.records) <= reading.header.record_count
    if reading.header is not None:
        lost = reading.header.record_count - len(reading.records)
        assert lost == len({problem.path.split("/")[3] for problem in reading.problems})


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    reading = GradeBatchXmlReader().read(content)
    assert reading.header is None
    assert len(reading.problems) == 1


def test_the_writer_refuses_a_wrong_count() -> None:
    with pytest.raises(ValueError, match="announces 2 records, there are 1"):
        batch(RECORD, record_count=2)


def test_the_written_form_is_the_one_kept_here() -> None:
    """The bytes themselves: signatures and check sums of institutions rest on them."""
    absent = replace(
        RECORD,
        record_id=UUID(int=2),
        person_id="22104198591101",
        names="Осмонова Үмүт Токтосуновна",
        status="absent",
        score=None,
        score_max=None,
        hours=None,
    )
    amended = replace(RECORD, revision=2, action="amend", score="90", reason="Апелляция, протокол № 3")
    assert batch(RECORD, absent, amended) == (DATA / "batch.xml").read_bytes()
    assert read((DATA / "batch.xml").read_bytes()).problems == ()
