"""The commission's day and what follows: marks, vote, count, decision, papers, appointment, and the auditor."""

from __future__ import annotations

import re

from playwright.sync_api import Page

from flask_app.domain.numbering import SERIES
from tests.web.looking import press
from tests.web.story.people import CODE, Story, well

MEMBERS = ("chair", "member", "member2")
RECUSED = ("member", 2)
"""Who stands aside in whose case: the candidate's place in the list."""
CHOICES = {
    "chair": ("against", "for", "abstain"),
    "member": ("for", "for"),
    "member2": ("against", "for", "against"),
}
STATES = ["reserve_recommended", "winner", "not_selected"]
SIGNERS = {"D11": "chair", "D16": "chair", "D19": "head"}


def open_the_sitting(story: Story) -> None:
    """The candidates are invited; the sitting is opened, at the second try with its place."""
    page = story.to_desk("secretary")
    story.look(page, "desk-invite")
    story.send(page, "/invitations")
    story.click(page, 'main a[href$="/sitting"]')
    page.fill("#place_ru", "Малый зал, 3-й этаж")
    page.uncheck("#present-3")
    press(page, 'main form[action$="/sitting"] button[type=submit]')
    page.locator(".govuk-error-summary").wait_for()
    assert page.locator(".govuk-error-summary a").count() == 1, "absence without a reason"
    assert page.input_value("#place_ru") == "Малый зал, 3-й этаж"
    assert not page.is_checked("#present-3")
    story.look(page, "meeting-problems")
    page.check("#present-3")
    page.fill("#place_ky", "Чакан зал, 3-кабат")
    page.fill("#started", "10:00")  # it ends half an hour later, by the clock that stands still
    story.send(page, "/sitting")


def mark(story: Story, login: str) -> None:
    """Every candidate, each offered by the desk in turn."""
    page = story.to_desk(login)
    for turn in range(len(STATES)):
        story.click(page, '.kz-next a[href*="/candidates/"]')
        for place in range(1, 10):
            page.check(f"#mark-{place}-{3 + (place + turn) % 3}", force=True)
        if login == "member" and turn == 0:
            story.look(page, "marks")
        story.send(page, "/review")
        if login == "member" and turn == 0:
            story.look(page, "marks-review")
        story.click(page, "main form:not([action$=review]) button[type=submit]")
    if login == "member":
        story.look(page, "desk-member")


def stand_aside(story: Story) -> None:
    """After the marks and before the own vote; at the second try with a reason."""
    login, place = RECUSED
    page = story.to_desk(login)
    story.click(page, f'main tbody tr >> nth={place} >> a[href$="/recusal"]')
    story.look(page, "marks-recusal")
    press(page, 'main form[action$="/recusal"] button[type=submit]')
    page.locator(".govuk-error-summary").wait_for()
    assert page.locator(".govuk-error-summary a[href='#reason_ky']").count() == 1, "a recusal without a reason"
    page.fill("#reason_ky", "жакын тууганы")
    page.fill("#reason_ru", "близкий родственник")
    story.send(page, "/recusal")


def vote(story: Story, login: str) -> None:
    page = story.to_desk(login)
    story.click(page, '.kz-next a[href$="/ballot"]')
    assert page.locator("input:checked").count() == 0
    if login == "member":
        story.look(page, "ballot")
        assert (page.locator(".kz-choice label").first.bounding_box() or {"height": 0})["height"] >= 56
    fieldsets = page.locator("fieldset.kz-ballot")
    for place, choice in enumerate(CHOICES[login]):
        fieldsets.nth(place).locator(f'input[value="{choice}"]').check(force=True)
    story.send(page, "/ballot/review")
    if login == "member":
        story.look(page, "ballot-review")
    story.send(page, "/ballot")
    if login == "member":
        story.look(page, "desk-voting")


def open_the_vote(story: Story) -> None:
    story.send(story.to_desk("secretary"), "/vote/opening")


def decide(story: Story) -> None:
    page = story.to_desk("chair")
    story.click(page, '.kz-next a[href$="/count"]')
    story.look(page, "count")
    story.send(page, "/count")
    story.look(page, "desk-counted")
    story.click(page, '.kz-next a[href$="/steps/decide"]')
    story.look(page, "decide")
    story.send(page, "/steps/decide")


def papers(story: Story) -> None:
    for kind, signer in SIGNERS.items():
        _paper(story, kind, signer)


def _paper(story: Story, kind: str, signer: str) -> None:
    """Drafted, submitted and approved by the secretary, signed by whom the kind of paper says, found by its list."""
    page = story.to_competition("secretary")
    story.click(page, 'main a[href*="/papers/about/"] >> nth=0')
    if kind == "D19":
        _probation_is_read(story, page)
    story.send(page, f"/{kind}")
    for step in ("submit", "approve"):
        story.click(page, f'.kz-next a[href$="/steps/{step}"]')
        story.send(page, f"/steps/{step}")
    page = story.at(signer)
    story.click(page, ".kz-nav a[href='/papers']")
    page.select_option("#kind", kind)
    story.click(page, "main .kz-filter button")
    page.wait_for_url(f"**kind={kind}**")
    story.click(page, f"tbody tr:has-text('{CODE}') a >> nth=0")
    story.look(page, f"paper-{kind}")
    story.click(page, ".kz-next__do a")
    story.click(page, '.kz-next a[href$="/steps/sign"]')
    if kind == "D16":
        story.look(page, "paper-sign")
    story.send(page, "/steps/sign")
    assert re.search(rf"№\s*1-{SERIES[kind]}/2026", page.inner_text("h1")), page.inner_text("h1")


def _probation_is_read(story: Story, page: Page) -> None:
    """A probation that is no number comes back beside its field."""
    page.fill("#probation_months", "три")
    press(page, 'main form[action$="/D19"] button[type=submit]')
    page.locator(".govuk-error-summary").wait_for()
    assert page.locator(".govuk-error-summary a[href='#probation_months']").count() == 1, page.inner_text("main")
    assert page.input_value("#probation_months") == "три"
    story.look(page, "papers-problem")
    page.fill("#probation_months", "3")


def appoint(story: Story) -> None:
    page = story.to_desk("head")
    story.click(page, '.kz-next a[href$="/steps/appoint"]')
    story.send(page, "/steps/appoint")
    story.look(page, "desk-appointed")


def read_the_log(story: Story) -> None:
    """The auditor: the competition's own timeline, the whole log, its check."""
    page = story.to_competition("auditor")
    story.look(page, "competition-appointed")
    story.click(page, 'main a[href*="/journal/competition/"]')
    assert page.locator("tbody tr").count() >= 9
    story.look(page, "timeline")
    story.click(page, ".kz-nav a[href='/journal']")
    story.click(page, "main a[href='/verification']")
    story.send(page, "/verification")
    assert page.locator(".kz-note--good").count() == 1, page.inner_text("main")
    well(page)
    story.look(page, "verification-done")
