"""The check of this body's audit chain, for its auditor."""

from __future__ import annotations

from flask_app.domain.errors import NotPermitted
from flask_app.domain.identity import AUDITOR
from flask_app.services import audit
from flask_app.services.audit import Verification, verify_all
from flask_app.services.office import Office, Work


def require_auditor(work: Work) -> str:
    """The code of the auditor's body. Raises `NotPermitted` for anybody else."""
    if AUDITOR not in work.actor.roles:
        raise NotPermitted("journal.not_permitted")
    return work.body.code


def check_chain(office: Office, body_code: str) -> Verification:
    """Seal what has happened since the last time and recompute the whole chain of one body, as `audit verify` does."""
    audit.seal_all(office)
    return next(found for found in verify_all(office) if found.body == body_code)


def note_check(work: Work, found: Verification) -> None:
    """That somebody checked, and what came of it, is an event of the log itself."""
    audit.record(
        work,
        "journal.verified",
        "body",
        work.actor.body_id,
        after={"sealed": found.sealed, "head": found.head, "broken_at": found.broken_at},
    )
