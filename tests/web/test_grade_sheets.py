"""An institution's spreadsheet: previewed as a batch is, taken once, changed with a reason, told by row and column."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import date

import openpyxl
import pytest
from sqlalchemy import select

from flask_app.domain.grade_sheets import HEADS, Column
from flask_app.services.bodies import actor_of, add_person
from flask_app.services.exports import workbook_of
from flask_app.services.office import Office
from flask_app.services.training import enrol
from flask_app.store.models.training import Enrolment, GradeBatchRow, GradeRow, Programme
from tests.web.client import PageClient
from tests.web.test_training import as_
from tests.web.test_training_access import app, database, moodle, training_seed, year
from tests.web.test_training_batches import Browsers, confirm, figures, kept, upload
from tests.web.training_year import OURS, PEOPLE, THEIR, Year, batch, move, record

__all__ = ["app", "as_", "database", "moodle", "training_seed", "year"]

GOOD = {
    Column.ORDER: "ЗО-2026/04",
    Column.COURSE: THEIR,
    Column.STATUS: "Окончил(а)",
    Column.SCORE: "70,5",
    Column.MAXIMUM: "100",
    Column.ASSESSED: "13.04.2026",
    Column.PROTOCOL: "Ведомость № 5",
}


def row(year: Year, person: int, **changes: object) -> dict[Column, object]:
    named = {Column.PERSON: str(year.people[person]), Column.NAMES: PEOPLE[person]}
    return {**GOOD, **named, **{Column[name]: value for name, value in changes.items()}}


def sheet(*rows: Mapping[Column, object], columns: tuple[Column, ...] = tuple(Column)) -> bytes:
    """An .xlsx as a person leaves it: a title, the heads, the rows."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["Ведомость результатов"])
    page.append([HEADS[column] for column in columns])
    for one in rows:
        page.append([one.get(column) for column in columns])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def as_csv(*rows: Mapping[Column, object]) -> bytes:
    lines = [";".join(HEADS[column] for column in Column)]
    lines += [";".join(str(one.get(column, "")) for column in Column) for one in rows]
    return "\r\n".join(lines).encode("utf-8-sig")


def as_ods(*rows: Mapping[Column, object], more: str = "") -> bytes:
    def cell(value: object) -> str:
        if isinstance(value, date):
            return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
        if isinstance(value, float):
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'

    table = "".join(
        f"<table:table-row>{''.join(cell(one.get(column, '')) for column in Column)}"
        '<table:table-cell table:number-columns-repeated="16000"/></table:table-row>'
        for one in (HEADS, *rows)
    )
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    body = f'<office:body><office:spreadsheet><table:table table:name="1">{table}'
    rest = '<table:table-row table:number-rows-repeated="1000000"/></table:table>'
    rest += f"{more}</office:spreadsheet></office:body>"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("META-INF/manifest.xml", "<manifest/>")
        package.writestr("content.xml", f"<office:document-content{names}>{body}{rest}</office:document-content>")
    return content.getvalue()


def outcomes(office: Office, year: Year) -> list[tuple[str, str, str]]:
    with office.work(actor_of(office, "training")) as work:
        rows = work.session.scalars(select(Enrolment).where(Enrolment.programme_id == year.theirs)).all()
        found = {one.person_id: (one.outcome, one.score, one.document_number) for one in rows}
    return [found[person] for person in year.people]


def test_a_sheet_is_looked_at_taken_once_and_given_back(as_: Browsers, office: Office, year: Year) -> None:
    officer = as_("training")
    other = row(year, 1, STATUS="не явился (не явилась)", SCORE=None, MAXIMUM=None, PROTOCOL=None)
    content = sheet(row(year, 0, ASSESSED=date(2026, 4, 13), SCORE=70.5, MAXIMUM=100), other)
    page = upload(officer, content, name="ведомость.xlsx")
    assert figures(page) == {"Будет принято": 2, "Записей не принято": 0, "Уже были": 0, "Замечаний": 0}
    assert page.rows()[0] == "Акматова Айгүл Нурлановна 3 ЗО-2026/04 LSG-36 Окончил(а) 70,5 из 100 Ведомость № 5"
    assert kept(office) == (0, 0, 0)
    place = confirm(officer, page).partition("?")[0]
    assert outcomes(office, year) == [("passed", "70.5/100", "Ведомость № 5"), ("absent", "", ""), ("none", "", "")]
    shown = officer.get(place)
    assert figures(shown)["Принято"] == 2
    assert shown.rows()[1].startswith("Бакиров Нурлан Асанович 4 ")
    answer = officer.raw_get(f"{place}/original.xml")
    assert answer.get_data() == content
    assert answer.headers["Content-Disposition"] == 'attachment; filename="kyzmat-academy-1.xlsx"'
    again = upload(officer, content)
    assert "Этот пакет уже был" in again.text
    assert f"{place}" in again.links()
    assert kept(office)[:2] == (1, 2)


