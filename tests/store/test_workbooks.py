"""Opening spreadsheets: what is in them comes out as it is; what could do harm is refused before it is opened."""

from __future__ import annotations

import contextlib
import io
import random
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from flask_app.domain.errors import InvalidInput
from flask_app.domain.sheets import EPOCH_1900, EPOCH_1904, column_letters
from flask_app.messages.catalogue import LANGUAGES, explain
from flask_app.store import workbooks
from flask_app.store.workbooks import read_workbook

SAMPLE = Path(__file__).parent.parent / "data" / "applicants" / "candidates.xlsx"


def made(fill: Callable[[Any], None], **options: Any) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, **options}) as workbook:
        fill(workbook)
    return target.getvalue()


def refusal(content: bytes) -> str:
    with pytest.raises(InvalidInput) as refused:
        read_workbook(content)
    for language in LANGUAGES:
        assert "{" not in str(explain(refused.value.code, language, refused.value.params))
    return refused.value.code


def repacked(change: Callable[[dict[str, bytes]], None]) -> bytes:
    """The sample with its parts changed."""
    with zipfile.ZipFile(SAMPLE) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    change(parts)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return target.getvalue()


def test_the_sample_comes_out_cell_by_cell_as_another_reader_sees_it() -> None:
    rows = read_workbook(SAMPLE.read_bytes())
    seen = openpyxl.load_workbook(SAMPLE).worksheets[0]
    assert [row.number for row in rows] == list(range(1, 33))
    for row, other in zip(rows, seen.iter_rows(), strict=True):
        for index, cell in enumerate(other):
            if isinstance(cell.value, str) and cell.value.startswith("="):
                assert row.formulas == {index}
            else:
                value = cell.value.date() if isinstance(cell.value, datetime) else cell.value
                assert row.cell(index) == value
    assert rows[0].merged == rows[1].merged == ((0, 9),)


def test_values_formulas_errors_dates_and_places() -> None:
    def fill(workbook: Any) -> None:
        sheet = workbook.add_worksheet("Тизме")
        day = workbook.add_format({"num_format": "dd.mm.yyyy"})
        sheet.write_datetime(2, 1, datetime(1985, 5, 4), day)  # noqa: DTZ001 – a cell of a sheet has no zone
        sheet.write_formula(3, 1, "=1+2", None, 3)
        sheet.write_formula(4, 2, "=1/0", None, "#DIV/0!")
        sheet.write_boolean(5, 0, True)
        sheet.write_number(6, 0, 20101198000123)
        sheet.write_number(7, 0, 2.5)
        sheet.write_string(8, 0, "a\nb")
        sheet.set_row(8, None, None, {"hidden": True})
        workbook.add_worksheet("Жашыруун").write(0, 0, "x")
        workbook.worksheets()[1].hide()

    rows = read_workbook(made(fill))
    listed = [row for row in rows if row.sheet == "Тизме"]
    assert [row.number for row in listed] == list(range(1, 10))
    assert listed[2].cell(1) == date(1985, 5, 4)
    assert listed[3].cell(1) == 3
    assert listed[4].cell(2) == "#DIV/0!"
    assert [row.formulas for row in listed[3:5]] == [{1}, {2}]
    assert [row.errors for row in listed[3:5]] == [frozenset(), {2}]
    assert listed[5].cell(0) is True
    assert [row.number for row in listed if row.folded] == [9]
    assert [row.cell(0) for row in listed[6:]] == [20101198000123, 2.5, "a\nb"]
    assert [(row.sheet, row.hidden) for row in rows[9:]] == [("Жашыруун", True)]
    assert listed[0].epoch == EPOCH_1900


def test_numbers_come_with_their_formats() -> None:
    def fill(workbook: Any) -> None:
        sheet = workbook.add_worksheet()
        for column, (value, form) in enumerate([(0.1, "0%"), (0.3541666667, "h:mm"), (5, "0.00"), (7, '0" сом"')]):
            sheet.write_number(0, column, value, workbook.add_format({"num_format": form}))
        sheet.write_number(0, 4, 2.5)
        sheet.write_string(0, 5, "08:30:00", workbook.add_format({"num_format": "h:mm"}))

    (row,) = read_workbook(made(fill))
    assert row.formats == {0: "0%", 1: "h:mm", 2: "0.00", 3: '0" сом"'}
    assert row.cell(1) == "08:30:00"


