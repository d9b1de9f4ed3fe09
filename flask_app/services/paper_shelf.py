"""Papers as they lie on the shelf: the list, one paper with its versions, who may see it and why, and its files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, cast, func, or_, select
from sqlalchemy.types import String

from flask_app.domain.errors import NotFound
from flask_app.domain.identity import ROLES
from flask_app.domain.names import sort_key
from flask_app.domain.workflows import WORKFLOWS
from flask_app.domain.workflows.document import part_in
from flask_app.services import audit
from flask_app.services.facts_of_many.papers import document_facts_of
from flask_app.services.listing import Slice, holds_text, read_page
from flask_app.services.local_time import LocalTime, local_time
from flask_app.services.next_steps import NextSteps, next_steps
from flask_app.services.office import Work
from flask_app.services.paper_facts.frame import registration_of
from flask_app.services.papers import PAPERS, SIGNED_KINDS
from flask_app.services.rights import COMMISSION_ROLES, require, roles_on
from flask_app.services.transitions import act_on
from flask_app.services.visibility import Seats, seats_of, visible_competitions, visible_documents, visible_orders
from flask_app.store.models.commissions import CommissionMember
from flask_app.store.models.documents import Document, DocumentVersion
from flask_app.store.models.organisation import RoleGrant, User
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition, StageRecord
from flask_app.store.models.training import TrainingOrder

WORKFLOW = WORKFLOWS["document"]


@dataclass(frozen=True, slots=True)
class PaperFilter:
    """`text` in title, number or the procedure's number; `kind` of the catalogue; `state`. Empty = everything."""

    text: str = ""
    kind: str = ""
    state: str = ""

    def __bool__(self) -> bool:
        return bool(self.text or self.kind or self.state)


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A paper in a list. `number` is empty before signing; `versions` 0 = nothing rendered yet.

    `subject_open`: whether the actor may open the procedure it belongs to.
    """

    id: UUID
    kind: str
    title: Mapping[str, str]
    state: str
    number: str
    registered_on: date | None
    versions: int
    newest_at: datetime | None
    subject_type: str
    subject_id: UUID
    subject_code: str
    subject_open: bool

    @property
    def numbered(self) -> bool:
        """Whether papers of this kind are signed and get a number at all."""
        return self.kind in SIGNED_KINDS


@dataclass(frozen=True, slots=True)
class VersionRow:
    number: int
    author: str
    reason: str
    created_at: datetime
    size: int
    sha256: str
    template: str


@dataclass(frozen=True, slots=True)
class AccessRow:
    """One role and what it may do with the paper now. `names`: who holds it; `local` = through the commission."""

    role: str
    names: tuple[str, ...]
    local: tuple[str, ...]
    read: bool
    edit: bool
    sign: bool


@dataclass(frozen=True, slots=True)
class PaperPage:
    """Everything the page of one paper shows. `signer`: the person's name once it is signed."""

    paper: PaperRow
    signer: str
    parameters: Mapping[str, Any]
    versions: tuple[VersionRow, ...]
    access: tuple[AccessRow, ...]
    steps: NextSteps
    signers: frozenset[str]
    history: tuple[tuple[StageRecord, datetime, str], ...]


# -- the list ----------------------------------------------------------------------------------------------------------


def papers(work: Work, wanted: PaperFilter, page: int) -> Slice[PaperRow]:
    """Papers the actor may view, newest first, a page at a time."""
    seats = seats_of(work)
    query = _shelf(work, seats).where(visible_documents(work, seats))
    if wanted.kind:
        query = query.where(Document.kind == wanted.kind)
    if wanted.state:
        query = query.where(Document.state == wanted.state)
    if wanted.text:
        query = query.where(holds_text(wanted.text, *_searched()))
    here = local_time(work)
    rows, total, page = read_page(work.session, query.order_by(Document.created_at.desc(), Document.id), page)
    return Slice(tuple(_paper(here, row) for row in rows), total, page)


