"""Papers of the demonstration: signed by the right person, and copied out for the reader."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from flask_app.demo.stage import Stage
from flask_app.services.papers import find_paper, move_paper, paper_content, sign_paper
from flask_app.services.transitions import act_on
from flask_app.store.models.documents import Document


def sign(stage: Stage, kind: str, subject: UUID, *, drafter: str, signer: str) -> None:
    """Take a draft through review to signature; a paper in force stays as it is."""
    with stage.work(drafter) as work:
        document = find_paper(work, kind, subject)
        assert document is not None, f"{kind} was not drafted"
        for state, transition in (("draft", "submit"), ("review", "approve")):
            if document.state == state:
                move_paper(work, document.id, transition, act_on(work, stage.today), expected_version=document.version)
        signing = document.state == "signing"
        document_id, version = document.id, document.version
    if signing:
        with stage.work(signer) as work:
            signed = sign_paper(work, document_id, act_on(work, stage.today), expected_version=version)
            stage.counts.papers += 1
            stage.terminal.say(
                "signed",
                paper=signed.title[stage.terminal.language],
                number=f"{signed.registration_value}-{signed.registration_series}/{signed.registration_year}",
            )


def write_out(stage: Stage, out: Path) -> list[Path]:
    """Copy the newest file of every paper in force to `out`, named by kind, number and body."""
    out.mkdir(parents=True, exist_ok=True)
    written = []
    with stage.work("secretary") as work:
        documents = work.session.scalars(
            select(Document)
            .where(Document.body_id == work.actor.body_id, Document.state == "in_force")
            .order_by(Document.kind, Document.registration_value)
        ).all()
        for document in documents:
            _, _, content = paper_content(work, document.id)
            number = f"{document.registration_value}-{document.registration_series}-{document.registration_year}"
            path = out / f"{document.kind}_{number}.docx"
            if not path.exists() or path.read_bytes() != content:
                path.write_bytes(content)
            written.append(path)
    return written
