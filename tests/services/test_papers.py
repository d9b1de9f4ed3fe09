"""Papers: drafted from facts, signed by the right person under one number, every file kept and found by its hash."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import docx
import pytest
from sqlalchemy import select

from docs_templates.renderer import TemplatePaperMaker
from flask_app.domain.errors import AlreadyThere, InvalidInput, NotFound, NotPermitted, Refused
from flask_app.domain.identity import AUDITOR, CHAIR, HEAD, HR_OFFICER, TRAINING_OFFICER, Actor
from flask_app.services.accounts import correct_name
from flask_app.services.papers import draft_paper, find_paper, move_paper, paper_content, sign_paper, versions_of
from flask_app.services.transitions import act_on
from flask_app.store.models.applications import Application, TestScore
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.documents import Document, DocumentVersion, RegistrationCounter
from flask_app.store.models.organisation import User
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition
from flask_app.store.models.results import Attempt
from tests.services.desk import TODAY, FrozenClock, actor_with, new_body
from tests.services.stages import Scene

ORDER = {"appointed_from": TODAY.isoformat(), "probation_months": 0}


def draft(
    scene: Scene, kind: str, parameters: Mapping[str, Any] | None = None, actor: Actor | None = None
) -> tuple[UUID, bool]:
    with scene.work(actor) as work:
        document, fresh = draft_paper(work, kind, scene.competition, parameters)
        return document.id, fresh


def step(scene: Scene, paper: UUID, transition: str, day: date = TODAY, actor: Actor | None = None, **act: str) -> None:
    with scene.work(actor) as work:
        version = work.get(Document, paper).version
        move_paper(work, paper, transition, act_on(work, day, **act), expected_version=version)


def for_signature(scene: Scene, kind: str, parameters: Mapping[str, Any] | None = None) -> UUID:
    paper, _ = draft(scene, kind, parameters)
    step(scene, paper, "submit")
    step(scene, paper, "approve")
    return paper


def sign(scene: Scene, paper: UUID, day: date = TODAY, actor: Actor | None = None) -> str:
    with scene.work(actor) as work:
        signed = sign_paper(work, paper, act_on(work, day), expected_version=work.get(Document, paper).version)
        return f"{signed.registration_value}-{signed.registration_series}/{signed.registration_year}"


def signed(scene: Scene, kind: str, parameters: Mapping[str, Any] | None = None) -> UUID:
    paper = for_signature(scene, kind, parameters)
    sign(scene, paper)
    return paper


def words(scene: Scene, paper: UUID) -> str:
    """Everything the newest file says."""
    with scene.work() as work:
        _, _, content = paper_content(work, paper)
    document = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def count_versions(scene: Scene, paper: UUID) -> int:
    with scene.work() as work:
        return len(versions_of(work, paper))


def test_drafted_again_a_paper_has_no_new_version(decided: Scene) -> None:
    paper, fresh = draft(decided, "D16")
    assert fresh
    assert draft(decided, "D16") == (paper, False)
    assert count_versions(decided, paper) == 1


def test_facts_that_changed_make_a_new_version_and_keep_the_old(decided: Scene) -> None:
    paper, _ = draft(decided, "D11")
    with decided.work() as work:
        person = work.get(Person, work.get(Application, decided.application(2)).person_id)
        person.name = "Ёлкина Өмүргүл Асан кызы"
    assert draft(decided, "D11") == (paper, True)
    with decided.work() as work:
        newest, first = versions_of(work, paper)
        assert (newest.number, first.number) == (2, 1)
        assert newest.file_sha256 != first.file_sha256
        assert work.office.files.get(first.file_sha256)
    assert "Ёлкина Өмүргүл" in words(decided, paper)


def test_files_are_found_by_their_content(decided: Scene) -> None:
    paper, _ = draft(decided, "D11")
    with decided.work() as work:
        version = versions_of(work, paper)[0]
        content = work.office.files.get(version.file_sha256)
    assert hashlib.sha256(content).hexdigest() == version.file_sha256
    assert len(content) == version.size


def test_the_number_is_printed_once_and_for_ever(decided: Scene) -> None:
    paper = for_signature(decided, "D16")
    assert "1-P/2026" not in words(decided, paper)
    assert sign(decided, paper) == "1-P/2026"
    assert "1-P/2026" in words(decided, paper)
    assert draft(decided, "D16") == (paper, False)


def test_signed_twice_takes_one_number(decided: Scene) -> None:
    paper = signed(decided, "D11")
    with pytest.raises(AlreadyThere):
        sign(decided, paper)
    with decided.work() as work:
        assert work.session.scalars(select(RegistrationCounter.last)).all() == [1]


def test_a_refused_signature_gives_its_number_back(decided: Scene) -> None:
    signed(decided, "D16")
    paper = for_signature(decided, "D19", ORDER)
    stuck = replace(decided, office=replace(decided.office, paper=Jammed()))
    with pytest.raises(InvalidInput):
        sign(stuck, paper)
    assert sign(decided, paper) == "1-O/2026"


class Jammed(TemplatePaperMaker):
    """Prints drafts, and fails when a number is to be printed."""

    def render(self, facts: Any) -> Any:
        if facts.frame.registration is not None:
            raise InvalidInput("TEMPLATE_UNREADABLE", file="order.docx")
        return super().render(facts)


@pytest.mark.parametrize(("kind", "role"), [("D11", HEAD), ("D16", HEAD), ("D19", CHAIR)])
def test_the_wrong_person_cannot_sign(decided: Scene, kind: str, role: str) -> None:
    if kind == "D19":
        signed(decided, "D16")
    paper = for_signature(decided, kind, ORDER if kind == "D19" else None)
    wrong = actor_with(decided.office, decided.actor.body_id, role)
    with pytest.raises(Refused) as refused:
        sign(decided, paper, actor=wrong)
    assert refused.value.code == "document.wrong_signer"


def test_an_officer_signs_nothing(decided: Scene) -> None:
    paper = for_signature(decided, "D16")
    with pytest.raises(NotPermitted):
        sign(decided, paper, actor=actor_with(decided.office, decided.actor.body_id, HR_OFFICER))


def test_the_chair_signs_by_his_seat(decided: Scene) -> None:
    chair, member, _ = decided.members()
    paper = for_signature(decided, "D16")
    with pytest.raises(NotPermitted):
        sign(decided, paper, actor=member)
    assert sign(decided, paper, actor=chair) == "1-P/2026"


def results_change(scene: Scene, mark: str) -> None:
    """An attempt is another one than the papers tell of."""
    with scene.work() as work:
        work.session.scalars(select(Attempt).limit(1)).one().content_hash = mark * 64


def test_what_is_signed_is_what_was_approved(decided: Scene) -> None:
    paper = for_signature(decided, "D11")
    results_change(decided, "0")
    with pytest.raises(Refused) as refused:
        sign(decided, paper)
    assert refused.value.code == "document.facts_changed"
    step(decided, paper, "return", reason="данные изменились")
    assert draft(decided, "D11") == (paper, True)
    step(decided, paper, "submit")
    step(decided, paper, "approve")
    assert sign(decided, paper) == "1-T/2026"


def test_nobody_is_handed_what_is_no_longer_so(decided: Scene) -> None:
    """Neither the reviewer nor the signer: the drafter hears of it at once."""
    paper, _ = draft(decided, "D11")
    results_change(decided, "0")
    with pytest.raises(Refused) as refused:
        step(decided, paper, "submit")
    assert refused.value.code == "document.facts_changed"
    assert draft(decided, "D11") == (paper, True)
    step(decided, paper, "submit")
    results_change(decided, "1")
    with pytest.raises(Refused) as refused:
        step(decided, paper, "approve")
    assert refused.value.code == "document.facts_changed"
    step(decided, paper, "return", reason="данные изменились")
    assert draft(decided, "D11") == (paper, True)
    step(decided, paper, "submit")
    step(decided, paper, "approve")
    assert sign(decided, paper) == "1-T/2026"


def test_a_corrected_name_leaves_signed_papers_as_they_are(decided: Scene) -> None:
    """And a paper that is approved under the old name is not signed under the new one unread."""
    chair, _, _ = decided.members()
    protocol, sheet = signed(decided, "D16"), for_signature(decided, "D11")
    before, count = words(decided, protocol), count_versions(decided, protocol)
    with decided.work() as work:
        correct_name(work, work.get(User, chair.user_id), "Асанбекова Гүлмира Токтобековна")
    assert draft(decided, "D16") == (protocol, False)
    assert (words(decided, protocol), count_versions(decided, protocol)) == (before, count)
    assert "Асанбекова" not in before
    with pytest.raises(Refused) as refused:
        sign(decided, sheet)
    assert refused.value.code == "document.facts_changed"
    step(decided, sheet, "return", reason="имя исправлено")
    draft(decided, "D11")
    assert "Асанбекова" in words(decided, sheet)


def test_a_paper_is_drafted_when_its_procedure_is_there(decided: Scene, entered: Scene) -> None:
    with pytest.raises(NotPermitted):
        draft(entered, "D11")
    with pytest.raises(NotPermitted):
        draft(decided, "D16", actor=actor_with(decided.office, decided.actor.body_id, AUDITOR))
    with pytest.raises(NotFound):
        draft(decided, "D16", actor=actor_with(decided.office, decided.actor.body_id, TRAINING_OFFICER))
    with pytest.raises(InvalidInput) as refused:
        draft(decided, "D99")
    assert refused.value.code == "document.kind_unknown"


def test_a_paper_is_filed_with_its_case(decided: Scene) -> None:
    paper = signed(decided, "D16")
    with pytest.raises(Refused) as refused:
        step(decided, paper, "archive")
    assert refused.value.code == "document.subject_not_over"
    with decided.work() as work:
        work.get(Competition, decided.competition, lock=True).state = "closed"
    step(decided, paper, "archive")
    with decided.work() as work:
        assert work.get(Document, paper).state == "archived"


def test_another_body_finds_no_paper(decided: Scene) -> None:
    paper, _ = draft(decided, "D16")
    stranger = actor_with(decided.office, new_body(decided.office), HR_OFFICER)
    with pytest.raises(NotFound), decided.work(stranger) as work:
        paper_content(work, paper)
    with pytest.raises(NotFound):
        draft(decided, "D16", actor=stranger)
    with decided.work(stranger) as work:
        assert find_paper(work, "D16", decided.competition) is None


def test_opening_a_paper_is_an_event(decided: Scene) -> None:
    paper, _ = draft(decided, "D16")
    reader = actor_with(decided.office, decided.actor.body_id, AUDITOR)
    with decided.work(reader) as work:
        paper_content(work, paper)
    with decided.work() as work:
        events = work.session.scalars(select(AuditEvent).where(AuditEvent.action == "document.opened")).all()
        assert [(event.actor_login, event.object_id) for event in events] == [(reader.login, str(paper))]


def test_a_damaged_file_is_not_handed_out(decided: Scene) -> None:
    paper, _ = draft(decided, "D16")
    with decided.work() as work:
        sha256 = versions_of(work, paper)[0].file_sha256
    path = next(decided.site.data_file.parent.parent.glob(f"files/**/{sha256}"))
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(InvalidInput) as refused, decided.work() as work:
        paper_content(work, paper)
    assert refused.value.code == "file.damaged"


# ------------------------------------------------------------------------------------------------------- the order


def test_the_order_needs_the_signed_protocol(decided: Scene) -> None:
    for_signature(decided, "D16")
    with pytest.raises(Refused) as refused:
        draft(decided, "D19", ORDER)
    assert refused.value.code == "appointment.protocol_not_signed"


def test_the_order_ends_the_competition(decided: Scene) -> None:
    signed(decided, "D16")
    with pytest.raises(Refused) as refused:
        decided.move("appoint")
    assert refused.value.code == "competition.order_missing"
    signed(decided, "D19", ORDER)
    decided.move("appoint")
    assert decided.state() == "appointed"
    text = words(decided, by_kind(decided, "D19"))
    assert "1-O/2026" in text
    assert "1-P/2026" in text
    with decided.work() as work:
        assert work.get(Person, decided.person(1)).name in text


def test_a_protocol_is_not_annulled_under_an_order_in_force(decided: Scene) -> None:
    protocol = signed(decided, "D16")
    order = for_signature(decided, "D19", ORDER)
    sign(decided, order)
    with pytest.raises(Refused) as refused:
        step(decided, protocol, "annul", reason="ошибка", evidence="№ 7")
    assert refused.value.code == "document.rested_on"
    assert refused.value.params["number"] == "1-O/2026"
    step(decided, order, "annul", reason="ошибка", evidence="№ 6")
    step(decided, protocol, "annul", reason="ошибка", evidence="№ 7")
    with decided.work() as work:
        assert work.get(Document, protocol).state == "annulled"


def test_a_new_protocol_is_drafted_after_an_annulled_one(decided: Scene) -> None:
    first = signed(decided, "D16")
    step(decided, first, "annul", reason="ошибка", evidence="№ 7")
    second, made = draft(decided, "D16")
    assert made
    assert second != first
    assert draft(decided, "D16") == (second, False)
    step(decided, second, "submit")
    step(decided, second, "approve")
    assert sign(decided, second) == "2-P/2026", "the annulled one keeps its number"
    assert "1-P/2026" in words(decided, first)
    order = for_signature(decided, "D19", ORDER)
    assert "2-P/2026" in words(decided, order)
    sign(decided, order)
    with pytest.raises(Refused) as refused:
        step(decided, second, "annul", reason="ошибка", evidence="№ 8")
    assert refused.value.code == "document.rested_on"


def test_an_order_is_not_signed_on_an_annulled_protocol(decided: Scene) -> None:
    protocol = signed(decided, "D16")
    order = for_signature(decided, "D19", ORDER)
    step(decided, protocol, "annul", reason="ошибка", evidence="№ 7")
    with pytest.raises(Refused) as refused:
        sign(decided, order)
    assert refused.value.code == "appointment.protocol_not_signed"


def by_kind(scene: Scene, kind: str) -> UUID:
    with scene.work() as work:
        return work.session.scalars(select(Document.id).where(Document.kind == kind)).one()


@pytest.mark.parametrize("months", [-1, 4])
def test_probation_stays_within_three_months(decided: Scene, months: int) -> None:
    signed(decided, "D16")
    with pytest.raises(Refused) as refused:
        draft(decided, "D19", {**ORDER, "probation_months": months})
    assert refused.value.code in {"appointment.probation_too_long", "PAPER_PROBATION"}
    draft(decided, "D19", {**ORDER, "probation_months": 3})


@pytest.mark.parametrize(
    "parameters",
    [None, {"appointed_from": "15.06.2026", "probation_months": 0}, {**ORDER, "probation_months": "три"}, {"x": 1}],
)
def test_an_order_without_its_day_or_probation_is_refused(decided: Scene, parameters: dict[str, Any] | None) -> None:
    signed(decided, "D16")
    with pytest.raises(InvalidInput) as refused:
        draft(decided, "D19", parameters)
    assert refused.value.code == "appointment.parameters"
    with decided.work() as work:
        assert find_paper(work, "D19", decided.competition) is None


@pytest.mark.parametrize(("days", "in_time"), [(3, True), (4, False)])
def test_the_order_is_signed_within_three_days(decided: Scene, clock: FrozenClock, days: int, in_time: bool) -> None:
    signed(decided, "D16")
    paper = for_signature(decided, "D19", ORDER)
    clock.forward(timedelta(days=days))
    day = TODAY + timedelta(days=days)
    if in_time:
        sign(decided, paper, day)
        decided.move("appoint", day)
        return
    with pytest.raises(Refused) as refused:
        sign(decided, paper, day)
    assert refused.value.code == "PAPER_ORDER_LATE"
    with decided.work() as work:
        counted = select(RegistrationCounter.last).where(RegistrationCounter.series == "O")
        assert work.session.scalars(counted).all() == [], "no number for what was not signed"


# ------------------------------------------------------------------------------------------------- what papers say


def test_the_result_sheet_says_who_got_what(decided: Scene) -> None:
    paper, _ = draft(decided, "D11")
    text = words(decided, paper)
    with decided.work() as work:
        for number, right in ((1, "60"), (2, "45"), (5, "29")):
            name = work.get(Person, work.get(Application, decided.application(number)).person_id).name
            assert name in text
            assert re.search(rf"\b{right}\b", text)
    assert "75.0" in text or "75,0" in text
    assert "зерно 1" in text


def test_a_part_of_a_mark_is_not_cut_off(decided: Scene) -> None:
    with decided.work() as work:
        score = work.session.scalars(select(TestScore).where(TestScore.mark < 30).limit(1)).one()
        score.mark += Decimal("0.5")
    with pytest.raises(Refused) as refused:
        draft(decided, "D11")
    assert refused.value.code == "results.part_of_a_mark"


@pytest.mark.parametrize(
    ("births", "marks"),
    [
        ((date(1980, 5, 1), date(1981, 5, 1)), ("1980", "1981")),
        ((date(1980, 5, 1), date(1980, 5, 2)), ("01.05.1980", "02.05.1980")),
        ((date(1980, 5, 1), date(1980, 5, 1)), ("№ 1", "№ 2")),
        ((None, date(1980, 5, 1)), ("№ 1", "№ 2")),
    ],
)
def test_namesakes_are_told_apart(
    decided: Scene, births: tuple[date | None, date | None], marks: tuple[str, str]
) -> None:
    with decided.work() as work:
        one, two = (work.get(Person, decided.person(number)) for number in (1, 2))
        two.name, two.folded_name, two.sort_key = one.name, one.folded_name, one.sort_key
        one.birth_date, two.birth_date = births
        name = one.name
    for kind in ("D16", "D11"):
        text = words(decided, draft(decided, kind)[0])
        assert all(f"{name} ({mark})" in text for mark in marks)


def test_versions_are_never_written_over(decided: Scene) -> None:
    signed(decided, "D16")
    with decided.work() as work:
        kept = work.session.execute(
            select(DocumentVersion.number, DocumentVersion.reason).order_by(DocumentVersion.number)
        ).all()
    assert [tuple(row) for row in kept] == [(1, "draft"), (2, "signed")]
