"""Questions from a file, on a real database: shown before written, whole or not at all, exactly what was shown."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.chart import BarChart
from openpyxl.drawing.spreadsheet_drawing import AbsoluteAnchor
from openpyxl.drawing.xdr import XDRPoint2D, XDRPositiveSize2D
from openpyxl.styles import Font
from sqlalchemy import select

from flask_app.domain.errors import InvalidInput, Refused
from flask_app.domain.identity import BANK_EDITOR
from flask_app.messages import LANGUAGES, explain, label
from flask_app.services import question_import as importing
from flask_app.services import question_items as desk
from flask_app.services.question_bulk import review_hand_in
from flask_app.services.question_drafts import bare_text
from flask_app.services.question_files import QuestionFile, read_file
from flask_app.services.question_findings import Remark, difficulty_word
from flask_app.services.question_import import Defaults, ImportPlan
from flask_app.services.question_import_twins import Half, slips
from flask_app.services.question_template import TEMPLATE_LANGUAGES, bank_template
from flask_app.services.transitions import act_on
from flask_app.store.models.banks import BankQuestion, QuestionBank
from flask_app.store.models.questions import QuestionItem
from gift_export.reader import read
from gift_export.sheet_writer import SheetLanguage
from gift_export.word_reader import read_word
from question_banks.bank import DIFFICULTIES
from question_banks.files import SHIPPED
from tests.services.desk import actor_with
from tests.services.test_questions import KY, NEW, RU, Desk, d

__all__ = ["d"]

SAYS = Defaults("ru", "constitution", "kg-constitution-2021#unverified", "new")


def text(*questions: tuple[str, str]) -> bytes:
    return "\n\n".join(f"// [id:{name}]\n::t::{body}" if name else f"::t::{body}" for name, body in questions).encode()


def plan(d: Desk, content: bytes, defaults: Defaults = SAYS) -> ImportPlan:
    with d.office.work(d.author) as work:
        return importing.plan_import(work, desk.bank_for(work, d.bank), content, defaults)


def write(d: Desk, content: bytes, *, only_sound: bool = False, plan_hash: str = "") -> importing.Imported:
    mark = plan_hash or plan(d, content).hash
    with d.office.work(d.author) as work:
        bank = desk.bank_for(work, d.bank)
        return importing.import_questions(work, bank, content, SAYS, plan_hash=mark, only_sound=only_sound)


def kept(d: Desk) -> dict[str, str]:
    with d.office.work(d.author) as work:
        return {row.twin_group: row.state for row in work.session.scalars(select(QuestionItem))}


def read_any(content: bytes) -> QuestionFile:
    return read_file(content, read_word)


def codes(found: ImportPlan, group: str) -> list[str]:
    return [remark.code for row in found.rows if row.group == group for remark in row.errors]


def test_twins_come_together_and_nameless_ones_get_a_name(d: Desk) -> None:
    content = text(("plan-1.ru", RU), ("plan-1.ky", KY), ("", RU.replace("план", "бюджет")))
    found = plan(d, content)
    assert [(row.group, row.kind, sorted(row.draft.texts)) for row in found.rows] == [
        ("plan-1", "new", ["ky", "ru"]),
        ("new-001", "new", ["ru"]),
    ]
    assert write(d, content).added == ("plan-1", "new-001")
    assert kept(d) == {"plan-1": "draft", "new-001": "draft"}
    again = text(("plan-1.ru", RU), ("plan-1.ky", KY), ("new-001.ru", RU.replace("план", "бюджет")))
    assert [row.kind for row in plan(d, again).rows] == ["same", "same"]
    assert write(d, again).added == ()


def test_what_was_written_without_ids_is_known_again_by_its_text(d: Desk) -> None:
    """Else the page of what was refused would refuse the written ones too, as repeats of themselves."""
    sound, broken = RU.replace("план", "бюджет"), RU.replace("=", "~")
    content = text(("", broken), ("", sound), ("", broken.replace("план", "отчёт")))
    first = plan(d, content)
    assert [(row.group, row.kind) for row in first.rows] == [
        ("new-001", "refused"),
        ("new-002", "new"),
        ("new-003", "refused"),
    ]
    write(d, content, only_sound=True)
    again = plan(d, content)
    assert [(row.group, row.kind) for row in again.rows] == [
        (r.group, "same" if r.kind == "new" else r.kind) for r in first.rows
    ]
    twice = plan(d, text(("", sound), ("", sound)))
    assert [(row.group, row.kind) for row in twice.rows] == [("new-002", "same"), ("new-001", "refused")]
    with d.office.work(d.author) as work:
        item = work.session.scalars(select(QuestionItem.id).where(QuestionItem.twin_group == "new-002")).one()
    d.move(d.other, item, "retire", "закон изменён")
    assert [(row.group, row.kind) for row in plan(d, text(("", sound))).rows] == [("new-001", "new")]


def test_a_change_outside_the_texts_is_shown(d: Desk) -> None:
    content = text(("plan-1.ru", RU), ("plan-1.ky", KY))
    write(d, content)
    (row,) = plan(d, text(("plan-1.ru", RU)).replace(b"plan-1.ru]", b"plan-1.ru] [tag:difficulty:hard]")).rows
    assert (row.kind, row.compared) == ("changed", {})
    assert row.fields == (("difficulty", "", "hard"),)


def test_the_same_question_with_another_key_is_refused(d: Desk) -> None:
    """Of two keys only one can be right: who copies a question must not turn it into its opposite."""
    other = RU.replace("=", "¤", 1).replace("~", "=", 1).replace("¤", "~")
    found = plan(d, text(("plan-1.ru", RU), ("plan-2.ru", other)))
    assert codes(found, "plan-1") == []
    assert codes(found, "plan-2") == ["QUESTION_KEY_CONTRADICTS_IN_FILE"]
    write(d, text(("plan-1.ru", RU)))
    assert codes(plan(d, text(("plan-1.ru", other))), "plan-1") == [], "its own key may be mended"


def test_a_question_is_not_written_by_halves_for_a_letter_in_an_id(d: Desk) -> None:
    found = plan(d, text(("pc-1.ky", KY), ("p\u0441-1.ru", RU), ("b-1.ru", RU.replace("план", "бюджет"))))
    assert {row.group: row.kind for row in found.rows} == {"pc-1": "refused", "p\u0441-1": "refused", "b-1": "new"}
    assert codes(found, "pc-1") == ["QUESTION_TWIN_MISSPELT"]
    assert "QUESTION_LANGUAGE_GAP" not in [remark.code for row in found.rows[:1] for remark in row.remarks]


def test_a_broken_import_changes_nothing_and_says_everything_at_once(d: Desk) -> None:
    content = text(
        ("ok-1.ru", RU),
        ("bad-1.ru", RU.replace("=", "~")),
        ("bad-2.ru", RU.replace("~собрание граждан\n", "").replace("план", "приказ")),
        ("bad-3.de", RU),
        ("Bad 4.ru", RU),
        ("twice-1.ru", RU),
        ("twice-1.ru", RU.replace("план", "отчёт")),
    )
    found = plan(d, content)
    assert codes(found, "bad-1") == ["E_NO_CORRECT", "BANK_KEY_NONE"]
    assert codes(found, "bad-2") == ["BANK_OPTION_COUNT"]
    assert "QUESTION_LANGUAGE_OTHER" in codes(found, "bad-3")
    assert "QUESTION_TWICE_IN_FILE" in codes(found, "twice-1")
    assert len(found.of("refused")) == 5
    assert all(remark.line > 0 for row in found.of("refused") for remark in row.errors)
    with pytest.raises(InvalidInput) as refused:
        write(d, content)
    assert (refused.value.code, len(refused.value.others) >= 5) == ("question.import_refused", True)
    assert kept(d) == {}
    assert write(d, content, only_sound=True).added == ("ok-1",)
    assert kept(d) == {"ok-1": "draft"}


def test_a_file_that_loses_questions_is_never_written(d: Desk) -> None:
    content = text(("ok-1.ru", RU)) + b"\n\n::x::Question without an end { =a ~b\n\n"
    found = plan(d, content)
    assert found.lost
    with pytest.raises(InvalidInput) as refused:
        write(d, content, only_sound=True)
    assert refused.value.code == "question.import_lost"
    assert kept(d) == {}


def test_only_what_was_shown_is_written(d: Desk) -> None:
    content = text(("plan-001.ru", RU))
    shown = plan(d, content).hash
    d.add(NEW)
    with pytest.raises(InvalidInput) as refused:
        write(d, content, plan_hash=shown)
    assert refused.value.code == "question.import_other_plan"
    assert kept(d) == {"plan-001": "draft"}


def test_a_text_under_review_is_not_changed_under_its_readers(d: Desk) -> None:
    item = d.add(NEW)
    d.move(d.author, item, "submit")
    found = plan(d, text(("plan-001.ru", RU.replace("план", "новый план"))))
    assert codes(found, "plan-001") == ["QUESTION_NOT_IN_DRAFT"]
    assert [row.kind for row in plan(d, text(("plan-001.ru", RU))).rows] == ["same"]


def test_a_change_of_a_released_question_is_a_revision(d: Desk) -> None:
    source = (Path(SHIPPED) / "general" / "general.ru.gift").read_text(encoding="utf-8")
    found = plan(d, source.encode())
    assert {row.kind for row in found.rows} == {"same"}
    assert len(found.rows) == 120
    changed = source.replace("Как Конституция характеризует", "Каким государством Конституция называет", 1)
    (row,) = plan(d, changed.encode()).of("changed")
    assert row.group == "const-001"
    assert any(line.changed for line in row.compared["ru"])
    assert write(d, changed.encode()).changed == ("const-001",)
    assert kept(d) == {"const-001": "draft"}


def test_a_repetition_is_told_and_keeps_nobody_out(d: Desk) -> None:
    found = plan(d, text(("one-1.ru", RU), ("two-1.ru", RU.replace("утверждает", "подписывает"))))
    assert [r.params["other"] for row in found.rows for r in row.remarks if r.code == "QUESTION_ALIKE_IN_FILE"] == [
        "one-1"
    ]
    assert len(found.of("new")) == 2


def test_the_file_is_bound_to_its_person_and_bank(d: Desk) -> None:
    content = text(("plan-1.ru", RU))
    with d.office.work(d.author) as work:
        upload = importing.keep_upload(work, d.bank, content, "a.gift")
        assert importing.uploaded(work, d.bank, upload.sha256, upload.seal) == content
    with d.office.work(d.other) as work, pytest.raises(InvalidInput):
        importing.uploaded(work, d.bank, upload.sha256, upload.seal)


def test_fifty_questions_from_a_file_to_an_approved_bank(d: Desk) -> None:
    """The author's whole way: 50 questions, 5 refused with reasons, mended, then reviewed, approved, released."""
    topics = [f"орган номер {chr(1072 + n % 26)}{chr(1072 + n // 26)}ид{n}" for n in range(50)]
    bodies = [RU.replace("план повышения квалификации", topic) for topic in topics]
    spoilt = [body.replace("=", "~") if n % 10 == 0 else body for n, body in enumerate(bodies)]
    twins = [KY.replace("квалификациясын жогорулатуу планын", topic) for topic in topics]

    def file(questions: list[str]) -> bytes:
        named = [(f"set-{n:02d}.ru", body) for n, body in enumerate(questions)]
        return text(*named, *((f"set-{n:02d}.ky", body) for n, body in enumerate(twins)))

    found = plan(d, file(spoilt))
    assert len(found.of("refused")) == 5
    assert all("BANK_KEY_NONE" in codes(found, row.group) for row in found.of("refused"))
    assert len(write(d, file(spoilt), only_sound=True).added) == 45
    assert len(write(d, file(bodies)).added) == 5
    with d.office.work(d.author) as work:
        items = list(work.session.scalars(select(QuestionItem.id)))
    for actor, name in ((d.author, "submit"), (d.other, "pass_review"), (d.other, "approve")):
        with d.office.work(actor) as work:
            for item in items:
                version = work.get(QuestionItem, item).version
                desk.move_item(work, item, name, act_on(work, work.today), expected_version=version)
    d.release("2026.2", "50 вопросов")
    assert set(kept(d).values()) == {"in_use"}
    assert actor_with(d.office, d.author.body_id, BANK_EDITOR).roles == {BANK_EDITOR}


