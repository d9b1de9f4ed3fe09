"""The paper of the announcement (D03): when it may be drafted, what it says, and that nobody signs it."""

from __future__ import annotations

import io
from datetime import timedelta
from uuid import UUID

import docx
import pytest

from flask_app.domain.errors import NotPermitted, Refused
from flask_app.domain.identity import AUDITOR, HR_OFFICER, Actor
from flask_app.services.competition_draft import TextEntry, correct_draft
from flask_app.services.competitions import record_agreement, record_publication
from flask_app.services.office import Office
from flask_app.services.overview import home
from flask_app.services.papers import draft_paper, move_paper, paper_content, versions_of
from flask_app.services.transitions import act_on
from flask_app.store.models.documents import Document
from flask_app.store.models.procedures import Competition
from tests.services.building import Build
from tests.services.desk import TODAY, actor_with


@pytest.fixture
def build(office: Office, everybody: Actor) -> Build:
    return Build(office, everybody)


@pytest.fixture
def sent(build: Build) -> UUID:
    """A competition whose text is with the authorised body."""
    competition = build.draft()
    build.commission(competition)
    build.move(competition, "submit_text", TODAY - timedelta(days=50))
    return competition


def drafted(build: Build, competition: UUID) -> tuple[UUID, bool]:
    with build.office.work(build.actor) as work:
        document, fresh = draft_paper(work, "D03", competition)
        return document.id, fresh


def agreed(build: Build, competition: UUID) -> None:
    with build.office.work(build.actor) as work:
        version = work.get(Competition, competition).version
        record_agreement(work, competition, "№ 01-3/214", TODAY - timedelta(days=48), expected_version=version)


def corrected(build: Build, competition: UUID, **texts: dict[str, str]) -> None:
    with build.office.work(build.actor) as work:
        kept = work.get(Competition, competition)
        entry = TextEntry("open", kept.internal_round, {**kept.announcement, **texts})
        correct_draft(work, competition, None, entry, expected_version=kept.version)


def words(build: Build, paper: UUID) -> str:
    with build.office.work(build.actor) as work:
        _, _, content = paper_content(work, paper)
    return "\n".join(
        paragraph.text.replace("\u00a0", " ") for paragraph in docx.Document(io.BytesIO(content)).paragraphs
    )


def test_it_is_drafted_with_the_authorised_body_and_once_announced(build: Build, sent: UUID) -> None:
    with pytest.raises(NotPermitted):
        drafted(build, build.draft())
    assert drafted(build, sent)[1]
    with pytest.raises(NotPermitted), build.office.work(build.actor) as work:
        draft_paper(work, "D11", sent)
    agreed(build, sent)
    with build.office.work(build.actor) as work:
        record_publication(work, sent, "газета", TODAY - timedelta(days=45), "№ 1")
    build.move(sent, "announce", TODAY - timedelta(days=45), "газета № 1")
    drafted(build, sent)
    build.move(sent, "open_documents", TODAY - timedelta(days=44))
    with pytest.raises(NotPermitted):
        drafted(build, sent)


def test_who_may_not_prepare_may_not_draft_it(build: Build, sent: UUID) -> None:
    reader = actor_with(build.office, build.actor.body_id, AUDITOR)
    with pytest.raises(NotPermitted), build.office.work(reader) as work:
        draft_paper(work, "D03", sent)


def test_the_letter_makes_a_new_version_and_nothing_else_does(build: Build, sent: UUID) -> None:
    paper, fresh = drafted(build, sent)
    assert fresh
    assert "письмо уполномоченного органа: № ________" in words(build, paper)
    assert drafted(build, sent) == (paper, False)
    agreed(build, sent)
    assert drafted(build, sent) == (paper, True)
    said = words(build, paper)
    assert "письмо уполномоченного органа: № 01-3/214" in said
    assert "№ №" not in said
    assert said.index("КОНКУРС ЖӨНҮНДӨ КУЛАКТАНДЫРУУ") < said.index("ОБЪЯВЛЕНИЕ О КОНКУРСЕ")
    with build.office.work(build.actor) as work:
        assert [version.number for version in versions_of(work, paper)] == [2, 1]


def test_a_correction_takes_the_mark_of_agreement_off(build: Build, sent: UUID) -> None:
    agreed(build, sent)
    paper, _ = drafted(build, sent)
    corrected(build, sent, functional_duties={"ky": "Архивди сактоо\nТизме түзүү", "ru": ""})
    assert drafted(build, sent) == (paper, True)
    said = words(build, paper)
    assert "01-3/214" not in said
    assert "Архивди сактоо\nТизме түзүү" in said
    assert "ОБЪЯВЛЕНИЕ" not in said, "half a translation is left out"


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        ({"ky": " ", "ru": "по-русски"}, "competition.announcement_not_in_kyrgyz"),
        ({"ky": "", "ru": "\n"}, "competition.announcement_incomplete"),
        ({}, "competition.announcement_incomplete"),
    ],
)
def test_a_text_that_may_not_go_out_is_not_printed(build: Build, sent: UUID, texts: dict[str, str], code: str) -> None:
    corrected(build, sent, functional_duties=texts)
    with pytest.raises(Refused) as refused:
        drafted(build, sent)
    assert (refused.value.code, refused.value.params) == (code, {"missing": "functional_duties", "n": 1})


def test_nobody_signs_it_and_nobody_waits_for_it(build: Build, sent: UUID) -> None:
    paper, _ = drafted(build, sent)
    with build.office.work(build.actor) as work:
        version = work.get(Document, paper).version
    with pytest.raises(Refused) as refused, build.office.work(build.actor) as work:
        move_paper(work, paper, "submit", act_on(work, TODAY), expected_version=version)
    assert refused.value.code == "document.kind_not_signed"
    with build.office.work(actor_with(build.office, build.actor.body_id, HR_OFFICER)) as work:
        found = home(work)
    assert paper not in {task.object_id for task in (*found.tasks, *found.awaited)}
