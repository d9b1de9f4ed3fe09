"""Many drafts handed in at once, one waiting question after the other, and the first page that tells of them."""

from __future__ import annotations

from uuid import UUID

import pytest

from flask_app.services.bodies import actor_of
from flask_app.services.office import Office
from flask_app.store.models.questions import QuestionItem
from tests.web.client import Page, text_of
from tests.web.test_questions import FIELDS, KY, RU, Browsers, as_, bank, create, refused, send, shipped, step

__all__ = ["as_", "bank", "shipped"]

GROUPS = ("many-001", "many-002", "many-003")


@pytest.fixture
def drafts(as_: Browsers, bank: UUID) -> dict[str, str]:
    """Three drafts of one author, by name; the third has no right answer."""
    texts = {group: _asking_of(group) for group in GROUPS}
    texts[GROUPS[2]]["text_ru"] = texts[GROUPS[2]]["text_ru"].replace("=", "~")
    return {group: create(as_("bank"), bank, group=group, **texts[group]) for group in GROUPS}


def _asking_of(whom: str) -> dict[str, str]:
    return {"text_ru": RU.replace("аппарата?", f"аппарата {whom}?"), "text_ky": KY.replace("Аппараттын", f"{whom}:")}


def states(office: Office, drafts: dict[str, str]) -> dict[str, tuple[str, int]]:
    with office.work(actor_of(office, "bank")) as work:
        found = {group: work.get(QuestionItem, UUID(at.rpartition("/")[2])) for group, at in drafts.items()}
        return {group: (item.state, item.version) for group, item in found.items()}


def ticks(page: Page) -> list[str]:
    return [box.get("value", "") for box in page.all("input", type_="checkbox", name="who")]


def seen(page: Page) -> list[str]:
    return [field.get("value", "") for field in page.all("input", type_="hidden", name="who")]


def chosen(as_: Browsers, path: str, who: list[str], status: int = 200, login: str = "bank") -> Page:
    client = as_(login)
    data = {"form_token": client.token("/questions"), "who": who}
    return client._checked(client.browser.post(path, data=data), status)


def test_the_ticked_drafts_are_shown_then_handed_in(as_: Browsers, office: Office, drafts: dict[str, str]) -> None:
    boxes = ticks(as_("bank").get("/questions"))
    assert len(boxes) == 3
    page = chosen(as_, "/questions/hand-in/review", boxes)
    assert page.heading == "Отдать на проверку: 2"
    assert sorted(seen(page)) == sorted(boxes[:2])
    assert "many-003" in page.text
    assert "Останутся: 1" in page.text
    assert {state for state, _ in states(office, drafts).values()} == {"draft"}, "nothing is done before it is said"
    at = send(as_("bank"), "/questions/hand-in", who=seen(page))  # type: ignore[arg-type]  # a field sent twice
    assert "Отдано на проверку: 2." in as_("bank").get(at).text
    assert [state for state, _ in states(office, drafts).values()] == ["review", "review", "draft"]


def test_what_is_refused_is_told_and_keeps_nobody_back(as_: Browsers, office: Office, drafts: dict[str, str]) -> None:
    boxes = ticks(as_("bank").get("/questions"))
    send(
        as_("bank2"),
        f"{drafts['many-001']}/edit",
        version="1",
        **{**FIELDS, **_asking_of("many-001"), "difficulty": "hard"},
    )
    report = chosen(as_, "/questions/hand-in", boxes)
    assert report.heading == "Отдано на проверку: 1, осталось: 2"
    told = [text_of(row) for row in report.all("li", class_="is-bad")]
    assert [row.split()[0] for row in sorted(told)] == ["many-001", "many-003"]
    assert "изменил" in next(row for row in told if row.startswith("many-001")).lower()
    assert "грубых замечания" in next(row for row in told if row.startswith("many-003")).lower()
    assert states(office, drafts) == {"many-001": ("draft", 2), "many-002": ("review", 2), "many-003": ("draft", 1)}
    again = chosen(as_, "/questions/hand-in", boxes, 409)
    assert again.heading == "Отдано на проверку: 0, осталось: 3"
    assert states(office, drafts)["many-002"] == ("review", 2), "sent twice it happens once"


def test_the_same_question_is_not_handed_in_twice(as_: Browsers, office: Office, bank: UUID) -> None:
    two = {group: create(as_("bank"), bank, group=group) for group in GROUPS[:2]}
    boxes = ticks(as_("bank").get("/questions"))
    assert chosen(as_, "/questions/hand-in/review", boxes).heading == "Отдать на проверку: 1"
    report = chosen(as_, "/questions/hand-in", boxes)
    assert report.heading == "Отдано на проверку: 1, осталось: 1"
    found = {state: group for group, (state, _) in states(office, two).items()}
    assert set(found) == {"draft", "review"}
    assert found["review"] in as_("bank").get(two[found["draft"]]).text, "it says which other one asks the same"