def test_the_day_count_of_old_files_is_told() -> None:
    def fill(workbook: Any) -> None:
        day = workbook.add_format({"num_format": "dd.mm.yyyy"})
        workbook.add_worksheet().write_datetime(0, 0, datetime(1985, 5, 4), day)  # noqa: DTZ001 – as above

    (row,) = read_workbook(made(fill, date_1904=True))
    assert row.epoch == EPOCH_1904
    assert row.cell(0) == date(1985, 5, 4)


def test_an_empty_styled_cell_far_away_costs_nothing_a_filled_one_is_refused() -> None:
    def fill(workbook: Any) -> None:
        sheet = workbook.add_worksheet()
        sheet.write(0, 0, "x")
        sheet.write_blank(1_048_575, 0, None, workbook.add_format({"bold": True}))

    assert len(read_workbook(made(fill))) == 1
    far_down = made(lambda workbook: workbook.add_worksheet().write(1_048_575, 0, "x"))
    far_right = made(lambda workbook: workbook.add_worksheet().write(0, 16_383, "x"))
    assert refusal(far_down) == refusal(far_right) == "WORKBOOK_TOO_WIDE_OR_LONG"


def _declared(parts: dict[str, bytes]) -> None:
    text = parts["xl/worksheets/sheet1.xml"].decode()
    parts["xl/worksheets/sheet1.xml"] = f'<!DOCTYPE x [<!ENTITY a "b">]>{text[text.index("<worksheet") :]}'.encode()


def _cut(parts: dict[str, bytes]) -> None:
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"][:4000]


def _macro_kind(parts: dict[str, bytes]) -> None:
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
        b"officedocument.spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main"
    )


def _many_elements(parts: dict[str, bytes]) -> None:
    noise = random.Random(6).randbytes(20_000).hex().encode()  # else it would be the swelling that is refused
    tags = noise + b"<a/>" * workbooks.MOST_ELEMENTS
    parts["xl/styles.xml"] = parts["xl/styles.xml"].replace(b"</styleSheet>", tags + b"</styleSheet>")


def _one_name_twice(parts: dict[str, bytes]) -> None:
    book = parts["xl/workbook.xml"]
    (sheet,) = re.findall(rb"<sheet [^>]*/>", book)
    parts["xl/workbook.xml"] = book.replace(sheet, sheet * 2)


def _one_part_twice(parts: dict[str, bytes]) -> None:
    book = parts["xl/workbook.xml"]
    (sheet,) = re.findall(rb"<sheet [^>]*/>", book)
    other = re.sub(rb'name="[^"]*"', b'name="other"', sheet)
    parts["xl/workbook.xml"] = book.replace(sheet, sheet + other)


def _other_signs(parts: dict[str, bytes]) -> None:
    parts["xl/styles.xml"] = parts["xl/styles.xml"].decode().encode("cp037")


def _bad_place(parts: dict[str, bytes]) -> None:
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(b'r="B5"', b'r="B-5"')


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_declared, "WORKBOOK_FORBIDDEN_XML"),
        (_cut, "WORKBOOK_BROKEN"),
        (_bad_place, "WORKBOOK_BROKEN"),
        (_many_elements, "WORKBOOK_TOO_MANY_ELEMENTS"),
        (_one_name_twice, "WORKBOOK_SHEETS_ONE_NAME"),
        (_one_part_twice, "WORKBOOK_BROKEN"),
        (_other_signs, "WORKBOOK_BROKEN"),
        (_macro_kind, "WORKBOOK_MACROS"),
        (lambda parts: parts.update({"xl/vbaProject.bin": b"x"}), "WORKBOOK_MACROS"),
        (lambda parts: parts.pop("xl/workbook.xml"), "WORKBOOK_BROKEN"),
        (lambda parts: parts.pop("xl/_rels/workbook.xml.rels"), "WORKBOOK_BROKEN"),
        (lambda parts: parts.pop("xl/worksheets/sheet1.xml"), "WORKBOOK_BROKEN"),
        (lambda parts: parts.pop("[Content_Types].xml"), "WORKBOOK_BROKEN"),
        (lambda parts: parts.update({"[Content_Types].xml": b"<Types/>"}), "WORKBOOK_NOT_A_WORKBOOK"),
        (lambda parts: parts.update({"xl/big.xml": b" " * 30_000_000}), "WORKBOOK_SWELLS"),
        (lambda parts: parts.update({f"xl/{n}.xml": b"<a/>" for n in range(1100)}), "WORKBOOK_SWELLS"),
        (lambda parts: parts.update({"XL/Workbook.xml": b"<a/>"}), "WORKBOOK_BROKEN"),
    ],
)
def test_packages_that_could_do_harm_or_are_damaged(change: Callable[[dict[str, bytes]], None], code: str) -> None:
    assert refusal(repacked(change)) == code