def test_a_grade_dated_before_the_training_is_told_by_its_row(as_: Browsers, office: Office, year: Year) -> None:
    officer = as_("training")
    content = sheet(row(year, 0, ASSESSED=date(2026, 3, 26)), row(year, 1, ASSESSED=date(2026, 3, 27)))
    page = upload(officer, content)
    assert figures(page)["Записей не принято"] == 1
    assert "Строка 3: дата оценки 26.03.2026, а обучение по заказу «ЗО-2026/04» начато 27.03.2026." in page.text
    confirm(officer, page)
    assert [outcome for outcome, _, _ in outcomes(office, year)] == ["none", "passed", "none"]


@pytest.mark.parametrize("kind", ["csv", "ods"])
def test_other_kinds_of_sheets_say_the_same(as_: Browsers, office: Office, year: Year, kind: str) -> None:
    officer = as_("hr")
    typed: dict[str, object] = {} if kind == "csv" else {"SCORE": 70.5, "ASSESSED": date(2026, 4, 13)}
    made = as_csv if kind == "csv" else as_ods
    page = upload(officer, made(row(year, 0, **typed), row(year, 2, PERSON="")))
    assert figures(page)["Будет принято"] == 2, "a name that one person bears needs no code"
    confirm(officer, page)
    assert outcomes(office, year)[0] == ("passed", "70.5/100", "Ведомость № 5")
    with office.work(actor_of(office, "training")) as work:
        assert work.session.scalars(select(GradeBatchRow.source_kind)).all() == [kind]


def test_every_row_that_is_not_taken_is_told_by_row_and_column(as_: Browsers, office: Office, year: Year) -> None:
    bad = [
        (row(year, 1, STATUS="отлично"), "Строка 4, «Результат / Жыйынтыгы»: «отлично» – не результат."),
        (row(year, 1, SCORE="=70+1"), "Строка 5, «Балл / Балл»: в ячейке формула, а не значение."),
        (row(year, 1, SCORE="71.555"), "Строка 6, «Балл / Балл»: «71.555» не читается как балл."),
        (row(year, 1, MAXIMUM=None), "Строка 7, «Наибольший балл / Эң жогорку балл»: балл указан, а наибольший"),
        (row(year, 1, ASSESSED="31.02.2026"), "Строка 8, «Дата оценки / Баа коюлган күн»:"),
        (row(year, 1, ASSESSED="17.04.2026"), "Строка 9, «Дата оценки / Баа коюлган күн»:"),
        (row(year, 1, ORDER="ЗО-1"), "Строка 10, «Заказ (orderRef)»: заказа «ЗО-1» у органа нет."),
        (row(year, 1, COURSE="X"), "Строка 11, «Курс (courseCode)»: в заказе «ЗО-2026/04» нет курса «X»."),
        (row(year, 1, COURSE=OURS), "Строка 12, «Курс (courseCode)»: курс «ETHICS» ведётся в Moodle"),
        (row(year, 1, NAMES=PEOPLE[2]), "код в этой строке принадлежит другому имени: Бакиров Нурлан Асанович"),
        (row(year, 1, PERSON="00000000-0000-0000-0000-000000000001"), "на этот курс не зачислен"),
        (row(year, 1, PERSON=None, NAMES="Никто Никтоев"), "Строка 15, «ФИО / Аты-жөнү»: «Никто Никтоев» на этот курс"),
        (row(year, 1, ATTEMPT="1,5"), "Строка 16, «Попытка / Аракет»: «1,5» – не целое число от 1 до 99."),
        (row(year, 0, SCORE="71"), "результат этого человека (попытка 1) уже стоит в строке 3"),
        (row(year, 1, SCORE="101"), "Строка 18, «Балл / Балл»: балл 101 больше наибольшего, 100."),
        (row(year, 1, PROTOCOL=None), "Строка 19, «Протокол № / Протоколдун номери»: для «окончил(а)»"),
        # The form of the batch's fields is judged as in XML, at the row of the sheet.
        (row(year, 2, PROTOCOL="*5*"), "Строка 20, поле protocolRef"),
    ]
    officer = as_("training")
    page = upload(officer, sheet(row(year, 0), *(one for one, _ in bad)))
    missing = [said for _, said in bad if said not in page.text]
    assert not missing, page.text
    assert figures(page)["Будет принято"] == 1
    assert figures(page)["Записей не принято"] == len(bad)
    place = confirm(officer, page).partition("?")[0]
    shown = officer.get(place)
    assert not [said for _, said in bad if said not in shown.text], "the report that is kept says the same"
    assert figures(shown)["Записей не принято"] == len(bad)
    assert kept(office) == (1, 1, 1)