HEAD = ("ID", "Вопрос", "Ответ А", "Ответ Б", "Ответ В", "Ответ Г", "Ответ Д", "Ключ")


def sheet(*rows: tuple[str, ...], head: tuple[str, ...] = HEAD) -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in (head, *rows):
        page.append(row)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


ANSWERS = ("руководитель аппарата", "собрание граждан", "глава государства", "министр финансов", "областной совет")


def test_a_spreadsheet_brings_its_good_rows_and_says_why_the_others_stay(d: Desk) -> None:
    content = sheet(
        ("plan-1.ru", "Кто утверждает план повышения квалификации?", *ANSWERS, "А"),
        ("plan-2.ru", "Кто подписывает отчёт о работе архива?", *ANSWERS, "Ю"),
        ("plan-3.ru", "", *ANSWERS, "А"),
        ("", "Кто ведёт учёт служебных удостоверений?", *ANSWERS, "Б"),
    )
    found = plan(d, content)
    assert [row.group for row in found.of("new")] == ["plan-1", "new-001"]
    assert [row.group for row in found.of("refused")] == ["plan-2", "plan-3"]
    assert [row.first_line for row in found.of("refused")] == [3, 4]
    assert all(row.errors for row in found.of("refused"))
    assert found.lost == ()
    with pytest.raises(InvalidInput):
        write(d, content)
    assert kept(d) == {}
    assert write(d, content, only_sound=True).added == ("plan-1", "new-001")


def test_files_are_told_by_their_content() -> None:
    assert read_any(sheet(("a-1.ru", "Кто?", *ANSWERS, "А"))).by_rows
    assert [q.name for q in read_any(b"\xef\xbb\xbf::t::Q{=a ~b}").questions] == ["t"]
    text_of = b"<questiontext format='html'><text>Q</text></questiontext>"
    xml = (
        b"<?xml version='1.0'?><quiz><question type='essay'><name><text>n</text></name>"
        + text_of
        + b"</question></quiz>"
    )
    assert [q.qtype for q in read_any(xml).questions] == ["essay"]
    with pytest.raises(InvalidInput):
        read_any(b"PK\x03\x04 nothing of the kind")
    for kind, table in {
        "CSV": "№;Вопрос;Ответ А;Ответ Б\n1;Кто?;а;б".encode("cp1251"),
        "XLS": bytes.fromhex("d0cf11e0a1b11ae1") + b"more",
        "ODS": b"PK\x03\x04" + b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
    }.items():
        with pytest.raises(InvalidInput) as other:
            read_any(table)
        assert (other.value.code, other.value.params["kind"]) == ("question.import_table", kind)
    for gift in ("// Вопрос, ответ, ключ\n::t::Q{=a ~b}", "\ufeff::тема, question, б::Q{=a ~b}"):
        assert read_any(gift.encode()).questions
    assert read_any("<quiz><question type='essay'><name><text>Тема, вопрос, ответ</text></name>".encode()).problems
    with pytest.raises(InvalidInput):
        read_any("sep=;\n№;Вопрос;Ответ А;Ответ Б\n1;Кто?;а;б".encode())
    assert [found.code for found in read_any(b"PK\x03\x04 word/document.xml").problems] == ["E_OFFICE_FILE"]


def word_list(*lines: str) -> bytes:
    """`*` before an answer: it is bold."""
    document, written = docx.Document(), BytesIO()
    for one in lines:
        document.add_paragraph().add_run(one.lstrip("*")).bold = one.startswith("*")
    document.save(written)
    return written.getvalue()


def test_a_list_in_word_becomes_questions_and_its_doubts_are_told(d: Desk) -> None:
    answers = ("а) план", "*б) отчёт", "в) собрание", "г) справка", "д) письмо")
    content = word_list(
        *("1. Что утверждает местный кенеш на год вперёд?", *answers),
        *("2. Что составляет айыл окмоту за прошедший год?", *(one.lstrip("*") for one in answers)),
        *("3. Кто утверждает устав айылного аймака решением?", *answers[:4], "*д) кенеш"),
    )
    found = plan(d, content)
    assert [(row.group, row.kind, row.errors[0].code if row.errors else "") for row in found.rows] == [
        ("new-001", "new", ""),
        ("new-002", "refused", "QUESTION_LIST_KEYS"),
        ("", "refused", "E_WORD_NO_KEY"),
    ], "the third names two right answers, the second none"
    (draft,) = [row.draft for row in found.rows if row.group == "new-001"]
    assert (draft.topic, draft.citations) == ("constitution", ("kg-constitution-2021#unverified",))
    assert "=отчёт" in draft.texts["ru"]
    assert all(not remark.cell for row in found.rows for remark in row.remarks), "a list has no cells"
    assert write(d, content, only_sound=True).added == ("new-001",)
    with pytest.raises(InvalidInput) as empty:
        plan(d, word_list("Приказ о бюджете"))
    assert empty.value.code == "question.import_empty"


