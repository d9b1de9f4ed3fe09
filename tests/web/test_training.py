"""The training pages: board and budget share, an order by its form and its steps, enrolling, outcomes from a paper."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import func, select

from flask_app.services.bodies import actor_of, add_person
from flask_app.services.grades import accept_batch
from flask_app.services.office import Office
from flask_app.services.papers import draft_paper, move_paper, sign_paper
from flask_app.services.training import find_order
from flask_app.services.transitions import act_on
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.documents import Document
from flask_app.store.models.jobs import JobProgress
from flask_app.store.models.people import Person
from flask_app.store.models.training import Enrolment, Programme, TrainingOrder
from tests.web import town, training_year
from tests.web.client import Page, PageClient, text_of
from tests.web.conftest import QueryCount
from tests.web.test_commission import fields
from tests.web.test_training_access import TrainingMoodle, app, database, moodle, training_seed, year
from tests.web.training_year import Year, state_of

__all__ = ["app", "database", "moodle", "training_seed", "year"]

Browsers = Callable[[str], PageClient]
NEW = {
    "order_code": "ЗО-2026/09",
    "opened_on": "10.04.2026",
    "name_ky": "Окутууга заказ",
    "name_ru": "Заказ на обучение",
    "needs": "3",
    "plan_reference": "план № 4",
    "body_funds": "1 000 000",
    "money_planned": "9 999,99",
}
COURSE = {"course_ky": "Этика", "course_ru": "Этика", "course_code": "ETHICS", "hours": "16", "institution": "moodle"}


@pytest.fixture
def as_(app: Flask) -> Browsers:
    known: dict[str, PageClient] = {}

    def browser(login: str) -> PageClient:
        if login not in known:
            known[login] = PageClient(app).at_work(login)
        return known[login]

    return browser


def sent(page: Page, action: str, **more: str) -> dict[str, str]:
    """The form to `action` as the page shows it, with these entries; selects and long texts as they stand too."""
    form = next(form for form in page.all("form") if form.get("action") == action)
    found = fields(page, action)
    for select_ in form.iter("select"):
        chosen = [option for option in select_.iter("option") if option.get("selected") is not None]
        found[select_.get("name", "")] = chosen[0].get("value", "") if chosen else ""
    for area in form.iter("textarea"):
        found[area.get("name", "")] = area.text or ""
    return found | more


def do(browser: PageClient, path: str, action: str = "", **more: str) -> str:
    """Fill in the form of a page and send it; it must be accepted. Returns where it leads."""
    action = action or path
    answer = browser.browser.post(action, data=sent(browser.get(path), action, **more))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.headers["Location"]


def summary(page: Page) -> list[str]:
    """The links of the error summary; each leads to a field that is there."""
    box = next(box for box in page.all("div") if box.get("class") == "govuk-error-summary")
    return [text_of(link) for link in box.iter("a")]


# -- the board ---------------------------------------------------------------------------------------------------------


def test_the_board_tells_stage_next_act_and_counts(as_: Browsers, year: Year, queries: QueryCount) -> None:
    browser = as_("training")
    queries.statements.clear()
    page = browser.get("/training")
    assert len(queries.statements) <= 15, queries.statements
    headings = [text_of(heading) for heading in page.all("h2")]
    assert headings[:4] == ["Оценка потребностей 1", "Размещение 1", "Обучение 1", "Отчёт 1"]
    cards = {text_of(card.findall("h3")[0]): text_of(card) for card in page.all("li") if card.findall("h3")}
    running = cards["ЗО-2026/04"]
    assert "Зачислено 6 Окончили 0 Не окончили 0 Без итога 6" in running
    assert "Перейти к контролю и оценке – ваш черёд" in running
    assert "Нет итога у 6 слушателей." in running
    assert "Срок правилами не установлен. Стоит с 27 марта (20 дней)." in running
    assert "Академия управления" in running
    assert "Утвердить заказ – руководитель органа" in cards["ЗО-2026/02"]


def test_the_board_is_filtered(as_: Browsers, year: Year) -> None:
    """By year, stage and institution, and by what is none of them not at all."""
    everything = {"ЗО-2026/02", "ЗО-2026/03", "ЗО-2026/04", "ЗО-2025/01"}
    expected = {
        "?year=2025": {"ЗО-2025/01"},
        "?state=order_placed": {"ЗО-2026/03"},
        "?institution=moodle&year=2026": {"ЗО-2026/03", "ЗО-2026/04"},
        f"?institution={year.institution}": {"ЗО-2026/03", "ЗО-2026/04"},
        f"?institution={year.institution}&state=training_delivered": {"ЗО-2026/04"},
        "?year=1999": set(),
        "?year=x&state=x&institution=x&page=-1": everything,
    }
    for query, codes in expected.items():
        page = as_("hr").get(f"/training{query}")
        assert {text_of(heading) for heading in page.all("h3")} == codes, query


def test_the_share_is_judged_by_the_rule_and_cut_not_rounded(as_: Browsers, office: Office, year: Year) -> None:
    with office.work(actor_of(office, "training")) as work:
        order = work.session.scalars(select(TrainingOrder).where(TrainingOrder.year == 2025)).one()
        order.money_planned, order.money_spent = Decimal("481999.99"), Decimal("482000")
    page = as_("head").get("/training")
    last, before = (row.replace(" сом", "") for row in page.rows())
    assert last.startswith("2026 3 заказа 48 200 000 1 485 000 3,08 % 990 000 2,05 % 0 0,00 %")
    assert last.endswith("не менее 1 % Достаточно")
    assert (
        before == "2025 1 заказ 48 200 000 481 999,99 0,99 % 481 999,99 0,99 % 482 000 1,00 % не менее 1 % Не хватает"
    )
    assert "не от фонда оплаты труда" in page.text
    assert "Резолюция круглого стола" in page.text
    assert "Пункт акта по его тексту не проверен" in page.text


def test_different_funds_in_one_year_are_told(as_: Browsers, office: Office, year: Year) -> None:
    with office.work(actor_of(office, "training")) as work:
        work.get(TrainingOrder, year.placed).body_funds = Decimal("100000000")
    row = as_("hr").get("/training?year=2026").rows()[0]
    assert "100 000 000 сом" in row
    assert "названо разное, взято наибольшее" in row


# -- drawn up and taken on ---------------------------------------------------------------------------------------------


TAKEN = (
    "Номер ЗО-2026/02 уже занят другим заказом органа. По номеру заказ узнаёт образовательная организация. "
    "Возьмите следующий свободный номер."
)


def test_a_form_with_mistakes_comes_back_with_its_entries(as_: Browsers, office: Office) -> None:
    browser = as_("training")
    data = sent(browser.get("/training/new"), "/training/new", **NEW, **COURSE) | {
        "order_code": "ЗО-2026/02",
        "opened_on": "31.02.2026",
        "name_ky": "",
        "money_planned": "9,999",
        "hours": "0",
    }
    page = browser.post("/training/new", data, 422)
    assert summary(page) == [
        f"Номер заказа: {TAKEN}",
        "Когда начата оценка потребностей: Даты 31.02.2026 не бывает",
        "Название по-кыргызски: Заполните это поле",
        "Запланировано на обучение: Напишите сумму так: 495 000 или 495 000,50",
        "Часов: Напишите целое число от 1",
    ]
    again = sent(page, "/training/new")
    assert {name: again[name] for name in data if name != "form_token"} == {
        name: value for name, value in data.items() if name != "form_token"
    }
    with office.work(actor_of(office, "training")) as work:
        assert find_order(work, "ЗО-2026/09") is None


def test_a_number_that_looks_like_another_order_s_is_refused(as_: Browsers, office: Office) -> None:
    browser = as_("training")
    blank = sent(browser.get("/training/new"), "/training/new", **NEW)
    assert do(browser, "/training/new", **NEW | {"order_code": "TO-1"})
    page = browser.post("/training/new", blank | {"order_code": "ТО-1"}, 422)  # Cyrillic
    assert summary(page)[0].startswith("Номер заказа: Номер не отличить от TO-1, а он у другого заказа органа.")
    with office.work(actor_of(office, "training")) as work:
        assert find_order(work, "ТО-1") is None


def test_sums_have_one_reading_or_none(as_: Browsers, office: Office) -> None:
    browser = as_("training")
    blank = sent(browser.get("/training/new"), "/training/new", **NEW)
    readings = {"9999,5": "9999.5", "9 999.50": "9999.50", "0": "0", "1e4": "", "-5": "", "9,999": "", "٣": "", "": ""}
    for number, (given, kept) in enumerate(readings.items()):
        code = f"ЗО-2026/1{number}"
        answer = browser.browser.post("/training/new", data=blank | {"money_planned": given, "order_code": code})
        with office.work(actor_of(office, "training")) as work:
            made = find_order(work, code)
        expected = (303, Decimal(kept)) if kept else (422, None)
        assert (answer.status_code, made and made.money_planned) == expected, given


def test_an_order_goes_from_its_form_to_its_end(as_: Browsers, office: Office) -> None:
    """Less than one per cent is refused with rule and figures; corrected, it goes through all its stages."""
    officer, head = as_("training"), as_("head")
    desk = do(officer, "/training/new", **NEW, **COURSE)
    refused = head.get(f"{desk}/steps/approve_order")
    assert "На обучение заложено 0,99 %, а нужно не меньше 1 %." in refused.text
    assert "Пункт акта по его тексту не проверен" in refused.text
    assert not [form for form in refused.all("form") if "/steps/" in form.get("action", "")]
    do(officer, f"{desk}/correct", money_planned="10 000,00")
    step = f"{desk}/steps/approve_order"
    unproved = head.post(step, sent(head.get(step), step, happened_on="11.04.2026"), 422)
    assert summary(unproved) == ["Чем подтверждается: Укажите подтверждение: номер и дату приказа или акта"]
    assert sent(unproved, step)["happened_on"] == "11.04.2026"
    do(head, step, happened_on="11.04.2026", evidence="приказ № 40")
    assert officer.get(f"{desk}/correct", 403).status == 403, "sums stay as the head has seen them"
    placing = f"{desk}/steps/place_order"
    bare = officer.post(placing, sent(officer.get(placing), placing), 422)
    assert summary(bare) == ["Договор: Заполните это поле"]
    do(officer, placing, contract="договор № 9")
    assert "Не зачислен ни один слушатель." in officer.get(desk).text
    programme = next(link for link in officer.get(desk).links() if "/programmes/" in link)
    enrol(officer, programme, "Сыдыков Эрмек Асанович")
    do(officer, f"{desk}/steps/begin_training")
    do(officer, f"{programme}/outcomes", document="Акт № 1", **outcome_of(officer, programme, "failed"))
    do(officer, f"{desk}/steps/begin_monitoring")
    do(officer, f"{desk}/steps/begin_report", monitoring="акт № 2", money_spent="9 500,50")
    assert "Отчёт об обучении не подписан." in officer.get(f"{desk}/steps/close").text
    sign_report(office, desk)
    do(officer, f"{desk}/steps/close")
    page = officer.get(desk)
    assert "Следующего шага нет" in page.text
    assert "9 500,50 сом" in page.text


def outcome_of(browser: PageClient, programme: str, outcome: str) -> dict[str, str]:
    """The first person's field of the outcomes' form, with this outcome."""
    page = browser.get(f"{programme}/outcomes")
    name = next(e.get("name", "") for e in page.all("select"))
    return {name: outcome}


def enrol(browser: PageClient, programme: str, names: str) -> Page:
    """Enrol people as the review suggests."""
    reviewed = browser.post(
        f"{programme}/review", sent(browser.get(programme), f"{programme}/review", names=names), 200
    )
    answer = browser.browser.post(f"{programme}/people", data=sent(reviewed, f"{programme}/people"))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return browser.get(programme)


def sign_report(office: Office, desk: str) -> None:
    order = UUID(desk.rpartition("/")[2])
    with office.work(actor_of(office, "training")) as work:
        paper, _ = draft_paper(work, "D53", order)
        for step in ("submit", "approve"):
            move_paper(
                work, paper.id, step, act_on(work, town.TODAY), expected_version=work.get(Document, paper.id).version
            )
    with office.work(actor_of(office, "head")) as work:
        sign_paper(work, paper.id, act_on(work, town.TODAY), expected_version=work.get(Document, paper.id).version)


def test_a_step_raced_by_two_browsers_has_one_winner(as_: Browsers, office: Office, year: Year) -> None:
    step = f"/training/{year.placed}/steps/begin_training"
    officer, other = as_("training"), as_("hr")
    enrol(officer, f"/training/{year.placed}/programmes/{year.placed_ours}", "Сыдыков Эрмек Асанович")
    first, second = sent(officer.get(step), step), sent(other.get(step), step)
    assert officer.browser.post(step, data=first).status_code == 303
    assert "Объект уже изменён" in other.post(step, second, 409).text
    assert state_of(office, year.placed) == "training_delivered"


def test_a_correction_over_another_one_is_told_and_kept(as_: Browsers, here: town.Town, office: Office) -> None:
    path = f"/training/{here.order}/correct"
    mine, theirs = as_("training"), as_("hr")
    stale = sent(mine.get(path), path, money_planned="700 000")
    do(theirs, path, money_planned="600 000")
    page = mine.post(path, stale, 409)
    assert sent(page, path)["money_planned"] == "700 000"
    assert mine.browser.post(path, data=sent(page, path)).status_code == 303
    with office.work(actor_of(office, "training")) as work:
        assert work.get(TrainingOrder, here.order).money_planned == 700_000


def test_a_day_before_the_last_act_is_refused_on_the_form(as_: Browsers, year: Year, office: Office) -> None:
    officer = as_("training")
    enrol(officer, f"/training/{year.placed}/programmes/{year.placed_ours}", "Сыдыков Эрмек Асанович")
    step = f"/training/{year.placed}/steps/begin_training"
    page = officer.post(step, sent(officer.get(step), step, happened_on="01.03.2026"), 409)
    assert sent(page, step)["happened_on"] == "01.03.2026"
    assert state_of(office, year.placed) == "order_placed"


# -- people ------------------------------------------------------------------------------------------------------------


def people(office: Office, name: str) -> int:
    with office.work(actor_of(office, "training")) as work:
        query = (
            select(func.count()).select_from(Person).where(Person.name == name, Person.body_id == work.actor.body_id)
        )
        return work.session.scalar(query) or 0


def test_a_name_stands_for_the_person_the_officer_chooses(as_: Browsers, office: Office, year: Year) -> None:
    with office.work(actor_of(office, "training")) as work:
        twins = [add_person(work, "Асанов Эрмек").id for _ in range(2)]
    officer, programme = as_("training"), f"/training/{year.placed}/programmes/{year.placed_ours}"
    names = f"{training_year.PEOPLE[0]}\nасанов  эрмек\nСыдыков Эрмек"
    review = officer.post(f"{programme}/review", sent(officer.get(programme), f"{programme}/review", names=names), 200)
    suggested = sent(review, f"{programme}/people")
    assert suggested["who-0"] == str(year.people[0])
    assert "who-1" not in suggested, "among namesakes the panel does not decide"
    assert suggested["who-2"] == "new"
    undecided = officer.post(f"{programme}/people", suggested, 422)
    assert summary(undecided) == ["Асанов Эрмек: выберите, кто это"]
    chosen = sent(undecided, f"{programme}/people") | {"who-1": str(twins[1])}
    assert officer.browser.post(f"{programme}/people", data=chosen).status_code == 303
    with office.work(actor_of(office, "training")) as work:
        on_it = set(work.session.scalars(select(Enrolment.person_id).where(Enrolment.programme_id == year.placed_ours)))
    assert {year.people[0], twins[1]} < on_it
    assert len(on_it) == 3
    assert people(office, "Сыдыков Эрмек") == 1


def test_a_list_sent_twice_makes_nobody_twice(as_: Browsers, office: Office, year: Year) -> None:
    officer, programme = as_("training"), f"/training/{year.placed}/programmes/{year.placed_ours}"
    asked = sent(officer.get(programme), f"{programme}/review", names="Сыдыков Эрмек")
    form = sent(officer.post(f"{programme}/review", asked, 200), f"{programme}/people")
    assert officer.browser.post(f"{programme}/people", data=form).status_code == 303
    again = officer.post(f"{programme}/people", form, 409)
    assert "появился человек с именем «Сыдыков Эрмек»" in again.text
    assert "Уже на этой программе." in again.text
    assert people(office, "Сыдыков Эрмек") == 1


def test_names_that_are_none_are_told_line_by_line(as_: Browsers, year: Year, office: Office) -> None:
    officer, programme = as_("training"), f"/training/{year.placed}/programmes/{year.placed_ours}"
    names = "Сыдыков Эрмек\nИванов\nСЫДЫКОВ ЭРМЕК"
    page = officer.post(f"{programme}/review", sent(officer.get(programme), f"{programme}/review", names=names), 422)
    assert "Строка 2, «Список слушателей»: «Иванов» – не полное имя." in summary(page)[0]
    assert sent(page, f"{programme}/review")["names"].strip() == names
    assert people(office, "Сыдыков Эрмек") == 0


# -- outcomes from a paper ---------------------------------------------------------------------------------------------


def test_outcomes_are_entered_from_a_paper_and_told_in_the_log(as_: Browsers, office: Office, year: Year) -> None:
    officer, programme = as_("training"), f"/training/{year.running}/programmes/{year.theirs}"
    path = f"{programme}/outcomes"
    page = officer.get(path)
    first, second, third = (e.get("name", "").partition("-")[2] for e in page.all("select"))
    wrong = sent(page, path) | {
        f"outcome-{first}": "passed",
        f"points-{first}": "101",
        f"maximum-{first}": "100",
        f"points-{second}": "50",
        f"maximum-{second}": "100",
        f"outcome-{third}": "absent",
    }
    refused = officer.post(path, wrong, 422)
    assert summary(refused) == [
        "Акматова Айгүл Нурлановна: укажите баллы и из скольких, например 86 и 100",
        "Бакиров Нурлан Асанович: баллы есть, а итог для них не выбран",
        "Документ: Заполните это поле",
    ]
    right = sent(refused, path) | {
        f"points-{first}": "86,5",
        f"outcome-{second}": "failed",
        "document": "Ведомость № 5",
    }
    assert officer.browser.post(path, data=right).status_code == 303
    assert [row.split(" ", 3)[3] for row in officer.get(programme).rows()] == [
        "Окончил(а) 86,5 из 100 Ведомость № 5 внесено по документу",
        "Не окончил(а) 50 из 100 Ведомость № 5 внесено по документу",
        "Не явился (не явилась) – Ведомость № 5 внесено по документу",
    ]
    with office.work(actor_of(office, "training")) as work:
        told = select(func.count()).select_from(AuditEvent).where(AuditEvent.action == "enrolment.outcome_entered")
        assert work.session.scalar(told) == 3


def test_an_outcome_of_the_institution_is_not_the_officers_to_change(as_: Browsers, office: Office, year: Year) -> None:
    programme = f"/training/{year.running}/programmes/{year.theirs}"
    officer = as_("training")
    before = sent(officer.get(f"{programme}/outcomes"), f"{programme}/outcomes")
    names = [e.get("name", "") for e in officer.get(f"{programme}/outcomes").all("select")]
    accept_batch(office, actor_of(office, "training"), training_year.batch([training_year.record(year, 0)]))
    assert len(officer.get(f"{programme}/outcomes").all("select")) == 2
    stale = before | {names[0]: "failed", "document": "Акт № 1"}
    assert officer.browser.post(f"{programme}/outcomes", data=stale).status_code == 422
    assert "Окончил(а) 70,5 из 100" in officer.get(programme).rows()[0]


# -- Moodle ------------------------------------------------------------------------------------------------------------


def test_only_the_plan_that_was_seen_is_queued(
    as_: Browsers, office: Office, year: Year, moodle: TrainingMoodle
) -> None:
    officer, path = as_("training"), f"/training/{year.running}/moodle"
    page = officer.get(path)
    assert "Бакиров Нурлан Асанович ETHICS" in page.text
    stale = officer.post(path, fields(page, path) | {"plan": "another"}, 409)
    assert moodle.courses == []
    answer = officer.browser.post(path, data=fields(stale, path))
    assert answer.status_code == 303
    assert moodle.courses == ["ETHICS"]
    assert answer.headers["Location"].startswith(f"/training/{year.running}/jobs/")
    waiting = officer.get(answer.headers["Location"])
    assert [meta.get("content") for meta in waiting.all("meta", http_equiv="refresh")] == ["3"]
    assert (
        officer.browser.post(
            f"{answer.headers['Location']}/stop", data=fields(waiting, f"{answer.headers['Location']}/stop")
        ).status_code
        == 303
    )
    with office.work(actor_of(office, "training")) as work:
        job = work.session.scalars(select(JobProgress).where(JobProgress.task == "push_training")).one()
        assert job.cancel_requested


def test_nobody_to_bring_is_told_with_the_way_out(as_: Browsers, year: Year) -> None:
    page = as_("training").get(f"/training/{year.placed}/moodle", 409)
    assert "Зачислите слушателей на странице программы." in page.text


def test_the_list_for_the_institution_names_people_by_their_ids(as_: Browsers, office: Office, year: Year) -> None:
    answer = as_("training").raw_get(f"/training/{year.running}/programmes/{year.theirs}/people.xlsx")
    assert answer.status_code == 200
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.get_data())).worksheets[0].values)
    assert rows[1][:4] == ("ЗО-2026/04", "LSG-36", str(year.people[0]), training_year.PEOPLE[0])
    assert len(rows) == 4
    with office.work(actor_of(office, "training")) as work:
        told = select(AuditEvent).where(AuditEvent.action == "programme.people_exported")
        assert work.session.scalars(told).one().after == {"people": 3}


def test_another_orders_programme_is_not_there(as_: Browsers, year: Year) -> None:
    officer = as_("training")
    officer.get(f"/training/{year.placed}/programmes/{year.theirs}", 404)
    officer.get(f"/training/{year.placed}/programmes/{year.theirs}/outcomes", 404)


def test_a_programme_stands_once_in_an_order(as_: Browsers, office: Office, here: town.Town) -> None:
    officer, path = as_("training"), f"/training/{here.order}/programmes/new"
    do(officer, path, **COURSE)
    page = officer.post(path, sent(officer.get(path), path, **COURSE), 422)
    assert "Программа «ETHICS» в этом заказе уже есть." in page.text
    assert sent(page, path)["course_ru"] == "Этика"
    with office.work(actor_of(office, "training")) as work:
        query = select(func.count()).select_from(Programme).where(Programme.order_id == here.order)
        assert work.session.scalar(query) == 1


def test_the_desk_asks_the_database_a_fixed_number_of_times(as_: Browsers, year: Year, queries: QueryCount) -> None:
    browser = as_("training")
    for path in (f"/training/{year.running}", f"/training/{year.running}/programmes/{year.theirs}"):
        queries.statements.clear()
        browser.get(path)
        assert len(queries.statements) <= 15, (path, queries.statements)


def test_orders_that_rest_longest_come_first(as_: Browsers, office: Office, year: Year, here: town.Town) -> None:
    with office.work(actor_of(office, "training")) as work:
        work.get(TrainingOrder, year.placed).state = "needs_assessment"
        work.get(TrainingOrder, year.placed).last_act_on = town.TODAY - timedelta(days=400)
    page = as_("training").get("/training?state=needs_assessment")
    assert [text_of(heading) for heading in page.all("h3")] == ["ЗО-2026/03", "ЗО-2026/02"]