def test_a_result_is_changed_with_a_reason_and_never_in_silence(as_: Browsers, office: Office, year: Year) -> None:
    officer = as_("training")
    confirm(officer, upload(officer, sheet(row(year, 0))))
    page = upload(officer, sheet(row(year, 0, SCORE="80"), row(year, 1)))
    assert "у человека уже другой результат этой попытки (70.5/100, 13.04.2026, Ведомость № 5)" in page.text
    assert figures(page)["Будет принято"] == 1
    page = upload(officer, sheet(row(year, 0, SCORE="80", REASON="ошибка в ведомости"), row(year, 0, ATTEMPT="2")))
    assert figures(page)["Будет принято"] == 2
    confirm(officer, page)
    with office.work(actor_of(office, "training")) as work:
        kept_rows = work.session.scalars(select(GradeRow).order_by(GradeRow.revision, GradeRow.action)).all()
        told = [(one.revision, one.action, one.content["attempt"], one.content["reason"]) for one in kept_rows]
    assert sorted(told) == [(1, "issue", 1, ""), (1, "issue", 2, ""), (2, "amend", 1, "ошибка в ведомости")]
    # What an institution sent as XML is known to its sheet.
    confirm(officer, upload(officer, batch([record(year, 2)], sequence=3)))
    page = upload(officer, sheet(row(year, 2, SCORE="72.50")))
    assert figures(page) == {"Будет принято": 0, "Записей не принято": 0, "Уже были": 1, "Замечаний": 0}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04 [Content_Types].xml", "Файл повреждён"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "файл старого формата (.xls)"),
        ("а;б;в\r\nг;д;е".encode(), "не найдена строка с названиями столбцов"),
        (sheet({}), "нет ни одного результата"),
        (sheet(GOOD, columns=(Column.ORDER, Column.COURSE, Column.NAMES, Column.STATUS)), "нет столбцов Дата оценки"),
        (sheet(GOOD, columns=(*Column, Column.SCORE)), "столбец «Балл / Балл» стоит дважды, F и N"),
    ],
    ids=["broken", "old", "no head", "empty", "missing", "twice"],
)
def test_a_sheet_that_cannot_be_read_says_why(as_: Browsers, year: Year, content: bytes, said: str) -> None:
    assert said in upload(as_("training"), content, 422).text