def papers_about(work: Work, subject_id: UUID) -> tuple[PaperRow, ...]:
    """The papers of one procedure that the actor may view, in the order they were begun."""
    seats = seats_of(work)
    query = _shelf(work, seats).where(Document.subject_id == subject_id, visible_documents(work, seats))
    here = local_time(work)
    return tuple(_paper(here, row) for row in work.session.execute(query.order_by(Document.created_at, Document.kind)))


def _shelf(work: Work, seats: Seats) -> Select[Any]:
    """A paper, how many versions it has and when the newest was made, its procedure's number and whether that opens."""
    open_subject = or_(
        and_(Competition.id.is_not(None), visible_competitions(work, seats)),
        and_(TrainingOrder.id.is_not(None), visible_orders(work)),
    )
    of_this = DocumentVersion.document_id == Document.id
    return (
        select(
            Document,
            select(func.count(DocumentVersion.id)).where(of_this).correlate(Document).scalar_subquery().label("n"),
            select(func.max(DocumentVersion.created_at))
            .where(of_this)
            .correlate(Document)
            .scalar_subquery()
            .label("at"),
            func.coalesce(Competition.code, TrainingOrder.code, "").label("subject_code"),
            func.coalesce(open_subject, False).label("subject_open"),
        )
        .outerjoin(Competition, and_(Competition.id == Document.subject_id, Document.subject_type == "competition"))
        .outerjoin(
            TrainingOrder, and_(TrainingOrder.id == Document.subject_id, Document.subject_type == "training_order")
        )
    )


def _searched() -> tuple[Any, ...]:
    number = func.concat(
        cast(Document.registration_value, String),
        "-",
        Document.registration_series,
        "/",
        cast(Document.registration_year, String),
    )
    titles = (Document.title[language].astext for language in ("ky", "ru", "en"))
    return (*titles, number, Competition.code, TrainingOrder.code)


def _paper(here: LocalTime, row: Any) -> PaperRow:
    document: Document = row[0]
    registration = registration_of(document)
    return PaperRow(
        id=document.id,
        kind=document.kind,
        title=document.title,
        state=document.state,
        number=registration.number if registration else "",
        registered_on=document.registered_on,
        versions=row.n,
        newest_at=None if row.at is None else here.at(row.at),
        subject_type=document.subject_type,
        subject_id=document.subject_id,
        subject_code=row.subject_code,
        subject_open=row.subject_open,
    )


# -- one paper ---------------------------------------------------------------------------------------------------------


def paper_page(work: Work, document_id: UUID) -> PaperPage:
    """Raises `NotFound` for an unknown paper, another body's, and one the actor may not view."""
    row = work.session.execute(
        _shelf(work, seats_of(work)).where(Document.id == document_id, Document.body_id == work.actor.body_id)
    ).one_or_none()
    if row is None:
        raise NotFound("object.unknown", type="Document")
    document: Document = row[0]
    require(work, document, "view")
    here = local_time(work)
    roles = roles_on(work, document)
    facts = document_facts_of(work, [document], {document.id: roles})[document.id]
    steps = next_steps(WORKFLOW, document.state, roles, act_on(work, here.today), facts)
    return PaperPage(
        paper=_paper(here, row),
        signer=_name_of(work, document.signed_by),
        parameters=document.parameters,
        versions=_versions(work, here, document.id),
        access=_access(work, document),
        steps=steps,
        signers=PAPERS[document.kind].signers,
        history=_history(work, here, document.id),
    )


def _name_of(work: Work, user_id: UUID | None) -> str:
    if user_id is None:
        return ""
    return work.session.scalar(select(User.name).where(User.id == user_id)) or ""