def test_all_drafts_found_under_the_filter(as_: Browsers, bank: UUID, drafts: dict[str, str]) -> None:
    assert drafts
    author, other = as_("bank"), as_("bank2")
    create(other, bank, group="others-001")
    mine = refused(author, "/questions/hand-in/review", 200, every="1", bank="")
    assert (len(seen(mine)), "others-001" in mine.text) == (2, False)
    everybody = refused(author, "/questions/hand-in/review", 200, every="1", bank="", all="1")
    assert "others-001" in everybody.text
    elsewhere = refused(author, "/questions/hand-in/review", 422, every="1", bank="subject")
    assert "Ни один вопрос не выбран." in elsewhere.text


def test_a_warning_is_still_told_where_questions_are_handed_in(as_: Browsers, bank: UUID) -> None:
    create(as_("bank"), bank, group="swapped-1", text_ru=KY.replace("эсебин", "өздүк эсебин"), text_ky=KY)
    page = chosen(as_, "/questions/hand-in/review", ticks(as_("bank").get("/questions")))
    assert "вряд ли русский" in page.text
    assert "вряд ли кыргызский" not in page.text


def test_nothing_chosen_is_told(as_: Browsers) -> None:
    for who in ([], ["nonsense"], ["00000000-0000-4000-8000-000000000000:1"]):
        assert "Ни один вопрос не выбран." in chosen(as_, "/questions/hand-in/review", who, 422).text
        assert "Ни один вопрос не выбран." in chosen(as_, "/questions/hand-in", who, 422).text


def handed_in(as_: Browsers, drafts: dict[str, str]) -> None:
    for group in GROUPS[:2]:
        step(as_("bank"), drafts[group], "submit", 1)


def test_one_waiting_question_leads_to_the_next(as_: Browsers, drafts: dict[str, str]) -> None:
    handed_in(as_, drafts)
    judge = as_("bank2")
    first, second = (drafts[group] for group in GROUPS[:2])
    at = f"{first}?queue=1"
    assert at in judge.get("/questions").links()
    page = judge.get(at)
    assert "Следующий: many-002" in page.text
    (form,) = [f for f in page.all("form") if f.get("action", "").endswith("/pass_review")]
    fields = {f.get("name", ""): f.get("value", "") for f in form.iter("input")}
    after = judge.browser.post(f"{first}/steps/pass_review", data=fields).headers["Location"]
    page = judge.get(after)
    assert "Содержание вопроса принято." in page.text
    assert f"{second}?queue=1" in page.links()
    assert "ещё ждут вас: 1" in page.text
    last = judge.get(f"{second}?queue=1")
    assert "Следующий: many-001" in last.text, "after the last one the first that still waits"
    filtered = judge.get(f"{second}?queue=1&state=review")
    assert "В этом списке больше вопросов нет, но вне его вас ждёт ещё 1 вопрос." in filtered.text
    assert "/questions" in filtered.links()
    assert "Больше вопросов" not in filtered.text
    assert "Следующий" not in judge.get(first).text, "not opened from the list"


def test_the_refusal_names_who_may_judge(as_: Browsers, drafts: dict[str, str]) -> None:
    handed_in(as_, drafts)
    assert (
        "Попросите проверить того, кто в него не вносил правок: Осмонов Эрлан."
        in as_("bank").get(drafts["many-001"]).text
    )


def test_the_first_page_tells_of_waiting_questions(as_: Browsers, drafts: dict[str, str], queries: object) -> None:
    handed_in(as_, drafts)
    author, judge = as_("bank"), as_("bank2")
    page = judge.get("/")
    assert "2 вопроса ждут вашей проверки" in page.text
    assert "не открывает" not in page.text
    assert "/questions?state=review" in page.links()
    assert len(judge.get("/questions?state=review").rows()) >= 2
    assert "1 ваш черновик не отдан на проверку" in author.get("/").text
    queries.statements.clear()  # type: ignore[attr-defined]  # the counter of conftest
    judge.get("/")
    assert len(queries.statements) <= 15, queries.statements  # type: ignore[attr-defined]  # as above


def test_a_role_without_procedures_is_told_what_it_opens(as_: Browsers) -> None:
    page = as_("admin").get("/")
    assert "Ваша роль открывает: Moodle, Пользователи." in page.text


def test_the_pages_speak_other_languages(as_: Browsers, drafts: dict[str, str]) -> None:
    author = as_("bank")
    boxes = ticks(author.get("/questions"))
    for language, status in (("ky", 200), ("en", 409)):
        author.raw_get(f"/questions?lang={language}")
        look = chosen(as_, "/questions/hand-in/review", boxes)
        for page in (look, chosen(as_, "/questions/hand-in", boxes, status), author.get("/"), author.get("/questions")):
            assert page.language == language
            assert "qs_" not in page.text
            assert "home_" not in page.text
    assert drafts
