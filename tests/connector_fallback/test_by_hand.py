"""Banks as files for Moodle's own importer."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from click.testing import CliRunner

from connector.moodle.fallback.hand_export import hand_file
from flask_app.cli.bank import bank
from flask_app.cli.by_hand import questions_of
from flask_app.messages import LANGUAGES
from gift_export.reader import read
from question_banks.files import SHIPPED, bank_folders
from question_banks.model import CategorySwitch, Question

FOLDERS = bank_folders(SHIPPED)


def asked(text: str) -> list[Question]:
    return [item for item in read(text).items if not isinstance(item, CategorySwitch)]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_gift_file_says_the_bank_and_where_it_belongs(folder: Path) -> None:
    questions = list(questions_of(folder))
    file = hand_file(folder.name, questions, "gift")
    again = asked(file.text)
    assert {found.code for found in read(file.text).problems} <= {"W_DUPLICATE_TITLE"}  # twins share their title
    assert (file.questions, [one.idnumber for one in again]) == (len(questions), [one.idnumber for one in questions])
    assert {one.category.split("/")[2] for one in again} == {file.category}
    plain = [one._replace(category="", lines=(0, 0)) for one in again]
    assert plain == [one._replace(category="", lines=(0, 0)) for one in questions]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_an_xml_file_holds_the_same_questions(folder: Path) -> None:
    questions = list(questions_of(folder))
    file = hand_file(folder.name, questions, "xml")
    found = ElementTree.fromstring(file.text).findall("question")  # our own file
    assert [one.findtext("idnumber") for one in found if one.get("type") != "category"] == [
        question.idnumber for question in questions
    ]
    places = [one.findtext("category/text") or "" for one in found if one.get("type") == "category"]
    assert places
    assert all(place.startswith(f"$course$/top/{file.category}/") for place in places)


def test_the_same_bank_gives_the_same_file_and_another_one_another_category() -> None:
    questions = list(questions_of(FOLDERS[0]))
    first, again = hand_file("b", questions, "gift"), hand_file("b", questions, "gift")
    changed = [questions[0]._replace(name="x"), *questions[1:]]
    assert first == again
    assert hand_file("b", changed, "gift").category != first.category
    assert hand_file("b", questions, "xml").category == first.category


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", ["gift", "xml"])
def test_the_command_writes_the_files_and_a_note(tmp_path: Path, language: str, form: str) -> None:
    asked_for = ["export", "--out", str(tmp_path), "--format", form, "--lang", language]
    outcome = CliRunner().invoke(bank, asked_for, catch_exceptions=False)
    assert outcome.exit_code == 0, outcome.output
    written = sorted(path.name for path in tmp_path.iterdir())
    assert len(written) == 2 * len(FOLDERS)
    for name in written:
        if name.endswith(".txt"):
            note = (tmp_path / name).read_text("utf-8")
            assert name.removesuffix(f".{language}.txt") in note
            assert len(note.splitlines()) == 7
            assert "{" not in note


def test_a_bank_with_an_error_writes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    for file in FOLDERS[0].iterdir():
        text = file.read_text("utf-8").replace(FOLDERS[0].name, "broken")
        name = file.name.replace(FOLDERS[0].name, "broken")
        (folder / name).write_text(text + ("\n::x::Q {\n" if name.endswith(".gift") else ""), "utf-8")
    outcome = CliRunner().invoke(bank, ["export", str(folder), "--out", str(tmp_path / "out")])
    assert outcome.exit_code == 1
    assert ".gift:" in outcome.output
    assert not (tmp_path / "out").exists()