TOPIC_HEAD = ("ID", "Темы", "Вопрос", "Ответ А", "Ответ Б", "Ответ В", "Ответ Г", "Ответ Д", "Ключ")


def filled(id_: str, topic: str, about: str, *answers: str, key: str = "А") -> tuple[str, ...]:
    return (id_, topic, f"Кто утверждает {about}?", *(answers or ANSWERS), key)


def said(found: ImportPlan, group: str) -> dict[str, Remark]:
    (row,) = [row for row in found.rows if row.group == group]
    return {remark.code: remark for remark in row.remarks}


@pytest.mark.parametrize(
    "typed",
    [
        "constitution",
        "topic:constitution",
        "Конституция",
        "КОНСТИТУЦИЯ, difficulty:easy",
        "право, Constitution",
    ],
)
def test_a_topic_is_called_by_its_code_or_title(d: Desk, typed: str) -> None:
    found = plan(d, sheet(filled("plan-1.ru", typed, "план"), head=TOPIC_HEAD), replace(SAYS, topic="service"))
    assert [(row.kind, row.draft.topic) for row in found.rows] == [("new", "constitution")]


def test_a_title_with_commas_is_one_topic(d: Desk) -> None:
    title = "Делопроизводство, обращения граждан, персональные данные, электронная подпись"
    found = plan(d, sheet(filled("plan-1.ru", f"{title}; difficulty:hard", "план"), head=TOPIC_HEAD))
    (row,) = found.rows
    assert (row.kind, row.draft.topic, row.draft.difficulty) == ("new", "records", "hard")


def test_an_unknown_topic_is_quoted_and_the_known_ones_are_listed(d: Desk) -> None:
    found = plan(d, sheet(filled("plan-1.ru", "Конституцыя", "план"), head=TOPIC_HEAD))
    remark = said(found, "plan-1")["QUESTION_TOPIC"]
    assert remark.params["topic"] == "Конституцыя"
    assert "constitution" in str(remark.params["known"]).split(", ")
    none = plan(d, sheet(filled("plan-1.ru", "", "план"), head=TOPIC_HEAD), replace(SAYS, topic=""))
    assert "constitution" in str(said(none, "plan-1")["QUESTION_TOPIC_NONE"].params["known"])
    both = plan(d, sheet(filled("plan-1.ru", "constitution, service", "план"), head=TOPIC_HEAD))
    assert said(both, "plan-1")["QUESTION_TOPIC_SEVERAL"].severity == "error"
    ky = ("plan-1.ky", "constitution", "План ким тарабынан бекитилет?", "а1", "а2", "а3", "а4", "а5", "А")
    one = plan(d, sheet(ky, filled("plan-1.ru", "Трудовое право", "план"), head=TOPIC_HEAD))
    assert "QUESTION_TOPIC_SEVERAL" not in said(one, "plan-1")
    unknown = said(one, "plan-1")["QUESTION_TOPIC"]
    assert (unknown.cell, unknown.params["topic"]) == ("B3", "Трудовое право"), "the row that is wrong, not the other"


def test_a_missing_language_and_a_missing_id_are_said_at_the_row(d: Desk) -> None:
    found = plan(d, text(("plan-1.ru", RU), ("", RU.replace("план", "бюджет")), ("both-1.ru", RU.replace("план", "x"))))
    assert said(found, "plan-1")["QUESTION_LANGUAGE_GAP"].params["languages"] == "ky"
    assert "QUESTION_ID_NONE" not in said(found, "plan-1")
    assert said(found, "new-001")["QUESTION_ID_NONE"].params["tongue"] == "ru"
    whole = plan(d, text(("plan-1.ru", RU), ("plan-1.ky", KY)))
    assert said(whole, "plan-1") == {}
    assert (whole.warned, found.warned) == (0, 3)


def test_rows_with_warnings_come_first(d: Desk) -> None:
    found = plan(d, text(("plan-1.ru", RU), ("plan-1.ky", KY), ("plan-2.ru", RU.replace("план", "отчёт о работе"))))
    assert [(row.group, row.warned) for row in found.shown("new")] == [("plan-2", True), ("plan-1", False)]


def test_an_exact_repeat_is_refused_in_the_file_the_drafts_and_the_bank(d: Desk) -> None:
    found = plan(d, text(("one-1.ru", RU), ("two-1.ru", RU.upper().replace("?", " ?"))))
    assert [(row.group, row.kind) for row in found.rows] == [("one-1", "new"), ("two-1", "refused")]
    assert codes(found, "two-1") == ["QUESTION_REPEATED_IN_FILE"]
    repeat = said(found, "two-1")["QUESTION_REPEATED_IN_FILE"]
    assert (repeat.params["other"], repeat.line > found.rows[0].first_line) == ("one-1", True)
    assert len(plan(d, text(("one-1.ru", RU), ("two-1.ru", RU.replace("=", "~").replace("~", "=", 2)))).of("new")) <= 1
    item = d.add(NEW)
    drafted = plan(d, text(("two-1.ru", RU)))
    assert said(drafted, "two-1")["QUESTION_REPEATED"].params["other"] == "plan-001"
    assert codes(plan(d, text(("plan-001.ru", RU))), "plan-001") == []
    for actor, name in ((d.author, "submit"), (d.other, "pass_review"), (d.other, "approve")):
        d.move(actor, item, name)
    d.release("2026.2", "вопрос о плане")
    assert codes(plan(d, text(("two-1.ru", RU))), "two-1") == ["QUESTION_REPEATED"]


def test_an_exact_repeat_of_the_bank_is_not_handed_in(d: Desk) -> None:
    source = (Path(SHIPPED) / "general" / "general.ru.gift").read_text(encoding="utf-8")
    twins = (Path(SHIPPED) / "general" / "general.ky.gift").read_text(encoding="utf-8")
    texts = {}
    for language, whole in (("ru", source), ("ky", twins)):
        (first,) = [one for one in read(whole).questions if one.idnumber == f"const-001.{language}"]
        texts[language] = bare_text(first)
    item = d.add(replace(NEW, texts=texts))
    with pytest.raises(Refused) as refused:
        d.move(d.author, item, "submit")
    assert "question.has_errors" in [refused.value.code, *(one.code for one in refused.value.others)]


def test_a_sheet_is_told_of_its_cells(d: Desk) -> None:
    gap = (*ANSWERS[:2], "", *ANSWERS[3:])
    rows = (
        filled("plan-1.ru", "constitution", "план", key="А, Б"),
        filled("plan-2.ru", "constitution", "отчёт о работе", *gap),
        filled("plan-3.ru", "constitution", "устав архива", key=""),
        filled("plan-4.ru", "constitution", "смету музея", key="А 100, Б 50"),
    )
    found = plan(d, sheet(*rows, head=TOPIC_HEAD))
    assert codes(found, "plan-1") == ["QUESTION_CELL_KEYS"]
    assert dict(said(found, "plan-1")["QUESTION_CELL_KEYS"].params) == {"cell": "I2", "key": "А, Б", "n": 2}
    assert said(found, "plan-2")["QUESTION_CELL_OPTIONS"].params["cells"] == "F3"
    ky = ("plan-2.ky", "constitution", "План ким тарабынан бекитилет?", "а1", "а2", "а3", "а4", "а5", "А")
    assert codes(plan(d, sheet(ky, rows[1], head=TOPIC_HEAD)), "plan-2") == ["QUESTION_CELL_OPTIONS"]
    assert codes(found, "plan-3") == ["E_SHEET_NO_KEY"]
    assert said(found, "plan-3")["E_SHEET_NO_KEY"].cell == "I4"
    assert codes(found, "plan-4") == ["QUESTION_CELL_KEYS"]


def test_a_pair_is_refused_whole_when_one_language_is(d: Desk) -> None:
    same = (*ANSWERS[:4], ANSWERS[0].upper())
    ky = ("plan-1.ky", "constitution", "План ким тарабынан бекитилет?", "а1", "а2", "а3", "а4", "а5", "А")
    found = plan(d, sheet(ky, filled("plan-1.ru", "constitution", "план", *same), head=TOPIC_HEAD))
    assert [(row.group, row.kind) for row in found.rows] == [("plan-1", "refused")]
    (remark,) = found.rows[0].errors
    assert (remark.code, remark.language, remark.cell) == ("QUESTION_CELL_SAME_RIGHT", "ru", "D3, H3")


