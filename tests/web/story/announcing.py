"""From the vacancy to the closing of documents: the personnel officer."""

from __future__ import annotations

from pathlib import Path

from flask_app.demo.applicants import spreadsheet
from tests.web.looking import press
from tests.web.story.people import CODE, Story
from tests.web.story.world import COMMISSION

APPLICANTS = 6
ITEMS = {
    "qualification_requirements": (
        "Жогорку билим; кеминде эки жыл стаж",
        "Высшее образование; стаж не менее двух лет",
    ),
    "functional_duties": ("Муниципалдык мүлктү эсепке алуу", "Учёт муниципального имущества"),
    "required_documents": (
        "Арыз, кадрларды эсепке алуу баракчасы, сүрөт, паспорттун көчүрмөсү, билими жөнүндө документтер",
        "Заявление, листок по учёту кадров, фотография, копия паспорта, документы об образовании",
    ),
    "filing_place_and_time": (
        "Манас көчөсү, 7, 4-кабинет, жумуш күндөрү саат 9дан 17ге чейин",
        "Ул. Манаса, 7, кабинет 4, рабочие дни с 9 до 17 часов",
    ),
    "competition_place_and_time": (
        "Кичи зал, 3-кабат; убактысы бир жума мурда билдирилет",
        "Малый зал, 3-й этаж; время сообщается за неделю",
    ),
}
POST = {
    "code": CODE,
    "title_ky": "Жер ресурстары боюнча башкы адис",
    "title_ru": "Главный специалист по земельным ресурсам",
    "unit_ky": "Муниципалдык менчик бөлүмү",
    "unit_ru": "Отдел муниципальной собственности",
    "category_ky": "Улук топ, 2-категория",
    "category_ru": "Старшая группа, категория 2",
    "vacant_since": "1 марта 2026",
}
ONWARD = "main .kz-go button[value=next]"


def draft(story: Story) -> None:
    """The wizard, forwards, backwards and in another language; the draft stands at the end."""
    page = story.at("hr")
    story.click(page, ".kz-nav a[href='/procedures']")
    story.click(page, "main a[href='/procedures/new']")
    story.look(page, "wizard-1-post")
    press(page, ONWARD)
    page.locator(".govuk-error-summary").wait_for()
    assert page.locator(".govuk-error-summary a").count() >= 8
    story.look(page, "wizard-1-problems")
    page.locator(".govuk-error-summary a").first.click()
    assert page.url.endswith("#code")
    for name, value in POST.items():
        page.fill(f"#{name}", value)
    story.click(page, ONWARD)
    page.select_option("#kind", "open")
    page.fill("#internal_round", "Протокол № 1-П от 2 марта 2026 г.")
    story.look(page, "wizard-2-rules")
    story.click(page, ONWARD)
    for language in ("ky", "ru"):
        assert "Ак-Кечүү" in page.input_value(f"#item_body_name_and_address_{language}")
        assert page.input_value(f"#item_position_{language}") == POST[f"title_{language}"]
    for name, texts in ITEMS.items():
        for language, text in zip(("ky", "ru"), texts, strict=True):
            page.fill(f"#item_{name}_{language}", text)
    story.look(page, "wizard-3-announcement")
    _there_and_back(story)
    story.click(page, ONWARD)
    page.locator(".kz-pick", has_text=COMMISSION[story.language]).locator("input").check()
    story.look(page, "wizard-4-commission")
    story.click(page, ONWARD)
    story.look(page, "wizard-5-check")
    story.click(page, 'main button[value="post"]')
    assert page.input_value("#title_ru") == POST["title_ru"]
    for _ in range(5):
        story.click(page, ONWARD)
    assert "/procedures/competition/" in page.url
    story.look(page, "competition-draft")


def _there_and_back(story: Story) -> None:
    """Another language in the middle of the wizard, and the first again: nothing of what was typed is lost."""
    page = story.at("hr")
    other = {"ru": "ky", "ky": "ru"}[story.language]
    page.fill("#item_functional_duties_ru", "Набрано только что")
    for language in (other, story.language):
        story.click(page, f".kz-lang [lang={language}]")
        assert page.get_attribute("html", "lang") == language
        assert page.input_value("#item_functional_duties_ru") == "Набрано только что"
        assert "?" not in page.url, "what was typed stands in no address"
    page.fill("#item_functional_duties_ru", ITEMS["functional_duties"][1])


def announce(story: Story) -> None:
    page = story.step("hr", "submit_text", "17.03.2026")
    _paper(story)
    page = story.to_competition("hr")
    story.click(page, 'main a[href$="/agreement"]')
    page.fill("#number", "04-2/131")
    page.fill("#agreed_on", "19.03.2026")
    story.look(page, "agreement")
    story.send(page, "/agreement")
    story.click(page, 'main a[href$="/publication"]')
    page.fill("#outlet", "газета «Ак-Кечүү таңы»")
    page.fill("#published_on", "20.03.2026")
    page.fill("#reference", "№ 12, с. 3")
    story.look(page, "publication")
    story.send(page, "/publication")
    story.step("hr", "announce", "20.03.2026", "газета «Ак-Кечүү таңы», № 12, с. 3")
    story.step("hr", "open_documents", "21.03.2026")


def _paper(story: Story) -> None:
    """The paper that goes to the authorised body: drafted, looked at, neither signed nor numbered."""
    page = story.to_competition("hr")
    story.click(page, 'main a[href^="/papers/about/competition/"]')
    story.look(page, "papers-announcement")
    story.send(page, "/D03")
    story.look(page, "paper-D03")
    assert page.locator('main a[href$=".docx"]').count() == 1
    assert page.locator('main a[href*="/steps/"]').count() == 0


def take_in(story: Story, folder: Path) -> None:
    """The spreadsheet: preview, confirmation, report."""
    file = folder / "кандидаты.xlsx"
    file.write_bytes(spreadsheet(APPLICANTS))
    page = story.to_competition("hr")
    story.click(page, 'main a[href$="/applicants/upload"]')
    page.set_input_files("#file", file)
    page.fill("#received_on", "02.04.2026")
    story.look(page, "upload")
    story.send(page, "/applicants/upload")
    story.look(page, "preview")
    story.send(page, "/applicants/import")
    story.look(page, "report")
    assert page.locator("tbody tr").count() == APPLICANTS
    story.step("hr", "close_documents", "06.04.2026")
