"""What the pages tell, in Russian and Kyrgyz, and how much they ask the database."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, url_for
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session, sessionmaker

from flask_app.domain.workflows.document import DocumentFacts
from flask_app.services.bodies import actor_of
from flask_app.services.office import Office
from flask_app.services.transitions import act_on, change_state
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.documents import Document
from flask_app.store.models.organisation import User
from flask_app.store.models.procedures import Competition
from flask_app.web.templating import address
from tests.web.client import PageClient
from tests.web.conftest import Clock, QueryCount
from tests.web.town import TODAY, Town, printed

MOST_QUERIES = 15


def spoken(sessions: sessionmaker[Session], login: str, language: str) -> None:
    with sessions() as session, session.begin():
        session.execute(update(User).where(User.login == login).values(language=language))


def paths(here: Town) -> list[str]:
    return [
        "/",
        "/procedures",
        f"/procedures/competition/{here.draft}",
        f"/procedures/competition/{here.screening}",
        f"/procedures/competition/{here.decided}",
        f"/procedures/training/{here.order}",
        f"/procedures/training/{here.reported}",
        "/papers",
        f"/papers/{here.protocol}",
        f"/papers/{here.report}",
        "/journal",
        f"/journal/competition/{here.screening}",
        f"/journal/document/{here.report}",
    ]


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_every_page_is_sound_in_every_language(
    client: PageClient, here: Town, language: str, session_factory: sessionmaker[Session]
) -> None:
    spoken(session_factory, "auditor", language)
    client.at_work("auditor")
    for path in paths(here):
        page = client.get(path)
        assert page.language == language
        assert "{" not in page.text, path
        assert "None" not in page.text, path
        assert "label." not in page.text, path


def test_no_page_asks_too_much(client: PageClient, here: Town, queries: QueryCount, clock: Clock) -> None:
    client.at_work("auditor")
    for path in paths(here):
        clock.forward(timedelta(minutes=2))
        before = len(queries.statements)
        client.get(path)
        asked = len(queries.statements) - before
        assert asked <= MOST_QUERIES, (path, asked)


def test_the_first_page_asks_no_more_when_there_is_more(
    client: PageClient, here: Town, queries: QueryCount, session_factory: sessionmaker[Session]
) -> None:
    client.at_work("secretary")
    client.get("/")
    counts = []
    for _ in range(2):
        before = len(queries.statements)
        client.get("/")
        counts.append(len(queries.statements) - before)
        copies(session_factory, here.screening, 30)
    assert counts[0] == counts[1] <= MOST_QUERIES


def copies(sessions: sessionmaker[Session], competition: object, count: int) -> None:
    """So many more drafts of the same post, written at once."""
    with sessions() as session, session.begin():
        session.execute(
            text(
                "INSERT INTO competition (id, body_id, state, version, code, kind, title, position_id, commission_id,"
                " pack_id, pack_frozen, announcement, internal_round, agreement, last_act_on, created_at)"
                " SELECT gen_random_uuid(), body_id, 'draft', 1, 'C-' || lpad(n::text, 4, '0') ||"
                " substr(md5(random()::text), 1, 4),"
                " kind, title, position_id, commission_id, pack_id, '{}', announcement, internal_round, '{}', NULL,"
                " created_at - n * interval '1 minute' FROM competition, generate_series(1, :count) n WHERE id = :id"
            ),
            {"count": count, "id": competition},
        )


# -- home --------------------------------------------------------------------------------------------------------------


def test_home_tells_what_waits_for_me_by_when_and_why_not(client: PageClient) -> None:
    rows = client.at_work("secretary").get("/").rows()
    assert "Начать тестирование" in rows[0]
    assert "пока нельзя: Не рассмотрено 4 заявления." in rows[0]
    assert "17 апреля, пт" in rows[0]
    assert "остался 1 календарный день" in rows[0]
    assert "секретарь комиссии" in rows[0]
    assert not [row for row in rows if "Победитель есть" in row], "a way round that is refused is no task"


def test_the_chairs_task_is_to_sign(client: PageClient) -> None:
    page = client.at_work("chair").get("/")
    assert page.rows()[0].startswith("Подписать Протокол заседания конкурсной комиссии")
    assert "Конкурс К-2026/011" in page.rows()[0]


def test_the_heads_task_is_late_when_the_term_is_over(client: PageClient, clock: Clock) -> None:
    client.at_work("head")
    row = next(row for row in client.get("/").rows() if "Записать назначение" in row)
    assert "18 апреля, сб" in row
    assert "осталось 2 календарных дня" in row
    clock.forward(timedelta(days=4))
    client.at_work("head")
    page = client.get("/")
    row = next(row for row in page.rows() if "Записать назначение" in row)
    assert "просрочено на 2 календарных дня" in row
    assert "1 просрочено" in page.text
    assert page.all("tr", class_="is-hot")


def test_home_names_whom_we_wait_for(client: PageClient) -> None:
    text_ = client.at_work("hr").get("/").text
    assert "Записать назначение К-2026/011 · руководитель органа" in text_
    assert "Подписать Протокол заседания конкурсной комиссии, К-2026/011 · председатель комиссии" in text_


# -- procedures --------------------------------------------------------------------------------------------------------


def test_a_competitions_page_is_a_story(client: PageClient, here: Town) -> None:
    page = client.at_work("secretary").get(f"/procedures/competition/{here.screening}")
    assert page.heading == "Главный специалист отдела муниципальной собственности"
    assert "Открытый конкурс К-2026/014" in page.text
    current = page.all("li", aria_current="step")
    assert len(current) == 1
    assert "Рассмотрение" in "".join(current[0].itertext()).replace("\u00ad", "")
    for sentence in (
        "Не рассмотрено 4 заявления.",
        "Варианты теста не составлены.",
        "О тесте не уведомлены 6 допущенных кандидатов.",
        "Пункт акта по его тексту не проверен.",
        "Набор правил kg-mun-2006, версия 1.",
        "Молдокулов Руслан Асанович председатель",
        "Бекболот кызы Айсулуу секретарь, без голоса · вы",
        "Подтверждение: газета «Ак-Кечүү таңы», № 11, с. 3",
    ):
        assert sentence in page.text, sentence
    rows = {row.replace(" ", "") for row in page.rows()}
    assert {"Допуск6", "Отказвдопуске1", "Всего11"} <= rows


def test_members_stand_in_the_order_of_papers(client: PageClient, here: Town) -> None:
    text_ = client.at_work("hr").get(f"/procedures/competition/{here.screening}").text
    names = ["Молдокулов", "Дөөлөтов", "Ибраева Чынара", "Өмүров Чыңгыз", "Бекболот кызы Айсулуу секретарь"]
    places = [text_.index(name, text_.index("с правом голоса")) for name in names]
    assert places == sorted(places), "chair, members by the merged alphabet, secretary"


def test_kyrgyz_reads_the_same_story(client: PageClient, here: Town, session_factory: sessionmaker[Session]) -> None:
    spoken(session_factory, "secretary", "ky")
    page = client.at_work("secretary").get(f"/procedures/competition/{here.screening}")
    assert page.heading == "Муниципалдык менчик бөлүмүнүн башкы адиси"
    assert "4 арыз карала элек." in page.text
    assert (
        "Кыргыз Республикасынын Президентинин 2006-жылдын 28-июнундагы № 327 Жарлыгы менен бекитилген Жобо" in page.text
    )
    assert "24-апрель, 10:00" in page.text


def test_a_draft_says_what_is_missing_in_it(client: PageClient, here: Town) -> None:
    text_ = client.at_work("hr").get(f"/procedures/competition/{here.draft}").text
    assert "место и время подачи документов, место и время проведения конкурса" in text_
    assert "Комиссия не назначена или неполна" in text_


def test_an_english_page_marks_what_is_not_english(
    client: PageClient, here: Town, session_factory: sessionmaker[Session]
) -> None:
    spoken(session_factory, "hr", "en")
    page = client.at_work("hr").get(f"/procedures/competition/{here.screening}")
    assert page.all("h1")[0][0].get("lang") == "ru"
    assert page.text.count("Filing") >= 1


def test_an_order_tells_its_share_and_its_programmes(client: PageClient, here: Town) -> None:
    page = client.at_work("training").get(f"/procedures/training/{here.reported}")
    assert "1,02 %, требуется не менее 1 %" in page.text, "cut, not rounded: 495 000 of 48 200 000"
    assert "48 200 000 сом" in page.text
    assert "Следующий шаг, за вами Закрыть заказ" in page.text
    assert "Годовой отчёт об обучении № 1-" in page.text


# -- lists -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("q=МУНИЦИПАЛЬНОЙ", ["К-2026/014"]),
        ("q=менчик", ["К-2026/014"]),
        ("q=К-2026/01", ["К-2026/016", "К-2026/014", "К-2026/011"]),
        ("q=заказ", ["ЗО-2026/02", "ЗО-2025/01"]),
        ("q=%25", []),
        ("q=_", []),
        ("q=%00архив", ["К-2026/016"]),
        ("q=' or 1=1", []),
        ("only=training_order", ["ЗО-2026/02", "ЗО-2025/01"]),
        ("state=competition.screening", ["К-2026/014"]),
        ("state=training_order.report", ["ЗО-2025/01"]),
        ("only=training_order&state=competition.draft", []),
        ("only=nonsense&state=nonsense", ["К-2026/016", "К-2026/014", "К-2026/011", "ЗО-2026/02", "ЗО-2025/01"]),
    ],
)
def test_procedures_are_found(client: PageClient, query: str, codes: list[str]) -> None:
    rows = client.at_work("hr").get(f"/procedures?{query}").rows()
    assert [row.split()[0][:10] for row in rows] == codes


def test_what_is_typed_stays_in_the_form_and_is_escaped(client: PageClient) -> None:
    page = client.at_work("hr").get('/procedures?q="><script>alert(1)</script>')
    assert page.all("input", id="q")[0].get("value") == '"><script>alert(1)</script>'
    assert not [script for script in page.all("script") if script.text or "alert" in str(script.attrib)]
    assert "По этому отбору процедур нет." in page.text
    assert "Сбросить отбор" in page.text


def test_letters_yo_and_ye_are_one_in_a_search(
    client: PageClient, here: Town, session_factory: sessionmaker[Session]
) -> None:
    with session_factory() as session, session.begin():
        session.execute(
            update(Competition).where(Competition.id == here.draft).values(title={"ru": "Счётовод", "ky": "Эсепчи"})
        )
    client.at_work("hr")
    assert len(client.get("/procedures?q=счетовод").rows()) == 1
    assert len(client.get("/procedures?q=СЧЁТ").rows()) == 1


def test_twenty_five_a_page(client: PageClient, here: Town, session_factory: sessionmaker[Session]) -> None:
    copies(session_factory, here.screening, 55)
    client.at_work("hr")
    first, third = client.get("/procedures"), client.get("/procedures?page=3&q=")
    assert (len(first.rows()), len(third.rows())) == (25, 10)
    assert "1–25 из 60" in first.text
    assert "Страница 3 из 3" in third.text
    assert set(first.rows()).isdisjoint(third.rows())
    for odd in ("99", "0", "-1", "x", "٣", "1" * 30):
        assert client.get(f"/procedures?page={odd}").rows()
    filtered = client.get("/procedures?q=C-0&page=2")
    assert [link for link in filtered.links() if "page=1" in link and "q=C-0" in link], "the filter goes along"


def test_papers_are_found(client: PageClient, here: Town) -> None:
    client.at_work("hr")
    assert len(client.get("/papers").rows()) == 2
    assert len(client.get("/papers?kind=D16").rows()) == 1
    assert len(client.get("/papers?state=in_force").rows()) == 1
    assert len(client.get("/papers?q=к-2026/011").rows()) == 1
    assert len(client.get("/papers?q=протокол").rows()) == 1
    assert client.get("/papers?q=протокол&state=draft").rows() == []


# -- one paper ---------------------------------------------------------------------------------------------------------


def test_a_paper_says_who_sees_it_and_why(client: PageClient, here: Town) -> None:
    rows = client.at_work("chair").get(f"/papers/{here.protocol}").rows()
    chair = next(row for row in rows if row.startswith("председатель комиссии"))
    assert "Молдокулов Руслан Асанович" in chair
    assert chair.endswith("роль в органе; документ этого вида подписывает эта роль")
    assert chair.split().count("да") == 2, "reads and signs"
    member = next(row for row in rows if row.startswith("член комиссии"))
    assert "Дөөлөтов Мирлан Эсенович, Ибраева Чынара Токтогуловна" in member
    assert "член комиссии этого конкурса" in member
    admin = next(row for row in rows if row.startswith("администратор системы"))
    assert admin.split().count("–нет") == 3
    assert "не открывают содержание" in admin


def test_the_file_comes_under_a_name_and_opening_it_is_logged(
    client: PageClient, here: Town, session_factory: sessionmaker[Session]
) -> None:
    client.at_work("auditor")
    link = next(link for link in client.get(f"/papers/{here.report}").links() if link.endswith(".docx"))
    answer = client.raw_get(link)
    assert answer.status_code == 200
    assert zipfile.ZipFile(io.BytesIO(answer.data)).testzip() is None
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment;")
    assert "filename*=UTF-8''%D0%93%D0%BE%D0%B4" in disposition
    assert ".docx" in disposition
    assert answer.headers["Cache-Control"] == "no-store"
    with session_factory() as session:
        opened = session.scalars(select(AuditEvent).where(AuditEvent.action == "document.opened")).all()
    assert [(event.actor_login, event.object_id) for event in opened] == [("auditor", str(here.report))]


def test_an_unknown_version_is_not_there(client: PageClient, here: Town) -> None:
    client.at_work("hr")
    client.get(f"/papers/{here.report}/versions/99.docx", 404)


def test_an_older_version_is_the_older_file(client: PageClient, here: Town) -> None:
    client.at_work("hr")
    files = [client.raw_get(f"/papers/{here.protocol}/versions/{n}.docx").data for n in (1, 2)]
    assert files == [printed("D16", 1), printed("D16", 2)]


# -- audit log ---------------------------------------------------------------------------------------------------------


def test_the_auditor_reads_what_happened_to_an_object(client: PageClient, here: Town) -> None:
    rows = client.at_work("auditor").get(f"/journal/competition/{here.screening}").rows()
    begun = next(row for row in rows if row.startswith("Рассмотрение документов начато"))
    assert "состояние: Приём закрыт → Рассмотрение документов" in begun
    assert "Бекболот кызы Айсулуу" in begun
    assert "номер: К-2026-014; начало: 24.04.2026, 10:00" in rows[0], "what belongs to it, by the body's clock"
    first = client.get(f"/journal/competition/{here.screening}?page=99").rows()
    assert first[-1].startswith("Составлен черновик конкурса")
    assert any("комиссия: – → Конкурсная комиссия" in row for row in first), "by its name, not by its number"


def test_the_log_says_which_object_it_was_and_why(client: PageClient, here: Town, office: Office) -> None:
    with office.work(actor_of(office, "head")) as work:
        report = work.get(Document, here.report)
        facts = DocumentFacts("D53", True, frozenset({"head_of_body"}), frozenset({"head_of_body"}))
        act = act_on(work, TODAY, evidence="№ 5", reason="ошибка в сумме")
        change_state(work, Document, report.id, "annul", act, lambda _: facts, expected_version=report.version)
    client.at_work("auditor")
    first = next(row for row in client.get("/journal").rows() if "ошибка в сумме" in row)
    assert re.search(r"Документ № \d+-[A-Z]+/\d{4}", first), first
    assert "причина: ошибка в сумме" in first
    page = client.get(f"/journal/document/{here.report}")
    assert re.search(r"Журнал: Документ № \d+-[A-Z]+/\d{4} – ", page.heading), page.heading
    page = client.get(f"/journal/competition/{here.screening}")
    assert page.heading.startswith("Журнал: Конкурс № К-2026/")
    said = " ".join(page.rows())
    assert re.search(r"Заявление № \d+, К-2026/", said)
    assert "Сеанс теста № К-2026-014" in said
    assert client.get(f"/journal/competition/{here.screening}?page=99").heading == page.heading


def test_whoever_may_not_see_the_object_learns_nothing_from_the_log(client: PageClient, here: Town) -> None:
    client.at_work("hr")
    assert client.get(f"/journal/competition/{here.screening}", 403).heading == "На это у вас нет права"
    client.get(f"/journal/user_account/{here.body}", 404)


# -- language ----------------------------------------------------------------------------------------------------------


def test_the_switch_keeps_page_filter_and_person(client: PageClient) -> None:
    client.at_work("hr")
    page = client.get("/papers?state=signing&q=%D0%BF")
    link = next(a.get("href", "") for a in page.all("a", hreflang="ky"))
    answer = client.raw_get(f"/papers{link}")
    assert answer.headers["Location"] == "/papers?state=signing&q=%D0%BF"
    assert client.get("/papers").language == "ky"
    client.browser.delete_cookie("kyzmat")
    assert client.at_work("hr").get("/").language == "ky", "kept with the person, not with the browser"


def test_a_guests_choice_goes_with_the_one_who_logs_in(client: PageClient) -> None:
    client.raw_get("/login?lang=en")
    assert client.get("/login").language == "en"
    assert client.at_work("hr").get("/").language == "en"


def test_the_browsers_language_greets_a_guest(client: PageClient) -> None:
    for accepted, greeted in (("ru-RU,ru;q=0.9", "ru"), ("en", "en"), ("de", "ky"), ("kk", "ky")):
        answer = client.raw_get("/login", headers={"Accept-Language": accepted})
        assert f'<html lang="{greeted}"' in answer.get_data(as_text=True), accepted


def test_a_language_nobody_offers_changes_nothing(client: PageClient) -> None:
    client.at_work("hr")
    for odd in ("kk", "de", "", "../../x"):
        client.raw_get(f"/?lang={odd}")
        assert client.get("/").language == "ru"


def test_addresses_of_the_frame_are_the_routes_under_whatever_prefix(app: Flask) -> None:
    """They are put together once; another prefix in front of the panel has its own."""
    without_object: tuple[tuple[str, dict[str, Any]], ...] = (
        ("papers.index", {}),
        ("static", {"filename": "kyzmat.css", "v": "1"}),
    )
    for prefix in ("", "/office", ""):
        with app.test_request_context("/", environ_overrides={"SCRIPT_NAME": prefix}):
            for endpoint, values in without_object:
                assert address(endpoint, **values) == url_for(endpoint, **values)
                assert address(endpoint, **values).startswith(f"{prefix}/")
            assert address("home.show", lang="ky") == f"{prefix}/?lang=ky"