def test_a_source_is_named_by_code_or_title_in_a_column_of_its_own(d: Desk) -> None:
    head = (*TOPIC_HEAD, "Источник", "Сложность")
    named = {
        "kg-law-125-2021#art1": "kg-law-125-2021#art1",
        "kg-constitution-2021": "kg-constitution-2021#unverified",
        "kg-constitution-2021 – Конституция Кыргызской Республики": "kg-constitution-2021#unverified",
        "конституция Кыргызской  Республики": "kg-constitution-2021#unverified",
    }
    rows = [
        (*filled(f"plan-{n}.ru", "constitution", f"план {n}{n}{n}"), words, "Трудный")
        for n, words in enumerate(named, 1)
    ]
    found = plan(d, sheet(*rows, head=head), replace(SAYS, citation=""))
    assert [row.draft.citations for row in found.rows] == [(one,) for one in named.values()]
    assert {row.draft.difficulty for row in found.rows} == {"hard"}
    unknown = (
        (*filled("plan-1.ru", "constitution", "план"), "Закон о рыбалке, ст. 4", ""),
        (*filled("plan-2.ru", "constitution", "устав"), "kg-law-125-2021#art99", ""),
        (*filled("plan-3.ru", "constitution", "отчёт"), "", ""),
    )
    refused = plan(d, sheet(*unknown, head=head), replace(SAYS, citation=""))
    assert [(row.errors[0].code, row.errors[0].cell) for row in refused.rows] == [
        ("QUESTION_CELL_SOURCE", "J2"),
        ("QUESTION_CELL_PLACE", "J3"),
        ("QUESTION_CELL_SOURCE_NONE", "J4"),
    ]
    assert "art1" in str(refused.rows[1].errors[0].params["known"])
    columnless = plan(
        d, sheet(filled("plan-4.ru", "constitution", "план"), head=TOPIC_HEAD), replace(SAYS, citation="")
    )
    assert [(one.code, one.cell) for one in columnless.rows[0].errors] == [("QUESTION_COLUMN_SOURCE", "C2")]


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ("Закон КР «О государственной гражданской службе и муниципальной службе» от 30 мая 2016 года № 75", "ALIKE"),
        ("«Мамлекеттик жарандык кызмат жана муниципалдык кызмат жөнүндө» Мыйзам, 2016, № 75", "ALIKE"),
        ("Закон «О государственной тайне» № 1", ""),
        ("Закон", ""),
    ],
)
def test_a_former_act_of_the_same_name_is_told_from_an_unknown_one(d: Desk, named: str, code: str) -> None:
    head = (*TOPIC_HEAD, "Источник")
    row = plan(d, sheet((*filled("plan-1.ru", "constitution", "план"), named), head=head), replace(SAYS, citation=""))
    (found,) = [one for one in row.rows[0].errors if one.code.startswith("QUESTION_CELL_SOURCE")]
    assert found.cell == "J2"
    assert found.code.removeprefix("QUESTION_CELL_SOURCE").lstrip("_") == code
    if code:
        assert (found.params["code"], found.params["number"]) == ("kg-law-125-2021", "125")


def test_what_the_rows_of_one_question_say_of_it(d: Desk) -> None:
    head = (*TOPIC_HEAD, "Источник", "Сложность")
    ky = ("plan-1.ky", "constitution", "План ким тарабынан бекитилет?", "а1", "а2", "а3", "а4", "а5", "А")
    ru = filled("plan-1.ru", "constitution", "план")
    one = plan(d, sheet((*ky, "", ""), (*ru, "kg-law-125-2021#art1", "easy"), head=head))
    assert (one.rows[0].draft.citations, one.rows[0].draft.difficulty) == (("kg-law-125-2021#art1",), "easy")
    two = plan(d, sheet((*ky, "kg-law-123-2021", "hard"), (*ru, "kg-law-125-2021#art1", "easy"), head=head))
    assert {"QUESTION_SOURCES_DIFFER", "QUESTION_DIFFICULTY_SEVERAL"} <= set(codes(two, "plan-1"))
    wrong = plan(d, sheet((*ky, "", ""), (*ru, "Закон о рыбалке", "тяжко"), head=head))
    assert sorted((remark.code, remark.cell) for remark in wrong.rows[0].errors) == [
        ("QUESTION_CELL_DIFFICULTY", "K3"),
        ("QUESTION_CELL_SOURCE", "J3"),
    ], "once, and in the row that says it"
    place = plan(d, sheet((*ru, "kg-constitution-2021 ст. 5", ""), head=head))
    assert said(place, "plan-1")["QUESTION_CELL_SOURCE"].params["said"] == "kg-constitution-2021 ст. 5"


def test_questions_on_two_sheets_are_not_taken(d: Desk) -> None:
    book = load_workbook(BytesIO(sheet(filled("plan-1.ru", "constitution", "план"), head=TOPIC_HEAD)))
    second = book.create_sheet("ещё")
    for row in (TOPIC_HEAD, filled("plan-2.ru", "constitution", "отчёт", key="Я")):
        second.append(row)
    content = BytesIO()
    book.save(content)
    with pytest.raises(InvalidInput) as refused:
        plan(d, content.getvalue())
    assert refused.value.code == "question.import_sheets"


def test_a_repeat_of_a_refused_question_is_taken(d: Desk) -> None:
    ky = ("plan-1.ky", "constitution", "План ким тарабынан бекитилет?", "а1", "а2", "а3", "а4", "а5", "А")
    again = ("plan-2.ky", *ky[1:])
    found = plan(d, sheet(ky, filled("plan-1.ru", "constitution", "план", key="Я"), again, head=TOPIC_HEAD))
    assert [(row.group, row.kind) for row in found.rows] == [("plan-1", "refused"), ("plan-2", "new")]


def test_what_changed_behind_the_preview_is_shown_again(d: Desk) -> None:
    item = d.add(NEW)
    content = text(("plan-001.ru", RU.replace("?", " ныне?")))
    shown = plan(d, content)
    assert shown.of("changed")
    with d.office.work(d.other) as work:
        held = work.get(QuestionItem, item)
        texts = {**held.texts, "ru": RU.replace("?", " теперь?")}
        desk.save_draft(work, item, replace(NEW, texts=texts), expected_version=held.version, reason="правка")
    with pytest.raises(InvalidInput) as other:
        write(d, content, plan_hash=shown.hash)
    assert other.value.code == "question.import_other_plan"


def test_columns_that_were_not_read_are_told(d: Desk) -> None:
    head = tuple("Проверяющий" if one == "Темы" else one for one in TOPIC_HEAD)
    found = plan(d, sheet(filled("plan-1.ru", "constitution", "план"), head=head))
    assert [(note.code, note.cell, note.params["text"]) for note in found.notes] == [
        ("W_SHEET_COLUMN", "B1", "Проверяющий")
    ]


@pytest.mark.parametrize("language", TEMPLATE_LANGUAGES)
def test_the_template_of_a_bank_is_filled_and_comes_back(d: Desk, language: SheetLanguage) -> None:
    with d.office.work(d.author) as work:
        code, content = bank_template(work, d.bank, language)
    assert code == "general"
    book = load_workbook(BytesIO(content))
    questions, notes, example, lists = book.worksheets
    assert lists.sheet_state == "hidden"
    assert len(questions.data_validations.dataValidation) == 4
    told = "\n".join(str(row[0].value) for row in notes.iter_rows())
    assert "const-041.ru" in told
    assert "constitution – " in told
    assert "kg-law-125-2021 – " in told
    offered = [label(f"gift_help_{number}", language) for number in (5, 6)]
    assert not any(line in told for line in offered), "a bank refuses every other type, so none is offered"
    assert label("gift_help_bank_key", language) in told
    assert " 5" in str(notes.cell(2, 1).value), "how many answers each question of the bank has"
    assert [lists.cell(row, 4).value for row in (1, 2, 3)] == [difficulty_word(one, language) for one in DIFFICULTIES]
    with pytest.raises(InvalidInput) as empty:
        plan(d, content)
    assert (empty.value.code, empty.value.params["sheet"]) == ("question.import_no_rows", book.sheetnames[0])
    for row in example.iter_rows(min_row=2, values_only=True):
        questions.append(row)
    kept_book = BytesIO()
    book.save(kept_book)
    (read_back,) = plan(d, kept_book.getvalue(), replace(SAYS, topic="", citation="")).rows
    assert (read_back.group, read_back.kind, sorted(read_back.draft.texts), read_back.errors) == (
        "example-001",
        "new",
        ["ky", "ru"],
        (),
    )


