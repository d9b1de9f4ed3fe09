"""OpenDocument spreadsheets as LibreOffice writes them, and what claims more than it holds."""

from __future__ import annotations

import io
import random
import zipfile
from datetime import date

import pytest

from flask_app.domain.errors import InvalidInput
from flask_app.messages.catalogue import LANGUAGES, explain
from flask_app.store.ods_workbooks import MIMETYPE, MOST_REPEATED, is_ods, read_ods
from flask_app.store.workbooks import MOST_ATTRIBUTES, MOST_COLUMNS, MOST_ELEMENTS, MOST_ROWS

NAMES = "".join(
    f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text", "style")
)
MANIFEST = "<manifest/>"
STRING = '<table:table-cell office:value-type="string"'
SHEET = f"""
<table:table table:name="Итоги" table:style-name="ta1"><table:table-column/>
<table:table-header-rows><table:table-row>
{STRING} table:number-columns-spanned="2"><text:p>Шапка<text:s/><text:span>листа</text:span></text:p></table:table-cell>
<table:covered-table-cell/>{STRING}><text:p>третий</text:p></table:table-cell>
<table:table-cell table:number-columns-repeated="16381"/></table:table-row></table:table-header-rows>
<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="16384"/>
</table:table-row>
<table:table-row>
<table:table-cell office:value-type="float" office:value="70.5"><text:p>70,5</text:p></table:table-cell>
<table:table-cell office:value-type="float" office:value="100" table:number-columns-repeated="2"/>
<table:table-cell office:value-type="percentage" office:value="0.855"><text:p>85,5%</text:p></table:table-cell>
<table:table-cell office:value-type="date" office:date-value="2026-04-13T09:30:00"/>
<table:table-cell office:value-type="boolean" office:boolean-value="true"/>
<table:table-cell table:formula="of:=70+1" office:value-type="float" office:value="71"/>
<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value=""><text:p>#DIV/0!</text:p>
</table:table-cell>
{STRING}><office:annotation><text:p>заметка</text:p></office:annotation><text:p>слово</text:p></table:table-cell>
</table:table-row>
<table:table-row table:number-rows-repeated="1048500"><table:table-cell/></table:table-row></table:table>
<table:table table:name="Скрытый" table:style-name="ta2"><table:table-row>{STRING}><text:p>x</text:p></table:table-cell>
</table:table-row></table:table>
"""
STYLES = (
    '<office:automatic-styles><style:style style:name="ta2"><style:table-properties table:display="false"/>'
    "</style:style></office:automatic-styles>"
)


def document(tables: str) -> str:
    body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    return f"<office:document-content{NAMES}>{STYLES}{body}</office:document-content>"


def packed(content: str | bytes | None, *, manifest: str = MANIFEST, kind: bytes = MIMETYPE, **more: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", kind)
        package.writestr("META-INF/manifest.xml", manifest)
        if content is not None:
            package.writestr("content.xml", content)
        for name, text in more.items():
            package.writestr(name.replace("__", "/"), text)
    return buffer.getvalue()


def cells(repeated: int, rows: int = 1, *, times: int = 1, name: str = "1") -> str:
    """A table of `times` rows, each of them repeated."""
    row = f'<table:table-row table:number-rows-repeated="{rows}">{STRING} table:number-columns-repeated="{repeated}">'
    rest = "<text:p>a</text:p></table:table-cell></table:table-row>"
    return f'<table:table table:name="{name}">{(row + rest) * times}</table:table>'


def swollen(tags: str) -> bytes:
    """`tags` in a file that packs no better than files do: noise stands beside them."""
    noise = random.Random(6).randbytes(len(tags) // 200).hex()
    return packed(document(f"<text:p>{noise}</text:p>{tags}"))


def test_cells_are_read_with_their_places() -> None:
    content = packed(document(SHEET))
    assert is_ods(content)
    head, figures, unseen = read_ods(content)
    assert (head.sheet, head.number, head.cells, head.merged) == (
        "Итоги",
        1,
        ("Шапка листа", None, "третий"),
        ((0, 1),),
    )
    assert figures.number == 4
    assert figures.cells == (70.5, 100, 100, 0.855, date(2026, 4, 13), True, 71, "#DIV/0!", "слово")
    assert (sorted(figures.formulas), sorted(figures.errors)) == ([6, 7], [7])
    assert dict(figures.formats) == {3: "0%"}
    assert (unseen.hidden, head.hidden) == (True, False)


def test_as_far_as_the_limits_and_no_farther() -> None:
    assert len(read_ods(packed(document(cells(MOST_COLUMNS, 3))))[2].cells) == MOST_COLUMNS
    most = cells(1, MOST_REPEATED, times=MOST_ROWS // MOST_REPEATED)
    assert [row.number for row in read_ods(packed(document(most)))] == list(range(1, MOST_ROWS + 1))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (packed(document(cells(MOST_COLUMNS + 1))), "WORKBOOK_TOO_WIDE_OR_LONG"),
        (packed(document(cells(1, MOST_ROWS + 1))), "WORKBOOK_TOO_WIDE_OR_LONG"),
        (packed(document(cells(1, 100, times=150) + cells(1, 100, times=51, name="2"))), "WORKBOOK_TOO_WIDE_OR_LONG"),
        (packed(document(cells(1, MOST_REPEATED + 1))), "WORKBOOK_ROWS_REPEATED"),
        (packed(document(cells(1) * 2)), "WORKBOOK_SHEETS_ONE_NAME"),
        (swollen("<a/>" * MOST_ELEMENTS), "WORKBOOK_TOO_MANY_ELEMENTS"),
        (swollen("<a " + " ".join(f'a{n}=""' for n in range(MOST_ATTRIBUTES)) + "/>"), "WORKBOOK_TOO_MANY_ELEMENTS"),
        (packed('<?xml version="1.0" encoding="utf-7"?>' + document("")), "WORKBOOK_BROKEN"),
        (packed(document("").encode("cp037")), "WORKBOOK_BROKEN"),
        (packed(document(cells(1, 99_999_999))), "WORKBOOK_BROKEN"),
        (packed("<!DOCTYPE x>" + document("")), "WORKBOOK_FORBIDDEN_XML"),
        (packed(document("").replace("</", "<", 1)), "WORKBOOK_BROKEN"),
        (packed(None), "WORKBOOK_BROKEN"),
        (packed(document("") + " " * 50_000_000), "WORKBOOK_SWELLS"),
        (packed(document(""), manifest="<a><encryption-data/></a>"), "WORKBOOK_ENCRYPTED"),
        (packed(document(""), Basic__Standard__Module1="x"), "WORKBOOK_MACROS"),
        (packed(document(cells(1).replace('"string"', '"float" office:value="x"'))), "WORKBOOK_BROKEN"),
        (b"PK\x03\x04", "WORKBOOK_BROKEN"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_ods(content)
    assert refused.value.code == code
    for language in LANGUAGES:
        assert "{" not in str(explain(code, language, refused.value.params))


def test_a_letter_of_two_bytes_is_read() -> None:
    (row,) = read_ods(packed(('<?xml version="1.0" encoding="UTF-16"?>' + document(cells(1))).encode("utf-16")))
    assert row.cells == ("a",)


def test_what_is_no_such_spreadsheet() -> None:
    assert not any(map(is_ods, (b"", b"PK\x03\x04", b"a;b;c", packed("", kind=b"text/plain"))))
