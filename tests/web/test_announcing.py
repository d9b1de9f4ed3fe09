"""A competition drafted, corrected, announced and moved on, page by page."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from flask_app.services.bodies import actor_of
from flask_app.services.competitions import find_competition, record_agreement
from flask_app.services.office import Office
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.procedures import Competition, Publication
from flask_app.store.rule_packs import shipped_pack
from tests.web.client import Page, PageClient, text_of
from tests.web.conftest import QueryCount
from tests.web.town import PEOPLE, TODAY, Town, version

MOST_QUERIES = 15
PREPARERS = frozenset({"hr", "secretary"})
STAFF = frozenset({"hr", "secretary", "chair", "head", "auditor", "member"})

# Endpoint → (address, who gets 200, who gets 403 because they may view the competition; the rest get 404).
# The draft has no commission: the member and nobody's secretary but the body's own see it by their roles.
MATRIX: dict[str, tuple[str, frozenset[str], frozenset[str]]] = {
    "announcing.new": ("/procedures/new", PREPARERS, frozenset(PEOPLE) - PREPARERS),
    "announcing.edit": ("/procedures/competition/{draft}/edit", PREPARERS, STAFF - PREPARERS - {"member"}),
    "announcing.commission": ("/procedures/competition/{draft}/commission", PREPARERS, STAFF - PREPARERS - {"member"}),
    "announcing.agreement": ("/procedures/competition/{draft}/agreement", frozenset(), STAFF - {"member"}),
    "announcing.publication": ("/procedures/competition/{draft}/publication", frozenset(), STAFF - {"member"}),
    "announcing.act": (
        "/procedures/competition/{draft}/act/submit_text",
        PREPARERS,
        STAFF - PREPARERS - {"member"},
    ),
}
POSTS = {
    "announcing.go_on",
    "announcing.correct",
    "announcing.keep_commission",
    "announcing.keep_agreement",
    "announcing.keep_publication",
    "announcing.drop_publication",
    "announcing.take",
}
"""The same rights as the page with the form; tried in `test_a_form_is_refused_like_its_page`."""

POST = {
    "code": "К-2026/031",
    "title_ky": "Архивчи",
    "title_ru": "Архивариус",
    "unit_ky": "Иш кагаздары бөлүмү",
    "unit_ru": "Отдел делопроизводства",
    "category_ky": "Кенже топ",
    "category_ru": "Младшая группа",
    "group": "junior",
    "vacant_since": "01.02.2026",
    "pack": "kg-mun-2006",
    "kind": "internal",
}


def competition_of(office: Office, code: str) -> Competition | None:
    with office.work(actor_of(office, "hr")) as work:
        return find_competition(work, code)


def state_of(office: Office, id_: UUID) -> tuple[str, int]:
    with office.work(actor_of(office, "hr")) as work:
        found = work.get(Competition, id_)
        return found.state, found.version


def send(client: PageClient, path: str, data: dict[str, str], status: int) -> Page:
    return client.post(path, {"form_token": client.token("/procedures"), **data}, status)


def accepted(client: PageClient, path: str, data: dict[str, str]) -> str:
    """Where an accepted form leads."""
    answer = client.browser.post(path, data={"form_token": client.token("/procedures"), **data})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.headers["Location"])


# -- rights ------------------------------------------------------------------------------------------------------------


def test_every_route_of_the_area_stands_in_the_matrix(app: Flask) -> None:
    routes = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith("announcing.")}
    assert routes == set(MATRIX) | POSTS


@pytest.mark.parametrize("login", sorted(PEOPLE))
def test_every_role_gets_what_is_its_own(client: PageClient, here: Town, login: str) -> None:
    client.at_work(login)
    for endpoint, (pattern, welcome, told) in MATRIX.items():
        expected = 200 if login in welcome else 403 if login in told else 404
        answer = client.raw_get(pattern.format(**vars(here)))
        assert answer.status_code == expected, (endpoint, login)
        client.get(pattern.format(**vars(here)), expected)


@pytest.mark.parametrize("login", ["stranger"])
def test_another_bodys_competition_is_not_there(client: PageClient, here: Town, login: str) -> None:
    client.at_work(login)
    for endpoint, (pattern, _, _) in MATRIX.items():
        if "{draft}" in pattern:
            client.get(pattern.format(**vars(here)), 404)
            assert send(client, pattern.format(**vars(here)), {"version": "1"}, 404), endpoint


def test_a_guest_is_sent_to_the_door(client: PageClient, here: Town) -> None:
    for pattern, _, _ in MATRIX.values():
        answer = client.raw_get(pattern.format(**vars(here)))
        assert (answer.status_code, answer.headers["Location"][:12]) == (303, "/login?next=")


def test_a_form_is_refused_like_its_page(client: PageClient, here: Town) -> None:
    client.at_work("auditor")
    base = f"/procedures/competition/{here.draft}"
    forms = {
        "/procedures/new": {"step": "check", **POST},
        f"{base}/edit": {"version": "1"},
        f"{base}/commission": {"version": "1"},
        f"{base}/agreement": {"number": "1", "agreed_on": "01.04.2026", "version": "1"},
        f"{base}/publication": {"outlet": "x", "published_on": "01.04.2026", "reference": "1"},
        f"{base}/publication/{here.draft}/withdraw": {},
        f"{base}/act/submit_text": {"happened_on": "01.04.2026", "version": "1"},
    }
    assert len(forms) == len(POSTS)
    for path, data in forms.items():
        send(client, path, data, 403)


def test_a_form_without_the_token_does_nothing(client: PageClient, here: Town, office: Office) -> None:
    client.at_work("hr")
    client.post("/procedures/new", {"step": "check", "go": "next", **POST}, 400)
    assert competition_of(office, POST["code"]) is None


def test_no_page_asks_too_much(client: PageClient, here: Town, queries: QueryCount) -> None:
    client.at_work("hr")
    for endpoint, (pattern, welcome, _) in MATRIX.items():
        if welcome:
            before = len(queries.statements)
            client.get(pattern.format(**vars(here)))
            assert len(queries.statements) - before <= MOST_QUERIES, endpoint


# -- wizard ------------------------------------------------------------------------------------------------------------


def test_every_step_checks_what_it_asks_and_keeps_what_was_typed(client: PageClient) -> None:
    client.at_work("hr")
    wrong = {**POST, "vacant_since": "31.02.2026", "title_ru": ""}
    page = send(client, "/procedures/new", {"step": "post", "go": "next", **wrong}, 422)
    assert "Даты 31.02.2026 не бывает" in page.text
    values = {field.get("name"): field.get("value") for field in page.all("input")}
    assert (values["title_ky"], values["vacant_since"]) == ("Архивчи", "31.02.2026")
    assert "Должность по-русски: Заполните это поле" in page.text


def test_a_number_that_is_taken_is_told_at_once(client: PageClient) -> None:
    client.at_work("hr")
    page = send(client, "/procedures/new", {"step": "post", "go": "next", **POST, "code": "К-2026/014"}, 422)
    assert "Номер К-2026/014 уже занят другим конкурсом" in page.text


def test_a_number_that_only_looks_different_is_told_too(client: PageClient) -> None:
    client.at_work("hr")
    page = send(client, "/procedures/new", {"step": "post", "go": "next", **POST, "code": "K-2026/014"}, 422)
    assert "Номер не отличить от К-2026/014" in page.text


def test_the_number_of_a_draft_is_corrected_until_its_text_is_sent(
    client: PageClient, here: Town, office: Office
) -> None:
    client.at_work("hr")
    path = f"/procedures/competition/{here.draft}/edit"
    fields = edit_fields(client, here.draft)
    page = send(client, path, {**fields, "code": "K-2026/014"}, 422)
    assert "Номер не отличить от К-2026/014" in page.text
    accepted(client, path, {**fields, "code": "К-2026/099"})
    with office.work(actor_of(office, "hr")) as work:
        assert work.get(Competition, here.draft).code == "К-2026/099"
        sent = work.get(Competition, here.draft, lock=True)
        sent.state = "text_agreement"
    again = edit_fields(client, here.draft)
    assert "code" not in again
    accepted(client, path, {**again, "code": "К-2026/100"})
    with office.work(actor_of(office, "hr")) as work:
        assert work.get(Competition, here.draft).code == "К-2026/099"


@pytest.mark.parametrize("field", ["group", "kind", "commission"])
def test_a_choice_nobody_offered_is_not_taken(client: PageClient, office: Office, field: str) -> None:
    client.at_work("hr")
    send(client, "/procedures/new", {"step": "check", "go": "next", **POST, field: "x' OR 1=1"}, 422)
    assert competition_of(office, POST["code"]) is None


def test_the_last_step_checks_everything_again(client: PageClient, office: Office) -> None:
    client.at_work("hr")
    page = send(client, "/procedures/new", {"step": "check", "go": "next", **POST, "vacant_since": "01.01.2031"}, 422)
    assert page.heading == "Новый конкурс: должность"
    assert competition_of(office, POST["code"]) is None


def test_nothing_is_kept_before_the_end_and_all_of_it_then(client: PageClient, office: Office) -> None:
    client.at_work("hr")
    for step in ("post", "rules", "announcement", "commission"):
        send(client, "/procedures/new", {"step": step, "go": "next", **POST}, 200)
        assert competition_of(office, POST["code"]) is None
    target = accepted(
        client, "/procedures/new", {"step": "check", "go": "next", **POST, "item_position_ru": "Архивариус"}
    )
    made = competition_of(office, POST["code"])
    assert made is not None
    assert target == f"/procedures/competition/{made.id}?saved=draft"
    assert "Сохранено: черновик конкурса." in client.get(target).text
    assert "Сохранено" not in client.get(f"/procedures/competition/{made.id}?saved=nonsense").text
    assert made.announcement["position"] == {"ky": "", "ru": "Архивариус"}
    assert made.title == {"ky": "Архивчи", "ru": "Архивариус"}


def test_the_rules_are_told_with_act_and_the_honest_word_on_the_point(client: PageClient) -> None:
    client.at_work("hr")
    page = send(client, "/procedures/new", {"step": "post", "go": "next", **POST}, 200)
    for said in (
        "не менее чем за 7 календарных дней",
        "не менее 50 %",
        "№ 327",
        "Пункт акта по его тексту не проверен",
    ):
        assert said in page.text, said


def test_what_the_rules_name_stands_ready_in_the_announcement(client: PageClient) -> None:
    client.at_work("hr")
    page = send(client, "/procedures/new", {"step": "rules", "go": "next", **POST}, 200)
    ready = {e.get("name"): (e.text or "").strip() for e in page.all("textarea")}
    assert ready["item_required_documents_ru"].startswith(
        "Заявление, листок по учёту кадров, фотография, копия паспорта"
    )
    assert ready["item_required_documents_ky"].startswith("Арыз, кадрларды эсепке алуу баракчасы, сүрөт")
    assert ready["item_required_documents_ru"].count(",") >= len(shipped_pack(POST["pack"]).required_documents) - 1
    assert (ready["item_position_ky"], ready["item_position_ru"]) == (POST["title_ky"], POST["title_ru"])
    assert ready["item_functional_duties_ky"] == ""
    own = {**POST, "item_required_documents_ru": "только заявление"}
    page = send(client, "/procedures/new", {"step": "rules", "go": "next", **own}, 200)
    assert "только заявление" in {(e.text or "").strip() for e in page.all("textarea")}


def test_papers_are_offered_only_when_there_is_something_to_draft(client: PageClient, here: Town) -> None:
    client.at_work("hr")
    papers = f"/papers/about/competition/{here.draft}"
    assert papers not in client.get(f"/procedures/competition/{here.draft}").links()
    told = client.get(papers).text
    assert "В состоянии «Черновик» документы не составляют." in told
    assert "Кто составляет: " in told
    decided = f"/papers/about/competition/{here.decided}"
    assert decided in client.get(f"/procedures/competition/{here.decided}").links()
    assert "не составляют" not in client.get(decided).text


def test_states_that_two_kinds_of_procedures_share_tell_their_kind(client: PageClient) -> None:
    client.at_work("hr")
    options = [(e.text or "").strip() for e in client.get("/procedures").all("option")]
    assert len(options) == len(set(options))
    assert "Закрыт (конкурс)" in options


def test_markup_in_a_field_stays_text(client: PageClient) -> None:
    client.at_work("hr")
    nasty = {**POST, "title_ru": '"><script>alert(1)</script>', "item_position_ky": "</textarea><script>x</script>"}
    page = send(client, "/procedures/new", {"step": "commission", "go": "next", **nasty}, 200)
    assert not [script for script in page.all("script") if script.text], "only the panel's own files"
    assert "<script>alert(1)</script>" in page.text


# -- correction --------------------------------------------------------------------------------------------------------


def edit_fields(client: PageClient, id_: UUID) -> dict[str, str]:
    page = client.get(f"/procedures/competition/{id_}/edit")
    sent = {e.get("name", ""): e.get("value", "") for e in page.all("input") if e.get("name")}
    sent |= {e.get("name", ""): (e.text or "").lstrip("\n") for e in page.all("textarea")}
    for choice in page.all("select"):
        chosen = [o.get("value", "") for o in choice.iter("option") if o.get("selected") is not None]
        sent[choice.get("name", "")] = chosen[0]
    return sent


def test_a_draft_is_corrected_and_the_second_of_two_editors_is_told(
    client: PageClient, here: Town, office: Office
) -> None:
    client.at_work("hr")
    stale = edit_fields(client, here.draft)
    path = f"/procedures/competition/{here.draft}/edit"
    accepted(client, path, {**stale, "item_filing_place_and_time_ru": "кабинет 4\nс 9 до 17"})
    with office.work(actor_of(office, "hr")) as work:
        kept = work.get(Competition, here.draft).announcement["filing_place_and_time"]
    assert kept == {"ky": "", "ru": "кабинет 4\nс 9 до 17"}
    page = send(client, path, {**stale, "item_filing_place_and_time_ru": "мой текст"}, 409)
    assert "Черновик исправлен, Асанова Гүлмира Токтобековна" in page.text
    assert "мой текст" in page.text, "what was typed is not lost"
    assert "open" not in page.text.split("Что вы ввели")[1], "a choice is told by its words"
    assert "место и время подачи документов – По-русски" in page.text


def test_a_correction_after_the_agreement_drops_it(client: PageClient, here: Town, office: Office) -> None:
    """The letter agreed another text (S003 L94)."""
    client.at_work("hr")
    base = f"/procedures/competition/{here.draft}"
    fields = edit_fields(client, here.draft)
    whole = {name: value or "указано" for name, value in fields.items() if name.startswith("item_")}
    accepted(client, f"{base}/edit", {**fields, **whole})
    choice = next(e.get("value", "") for e in client.get(f"{base}/commission").all("input", type="radio"))
    accepted(client, f"{base}/commission", {"commission": choice, "version": str(state_of(office, here.draft)[1])})
    taken = {"happened_on": "01.04.2026", "version": str(state_of(office, here.draft)[1])}
    accepted(client, f"{base}/act/submit_text", taken)
    with office.work(actor_of(office, "hr")) as work:
        record_agreement(work, here.draft, "04-2/1", TODAY, expected_version=version(work, here.draft))
    assert "04-2/1" in client.get(f"{base}/edit").text
    accepted(client, f"{base}/edit", edit_fields(client, here.draft))
    with office.work(actor_of(office, "hr")) as work:
        assert work.get(Competition, here.draft).agreement == {}


# -- sent, agreed, published, announced; what the page shows of it --------------------------------------------------


def sent_to_agreement(client: PageClient, here: Town, office: Office) -> str:
    """The draft, whole and with a commission, sent to agreement on 10.04.2026; the address of its page."""
    client.at_work("hr")
    base = f"/procedures/competition/{here.draft}"
    fields = edit_fields(client, here.draft)
    whole = {name: value or "указано" for name, value in fields.items() if name.startswith("item_")}
    accepted(client, f"{base}/edit", {**fields, **whole, "item_functional_duties_ru": "Опись дел\nи <b>хранение</b>"})
    choice = next(e.get("value", "") for e in client.get(f"{base}/commission").all("input", type="radio"))
    accepted(client, f"{base}/commission", {"commission": choice, "version": now(office, here)})
    accepted(client, f"{base}/act/submit_text", {"happened_on": "10.04.2026", "version": now(office, here)})
    return base


def plain(page: Page) -> str:
    return page.text.replace("\xa0", " ")


def now(office: Office, here: Town) -> str:
    return str(state_of(office, here.draft)[1])


def test_a_letter_that_has_another_date_elsewhere_is_told_and_taken_when_it_is_sent_again(
    client: PageClient, here: Town, office: Office
) -> None:
    base = sent_to_agreement(client, here, office)
    with office.work(actor_of(office, "hr")) as work:
        work.get(Competition, here.decided).agreement = {"number": "01-15/377", "date": "2026-04-02"}
        work.get(Competition, here.screening).agreement = {"number": "01-15/378", "date": "2025-04-02"}
    letter = {"number": "01–15/377", "agreed_on": "12.04.2026", "version": now(office, here)}
    page = send(client, f"{base}/agreement", letter, 422)
    assert "Письмо № 01-15/377 уже внесено в конкурсе К-2026/011 с другой датой: 2 апреля 2026 г.," in plain(page)
    form = next(form for form in page.all("form") if form.get("action", "").endswith("/agreement"))
    again = {e.get("name", ""): e.get("value", "") for e in form.iter("input") if e.get("name") != "form_token"}
    assert again == {**letter, "told": "01–15/377 12.04.2026"}
    page = send(client, f"{base}/agreement", {**again, "agreed_on": "11.04.2026"}, 422)
    assert "с другой датой" in plain(page), "another letter than the one that was told about"
    accepted(client, f"{base}/agreement", again)
    with office.work(actor_of(office, "hr")) as work:
        assert work.get(Competition, here.draft).agreement == {"number": "01–15/377", "date": "2026-04-12"}


@pytest.mark.parametrize("letter", [("01-15/377", "02.04.2026"), ("01-15/378", "12.04.2026")])
def test_the_same_letter_and_one_of_another_year_are_taken_without_a_word(
    client: PageClient, here: Town, office: Office, letter: tuple[str, str]
) -> None:
    base = sent_to_agreement(client, here, office)
    with office.work(actor_of(office, "hr")) as work:
        work.get(Competition, here.draft).last_act_on = date(2026, 4, 1)
        work.get(Competition, here.decided).agreement = {"number": "01-15/377", "date": "2026-04-02"}
        work.get(Competition, here.screening).agreement = {"number": "01-15/378", "date": "2025-04-02"}
    accepted(client, f"{base}/agreement", {"number": letter[0], "agreed_on": letter[1], "version": now(office, here)})


def publish(client: PageClient, base: str, day: str, status: int, outlet: str = "газета «Таң»") -> Page | None:
    sent = {"outlet": outlet, "published_on": day, "reference": "№ 15, с. 2"}
    if status == 303:
        accepted(client, f"{base}/publication", sent)
        return None
    return send(client, f"{base}/publication", sent, status)


def test_the_dates_around_an_announcement_go_in_their_order(client: PageClient, here: Town, office: Office) -> None:
    base = sent_to_agreement(client, here, office)
    letter = {"number": "04-2/9", "agreed_on": "09.04.2026", "version": now(office, here)}
    page = send(client, f"{base}/agreement", letter, 409)
    said = plain(page)
    assert "Дата согласования – 9 апреля 2026 г., но текст отправлен на согласование только 10 апреля 2026 г. " in said
    assert "№ 327" not in said.split("Проверьте дату письма")[0].rsplit("Дата согласования", 1)[1]
    early = publish(client, base, "09.04.2026", 409)
    assert early is not None
    assert "Дата публикации – 9 апреля 2026 г., но текст отправлен" in plain(early)
    accepted(client, f"{base}/agreement", {**letter, "agreed_on": "12.04.2026"})
    early = publish(client, base, "11.04.2026", 409)
    assert early is not None
    assert "Дата публикации – 11 апреля 2026 г., но текст согласован только 12 апреля 2026 г. Текст" in plain(early)
    assert "№ 327" in early.text
    assert "№ 15, с. 2" in {field.get("value") for field in early.all("input")}, "what was typed is not lost"
    publish(client, base, "14.04.2026", 303)
    act = {"happened_on": "13.04.2026", "evidence": "№ 15", "version": now(office, here)}
    page = send(client, f"{base}/act/announce", act, 409)
    assert "Конкурс объявлен 13 апреля 2026 г., но первая публикация вышла 14 апреля 2026 г. " in plain(page)
    accepted(client, f"{base}/act/announce", {**act, "happened_on": "14.04.2026"})
    assert state_of(office, here.draft)[0] == "announced"


def test_the_evidence_of_announcing_is_the_publication_s(client: PageClient, here: Town, office: Office) -> None:
    base = sent_to_agreement(client, here, office)
    publish(client, base, "10.04.2026", 303, "газета «Рано»")
    letter = {"number": "04-2/9", "agreed_on": "11.04.2026", "version": now(office, here)}
    accepted(client, f"{base}/agreement", letter)
    page = client.get(f"{base}/act/announce")
    assert "но текст согласован только 11 апреля 2026" in plain(page), (
        "what came out before the agreement does not count"
    )
    publish(client, base, "15.04.2026", 303, "сайт")
    publish(client, base, "12.04.2026", 303)
    values = {e.get("name"): e.get("value") for e in client.get(f"{base}/act/announce").all("input")}
    assert values["evidence"] == "газета «Таң», № 15, с. 2"


def test_a_wrong_publication_is_withdrawn_until_the_announcement(
    client: PageClient, here: Town, office: Office
) -> None:
    base = sent_to_agreement(client, here, office)
    letter = {"number": "04-2/9", "agreed_on": "11.04.2026", "version": now(office, here)}
    accepted(client, f"{base}/agreement", letter)
    publish(client, base, "12.04.2026", 303)
    publish(client, base, "13.04.2026", 303, "ошибочная газета")
    drops = [f.get("action", "") for f in client.get(f"{base}/publication").all("form") if "withdraw" in str(f.attrib)]
    assert len(drops) == 2
    assert send(client, f"{base}/publication/{here.screening}/withdraw", {}, 404)
    accepted(client, drops[1], {})
    assert "ошибочная газета" not in client.get(base).text
    send(client, drops[1], {}, 404)
    with office.work(actor_of(office, "hr")) as work:
        told = work.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "competition.publication_withdrawn")
        ).one()
    assert (told.before["outlet"], told.before["published_on"]) == ("ошибочная газета", "2026-04-13")
    act = {"happened_on": "14.04.2026", "evidence": "№ 15", "version": now(office, here)}
    accepted(client, f"{base}/act/announce", act)
    assert "withdraw" not in str([f.attrib for f in client.get(f"{base}/publication").all("form")])
    send(client, drops[0], {}, 403)
    assert "газета «Таң»" in client.get(base).text


def test_the_page_shows_what_was_announced_to_all_who_see_it(
    app: Flask, client: PageClient, here: Town, office: Office, queries: QueryCount
) -> None:
    base = sent_to_agreement(client, here, office)
    assert "письмо пока не внесено" in client.get(base).text
    letter = {"number": "04-2/9", "agreed_on": "11.04.2026", "version": now(office, here)}
    accepted(client, f"{base}/agreement", letter)
    publish(client, base, "12.04.2026", 303)
    accepted(
        client, f"{base}/act/announce", {"happened_on": "14.04.2026", "evidence": "1", "version": now(office, here)}
    )
    shown = ("<b>хранение</b>", "Функциональные обязанности", "письмо № 04-2/9", "11 апреля 2026", "Асанова Гүлмира")
    for login in sorted(STAFF):
        browser = PageClient(app).at_work(login)
        before = len(queries.statements)
        page = plain(browser.get(base))
        assert len(queries.statements) - before <= MOST_QUERIES
        for words in (*shown, "газета «Таң», 12 апреля 2026", "№ 15, с. 2"):
            assert words in page, (login, words)


# -- acts --------------------------------------------------------------------------------------------------------------


def test_a_refused_step_has_no_button_and_says_why(client: PageClient, here: Town, office: Office) -> None:
    client.at_work("hr")
    path = f"/procedures/competition/{here.draft}/act/submit_text"
    page = client.get(path)
    assert not [form for form in page.all("form") if form.get("action") == path]
    for said in ("не хватает 2 пунктов", "Комиссия не назначена", "№ 327"):
        assert said in page.text
    state, number = state_of(office, here.draft)
    answer = send(client, path, {"happened_on": "16.04.2026", "version": str(number)}, 409)
    assert "не хватает 2 пунктов" in answer.text
    assert "Комиссия не назначена" in answer.text
    assert state_of(office, here.draft) == (state, number)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"happened_on": "17.04.2026"}, "ещё не наступило"),
        ({"happened_on": "ноль"}, "Дата не читается"),
        ({"happened_on": "16.04.2026", "evidence": " "}, "Укажите подтверждение"),
        ({"happened_on": "16.04.2026", "reason": ""}, "Напишите причину"),
    ],
)
def test_an_act_needs_a_date_and_what_its_step_needs(
    client: PageClient, here: Town, office: Office, sent: dict[str, str], told: str
) -> None:
    client.at_work("head")
    whole = {"evidence": "приказ № 7", "reason": "должность сокращена", "version": "1", **sent}
    page = send(client, f"/procedures/competition/{here.screening}/act/cancel", whole, 422)
    assert told in page.text
    assert state_of(office, here.screening)[0] == "screening"


def test_an_act_before_the_last_one_is_refused_with_its_sentence(
    client: PageClient, here: Town, office: Office
) -> None:
    client.at_work("head")
    sent = {"happened_on": "01.02.2026", "evidence": "приказ № 7", "reason": "сокращена"}
    sent["version"] = str(state_of(office, here.screening)[1])
    page = send(client, f"/procedures/competition/{here.screening}/act/cancel", sent, 409)
    values = {field.get("name"): field.get("value") for field in page.all("input")}
    assert values["evidence"] == "приказ № 7"
    assert state_of(office, here.screening)[0] == "screening"


def test_of_two_who_act_one_wins_and_the_other_is_told(app: Flask, here: Town, office: Office) -> None:
    first, second = PageClient(app).at_work("head"), PageClient(app).at_work("head")
    path = f"/procedures/competition/{here.screening}/act/cancel"
    sent = {"happened_on": "16.04.2026", "evidence": "приказ № 7", "reason": "должность сокращена"}
    sent["version"] = str(state_of(office, here.screening)[1])
    accepted(first, path, sent)
    page = send(second, path, sent, 409)
    assert "Конкурс отменён, Сатыбалдиев Өмүрбек Жээнбекович" in page.text
    assert "должность сокращена" in page.text
    assert state_of(office, here.screening) == ("cancelled", int(sent["version"]) + 1)


def test_a_version_that_is_no_number_is_a_conflict_not_a_crash(client: PageClient, here: Town) -> None:
    client.at_work("head")
    sent = {"happened_on": "16.04.2026", "evidence": "приказ № 7", "reason": "сокращена"}
    for nonsense in ("", "-1", "9" * 40, "x"):
        send(client, f"/procedures/competition/{here.screening}/act/cancel", {**sent, "version": nonsense}, 409)


def test_an_unknown_step_is_not_there(client: PageClient, here: Town) -> None:
    client.at_work("hr")
    client.get(f"/procedures/competition/{here.draft}/act/fly", 404)
    send(client, f"/procedures/competition/{here.draft}/act/fly", {"version": "1"}, 404)


def test_links_lead_only_where_the_reader_may_go(app: Flask, here: Town) -> None:
    for login in sorted(STAFF):
        browser = PageClient(app).at_work(login)
        for id_ in (here.draft, here.screening, here.decided):
            path = f"/procedures/competition/{id_}"
            if browser.raw_get(path).status_code != 200:
                continue
            for link in browser.get(path).links():
                if link.startswith(f"{path}/"):
                    assert browser.raw_get(link).status_code == 200, (login, link)


def test_a_new_competition_is_offered_to_those_who_may_draft_one(app: Flask) -> None:
    for login in sorted(PEOPLE):
        offered = "/procedures/new" in PageClient(app).at_work(login).get("/procedures").links()
        assert offered == (login in PREPARERS), login


# -- two languages -----------------------------------------------------------------------------------------------------


def said_as(page: Page, text: str) -> list[str | None]:
    """The languages that descriptions saying `text` are marked with."""
    return [e.get("lang") for e in page.all("dd") if "".join(e.itertext()).strip() == text]


def test_the_text_is_shown_in_the_readers_language_or_marked(client: PageClient, here: Town) -> None:
    client.at_work("hr")
    base = f"/procedures/competition/{here.draft}"
    texts = {"item_functional_duties_ky": "Архивди сактоо", "item_functional_duties_ru": "Хранение архива"}
    one = {"item_qualification_requirements_ky": "", "item_qualification_requirements_ru": "Высшее образование"}
    accepted(client, f"{base}/edit", {**edit_fields(client, here.draft), **texts, **one})
    page = client.get(base)
    assert (said_as(page, "Хранение архива"), said_as(page, "Архивди сактоо")) == ([None], [])
    assert client.browser.get(f"{base}?lang=ky").status_code == 303
    page = client.get(base)
    assert (said_as(page, "Архивди сактоо"), said_as(page, "Хранение архива")) == ([None], [])
    assert said_as(page, "Высшее образование") == ["ru"]


def test_gaps_are_told_by_language_and_only_the_originals_hold_the_text_up(
    client: PageClient, here: Town, office: Office
) -> None:
    client.at_work("hr")
    base = f"/procedures/competition/{here.draft}"
    fields = edit_fields(client, here.draft)
    whole = {name: value or "указано" for name, value in fields.items() if name.startswith("item_")}
    whole |= {"item_functional_duties_ky": "", "item_position_ru": ""}
    accepted(client, f"{base}/edit", {**fields, **whole})
    told = plain(client.get(base))
    assert "По-кыргызски нет 1 пункта: функциональные обязанности." in told
    assert "По-русски нет 1 пункта: должность." in told
    choice = next(e.get("value", "") for e in client.get(f"{base}/commission").all("input", type="radio"))
    accepted(client, f"{base}/commission", {"commission": choice, "version": now(office, here)})
    page = plain(client.get(f"{base}/act/submit_text"))
    assert "По-кыргызски нет 1 пункта объявления, по-русски он есть: функциональные обязанности." in page
    assert "Типовая инструкция по делопроизводству" in page
    assert "не проверено" in page
    accepted(client, f"{base}/edit", {**edit_fields(client, here.draft), "item_functional_duties_ky": "Архивди сактоо"})
    accepted(client, f"{base}/act/submit_text", {"happened_on": "10.04.2026", "version": now(office, here)})
    assert state_of(office, here.draft)[0] == "text_agreement"
    desk = client.get(f"/papers/about/competition/{here.draft}")
    assert "По-русски нет 1 пункта: должность." in plain(desk)
    assert "Составляется в состояниях: " in plain(desk)
    steps = accepted(client, f"/papers/about/competition/{here.draft}/D03", {})
    assert "не подписывают и не нумеруют" in plain(client.get(steps))
    for shown in (steps.removesuffix("/steps"), "/papers?kind=D03"):
        assert "не нумеруется" in plain(client.get(shown))
    assert "не подписывается" in plain(client.get(steps.removesuffix("/steps")))


def test_a_publication_of_before_the_agreement_is_marked_as_not_counting(
    client: PageClient, here: Town, office: Office
) -> None:
    with office.work(actor_of(office, "hr")) as work:
        row = work.get(Competition, here.screening)
        days = work.session.scalars(select(Publication.published_on).where(Publication.competition_id == row.id)).all()
        agreed = min(days)
        row.agreement = {"number": "04-2/9", "date": agreed.isoformat()}
        early = agreed - timedelta(days=1)
        work.add(Publication(competition_id=row.id, outlet="сайт «Рано»", published_on=early, reference="№ 1"))
    page = client.at_work("hr").get(f"/procedures/competition/{here.screening}")
    told = [text_of(line) for line in page.all("p")]
    marked = [line for line in told if "не засчитывается: вышла до согласования текста" in line]
    assert len(marked) == 1
    assert marked[0].startswith("сайт «Рано»")
