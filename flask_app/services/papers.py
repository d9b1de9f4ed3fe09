"""Papers: drafted from facts, rendered, signed under a registration number; every file a version, none overwritten."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from flask_app.domain.errors import InvalidInput, Refused
from flask_app.domain.identity import CHAIR, HEAD
from flask_app.domain.workflow import Act
from flask_app.domain.workflows.document import OVER, RESTS_ON, DocumentFacts
from flask_app.messages import label
from flask_app.ports.paper import PaperFacts, RenderedPaper
from flask_app.services import audit
from flask_app.services.office import Work
from flask_app.services.paper_facts.announcement import announcement
from flask_app.services.paper_facts.appointment import appointment_order
from flask_app.services.paper_facts.protocol import protocol
from flask_app.services.paper_facts.result_sheet import result_sheet
from flask_app.services.paper_facts.training_report import training_report
from flask_app.services.registration import next_number
from flask_app.services.rights import require, roles_on
from flask_app.services.transitions import change_state, save_version
from flask_app.store.models.documents import Document, DocumentVersion
from flask_app.store.models.procedures import Competition
from flask_app.store.models.training import TrainingOrder


@dataclass(frozen=True, slots=True)
class PaperType:
    """One paper of the catalogue: what it is about, who signs it, where its facts come from (DOMAIN C).

    `signers` is empty for a paper that is neither signed nor numbered. `action`: what the permission map of its
    procedure calls drafting it.
    """

    kind: str
    subject_type: str
    signers: frozenset[str]
    facts: Callable[[Work, Document], PaperFacts]
    action: str = "draft_papers"


def _appointment(work: Work, document: Document) -> PaperFacts:
    """Raises `InvalidInput("appointment.parameters")` when the day or the probation was not given as it is read."""
    chosen = document.parameters
    try:
        day, months = date.fromisoformat(str(chosen["appointed_from"])), int(chosen["probation_months"])
    except (KeyError, ValueError, TypeError) as error:
        raise InvalidInput("appointment.parameters", found=str(error)) from error
    return appointment_order(work, document, appointed_from=day, probation_months=months)


PAPERS: Mapping[str, PaperType] = {
    paper.kind: paper
    for paper in (
        PaperType("D03", "competition", frozenset(), announcement, "draft_announcement"),
        PaperType("D11", "competition", frozenset({CHAIR}), result_sheet),
        PaperType("D16", "competition", frozenset({CHAIR}), protocol),
        PaperType("D19", "competition", frozenset({HEAD}), _appointment),
        PaperType("D53", "training_order", frozenset({HEAD}), training_report),
    )
}


SIGNED_KINDS = frozenset(kind for kind, paper in PAPERS.items() if paper.signers)
"""The others stay drafts, and nobody has a next step to take with them."""


PASSED_ON = frozenset({"submit", "approve"})
"""Steps that hand a paper to the next person, who must not be shown what is no longer so."""


SUBJECTS: Mapping[str, type[Competition] | type[TrainingOrder]] = {
    "competition": Competition,
    "training_order": TrainingOrder,
}


def draft_paper(
    work: Work, kind: str, subject_id: UUID, parameters: Mapping[str, Any] | None = None
) -> tuple[Document, bool]:
    """The draft of a paper, and whether anything new was rendered. Drafted again, it is rendered only if facts changed;
    after an annulled one a new paper is begun.

    Raises `InvalidInput("document.kind_unknown")`, `NotPermitted` for whom the procedure's present state does not let
    draft its papers, and what the paper's own guards refuse.
    """
    paper = PAPERS.get(kind)
    if paper is None:
        raise InvalidInput("document.kind_unknown", kind=kind)
    require(work, work.get(SUBJECTS[paper.subject_type], subject_id), paper.action)
    document = find_paper(work, kind, subject_id)
    if document is None:
        document = _new_document(work, paper, subject_id, parameters or {})
    elif document.state != "draft":
        return document, False
    elif parameters:
        document.parameters = dict(parameters)
    require(work, document, "edit")
    return document, _render(work, document, paper, "draft")


def find_paper(work: Work, kind: str, subject_id: UUID) -> Document | None:
    """The paper of this kind that stands, locked: beside an annulled one a new one may be drawn up."""
    return work.session.scalar(
        select(Document)
        .where(
            Document.body_id == work.actor.body_id,
            Document.kind == kind,
            Document.subject_id == subject_id,
            Document.state != "annulled",
        )
        .order_by(Document.created_at.desc())
        .limit(1)
        .with_for_update()
    )


def _new_document(work: Work, paper: PaperType, subject_id: UUID, parameters: Mapping[str, Any]) -> Document:
    document = Document(
        kind=paper.kind,
        title={language: label(f"paper_{paper.kind}", language) for language in ("ky", "ru", "en")},
        parameters=dict(parameters),
        subject_type=paper.subject_type,
        subject_id=subject_id,
        state="draft",
        version=0,
        created_at=work.now,
    )
    work.add(document)
    work.session.flush()
    save_version(work, document, "drafted")
    audit.record(work, "document.drafted", "document", document.id, after={"kind": paper.kind})
    return document


def versions_of(work: Work, document_id: UUID) -> list[DocumentVersion]:
    """Newest first."""
    return list(
        work.session.scalars(
            select(DocumentVersion)
            .where(DocumentVersion.document_id == document_id, DocumentVersion.body_id == work.actor.body_id)
            .order_by(DocumentVersion.number.desc())
        )
    )


def _render(work: Work, document: Document, paper: PaperType, reason: str) -> bool:
    """Render and keep a version, unless the newest one was made from the same facts by the same template."""
    rendered = work.office.paper.render(paper.facts(work, document))
    newest = next(iter(versions_of(work, document.id)), None)
    if newest is not None and (newest.facts_hash, newest.template_version) == (
        rendered.facts_sha256,
        rendered.template_version,
    ):
        return False
    _keep_version(work, document, rendered, (newest.number if newest else 0) + 1, reason)
    return True


def _would_change(work: Work, document: Document) -> bool:
    """Whether the paper, rendered now, would say something else than its newest version."""
    newest = next(iter(versions_of(work, document.id)), None)
    if newest is None:
        return False
    rendered = work.office.paper.render(PAPERS[document.kind].facts(work, document))
    return (newest.facts_hash, newest.template_version) != (rendered.facts_sha256, rendered.template_version)


def _keep_version(work: Work, document: Document, rendered: RenderedPaper, number: int, reason: str) -> None:
    stored = work.office.files.put(rendered.content)
    work.add(
        DocumentVersion(
            document_id=document.id,
            number=number,
            file_sha256=stored.sha256,
            size=stored.size,
            template_version=rendered.template_version,
            facts_hash=rendered.facts_sha256,
            author_id=work.actor.user_id,
            reason=reason,
            created_at=work.now,
        )
    )
    audit.record(
        work,
        "document.rendered",
        "document",
        document.id,
        after={"number": number, "sha256": stored.sha256, "template": rendered.template_version},
    )
    work.session.flush()


def move_paper(work: Work, document_id: UUID, transition: str, act: Act, *, expected_version: int) -> Document:
    """Any step of a paper's workflow but signing, which gives the number (see `sign_paper`)."""
    if transition == "sign":
        raise InvalidInput("document.sign_apart")
    facts = _facts_and_change if transition in PASSED_ON else _facts
    return change_state(
        work, Document, document_id, transition, act, partial(facts, work), expected_version=expected_version
    )


