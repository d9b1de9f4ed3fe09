"""The list of applicants from a spreadsheet: upload, preview, confirmation, report."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from flask_app.domain.errors import InvalidInput, Refused
from flask_app.services.applicants_import import check_received, import_applicants
from flask_app.services.applicants_upload import confirmed_content, file_report, preview_upload
from flask_app.services.competition_draft import editable
from flask_app.services.local_time import local_time
from flask_app.web.announcing.forms import Form, clean, written
from flask_app.web.applicants.place import AREA
from flask_app.web.entered import against
from flask_app.web.visit import Visit
from flask_app.web.wording import Why, Wording

LONGEST_NAME = 120
MOST_ROWS = 300
"""Rows of each kind that a page shows; the figures above them count all."""

UNTIMELY = dict.fromkeys(("application.received_before_opening", "act.in_the_future"), "received_on")
"""Code of what is against the day → its field."""


@AREA.get("/procedures/competition/<uuid:id_>/applicants/upload")
def upload(visit: Visit, id_: UUID) -> ResponseReturnValue:
    return _upload_page(visit, id_)


@AREA.post("/procedures/competition/<uuid:id_>/applicants/upload")
def preview(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """Reads the file and shows every row; registers nobody."""
    with visit.work() as work:
        competition = editable(work, id_, "import_applications")
        form = Form(Wording(visit.language, local_time(work).today)).read(request.form, ("received_on",))
        received_on = form.day("received_on", latest=form.word.today)
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            form.refuse("file", "problem_file")
        if received_on is None or sent is None or not form.ok:
            return _upload_page(visit, id_, form), form.status
        try:
            check_received(work, id_, received_on)
            kept, report = preview_upload(work, id_, sent.read(), clean(sent.filename or "", LONGEST_NAME))
        except Refused as untimely:
            return _upload_page(visit, id_, against(form, UNTIMELY, untimely)), 422
        except InvalidInput as unreadable:
            return _upload_page(visit, id_, form, form.word.why(unreadable)), 422
        form.put(received_on=written(received_on))
        return visit.page(
            "applicants/preview.html",
            word=form.word,
            competition=competition,
            form=form,
            kept=kept,
            report=report,
            most=MOST_ROWS,
        )


@AREA.post("/procedures/competition/<uuid:id_>/applicants/import")
def confirm(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """Registers the good rows of the file that was previewed."""
    with visit.work() as work:
        editable(work, id_, "import_applications")
        form = Form(Wording(visit.language, local_time(work).today))
        form.read(request.form, ("received_on", "sha256", "seal", "file_name"))
        content = confirmed_content(work, id_, form["sha256"], form["seal"])
        received_on = form.day("received_on", latest=form.word.today)
        if received_on is None:
            return _upload_page(visit, id_, form), form.status
        try:
            import_applicants(work, id_, content, form["file_name"][:LONGEST_NAME], received_on)
        except Refused as untimely:
            return _upload_page(visit, id_, against(form, UNTIMELY, untimely)), 422
    report_at = url_for("applicants.report", id_=id_, sha256=form["sha256"], seal=form["seal"])
    return redirect(report_at, 303)


@AREA.get("/procedures/competition/<uuid:id_>/applicants/imported")
def report(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        sha256, seal = request.args.get("sha256", ""), request.args.get("seal", "")
        competition, found = file_report(work, id_, sha256, seal)
        word = Wording(visit.language, local_time(work).today)
        return visit.page("applicants/report.html", word=word, competition=competition, report=found, most=MOST_ROWS)


def _upload_page(visit: Visit, id_: UUID, form: Form | None = None, refused: Why | None = None) -> str:
    with visit.work() as work:
        competition = editable(work, id_, "import_applications")
        word = Wording(visit.language, local_time(work).today)
        blank = Form(word, {"received_on": written(word.today)})
        return visit.page(
            "applicants/upload.html", word=word, competition=competition, form=form or blank, refused=refused
        )