def test_the_template_comes_back_filled_in(as_: Browsers, office: Office, year: Year) -> None:
    officer = as_("training")
    place = f"/training/{year.running}/programmes/{year.theirs}"
    assert f"{place}/grades.xlsx" in officer.get(place).links()
    answer = officer.raw_get(f"{place}/grades.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.get_data()))
    page = book.worksheets[0]
    heads = [cell.value for cell in page[1]]
    assert heads == [HEADS[column] for column in Column]
    assert [one[3].value for one in page.iter_rows(min_row=2)] == list(PEOPLE)
    assert "нет ни одного результата" in upload(officer, answer.get_data(), 422).text
    for place_, value in ((5, "Окончил(а)"), (8, "13.04.2026"), (9, "П-7")):
        page.cell(2, place_, value)
    content = io.BytesIO()
    book.save(content)
    preview = upload(officer, content.getvalue())
    assert figures(preview) == {"Будет принято": 1, "Записей не принято": 0, "Уже были": 0, "Замечаний": 0}
    confirm(officer, preview)
    assert outcomes(office, year)[0] == ("passed", "", "П-7")


def test_what_was_taken_meanwhile_is_not_taken_over(as_: Browsers, office: Office, year: Year) -> None:
    """Two sheets are looked at, one is taken: of the other nothing is left, and no grade is written over."""
    officer, other = as_("training"), as_("hr")
    late = upload(other, sheet(row(year, 0, SCORE="80")))
    confirm(officer, upload(officer, sheet(row(year, 0))))
    form = next(form for form in late.all("form") if form.get("action") == "/training/upload/save")
    sent = {str(one.get("name")): str(one.get("value")) for one in form.iter("input")}
    assert "Из таблицы больше нечего принять" in other.post("/training/upload/save", sent, 422).text
    assert outcomes(office, year)[0] == ("passed", "70.5/100", "Ведомость № 5")


def test_a_refused_row_is_taken_from_the_same_file_once_its_cause_is_mended(
    as_: Browsers, office: Office, year: Year
) -> None:
    """The person was not enrolled. What the file brought before is known, changed or withdrawn as it may be by then."""
    officer, late = as_("training"), "Осмонова Жаркын Эркиновна"
    amended = row(year, 2, REASON="опечатка в ведомости")
    rows: list[Mapping[Column, object]] = [
        row(year, 0),
        row(year, 1),
        amended,
        {**GOOD, Column.ORDER: "ЗО-2026/03", Column.NAMES: late},
    ]
    confirm(officer, upload(officer, sheet(row(year, 2, SCORE="60"))))
    content = sheet(*rows)
    preview = upload(officer, content)
    assert (figures(preview)["Будет принято"], figures(preview)["Записей не принято"]) == (3, 1)
    first = confirm(officer, preview).partition("?")[0]
    assert kept(office)[:2] == (2, 4)

    # Not mended, and sent twice: the message that was here before.
    assert confirm(officer, preview).partition("?")[0] == first
    again = upload(officer, content)
    assert "Этот пакет уже был" in again.text
    assert first in again.links()
    assert kept(office)[:2] == (2, 4)

    with office.work(actor_of(office, "training")) as work:
        given = work.session.scalars(select(GradeRow).where(GradeRow.newest.is_(True))).all()
        (second,) = [one for one in given if one.content["names"] == PEOPLE[1]]
        theirs = select(Programme.id).where(Programme.order_id == year.placed, Programme.course_code == THEIR)
        enrol(work, year.placed, work.session.scalars(theirs).one(), [add_person(work, late).id])
    move(office, "training", year.placed, "begin_training", 20)
    withdrawal = record(year, 1, record_id=second.record_id, revision=2, action="withdraw", reason="ошибка")
    confirm(officer, upload(officer, batch([withdrawal], sequence=3)))
    confirm(officer, upload(officer, sheet(row(year, 2, SCORE="90", REASON="апелляция"))))
    assert [one[0] for one in outcomes(office, year)] == ["passed", "none", "passed"]
    before = kept(office)

    preview = upload(officer, content)
    assert figures(preview) == {"Будет принято": 1, "Записей не принято": 0, "Уже были": 3, "Замечаний": 0}
    assert preview.rows()[0].startswith(late)
    assert kept(office) == before
    place = confirm(officer, preview).partition("?")[0]
    assert place != first
    assert outcomes(office, year)[1:] == [("none", "", ""), ("passed", "90/100", "Ведомость № 5")]
    assert kept(office) == (before[0] + 1, before[1] + 1, before[2] + 1)

    # Now that everything was taken, the file is the message it was.
    again = upload(officer, content)
    assert "Этот пакет уже был" in again.text
    assert place in again.links()
    assert kept(office) == (before[0] + 1, before[1] + 1, before[2] + 1)


def test_two_tables_of_one_name_are_refused(as_: Browsers, office: Office, year: Year) -> None:
    table = '<table:table table:name="1"><table:table-row/></table:table>'
    content = as_ods(row(year, 0), more=table)
    assert "два листа с одним названием: «1»" in upload(as_("training"), content, 422).text
    assert kept(office) == (0, 0, 0)


def test_only_who_looked_at_a_sheet_may_save_it(as_: Browsers, office: Office, year: Year) -> None:
    preview = upload(as_("training"), sheet(row(year, 0)))
    form = next(form for form in preview.all("form") if form.get("action") == "/training/upload/save")
    stolen = {str(one.get("name")): str(one.get("value")) for one in form.iter("input")}
    other: PageClient = as_("hr")
    stolen["form_token"] = other.token("/training/upload")
    assert "Этот файл проверяли не вы" in other.post("/training/upload/save", stolen, 422).text
    assert kept(office) == (0, 0, 0)


def test_the_template_offers_nothing_that_turns_into_a_formula() -> None:
    content = workbook_of("=1", ["=1+1"], [["=HYPERLINK(1)"]], choices={0: ["a", "b"]}, notes=("N", ["=2"]))
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert {cell.data_type for one in book.worksheets for line in one.iter_rows() for cell in line} == {"s"}