def test_the_rows_of_all_sheets_are_counted_together() -> None:
    """One cell far down claims all rows above it: in many sheets that would be a file's worth of memory each."""

    def far(workbook: Any) -> None:
        for _ in range(3):
            workbook.add_worksheet().write(8_999, 99, 1)

    assert refusal(made(far)) == "WORKBOOK_TOO_WIDE_OR_LONG"


def test_merged_cells_are_told_with_the_row_they_begin_in() -> None:
    def fill(workbook: Any) -> None:
        sheet = workbook.add_worksheet()
        for first, last in ((0, 2), (4, 5)):
            sheet.merge_range(1, first, 1, last, "a")
        sheet.write(2, 0, "b")

    assert [row.merged for row in read_workbook(made(fill))] == [(), ((0, 2), (4, 5)), ()]


def test_an_encrypted_part_is_refused() -> None:
    content = bytearray(SAMPLE.read_bytes())
    start = 0
    while (start := content.find(b"PK\x01\x02", start)) >= 0:
        content[start + 8] |= 1
        start += 4
    assert refusal(bytes(content)) == "WORKBOOK_ENCRYPTED"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "WORKBOOK_EMPTY"),
        (b" \r\n ", "WORKBOOK_EMPTY"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "WORKBOOK_OLD_FORMAT"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "WORKBOOK_ENCRYPTED"),
        (b"PK\x03\x04 and then nothing", "WORKBOOK_BROKEN"),
        (b"%PDF-1.7\n\x00\x01\x02", "WORKBOOK_NOT_A_WORKBOOK"),
        (b"%PDF-1.4\n1 0 obj <</Type /Catalog>> endobj, a, b, c\ntrailer", "WORKBOOK_NOT_A_WORKBOOK"),
        (b"{\\rtf1\\ansi a;b;c}", "WORKBOOK_NOT_A_WORKBOOK"),
        (b"\x89PNG\r\n\x1a\n\xff\x00", "WORKBOOK_NOT_A_WORKBOOK"),
        ("ФИО;ПИН;Дата рождения".encode("cp866"), "WORKBOOK_ENCODING"),
        ("Фамилия имя отчество;ПИН".encode("koi8-r"), "WORKBOOK_ENCODING"),
        ("Ос?онова;1;2".encode("cp1251") + b"\xcd", "WORKBOOK_ENCODING"),
        ('а;"б;в\nг'.encode(), "WORKBOOK_CSV_BROKEN"),
        (b"\xff\xfea", "WORKBOOK_ENCODING"),
        (b"a," * 150, "WORKBOOK_TOO_WIDE_OR_LONG"),
        (b"a,b\n" * 20_001, "WORKBOOK_TOO_WIDE_OR_LONG"),
    ],
)
def test_what_is_no_workbook(content: bytes, code: str) -> None:
    assert refusal(content) == code


def test_the_size_is_looked_at_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "LARGEST_FILE", 100)
    assert refusal(SAMPLE.read_bytes()) == "WORKBOOK_TOO_LARGE"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_csv_of_every_kind_gives_the_same_rows(encoding: str, delimiter: str) -> None:
    lines = [["ФИО", "ПИН", "Примечание"], [], ['Иванов "Пётр"', "№ 1", "а; б, в"], ["", " ", "x"]]
    quoted = [delimiter.join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines]
    rows = read_workbook("\r\n".join(quoted).encode(encoding))
    expected = [(1, tuple(lines[0])), (2, ()), (3, tuple(lines[2])), (4, (None, None, "x"))]
    assert [(row.number, row.cells) for row in rows] == expected


@given(st.binary(max_size=200))
def test_no_content_breaks_the_reader(content: bytes) -> None:
    with contextlib.suppress(InvalidInput):  # any other error fails the test
        numbers = [row.number for row in read_workbook(content)]
        assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize(("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_columns_are_named_as_the_spreadsheet_program_names_them(index: int, letters: str) -> None:
    assert column_letters(index) == letters
