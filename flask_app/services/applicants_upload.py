"""The file of an import between its preview and its confirmation, and the report afterwards.

The file lies in the file store under its hash. What the browser carries from one step to the next is the hash and a
seal over it: only the person who uploaded this very file for this very competition can confirm it.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.applicants import Applicant, Finding, RefusedRow
from flask_app.domain.errors import InvalidInput
from flask_app.services.applicants_import import ImportReport, preview_applicants, reading_of
from flask_app.services.applicants_warnings import against_kept, by_number
from flask_app.services.competition_facts import pack_of
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.services.rights import require
from flask_app.store.models.applications import Application
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that waits for its confirmation."""

    sha256: str
    seal: str
    file_name: str
    size: int


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of a file's rows: `registered` came in from this very file, `known` had applied before it;
    `warnings`: as of an `ImportReport`, as things stand now.
    """

    registered: tuple[Applicant, ...]
    known: tuple[Applicant, ...]
    refused: tuple[RefusedRow, ...]
    notes: tuple[Finding, ...]
    warnings: tuple[Finding, ...]


def preview_upload(work: Work, competition_id: UUID, content: bytes, file_name: str) -> tuple[Upload, ImportReport]:
    """Read the file, register nobody, keep the file for the confirmation. A file that cannot be read is not kept."""
    report = preview_applicants(work, competition_id, content)
    stored = work.office.files.put(content)
    return Upload(stored.sha256, _seal(work, competition_id, stored.sha256), file_name, stored.size), report


def confirmed_content(work: Work, competition_id: UUID, sha256: str, seal: str) -> bytes:
    """The file that was previewed.

    Raises `InvalidInput("applicants.upload_foreign")` for a hash that this person did not preview here,
    `NotFound("file.not_found")` when it has been swept away since.
    """
    if not hmac.compare_digest(_seal(work, competition_id, sha256).encode(), seal.encode()):
        raise InvalidInput("applicants.upload_foreign")
    return work.office.files.get(sha256)


def _seal(work: Work, competition_id: UUID, sha256: str) -> str:
    return work.office.sealer.index(f"applicants upload {work.actor.user_id} {competition_id} {sha256}")


def file_report(work: Work, competition_id: UUID, sha256: str, seal: str) -> tuple[Competition, FileReport]:
    """The report of a file that was imported, read as of that day; the same at each look."""
    competition = work.get(Competition, competition_id)
    require(work, competition, "view")
    content = confirmed_content(work, competition_id, sha256, seal)
    from_file = _people_of_file(work, competition_id, sha256)
    here = local_time(work)
    day = min((here.on(imported) for imported in from_file.values()), default=here.today)
    reading = reading_of(content, day, pack_of(competition).languages)
    listed = by_number(work, reading.accepted)
    came = tuple(one for index, one in listed.items() if index in from_file)
    known = tuple(one for index, one in listed.items() if index not in from_file)
    found = against_kept(work, competition, listed)
    notes = (*reading.notes, *found.notes)
    return competition, FileReport(came, known, reading.refused, notes, found.warnings)


def _people_of_file(work: Work, competition_id: UUID, sha256: str) -> dict[str, datetime]:
    """Keyed hashes of the numbers of those whose application came in from this file, each with when it did."""
    rows = work.session.execute(
        select(Person.personal_number_index, Application.created_at)
        .join(Application, Application.person_id == Person.id)
        .where(
            Application.competition_id == competition_id,
            Application.body_id == work.actor.body_id,
            Application.source["sha256"].astext == sha256,
        )
    )
    return {str(index): imported for index, imported in rows}
