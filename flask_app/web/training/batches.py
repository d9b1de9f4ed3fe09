"""Grade batches: a file looked at before anything is taken of it, taken, and its report read ever after."""

from __future__ import annotations

import re
from uuid import UUID

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from flask_app.domain.errors import InvalidInput, NotFound
from flask_app.domain.grade_sheets import HEADS
from flask_app.messages import Explanation, explain
from flask_app.messages.catalogue import catalogue
from flask_app.services import training_batches
from flask_app.services.grades import require_receiving
from flask_app.services.training_batches import ReportRow
from flask_app.web.announcing.forms import Form, clean
from flask_app.web.applicants.listing import XLSX
from flask_app.web.training.place import AREA, word_of
from flask_app.web.visit import Visit
from flask_app.web.wording import Why, Wording

LONGEST_NAME = 120
MOST_ROWS = 300
"""Rows of each kind that a page shows; the figures above them count all."""
TYPES = {
    "xml": "application/xml",
    "xlsx": XLSX,
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "csv": "text/csv; charset=utf-8",
}
"""Kind of the file a batch came as → what a browser is told it is."""


@AREA.get("/training/upload")
def upload(visit: Visit) -> ResponseReturnValue:
    with visit.work() as work:
        require_receiving(work.actor)
        return _upload_page(visit, Form(word_of(visit, work)))


@AREA.post("/training/upload")
def preview(visit: Visit) -> ResponseReturnValue:
    """Reads the file and judges every record as taking it would; takes nothing."""
    with visit.work() as work:
        require_receiving(work.actor)
        form = Form(word_of(visit, work))
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            form.refuse("file", "problem_file")
            return _upload_page(visit, form), 422
        try:
            seen = training_batches.preview_upload(work, sent.read(), clean(sent.filename, LONGEST_NAME))
        except InvalidInput as refused:
            return _upload_page(visit, form, form.word.why(refused)), 422
        page = visit.page("training/preview.html", word=form.word, seen=seen, most=MOST_ROWS)
    return (page, 200) if seen.header is not None else (page, 422)


@AREA.post("/training/upload/save")
def take_batch(visit: Visit) -> ResponseReturnValue:
    """Takes the batch that was previewed; one that was taken meanwhile is shown, not taken again."""
    with visit.work() as work:
        word = word_of(visit, work)
        try:
            sha256, seal = request.form.get("sha256", ""), request.form.get("seal", "")
            content = training_batches.confirmed_batch(work, sha256, seal)
        except (InvalidInput, NotFound) as gone:
            return _upload_page(visit, Form(word), word.why(gone)), 422
    try:
        report = training_batches.take_upload(visit.panel.office, visit.actor, content)
    except InvalidInput as refused:
        return _upload_page(visit, Form(word), word.why(refused)), 422
    return redirect(url_for("training.batch", id_=report.batch, saved="again" if report.replayed else "now"), 303)


def _upload_page(visit: Visit, form: Form, refused: Why | None = None) -> str:
    columns = "; ".join(HEADS.values())
    return visit.page("training/upload.html", word=form.word, form=form, refused=refused, columns=columns)


@AREA.get("/training/batches/<uuid:id_>")
def batch(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found = training_batches.batch_desk(work, id_)
        saved = request.args.get("saved", "")
        return visit.page("training/batch.html", word=word_of(visit, work), desk=found, saved=saved, most=MOST_ROWS)


@AREA.get("/training/batches/<uuid:id_>/original.xml")
def original(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """The file as it came. A download, never a page: what is in it was written by others."""
    with visit.work() as work:
        row, content = training_batches.original_of(work, id_)
        safe = re.sub(r"[^A-Za-z0-9-]+", "-", row.sender).strip("-") or "batch"
    kind = row.source_kind or "xml"
    headers = {"Content-Disposition": f'attachment; filename="kyzmat-{safe}-{row.sequence}.{kind}"'}
    return Response(content, content_type=TYPES[kind], headers=headers)


@AREA.blueprint.app_template_global("batch_words")
def batch_words(word: Wording, row: ReportRow) -> Explanation:
    """The sentence of a report's row; a code without one still gets a decent one."""
    if row.code not in catalogue():
        return Explanation(word.say("error_no_sentence", code=row.code))
    return explain(row.code, word.language, word.spoken(row.sentence_params()))
