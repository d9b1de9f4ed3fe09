"""Admission and everything before the day of the test: the secretary."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from playwright.sync_api import Page

from tests.web.looking import press
from tests.web.story.people import Story, has, well

REFUSED = "Нет высшего образования"
TEST_DAY = datetime(2026, 4, 28, 4, 30, tzinfo=UTC)
"""Half an hour after the beginning, at the body 10:30."""


@dataclass(frozen=True)
class Slip:
    """What a candidate holds in the hand."""

    name: str
    username: str
    password: str


def admit(story: Story) -> None:
    """Everybody taken up at once, one refused with a ground, the others admitted."""
    page = story.step("secretary", "begin_screening", "07.04.2026")
    story.click(page, 'main a[href$="/applicants"]')
    story.look(page, "applicants")
    _all(story, page, "take_up")
    page.fill("#happened_on", "07.04.2026")
    story.send(page, "/act/take_up")
    assert page.locator(".kz-note--good").count() == 1
    _refuse_one(story, page)
    _all(story, page, "admit")
    story.look(page, "review-admit")
    page.fill("#happened_on", "08.04.2026")
    story.send(page, "/act/admit")
    story.look(page, "applicants-screened")


def _all(story: Story, page: Page, step: str) -> None:
    page.select_option("#step", step)
    page.check("#all")
    story.click(page, "main .kz-bulk button")


def _refuse_one(story: Story, page: Page) -> None:
    page.locator('input[name="who"]').nth(2).check()
    page.select_option("#step", "reject")
    story.click(page, "main .kz-bulk button")
    story.look(page, "review-reject")
    press(page, 'main form[action$="/act/reject"] button.govuk-button[type=submit]')
    page.locator(".govuk-error-summary").wait_for()
    assert page.locator(".govuk-error-summary a").count() == 2, "ground and reason"
    page.select_option("#ground", "qualification_mismatch")
    page.fill("#reason", REFUSED)
    page.fill("#happened_on", "08.04.2026")
    story.send(page, "/act/reject")


def prepare(story: Story) -> None:
    """No notice without a sitting; so it is scheduled, forms are drawn, and the reviewed plan goes to Moodle."""
    page = story.at("secretary")
    assert page.locator(".kz-no li").count(), "no sitting yet: the notice is refused with its rule"
    page = story.to_sitting("secretary")
    story.look(page, "sitting-unscheduled")
    _schedule(story, page)
    story.look(page, "sitting-scheduled")
    story.send(page, "/forms")
    assert page.locator("[aria-labelledby=forms] tbody tr").count() == 2, "two variants, in the candidates' language"
    story.click(page, "main .kz-next a.govuk-button")
    story.look(page, "plan")
    story.click(page, 'main form[action$="/plan"] button')
    story.look(page, "job")
    finished(story, page)
    story.look(page, "job-done")
    story.click(page, "main .kz-card p:last-child a")
    story.look(page, "sitting-pushed")


def _schedule(story: Story, page: Page) -> None:
    story.click(page, 'main a[href$="/schedule"]')
    page.fill("#day", "2026-04-28")
    page.fill("#ends", "09:00")
    page.fill("#proctor", "Токоев Б. С.")
    page.fill("#place_ky", "Чакан зал, 3-кабат")
    page.fill("#place_ru", "Малый зал, 3-й этаж")
    press(page, 'main form[action$="/schedule"] button[type=submit]')
    page.locator(".govuk-error-summary").wait_for()
    assert page.locator(".govuk-error-summary a[href='#ends']").count() == 1, page.inner_text("main")
    assert page.input_value("#place_ky") == "Чакан зал, 3-кабат", "what was typed is kept"
    story.look(page, "schedule-problems")
    page.fill("#ends", "13:00")
    story.send(page, "/schedule")


def finished(story: Story, page: Page) -> None:
    """Look again, as the page offers, until the job is over."""
    again = page.locator("main p.kz-small a[href*='/jobs/']")
    for _ in range(400):
        if not again.count():
            break
        again.first.click()
        well(page)
    assert page.locator(".kz-note--good").count() == 1, page.inner_text("main")


def notify(story: Story) -> list[Slip]:
    """Every admitted candidate is told; those in the room get a slip."""
    page = story.to_competition("secretary")
    story.click(page, 'main a[href$="/applicants"]')
    _all(story, page, "notify")
    page.select_option("#channel", "in_person")
    page.fill("#evidence", "лист ознакомления")
    story.look(page, "review-notify")
    story.send(page, "/act/notify")
    story.look(page, "applicants-notified")
    text = page.inner_text("main")
    assert ("Вызов на тест вручён" if story.language == "ru" else "Тестке чакырылды") in text, text
    _one_person(story, page)
    return _slips(story)


def _one_person(story: Story, page: Page) -> None:
    story.click(page, "tbody th a >> nth=0")
    story.look(page, "person")
    story.click(page, 'main form[action$="/identity"] button')
    story.look(page, "person-opened")


def _slips(story: Story) -> list[Slip]:
    page = story.to_competition("secretary")
    story.look(page, "competition-notified")
    story.click(page, 'main a[href$="/applicants/slips"]')
    story.look(page, "slips")
    story.send(page, "/applicants/slips")
    story.look(page, "slips-opened")
    slips = []
    for slip in page.locator(".kz-slip").all():
        address, username, password = slip.locator("dd.kz-mask").all_inner_texts()
        assert address.strip() == story.site.url
        slips.append(Slip(slip.locator("h2").inner_text(), username.strip(), password.strip()))
    assert len(slips) == 5
    assert not has(page, "—"), "no empty slip"
    return slips
