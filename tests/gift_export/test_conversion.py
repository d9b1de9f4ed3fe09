"""GIFT ↔ Moodle XML without loss where both can say it, and a list of what is lost where not."""

from __future__ import annotations

import json
from pathlib import Path

import docx
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings

from flask_app.cli.gift import gift
from gift_export.attachments import Attachment
from gift_export.conversion import to_gift, to_xml, with_pictures
from gift_export.reader import read
from gift_export.xml_reader import read_xml
from question_banks.model import NO_LINES, FormattedText, NumericalQuestion, Question
from tests.gift_export.strategies import questions
from tests.gift_export.test_preview import PNG


@settings(max_examples=150, deadline=None)
@given(questions)
def test_gift_to_xml_and_back(question: Question) -> None:
    there = to_xml([question])
    if not there.ok:
        assert {found.code for found in there.problems} <= {"E_XML_CHARACTER"}
        return
    items = read_xml(there.text.encode("utf-8")).items
    back = to_gift(items)
    assert back.ok
    (again,) = read(back.text).questions
    if isinstance(question, NumericalQuestion):
        assert len(again.answers) == len(question.answers)  # type: ignore[union-attr]  # numerical again
        return
    assert again._replace(lines=NO_LINES) == question


def test_pictures_go_into_html_texts() -> None:
    (question,) = read(
        '::т::[html]<img src\\="@@PLUGINFILE@@/a.png">{=[html]<img src\\="@@PLUGINFILE@@/b.png"> ~б}'
    ).questions
    files = [
        Attachment("questiontext", "a.png", PNG),
        Attachment("answer[0]", "b.png", b"text"),
        Attachment("x", "c", b""),
    ]
    shown, said = with_pictures(question, files)
    assert shown.text.startswith('<img src="data:image/png;base64,iVBOR')
    assert sorted((one.code, one.params["text"]) for one in said) == [
        ("I_FILE_INLINED", "/a.png"),
        ("W_FILE_LOST", "/b.png"),
        ("W_FILE_LOST", "/c"),
    ]


def test_what_the_target_cannot_say_is_left_out_and_told() -> None:
    (good,) = read("::т::Q{T}").questions
    bad = good._replace(name="б", generalfeedback=FormattedText("&&058;"), lines=(7, 9))
    converted = to_gift([good, bad])
    assert (converted.written, converted.ok) == (1, False)
    assert [(one.code, one.line) for one in converted.problems] == [("E_WRITE_PLACEHOLDER", 7)]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(gift, [str(one) for one in arguments])


BANK = "$CATEGORY: Укук\n\n// [id:К-1.ky] [tag:этика]\n::бир::Q{\n\t=а\n\t~б#жок\n}\n\n::эки::Q2{TRUE}\n"


def test_round_trip_through_files(tmp_path: Path) -> None:
    source = tmp_path / "1.gift"
    source.write_text(BANK, encoding="utf-8")
    for kind in ("xml", "xlsx"):
        there, back = tmp_path / f"2.{kind}", tmp_path / f"3-{kind}.gift"
        assert run("convert", source, there).exit_code == 0
        assert run("convert", there, back, "--lang", "ky").exit_code == 0
        assert back.read_text(encoding="utf-8") == BANK


def test_with_errors_nothing_is_written_unless_asked_for(tmp_path: Path) -> None:
    source, target = tmp_path / "1.gift", tmp_path / "2.xml"
    source.write_text("::а::Q{T}\n\n::б::Q{#3,14}\n", encoding="utf-8")
    refused = run("convert", source, target, "--json")
    assert (refused.exit_code, target.exists()) == (1, False)
    report = json.loads(refused.stdout)
    assert (report["read"], report["written"], report["diagnostics"][0]["code"]) == (2, 0, "E_NUM_NOT_NUMBER")
    assert run("convert", source, target, "--partial").exit_code == 1
    assert target.exists()


def test_exit_code_where_the_target_cannot_say_it(tmp_path: Path) -> None:
    source, target = tmp_path / "1.xml", tmp_path / "2.gift"
    source.write_text(to_xml(read("::т::Q{=а ~б}").questions).text.replace("Q]]", "Q&&058;]]"), encoding="utf-8")
    result = run("convert", source, target)
    assert (result.exit_code, target.exists()) == (3, False)
    assert "E_WRITE_PLACEHOLDER" in result.stdout
    assert run("convert", source, tmp_path / "2.pdf").exit_code == 2


def test_a_word_list_becomes_gift_with_its_doubts(tmp_path: Path) -> None:
    document = docx.Document()
    for line in ("1. Q?", "+а) бир", "б) эки", "3. Q3?", "а) бир", "+б) эки"):
        document.add_paragraph(line)
    source, target = tmp_path / "1.docx", tmp_path / "2.gift"
    document.save(str(source))
    result = run("convert", source, target, "--json", "--lang", "ky")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["doubtful"] == [{"question": "Q3?", "line": 4, "codes": ["W_WORD_NUMBER"]}]
    written = target.read_text(encoding="utf-8")
    assert "// Күмөндүү: текшериңиз\n// Номер 3, күтүлгөнү 2." in written
    assert [question.text for question in read(written).questions] == ["Q?", "Q3?"]


def test_the_template_is_read_as_an_empty_sheet(tmp_path: Path) -> None:
    target = tmp_path / "t.xlsx"
    for lang in ("ky", "ru"):
        assert run("template", target, "--lang", lang).exit_code == 0
        result = run("lint", target, "--json")
        assert [one["code"] for one in json.loads(result.stdout)["files"][0]["diagnostics"]] == ["E_NO_QUESTIONS"]


@pytest.mark.parametrize("lang", ["ky", "ru", "kk", "en"])
def test_preview_is_one_page_that_loads_nothing(tmp_path: Path, lang: str) -> None:
    source, target = tmp_path / "1.gift", tmp_path / "2.html"
    source.write_text(BANK + "\n::эки::[html]<script>x</script>{=а ~а}\n", encoding="utf-8")
    assert run("preview", source, "--out", target, "--lang", lang).exit_code == 1
    page = target.read_text(encoding="utf-8")
    assert f'<html lang="{lang}">' in page
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert page.count('class="kz-question ') == 3
    assert "W_DUPLICATE" not in page  # sentences, not codes
    assert page.count('<li class="error">') == 3  # the script's opening and closing tag, and one answer twice


def test_a_broken_workbook_is_explained(tmp_path: Path) -> None:
    source = tmp_path / "1.xlsx"
    source.write_bytes(b"PK\x03\x04nonsense")
    result = run("lint", source)
    assert (result.exit_code, "WORKBOOK_BROKEN" in result.stdout) == (1, True)
