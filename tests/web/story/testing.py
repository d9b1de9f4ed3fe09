"""The day of the test: candidates sit it at Moodle with their slips, the results come back, the practical task."""

from __future__ import annotations

from collections.abc import Mapping

from playwright.sync_api import Page

from connector.moodle.standin.question_fields import read_fields
from connector.moodle.standin.sitting import Trainee, answer
from flask_app.services.bank_reading import banks_of_body
from flask_app.services.bodies import actor_of
from flask_app.services.office import Office
from question_banks.model import MultichoiceQuestion
from tests.web.story.people import Story
from tests.web.story.screening import Slip, finished

RIGHT = (49, 53, 39, 21)
"""Right answers of 60 by seat: twice above the reserve's 75 %, above the interview's 50 %, below. The fifth is away."""


def the_day(story: Story, slips: list[Slip]) -> None:
    page = story.to_sitting("secretary")
    story.look(page, "sitting-day")
    story.send(page, "/steps/begin_testing")
    story.click(page, "main a[href$='/live']")
    story.look(page, "sitting-live")
    page = story.to_sitting("secretary")
    key = answer_key(story.office)
    for slip, right in zip(slips, RIGHT, strict=False):
        sit(story.site.url, slip, key, right)
    story.send(page, "/pull")
    finished(story, page)
    story.click(page, "main .kz-card p:last-child a")
    story.look(page, "sitting-pulled")
    story.send(page, "/results")
    assert "49 / 60" in page.inner_text("main")
    _answers(story, page)
    page = story.to_sitting("secretary")
    _absence(story, page)
    _practical(story, page)
    story.send(page, "/steps/begin_interviews")


def _answers(story: Story, page: Page) -> None:
    """Every answer of one person, opened on purpose."""
    story.look(page, "results")
    story.click(page, "main tbody form button >> nth=0")
    assert page.locator("tbody tr").count() == 60
    story.look(page, "answers")


def _absence(story: Story, page: Page) -> None:
    page.click(".kz-next summary")
    page.check("#closed_early")
    page.fill("#absence-reason", "Не явился")
    story.send(page, "/absences")


def _practical(story: Story, page: Page) -> None:
    """A mark above its maximum comes back with the mark; a comma is as good as a point."""
    forms = page.locator("main form[action$='/practical']")
    assert forms.count() == 3
    mark = forms.first.locator("input[name=mark]")
    mark.fill("11")
    forms.first.locator("button").click()
    page.locator(".govuk-error-summary").wait_for()
    assert page.locator(".govuk-error-summary a").count() == 1, page.inner_text("main")
    assert forms.first.locator("input[name=mark]").input_value() == "11"
    story.look(page, "practical-problem")
    for given in ("7,5", "8", "6"):
        forms.first.locator("input[name=mark]").fill(given)
        forms.first.locator("button").click()
        page.wait_for_load_state()
    assert forms.count() == 0
    story.look(page, "sitting-marked")
    row = page.locator("main tbody tr", has=page.locator("form[action$='/practical/correction']")).first
    row.locator("summary").click()
    row.locator("input[name=mark]").fill("7")
    story.look(page, "practical-correction")
    row.locator("button").click()
    page.locator(".govuk-error-summary").wait_for()
    row.locator("input[name=reason]").fill("Описка")
    row.locator("button").click()
    page.locator(".govuk-error-summary").wait_for(state="detached")
    assert "7 / 10" in row.inner_text()


def answer_key(office: Office) -> Mapping[str, str]:
    """Question text → text of its right answer, in all languages."""
    with office.work(actor_of(office, "bank")) as work:
        banks = [bank for _, bank in banks_of_body(work)]
    return {
        _folded(question.text): _folded(next(a.text for a in question.answers if a.fraction == 1))
        for bank in banks
        for group in bank.items
        for question in group.versions.values()
        if isinstance(question, MultichoiceQuestion)
    }


def sit(url: str, slip: Slip, key: Mapping[str, str], right: int) -> None:
    """Sit the only test there is and answer exactly the first `right` questions rightly."""
    seen, page = 0, 0
    data: dict[str, str] = {}

    def choose(text: str, labels: list[str]) -> str:
        good = next(label for label in labels if _folded(label) == key[_folded(text)])
        return good if seen <= right else next(label for label in labels if label != good)

    with Trainee(url, slip.username, slip.password) as trainee:
        (test,) = trainee.quizzes().values()
        attempt = trainee.start(test)["id"]
        while page >= 0:
            shown = trainee.page(attempt, page)
            for question in shown["questions"]:
                seen += 1
                data |= answer(read_fields(question["html"]), choose)  # type: ignore[arg-type]  # one label is chosen
            page = shown["nextpage"]
        trainee.process(attempt, data, finish=True)


def _folded(text: str) -> str:
    return " ".join(text.split())