TOLD_HEAD = (*TOPIC_HEAD, "Сложность", "Язык")
WORDS_KY = ("өкмөт төрагасы", "жергиликтүү кеңеш", "мамлекет башчысы", "каржы министри", "облустук кеңеш")


def test_a_reason_that_most_share_is_said_once(d: Desk) -> None:
    four = (*ANSWERS[:4], "")
    rows = [filled(f"plan-{n}.ru", "constitution", f"план {n}{n}", *four) for n in range(1, 5)]
    (common,) = plan(d, sheet(*rows, filled("plan-9.ru", "никакая", "устав"), head=TOPIC_HEAD)).common_reasons
    assert (common.about_options, common.n, common.of) == (True, 4, 5)
    assert (common.remark.params["n"], common.remark.params["expected"]) == (4, 5)
    assert plan(d, sheet(*rows[:2], head=TOPIC_HEAD)).common_reasons == ()


def test_a_finding_names_the_cell_of_the_answer(d: Desk) -> None:
    rows = (
        filled("plan-1.ru", "constitution", "план", *ANSWERS[:3], "мэp гopoда", ANSWERS[4]),
        (*filled("plan-2.ru", "constitution", "устав"), "очень трудно"),
        (*filled("plan-3.ru", "constitution", "отчёт", *ANSWERS[:3], "", ANSWERS[4], key="г"), ""),
    )
    found = plan(d, sheet(*rows, head=TOLD_HEAD))
    lookalikes = {(r.params["word"], r.params["letters"], r.cell) for r in found.rows[0].errors}
    assert lookalikes == {("гopoда", "opo", "G2"), ("мэp", "p", "G2")}
    hard = said(found, "plan-2")["QUESTION_CELL_DIFFICULTY"]
    assert (hard.cell, [one["ru"] for one in hard.titles["known"]]) == ("J3", ["лёгкая", "средняя", "высокая"])
    empty = said(found, "plan-3")["E_SHEET_KEY_EMPTY"]
    assert (empty.cell, empty.params["text"], empty.params["key"]) == ("G4", "Г", "I4")


def test_cells_that_a_program_shows_otherwise_are_told_together(d: Desk) -> None:
    book = load_workbook(BytesIO(sheet(filled("plan-1.ru", "constitution", "план"), head=TOPIC_HEAD)))
    page = book.worksheets[0]
    for column, (value, form) in enumerate([(0.1, "0%"), (2000.5, "#,##0.00"), (0.5, "General"), (7, "000")], 4):
        page.cell(2, column, value).number_format = form
    content = BytesIO()
    book.save(content)
    (row,) = plan(d, content.getvalue()).rows
    assert [(remark.code, remark.cell) for remark in row.errors] == [("E_SHEET_SHOWN", "E2, F2")]
    page.cell(2, 5, "2 000,50").number_format = "@"
    page.cell(2, 6, "0,5").number_format = "@"
    content = BytesIO()
    book.save(content)
    (row,) = plan(d, content.getvalue()).rows
    assert row.kind == "new"
    assert row.draft.texts["ru"].split()[3:8] == ["=10%", "~2", "000,50", "~0,5", "~007"]


def test_an_empty_sheet_and_rows_beside_it_are_told(d: Desk) -> None:
    with d.office.work(d.author) as work:
        book = load_workbook(BytesIO(bank_template(work, d.bank, "ru")[1]))
    book["Пример"].append(("3", "", "Кто утверждает план?", *ANSWERS, "А"))
    content = BytesIO()
    book.save(content)
    with pytest.raises(InvalidInput) as refused:
        plan(d, content.getvalue())
    assert refused.value.code == "question.import_on_example"
    assert refused.value.params == {"sheet": "Вопросы", "example": "Пример", "rows": "1"}


def test_no_row_becomes_a_question_of_the_wrong_language(d: Desk) -> None:
    ky = ("", "constitution", "Жылдык планды өкмөттө ким бекитет?", *WORDS_KY, "А")
    ru = filled("", "constitution", "план повышения квалификации служащих")
    silent = plan(d, sheet(ky, ru, head=TOPIC_HEAD))
    assert [[r.code for r in row.errors] for row in silent.rows] == [["QUESTION_TONGUE_DOUBT"], []]
    assert silent.rows[0].errors[0].cell == "C2"
    other = plan(d, sheet(ky, ru, head=TOPIC_HEAD), replace(SAYS, language="ky"))
    assert [[r.code for r in row.errors] for row in other.rows] == [[], ["QUESTION_TONGUE_DOUBT"]]
    taken = plan(d, sheet(("plan-7", *ru[1:]), head=TOPIC_HEAD))
    assert (taken.rows[0].warned, said(taken, "plan-7")["QUESTION_TONGUE_TAKEN"].cell) == (True, "A2")
    named = plan(d, sheet((*ky, "", "кыргызча"), (*ru, "", "русский"), head=TOLD_HEAD))
    assert [sorted(row.draft.texts) for row in named.of("new")] == [["ky"], ["ru"]]
    pair = plan(d, sheet(("plan-1", *ky[1:], "", "Тил: ky"), ("plan-2.ru", *ru[1:], "", "ky"), head=TOLD_HEAD))
    assert [(row.errors[0].code, row.errors[0].cell) for row in pair.rows] == [
        ("QUESTION_TONGUE_UNKNOWN", "K2"),
        ("QUESTION_TONGUE_TWO", "K3"),
    ]


def test_a_row_that_is_refused_is_there_nevertheless(d: Desk) -> None:
    ky = ("plan-1.ky", "constitution", "План ким тарабынан бекитилет?", "а1", "а2", "а3", "а4", "а5", "А")
    found = plan(d, sheet(ky, filled("plan-1.ru", "constitution", "план", key="Ю"), head=TOPIC_HEAD))
    assert "QUESTION_LANGUAGE_GAP" not in said(found, "plan-1")
    keys = plan(d, sheet(ky, filled("plan-1.ru", "constitution", "план", key="А, Б"), head=TOPIC_HEAD))
    assert "BANK_TWIN_KEY" not in said(keys, "plan-1")
    assert [row.remarks[0].severity for row in (*found.rows, *keys.rows)] == ["error", "error"]
    nameless = plan(d, sheet(filled("", "constitution", "план", key="Ю"), head=TOPIC_HEAD))
    assert [(row.group, row.first_line) for row in nameless.rows] == [("", 2)]
    alone = plan(d, sheet(filled("plan-1.ru", "constitution, service", "план"), head=TOPIC_HEAD))
    several = said(alone, "plan-1")["QUESTION_TOPIC_SEVERAL"]
    assert ((several.line, several.cell), several.titles["topics"][0]["ru"]) == ((2, "B2"), "Конституция")


def test_a_name_has_one_fault_and_its_letter_is_told(d: Desk) -> None:
    found = plan(d, sheet(filled("plаn-1.ru", "constitution", "план"), head=TOPIC_HEAD))
    (fault,) = found.rows[0].errors
    assert (fault.code, fault.params["letter"], fault.params["place"]) == ("QUESTION_GROUP_LETTER", "а", 3)
    assert (fault.params["script"], fault.cell) == ("Cyrillic", "A2")
    assert "QUESTION_LANGUAGE_GAP" not in said(found, "plаn-1"), "nobody is told to use the wrong name again"


def test_what_to_do_with_a_released_question_is_said(d: Desk) -> None:
    item = d.add(NEW)
    for actor, name in ((d.author, "submit"), (d.other, "pass_review"), (d.other, "approve")):
        d.move(actor, item, name)
    changed = text(("plan-001.ru", RU.replace("план", "новый план")))
    assert codes(plan(d, changed), "plan-001") == ["QUESTION_NOT_IN_DRAFT"]
    d.release("2026.2", "вопрос о плане")
    assert codes(plan(d, changed), "plan-001") == ["QUESTION_IN_USE"]


def test_a_name_of_another_bank_is_refused_in_the_preview_at_its_line(d: Desk) -> None:
    with d.office.work(d.author) as work:
        elsewhere = work.session.scalars(
            select(BankQuestion.twin_group)
            .join(QuestionBank, QuestionBank.id == BankQuestion.bank_id)
            .where(QuestionBank.code == "subject")
            .limit(1)
        ).one()
    content = text(("free-1.ru", RU), (f"{elsewhere}.ru", RU.replace("план", "отчёт")))
    found = plan(d, content)
    (row,) = found.of("refused")
    (remark,) = row.errors
    assert remark.line == row.first_line > 1
    assert (remark.code, dict(remark.params)) == ("QUESTION_ID_TAKEN", {"group": elsewhere, "bank": "subject"})
    write(d, content, only_sound=True)
    assert set(kept(d)) == {"free-1"}