def _versions(work: Work, here: LocalTime, document_id: UUID) -> tuple[VersionRow, ...]:
    rows = work.session.execute(
        select(DocumentVersion, User.name)
        .outerjoin(User, User.id == DocumentVersion.author_id)
        .where(DocumentVersion.document_id == document_id, DocumentVersion.body_id == work.actor.body_id)
        .order_by(DocumentVersion.number.desc())
    )
    return tuple(
        VersionRow(v.number, name or "", v.reason, here.at(v.created_at), v.size, v.file_sha256, v.template_version)
        for v, name in rows
    )


def _history(work: Work, here: LocalTime, document_id: UUID) -> tuple[tuple[StageRecord, datetime, str], ...]:
    rows = work.session.execute(
        select(StageRecord, User.name)
        .outerjoin(User, User.id == StageRecord.actor_id)
        .where(StageRecord.object_id == document_id, StageRecord.body_id == work.actor.body_id)
        .order_by(StageRecord.happened_on.desc(), StageRecord.version.desc())
    )
    return tuple((record, here.at(record.recorded_at), name or "") for record, name in rows)


def _access(work: Work, document: Document) -> tuple[AccessRow, ...]:
    """Every role of the body: who holds it, and what the permission map of the present state gives it."""
    holders, members = _holders(work), _seated(work, document)
    return tuple(
        AccessRow(
            role=role,
            names=tuple(sorted(holders[role], key=sort_key)),
            local=tuple(sorted(members[role] - holders[role], key=sort_key)),
            read=WORKFLOW.permits("view", document.state, part_in(document.subject_type, frozenset({role}))),
            edit=WORKFLOW.permits("edit", document.state, part_in(document.subject_type, frozenset({role}))),
            sign=_may_sign(document, role),
        )
        for role in ROLES
        if holders[role] or members[role]
    )


def _may_sign(document: Document, role: str) -> bool:
    signing = WORKFLOW.transitions["sign"]
    return document.state in signing.sources and role in signing.roles & PAPERS[document.kind].signers


def _holders(work: Work) -> Mapping[str, set[str]]:
    rows = work.session.execute(
        select(RoleGrant.role, User.name)
        .join(User, User.id == RoleGrant.user_id)
        .where(RoleGrant.body_id == work.actor.body_id, User.disabled.is_(False))
    )
    found: dict[str, set[str]] = defaultdict(set)
    for role, name in rows:
        found[role].add(name)
    return found


def _seated(work: Work, document: Document) -> Mapping[str, set[str]]:
    """The roles that members of the competition's own commission have through their seat."""
    found: dict[str, set[str]] = defaultdict(set)
    if document.subject_type != "competition":
        return found
    rows = work.session.execute(
        select(CommissionMember.role, Person.name)
        .join(Person, Person.id == CommissionMember.person_id)
        .join(Competition, Competition.commission_id == CommissionMember.commission_id)
        .where(
            Competition.id == document.subject_id,
            CommissionMember.body_id == work.actor.body_id,
            CommissionMember.ended_on.is_(None),
        )
    )
    for seat, name in rows:
        for role in COMMISSION_ROLES.get(seat, frozenset()):
            found[role].add(name)
    return found


# -- files -------------------------------------------------------------------------------------------------------------


def version_content(work: Work, document_id: UUID, number: int, shown_as: str = "docx") -> tuple[PaperRow, bytes]:
    """The file of one version of a paper the actor may view; opening it is an audited event, with what it is shown as.

    Raises `NotFound` for an unknown paper or version, another body's, and one the actor may not view.
    """
    document = work.get(Document, document_id)
    require(work, document, "view")
    version = work.session.scalar(
        select(DocumentVersion).where(
            DocumentVersion.document_id == document_id,
            DocumentVersion.body_id == work.actor.body_id,
            DocumentVersion.number == number,
        )
    )
    if version is None:
        raise NotFound("object.unknown", type="DocumentVersion")
    row = work.session.execute(_shelf(work, Seats({})).where(Document.id == document_id)).one()
    opened = {"number": version.number, "shown_as": shown_as}
    audit.record(work, "document.opened", "document", document.id, after=opened)
    return _paper(local_time(work), row), work.office.files.get(version.file_sha256)