def sign_paper(work: Work, document_id: UUID, act: Act, *, expected_version: int) -> Document:
    """Sign: the number is taken, printed into the paper, and the paper is in force – all in one transaction.

    What is signed is what was approved: facts or a template that changed since are refused.
    """

    def register(document: Document) -> None:
        number = next_number(work, document.kind, act.happened_on.year)
        document.registration_series, document.registration_year = number.series, number.year
        document.registration_value, document.registered_on = number.value, act.happened_on
        document.signed_by = work.actor.user_id

    document = change_state(
        work,
        Document,
        document_id,
        "sign",
        act,
        partial(_facts_and_change, work),
        expected_version=expected_version,
        apply=register,
    )
    if not _render(work, document, PAPERS[document.kind], "signed"):
        raise Refused("document.number_not_printed", kind=document.kind)
    return document


def _facts_and_change(work: Work, document: Document) -> DocumentFacts:
    return replace(_facts(work, document), changed_since=_would_change(work, document))


def _facts(work: Work, document: Document) -> DocumentFacts:
    count = work.session.scalar(
        select(func.count()).select_from(DocumentVersion).where(DocumentVersion.document_id == document.id)
    )
    over = work.get(SUBJECTS[document.subject_type], document.subject_id).state in OVER[document.subject_type]
    return DocumentFacts(
        document.kind,
        bool(count),
        PAPERS[document.kind].signers,
        roles_on(work, document),
        over,
        rests_on_it=_rests_on(work, document),
    )


def _rests_on(work: Work, document: Document) -> str:
    """The number of the paper in force that names this one as its ground. Whatever may become such a paper is locked:
    an order must not be signed while its protocol is being annulled.
    """
    above = [kind for kind, ground in RESTS_ON.items() if ground == document.kind]
    if not above:
        return ""
    rows = work.session.execute(
        select(Document.state, Document.registration_value, Document.registration_series, Document.registration_year)
        .where(
            Document.body_id == work.actor.body_id,
            Document.subject_type == document.subject_type,
            Document.subject_id == document.subject_id,
            Document.kind.in_(above),
        )
        .order_by(Document.kind)
        .with_for_update()
    )
    return next((f"{value}-{series}/{year}" for state, value, series, year in rows if state == "in_force"), "")


def paper_content(work: Work, document_id: UUID) -> tuple[Document, DocumentVersion, bytes]:
    """The newest file of a paper the actor may view; opening it is an audited event."""
    document = work.get(Document, document_id)
    require(work, document, "view")
    newest = next(iter(versions_of(work, document_id)), None)
    if newest is None:
        raise InvalidInput("document.nothing_to_sign")
    audit.record(work, "document.opened", "document", document.id, after={"number": newest.number})
    return document, newest, work.office.files.get(newest.file_sha256)
