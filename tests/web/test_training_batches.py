"""The institutions' batches on their pages: looked at before anything is saved, saved once, read ever after."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from sqlalchemy import func, select

from flask_app.services.bodies import actor_of
from flask_app.services.office import Office
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.training import Enrolment, GradeBatchRow, GradeRow
from tests.web.client import Page, PageClient, check_page
from tests.web.conftest import QueryCount, Seed
from tests.web.test_commission import fields
from tests.web.test_training import as_, do, sent, summary
from tests.web.test_training_access import app, database, moodle, training_seed, year
from tests.web.training_year import Year, batch, record

__all__ = ["app", "as_", "database", "moodle", "training_seed", "year"]

Browsers = Callable[[str], PageClient]


def upload(browser: PageClient, content: bytes, status: int = 200, name: str = "оценки.xml") -> Page:
    """The page that answers the upload, checked as every page is."""
    data = fields(browser.get("/training/upload"), "/training/upload") | {"file": (io.BytesIO(content), name)}
    answer = browser.browser.post("/training/upload", data=data, content_type="multipart/form-data")
    assert answer.status_code == status, answer.get_data(as_text=True)
    page = Page(answer)
    check_page(page, browser.app.url_map.bind("localhost"))
    return page


def confirm(browser: PageClient, preview: Page) -> str:
    answer = browser.browser.post("/training/upload/save", data=fields(preview, "/training/upload/save"))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.headers["Location"]


def kept(office: Office) -> tuple[int, int, int]:
    """Batches, revisions of grades, enrolments with an outcome of the running order."""
    with office.work(actor_of(office, "training")) as work:
        asked = (
            select(func.count()).select_from(GradeBatchRow),
            select(func.count()).select_from(GradeRow),
            select(func.count()).select_from(Enrolment).where(Enrolment.document_number != ""),
        )
        return tuple(work.session.scalar(query) or 0 for query in asked)  # type: ignore[return-value]  # three queries


def figures(page: Page) -> dict[str, int]:
    box = next(box for box in page.all("dl") if box.get("class") == "kz-figures")
    return {str(one.findtext("dt")): int(one.findtext("dd") or "") for one in box.findall("div")}


def mixed(year: Year, **changes: object) -> bytes:
    """A good grade; somebody unknown; a record that breaks two rules of the format."""
    unknown = record(year, 1, person_id=str(uuid4()))
    broken = record(year, 2, protocol_ref="", score="101")
    return batch([record(year, 0), unknown, broken], **changes)


def test_a_preview_tells_everything_and_saves_nothing(as_: Browsers, office: Office, year: Year) -> None:
    page = upload(as_("training"), mixed(year))
    assert kept(office) == (0, 0, 0)
    assert figures(page) == {"Будет принято": 1, "Записей не принято": 2, "Уже были": 0, "Замечаний": 0}
    assert "Пока ничего не сохранено." in page.text
    found = page.text
    assert "Строка 26, поле personId: Бакиров Нурлан Асанович" in found
    assert "не зачислен по заказу «ЗО-2026/04»" in found
    assert "Проверьте personId по списку зачисленных." in found
    assert "Правило GRADE_PERSON_UNKNOWN" in found
    assert "Строка 41, поле protocolRef" in found
    assert "Строка 51, поле score" in found
    assert "балл 101 больше наибольшего 100" in found
    assert page.rows() == ["Акматова Айгүл Нурлановна 11 ЗО-2026/04 LSG-36 Окончил(а) 70,5 из 100 Ведомость № 5"]


def test_a_saved_batch_keeps_the_report_that_was_shown(as_: Browsers, office: Office, year: Year) -> None:
    officer, content = as_("training"), mixed(year)
    seen = upload(officer, content)
    place = confirm(officer, seen)
    assert kept(office) == (1, 1, 1)
    page = officer.get(place)
    assert figures(page) == {"Принято": 1, "Записей не принято": 2, "Уже были": 0, "Замечаний": 0}
    assert "Пакет принят. Оценок: 1." in page.text
    assert "Строка 26, поле personId: Бакиров Нурлан Асанович" in page.text
    assert page.rows() == seen.rows()
    listed = officer.get(f"/training/institutions/{year.institution}").rows()
    assert listed == ["Пакет оценок № 1 сегодня, 14:18 1 2 0"]
    assert officer.get("/training/institutions").rows() == ["Академия управления academy 2 1 сегодня, 14:18"]


def test_a_repeated_batch_is_recognised_and_nothing_is_doubled(as_: Browsers, office: Office, year: Year) -> None:
    officer, content = as_("training"), batch([record(year, person) for person in range(3)])
    first = upload(officer, content)
    place = confirm(officer, first)
    again = confirm(officer, first)
    assert again.partition("?")[0] == place.partition("?")[0]
    assert "ничего не задвоено" in officer.get(again).text
    preview = upload(officer, content)
    assert "Этот пакет уже был." in preview.text
    assert place.partition("?")[0] in preview.links()
    assert not [form for form in preview.all("form") if form.get("action") == "/training/upload/save"]
    assert kept(office) == (1, 3, 3)


def test_the_same_grades_in_a_new_message_are_known_already(as_: Browsers, office: Office, year: Year) -> None:
    officer, records = as_("hr"), [record(year, 0)]
    confirm(officer, upload(officer, batch(records)))
    preview = upload(officer, batch(records, sequence=3))
    assert figures(preview) == {"Будет принято": 0, "Записей не принято": 0, "Уже были": 1, "Замечаний": 1}
    assert "Номер пакета 3, ожидался 2" in preview.text
    confirm(officer, preview)
    assert kept(office) == (2, 1, 1)


def test_an_amendment_is_shown_as_one(as_: Browsers, office: Office, year: Year) -> None:
    officer = as_("training")
    confirm(officer, upload(officer, batch([record(year, 0)])))
    amended = record(year, 0, revision=2, action="amend", reason="описка", score="90")
    preview = upload(officer, batch([amended], sequence=2))
    assert "исправление, редакция 2" in preview.rows()[0]
    confirm(officer, preview)
    programme = officer.get(f"/training/{year.running}/programmes/{year.theirs}")
    assert "90 из 100" in programme.rows()[0]
    assert kept(office) == (2, 2, 1)


def test_a_batch_of_others_comes_back_to_the_form(as_: Browsers, office: Office, year: Year) -> None:
    refused = {
        "не значится среди образовательных организаций органа": {"sender": "nobody"},
        "Пакет адресован получателю kok-zhar": {"receiver": "kok-zhar"},
    }
    for said, changes in refused.items():
        page = upload(as_("training"), batch([record(year, 0)], **changes), 422)
        assert said in page.text
        assert [form for form in page.all("form") if form.get("enctype") == "multipart/form-data"]
    assert kept(office) == (0, 0, 0)


def test_another_file_under_a_known_message_is_refused_on_the_form(as_: Browsers, office: Office, year: Year) -> None:
    officer, message = as_("training"), uuid4()
    confirm(officer, upload(officer, batch([record(year, 0)], message_id=message)))
    page = upload(officer, batch([record(year, 1)], message_id=message), 422)
    assert "уже принято с другим содержанием" in page.text
    assert kept(office) == (1, 1, 1)


def test_a_file_that_is_no_batch_says_why(as_: Browsers, office: Office) -> None:
    wrong = {
        b"": "Файл пуст.",
        b"PK\x03\x04 a spreadsheet": "Файл сжат",
        b"<gradeBatch": "это не правильный XML",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>": "объявляет тип документа",
        b"<other/>": "корневой элемент",
    }
    for content, said in wrong.items():
        page = upload(as_("training"), content, 422)
        assert said in page.text
        assert "из него ничего не взято" in page.text
    assert kept(office) == (0, 0, 0)


def test_no_file_is_a_mistake_of_the_form(as_: Browsers) -> None:
    officer = as_("training")
    page = officer.post("/training/upload", fields(officer.get("/training/upload"), "/training/upload"), 422)
    assert summary(page) == ["Файл: Выберите файл"]


def test_only_who_looked_at_a_file_may_save_it(as_: Browsers, office: Office, year: Year) -> None:
    preview = upload(as_("training"), batch([record(year, 0)]))
    form = fields(preview, "/training/upload/save")
    other = as_("hr")
    stolen = form | {"form_token": fields(other.get("/training/upload"), "/training/upload")["form_token"]}
    assert "Этот файл проверяли не вы" in other.post("/training/upload/save", stolen, 422).text
    assert kept(office) == (0, 0, 0)


def test_the_file_is_given_back_as_it_came_to_those_who_take_grades(
    as_: Browsers, office: Office, year: Year, seed: Seed
) -> None:
    officer, content = as_("training"), batch([record(year, 0)])
    place = confirm(officer, upload(officer, content)).partition("?")[0]
    answer = officer.raw_get(f"{place}/original.xml")
    assert answer.get_data() == content
    assert answer.headers["Content-Disposition"] == 'attachment; filename="kyzmat-academy-1.xml"'
    assert as_("auditor").get(place).status == 200
    assert f"{place}/original.xml" not in as_("auditor").get(place).links()
    as_("auditor").get(f"{place}/original.xml", 403)
    with office.work(actor_of(office, "training")) as work:
        told = work.session.scalars(select(AuditEvent).where(AuditEvent.action == "grade_batch.opened")).all()
        assert [event.actor_login for event in told] == ["training"]
        sha256 = work.session.scalars(select(GradeBatchRow.file_sha256)).one()
    next(path for path in Path(seed.files).rglob(f"*{sha256[4:]}*") if path.is_file()).unlink()
    page = officer.get(place)
    assert "Файла пакета в хранилище нет" in page.text
    assert figures(page)["Принято"] == 1


def test_a_new_institution_has_its_own_code(as_: Browsers, year: Year) -> None:
    officer, path = as_("training"), "/training/institutions/new"
    wrong = {"institution_code": "ак адемия", "name_ky": "Институт", "name_ru": ""}
    page = officer.post(path, sent(officer.get(path), path, **wrong), 422)
    assert summary(page) == [
        "Название по-русски: Заполните это поле",
        "Код организации: Только латинские буквы, цифры, точка и дефис, не больше 40 знаков",
    ]
    taken = sent(page, path) | {"institution_code": "academy", "name_ru": "Институт"}
    assert "Организация с кодом «academy» уже есть." in officer.post(path, taken, 422).text
    place = do(officer, path, institution_code="institute", name_ky="Институт", name_ru="Институт")
    assert officer.get(place).heading == "Институт"


def test_pages_of_batches_ask_the_database_a_fixed_number_of_times(
    as_: Browsers, year: Year, queries: QueryCount
) -> None:
    officer = as_("training")
    place = confirm(officer, upload(officer, batch([record(year, person) for person in range(3)])))
    for path in (place, "/training/institutions", f"/training/institutions/{year.institution}"):
        queries.statements.clear()
        officer.get(path)
        assert len(queries.statements) <= 15, (path, queries.statements)