PAIR_HEAD = (*TOPIC_HEAD, "Источник", "Сложность")
SAYS_NOTHING = replace(SAYS, topic="", citation="")


def twin(id_: str, topic: str, about: str, source: str = "", hard: str = "") -> tuple[str, ...]:
    """A row of a pair: Kyrgyz or Russian by its ID."""
    asks = f"{about} жөнүндө чечимди ким кабыл алат?" if ".k" in id_ else f"Кто принимает решение о {about}?"
    return (id_, topic, asks, *(WORDS_KY if ".k" in id_ else ANSWERS), "А", source, hard)


LAW = "kg-law-125-2021#art1"


@pytest.mark.parametrize("turned", [False, True])
def test_what_one_language_names_the_pair_has(d: Desk, turned: bool) -> None:
    rows = [
        twin("one-1.ky", "", "план", "", "easy"),
        twin("two-1.ky", "service", "смета", LAW, ""),
        twin("one-1.ru", "constitution", "план", LAW, ""),
        twin("two-1.ru", "", "смета", "", "hard"),
    ]
    found = plan(d, sheet(*(rows[::-1] if turned else rows), head=PAIR_HEAD), SAYS_NOTHING)
    drafts = {row.group: (row.kind, row.draft.topic, row.draft.citations, row.draft.difficulty) for row in found.rows}
    assert drafts == {
        "one-1": ("new", "constitution", (LAW,), "easy"),
        "two-1": ("new", "service", (LAW,), "hard"),
    }


def test_what_no_language_names_is_told_at_both_cells(d: Desk) -> None:
    rows = (
        twin("one-1.ky", "", "план"),
        twin("two-1.ky", "служба", "смета", "Закон о рыбалке", "тяжко"),
        twin("one-1.ru", "", "план"),
        twin("two-1.ru", "служба", "смета", "Закон о рыбалке", "тяжко"),
    )
    found = plan(d, sheet(*rows, head=PAIR_HEAD), SAYS_NOTHING)
    assert sorted((one.code, one.cell) for one in found.rows[0].errors) == [
        ("QUESTION_CELL_SOURCE_NONE", "J2, J4"),
        ("QUESTION_TOPIC_NONE", "B2, B4"),
    ]
    assert sorted((one.code, one.cell) for one in found.rows[1].errors) == [
        ("QUESTION_CELL_DIFFICULTY", "K3, K5"),
        ("QUESTION_CELL_SOURCE", "J3, J5"),
        ("QUESTION_TOPIC", "B3, B5"),
    ]
    assert found.rows[1].errors[0].params.get("cell", "") in ("", "J3, J5", "K3, K5")


def test_a_refused_row_names_the_topic_of_its_twin(d: Desk) -> None:
    ru = ("one-1.ru", "constitution", "Кто принимает план?", *ANSWERS, "Ю", LAW, "")
    found = plan(d, sheet(twin("one-1.ky", "", "план"), ru, head=PAIR_HEAD), SAYS_NOTHING)
    assert codes(found, "one-1") == ["QUESTION_CELL_KEY"]


def test_rows_of_a_pair_that_differ_are_told_with_all_their_cells(d: Desk) -> None:
    rows = (
        twin("one-1.ky", "constitution", "план", LAW, "hard"),
        twin("one-1.ru", "service", "план", "kg-law-123-2021", "easy"),
    )
    found = said(plan(d, sheet(*rows, head=PAIR_HEAD)), "one-1")
    assert found["QUESTION_TOPIC_SEVERAL"].cell == "B2, B3"
    assert found["QUESTION_SOURCES_DIFFER"].cell == "J2, J3"
    hard = found["QUESTION_DIFFICULTY_SEVERAL"]
    assert (hard.cell, [words["ru"] for words in hard.titles["words"]]) == ("K2, K3", ["высокая", "лёгкая"])
    rows = (
        twin("one-1.ky", "constitution", "план", LAW, "тяжко"),
        twin("one-1.ru", "constitution", "план", "kg-law-99-1999", "easy"),
    )
    errors = plan(d, sheet(*rows, head=PAIR_HEAD)).rows[0].errors
    assert sorted((one.code, one.cell) for one in errors) == [
        ("QUESTION_CELL_DIFFICULTY", "K2"),
        ("QUESTION_CELL_SOURCE", "J3"),
    ], "what is not valid is told, and no difference that hides it"


@pytest.mark.parametrize(
    ("typed", "letter", "place"), [("one-1.rо", "о", 8), ("one-1.kу", "у", 8), ("one-1.ку", "к", 7)]
)
def test_a_cyrillic_letter_in_the_language_of_an_id_is_told_at_that_id(
    d: Desk, typed: str, letter: str, place: int
) -> None:
    sound = twin("one-1.ky" if ".r" in typed else "one-1.ru", "constitution", "план", LAW)
    found = plan(d, sheet(sound, twin(typed, "constitution", "план", LAW), head=PAIR_HEAD))
    (row,) = found.rows
    (fault,) = row.errors
    assert (fault.code, fault.line, fault.cell) == ("QUESTION_TONGUE_LETTER", 3, "A3")
    assert (fault.params["letter"], fault.params["place"]) == (letter, place)
    assert fault.titles["script"][0]["ru"] == "кириллица"
    assert "QUESTION_LANGUAGE_GAP" not in said(found, "one-1")


def test_a_language_that_the_bank_lacks_is_told_at_its_own_row(d: Desk) -> None:
    rows = (twin("one-1.ky", "constitution", "план", LAW), twin("one-1.en", "constitution", "план", LAW))
    found = plan(d, sheet(*rows, head=PAIR_HEAD))
    assert [(one.code, one.line, one.cell) for one in found.rows[0].errors] == [("QUESTION_LANGUAGE_OTHER", 3, "A3")]


def test_texts_of_another_language_are_warned_of_until_they_are_handed_in(d: Desk) -> None:
    ky = ("", "Жылдык планды өкмөттө ким бекитет?", *WORDS_KY, "А")
    ru = ("", "Кто утверждает план и смету на год?", *ANSWERS, "А")
    long = ("", "Кто утверждает план повышения квалификации служащих аппарата и смету на год?", *ANSWERS, "А")
    rows = (
        ("one-1.ky", *long[1:]),
        ("one-1.ru", *ky[1:]),
        ("two-1.ky", *ky[1:4], "ректор", *ky[5:]),
        ("two-1.ru", *ru[1:]),
    )
    content = sheet(*rows)
    found = plan(d, content)
    warned = [(one.language, one.cell) for one in found.rows[0].remarks if one.code == "QUESTION_TONGUE_AGAINST"]
    assert (found.rows[0].kind, sorted(warned)) == ("new", [("ky", "B2"), ("ru", "B3")])
    assert "QUESTION_TONGUE_AGAINST" not in said(found, "two-1")
    write(d, content)
    again = plan(d, content)
    assert ([row.kind for row in again.rows], again.warned) == (["same", "same"], found.warned)
    assert again.shown("same")[0].warned
    assert "QUESTION_TONGUE_AGAINST" in said(again, "one-1")
    with d.office.work(d.author) as work:
        shown = review_hand_in(work, None)
    told = {one.group: {remark.code for remark in one.warnings} for one in shown.going}
    assert "QUESTION_TONGUE_AGAINST" in told["one-1"]
    assert "QUESTION_TONGUE_AGAINST" not in told["two-1"]


def test_a_copy_in_place_of_a_translation_is_warned_of(d: Desk) -> None:
    ky = twin("one-1.ky", "constitution", "план", LAW)
    (row,) = plan(d, sheet(ky, ("one-1.ru", *ky[1:]), head=PAIR_HEAD)).rows
    copied = said(plan(d, sheet(ky, ("one-1.ru", *ky[1:]), head=PAIR_HEAD)), "one-1")["QUESTION_TWINS_SAME"]
    assert (row.kind, row.warned, copied.cell) == ("new", True, "C3")


def test_a_repeat_names_the_row_of_its_language_and_is_told_once(d: Desk) -> None:
    rows = (
        twin("one-1.ky", "constitution", "план", LAW),
        twin("one-1.ru", "constitution", "план", LAW),
        twin("two-1.ky", "constitution", "смета", LAW),
        ("two-1.ru", *twin("one-1.ru", "constitution", "план", LAW)[1:]),
    )
    (_, row) = plan(d, sheet(*rows, head=PAIR_HEAD)).rows
    told = [(one.code, one.params.get("row"), one.cell) for one in row.remarks if one.severity != "info"]
    assert told == [("QUESTION_REPEATED_IN_FILE", 3, "C5")]


def test_an_id_that_stands_twice_is_told_at_the_id(d: Desk) -> None:
    head = (*TOPIC_HEAD[1:], "ID")
    rows = [(*filled("", "constitution", about)[1:], "one-1.ru") for about in ("план", "устав")]
    (remark,) = plan(d, sheet(*rows, head=head)).rows[0].errors
    assert (remark.code, remark.cell) == ("E_ID_DUPLICATE", "I3")


# -- what an author can follow -----------------------------------------------------------------------------------------


def test_whoever_chooses_what_the_template_offers_is_not_warned_and_known_again(d: Desk) -> None:
    with d.office.work(d.author) as work:
        book = load_workbook(BytesIO(bank_template(work, d.bank, "ru")[1]))
    page, lists = book.worksheets[0], book["lists"] if "lists" in book.sheetnames else book.worksheets[-1]
    head = [cell.value for cell in page[1]]
    offered = {str(cell.value) for row in lists.iter_rows() for cell in row if cell.value}
    source = next(one for one in sorted(offered, key=len, reverse=True) if one.startswith("kg-"))
    topic = "Делопроизводство, обращения граждан, персональные данные, электронная подпись"
    assert topic in offered
    assert len(f"source:{source}") > 50 < len(topic)
    answers = {f"Ответ {letter}": words for letter, words in zip("АБВГД", ANSWERS, strict=True)}
    kyrgyz = {f"Ответ {letter}": words for letter, words in zip("АБВГД", WORDS_KY, strict=True)}
    for number, (id_, asks, texts) in enumerate(
        [
            ("plan-1.ru", "Кто утверждает план?", answers),
            ("plan-1.ky", "Жылдык планды өкмөттө ким бекитет?", kyrgyz),
        ],
        2,
    ):
        cells = {"ID": id_, "Вопрос": asks, "Ключ": "А", "Темы": topic, "Источник": source, **texts}
        for name, words in cells.items():
            page.cell(number, head.index(name) + 1, words)
    content = BytesIO()
    book.save(content)
    (row,) = plan(d, content.getvalue()).rows
    assert (row.kind, row.remarks, row.draft.topic) == ("new", (), "records")
    assert row.draft.citations == (f"{source.split()[0]}#unverified",)
    write(d, content.getvalue())
    assert [one.kind for one in plan(d, content.getvalue()).rows] == ["same"]


def with_pictures(content: bytes, *anchors: str) -> bytes:
    """The sheet with a drawing over each of these cells; `*`: over the whole page, tied to no cell."""
    book = load_workbook(BytesIO(content))
    page = book.worksheets[0]
    for anchor in anchors:
        drawn = BarChart()
        page.add_chart(drawn, "A1")
        whole: Any = AbsoluteAnchor(pos=XDRPoint2D(0, 0), ext=XDRPositiveSize2D(9_000, 9_000))
        drawn.anchor = whole if anchor == "*" else anchor
    saved = BytesIO()
    book.save(saved)
    return saved.getvalue()


def test_a_picture_over_a_row_is_told_at_its_cell(d: Desk) -> None:
    rows = [filled(f"plan-{n}.ru", "constitution", about) for n, about in enumerate(("план", "устав", "смету"), 1)]
    content = sheet(*rows, head=TOPIC_HEAD)
    assert "W_SHEET_PICTURE" not in said(plan(d, content), "plan-1")
    found = plan(d, with_pictures(content, "C2", "A1", "C2", "D2", "H4", "C9", "*"))
    told = {row.group: said(found, row.group).get("W_SHEET_PICTURE") for row in found.rows}
    assert {group: one and (one.line, one.cell) for group, one in told.items()} == {
        "plan-1": (2, "C2, D2"),
        "plan-2": None,
        "plan-3": (4, "H4, C9"),
    }, "the row it lies on, or the one above an empty one; a mark above the head is nobody's"
    assert all(row.warned and row.kind == "new" for row in found.rows)
    assert [(note.code, note.params["text"]) for note in found.notes] == [("W_SHEET_PICTURE_LOOSE", "Sheet")]
    refused = plan(d, with_pictures(sheet(filled("plan-1.ru", "constitution", "план", key="Ю"), head=TOPIC_HEAD), "C2"))
    assert [(note.code, note.cell) for note in refused.notes] == [("W_SHEET_PICTURE", "C2")]


def repacked(content: bytes, part: str, text: bytes, packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The same file with another text in one of its parts."""
    packed = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(packed, "w", packing) as new:
        for name in old.namelist():
            new.writestr(name, text if name == part else old.read(name))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("text", "code", "packing"),
    [
        (
            b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
            "WORKBOOK_FORBIDDEN_XML",
            zipfile.ZIP_DEFLATED,
        ),
        (b"<x>" + b"<y/>" * 600_000 + b"</x>", "WORKBOOK_TOO_MANY_ELEMENTS", zipfile.ZIP_STORED),
        (b"<x>" + b" " * 30_000_000 + b"</x>", "WORKBOOK_SWELLS", zipfile.ZIP_DEFLATED),
        (b"<x><y></x>", "WORKBOOK_BROKEN", zipfile.ZIP_DEFLATED),
    ],
)
def test_a_drawing_is_no_way_in(d: Desk, text: bytes, code: str, packing: int) -> None:
    content = with_pictures(sheet(filled("plan-1.ru", "constitution", "план"), head=TOPIC_HEAD), "C2")
    with pytest.raises(InvalidInput) as refused:
        plan(d, repacked(content, "xl/drawings/drawing1.xml", text, packing))
    assert refused.value.code == code


def test_a_drawing_that_is_somewhere_else_or_odd_is_left_alone(d: Desk) -> None:
    content = with_pictures(sheet(filled("plan-1.ru", "constitution", "план"), head=TOPIC_HEAD), "C2")
    names = b"http://schemas.openxmlformats.org/"
    link = b'<Relationships xmlns="%spackage/2006/relationships"><Relationship Id="rId1"' % names
    link += b' Type="%sofficeDocument/2006/relationships/drawing"' % names
    for target in (b"../../../../etc/passwd", b"http://127.0.0.1/x", b"", b"/xl/nowhere.xml"):
        odd = repacked(
            content, "xl/worksheets/_rels/sheet1.xml.rels", link + b' Target="%s"/></Relationships>' % target
        )
        assert not said(plan(d, odd), "plan-1").keys() & {"W_SHEET_PICTURE"}
    space = names + b"drawingml/2006/spreadsheetDrawing"
    far = (
        b"<wsDr xmlns='%s'><oneCellAnchor><from><col>x</col><row>99999999999</row></from></oneCellAnchor></wsDr>"
        % space
    )
    assert [one.code for one in plan(d, repacked(content, "xl/drawings/drawing1.xml", far)).notes] == [
        "W_SHEET_PICTURE_LOOSE"
    ]


def as_excel_writes_it(content: bytes) -> bytes:
    """The same file with the texts of its sheet in a part of their own."""
    names, texts = b"http://schemas.openxmlformats.org", []

    def numbered(found: re.Match[bytes]) -> bytes:
        texts.append(b"<si>%s</si>" % found[1])
        return b't="s"><v>%d</v>' % (len(texts) - 1)

    with zipfile.ZipFile(BytesIO(content)) as package:
        page = re.sub(rb't="inlineStr"><is>(.*?)</is>', numbered, package.read("xl/worksheets/sheet1.xml"))
        links = package.read("xl/_rels/workbook.xml.rels")
    kind = b"%s/officeDocument/2006/relationships/sharedStrings" % names
    link = b'<Relationship Id="shared" Type="%s" Target="/xl/sharedStrings.xml"/></Relationships>' % kind
    moved = repacked(content, "xl/worksheets/sheet1.xml", page)
    packed = BytesIO(repacked(moved, "xl/_rels/workbook.xml.rels", links.replace(b"</Relationships>", link)))
    with zipfile.ZipFile(packed, "a") as package:
        shared = b'<sst xmlns="%s/spreadsheetml/2006/main">%s</sst>' % (names, b"".join(texts))
        package.writestr("xl/sharedStrings.xml", shared)
    return packed.getvalue()


def test_letters_that_look_otherwise_than_they_are_read_are_refused(d: Desk) -> None:
    rows = [filled(f"plan-{n}.ru", "constitution", about) for n, about in enumerate(("план", "устав", "смету"), 1)]
    content = sheet(*rows, head=TOPIC_HEAD)
    book = load_workbook(BytesIO(content))
    page = book.worksheets[0]
    high, struck = InlineFont(vertAlign="superscript"), InlineFont(strike=True)
    page["D2"] = CellRichText("10", TextBlock(high, "2"))
    page["E2"] = CellRichText("CO", TextBlock(InlineFont(vertAlign="subscript"), "2"))
    page["C2"] = CellRichText("Кто ", TextBlock(InlineFont(b=True), "утверждает"), " план?")
    page["F3"] = CellRichText(TextBlock(struck, "мэр"), " аким")
    page["C4"].font = Font(strike=True)
    page["L4"] = CellRichText("a", TextBlock(high, "beside all columns"))
    saved = BytesIO()
    book.save(saved)
    typed = saved.getvalue()
    for content in (typed, as_excel_writes_it(typed)):
        found = plan(d, content)
        assert [[(one.code, one.cell, one.params["text"]) for one in row.errors] for row in found.rows] == [
            [("E_SHEET_RAISED", "D2, E2", "2; 2")],
            [("E_SHEET_STRUCK", "F3", "мэр")],
            [("E_SHEET_STRUCK", "C4", "")],
        ]
        assert {row.kind for row in found.rows} == {"refused"}


def test_no_cure_is_offered_that_the_bank_refuses(d: Desk) -> None:
    head = (*TOPIC_HEAD, "Тип")
    rows = (
        (*filled("plan-1.ru", "constitution", "план", key="А, В"), "один"),
        (*filled("plan-2.ru", "constitution", "отчёт о работе", key="А 50, Б 40"), ""),
        (*filled("plan-3.ru", "constitution", "устав архива", key="А 33, Б 67"), ""),
        ("plan-4.ru", "constitution", "Кто утверждает смету музея?", "", "", "", "", "", "", ""),
        (*filled("plan-5.ru", "constitution", "приказ о премии", key="Ю"), ""),
        (*filled("plan-6.ru", "constitution", "перечень услуг"), "одиночный"),
    )
    found = plan(d, sheet(*rows, head=head))
    assert {row.group: [(one.code, one.cell) for one in row.errors] for row in found.rows} == {
        "plan-1": [("QUESTION_CELL_KEYS", "I2")],
        "plan-2": [("QUESTION_CELL_SHARES", "I3")],
        "plan-3": [("QUESTION_CELL_SHARES", "I4")],
        "plan-4": [("QUESTION_CELL_NO_ANSWERS", "C5")],
        "plan-5": [("QUESTION_CELL_KEY", "I6")],
        "plan-6": [("QUESTION_CELL_TYPE", "J7")],
    }
    assert dict(said(found, "plan-1")["QUESTION_CELL_KEYS"].params) == {"cell": "I2", "key": "А, В", "n": 2}


def test_halves_of_a_question_whose_ids_differ_by_a_slip_are_told_of_each_other(d: Desk) -> None:
    rows = (
        twin("one-06.ky", "constitution", "план", LAW),
        twin("one-006.ru", "constitution", "план", LAW),
        twin("two-1.ky", "constitution", "смета", LAW),
        twin("twp-1.ru", "constitution", "смета", LAW),
        twin("far-1.ky", "constitution", "устав", LAW),
        twin("near-5.ru", "constitution", "отчёт", LAW),
    )
    found = plan(d, sheet(*rows, head=PAIR_HEAD))
    near = {row.group: said(found, row.group).get("QUESTION_LANGUAGE_GAP_NEAR") for row in found.rows}
    assert {group: one and (one.params["other"], one.params["row"]) for group, one in near.items()} == {
        "one-06": ("one-006", 3),
        "one-006": ("one-06", 2),
        "two-1": ("twp-1", 5),
        "twp-1": ("two-1", 4),
        "far-1": None,
        "near-5": None,
    }
    assert {one.params["ids"] for one in near.values() if one} == {"one-06.ky, one-06.ru", "two-1.ky, two-1.ru"}
    assert "QUESTION_LANGUAGE_GAP" in said(found, "far-1")
    assert "QUESTION_LANGUAGE_GAP" not in said(found, "one-06")


def test_what_is_one_sign_apart_is_no_slip_where_two_might_be_meant() -> None:
    ky, ru = Half({"ky"}, {"ru"}), Half({"ru"}, {"ky"})
    assert slips({"a-1": ky, "a-2": ru}) == {"a-1": "a-2", "a-2": "a-1"}
    assert slips({"a-1": ky, "a-2": ru, "a-3": ru}) == {}
    assert slips({"a-1": ky, "a-2": ru, "a-01": ru}) == {"a-1": "a-01", "a-01": "a-1"}
    assert slips({"ab-1": ky, "ba-1": ru}) == {"ab-1": "ba-1", "ba-1": "ab-1"}
    assert slips({"a-1": ky, "a-2": ky, "abc-1": ru, "a-123": ru}) == {}


@pytest.mark.parametrize(("typed", "meant"), [("kg", "ky"), ("KY", "ky"), ("rus", "ru"), ("de", "ky")])
def test_a_language_that_is_none_lists_those_of_the_bank(d: Desk, typed: str, meant: str) -> None:
    sound = twin("one-1.ru" if meant == "ky" else "one-1.ky", "constitution", "план", LAW)
    other = twin("one-1.ky" if meant == "ky" else "one-1.ru", "constitution", "план", LAW)
    found = plan(d, sheet(sound, (f"one-1.{typed}", *other[1:]), head=PAIR_HEAD))
    remark = said(found, "one-1")["QUESTION_LANGUAGE_OTHER"]
    assert (remark.cell, remark.params["said"], remark.params["example"]) == ("A3", typed, f"one-1.{meant}")
    assert [one["ru"] for one in remark.titles["languages"]] == ["ky (кыргызский)", "ru (русский)"]
    told = [one.code for one in found.rows[0].remarks]
    assert told == ["QUESTION_LANGUAGE_OTHER", *(["QUESTION_LANGUAGE_GAP"] if typed == "de" else [])]


def test_answers_alike_are_told_once_at_their_cells(d: Desk) -> None:
    same = (*ANSWERS[:2], "вторая", ANSWERS[3], "Вторая")
    found = plan(d, sheet(filled("plan-1.ru", "constitution", "план", *same), head=TOPIC_HEAD))
    told = [(one.code, one.cell) for one in found.rows[0].remarks if one.code != "QUESTION_LANGUAGE_GAP"]
    assert told == [("BANK_OPTION_TWICE_ALIKE", "F2, H2")]


def test_a_list_in_word_says_what_its_author_can_do(d: Desk) -> None:
    answers = ("*а) план", "*б) отчёт", "в) собрание", "г) справка", "д) письмо")
    content = word_list("1. Что утверждает местный кенеш на год вперёд?", *answers)
    (row,) = plan(d, content, SAYS_NOTHING).rows
    assert sorted(one.code for one in row.errors) == [
        "QUESTION_CITATION_FORM",
        "QUESTION_LIST_KEYS",
        "QUESTION_TOPIC_FORM",
    ]
    assert {one.code: one.params for one in row.errors}["QUESTION_LIST_KEYS"] == {"n": 2}
    assert sorted(one.code for one in row.remarks if one.severity != "error") == [
        "QUESTION_ID_NONE_LIST",
        "QUESTION_LANGUAGE_GAP_LIST",
    ], "no ID is asked for where there is no place for one, and several keys are told once"
    for language in LANGUAGES[:2]:
        for code, field in (("QUESTION_TOPIC_FORM", "topic"), ("QUESTION_CITATION_FORM", "citation")):
            assert label(f"qs_default_{field}", language) in explain(code, language, {"known": "…"}).cure


def test_the_form_names_a_topic_for_a_sheet_without_that_column(d: Desk) -> None:
    content = sheet(("plan-1.ru", "Кто утверждает план?", *ANSWERS, "А"))
    topic = said(plan(d, content, replace(SAYS, topic="")), "plan-1")
    assert topic["QUESTION_TOPIC_FORM"].cell == "B2"
    gift = said(plan(d, text(("plan-1.ru", RU)), SAYS_NOTHING), "plan-1")
    assert {"QUESTION_TOPIC_FORM", "QUESTION_CITATION_FORM"} <= gift.keys()
