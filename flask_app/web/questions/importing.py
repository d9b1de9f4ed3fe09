"""Questions from a file: upload, everything that would change and everything that is wrong with it, confirmation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from flask_app.domain.errors import InvalidInput
from flask_app.services import question_import as importing
from flask_app.services.office import Work
from flask_app.services.question_drafts import frame_of
from flask_app.services.question_findings import language_titles, name_fault
from flask_app.services.question_items import bank_for
from flask_app.services.question_template import TEMPLATE_LANGUAGES, bank_template
from flask_app.web.announcing.forms import Form, clean
from flask_app.web.fields import choice_of
from flask_app.web.questions.place import AREA, about_name, told, wording
from flask_app.web.visit import Visit
from flask_app.web.wording import Why

FIELDS = ("language", "topic", "citation", "prefix")
CARRIED = ("sha256", "seal", "file_name", "plan")
MOST_ROWS = 300
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@AREA.get("/questions/banks/<uuid:id_>/import")
def upload(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """The form; of a file that waits, what it would change. Both can be gone back to, and nothing is sent again."""
    with visit.work() as work:
        if "sha256" not in request.args:
            return _upload(visit, work, id_)
        bank_for(work, id_)
        form = Form(wording(visit, work)).read(request.args, (*FIELDS, *CARRIED))
        kept = importing.Upload(form["sha256"], form["seal"], form["file_name"])
        try:
            plan = importing.preview_import(work, id_, kept, _defaults(form))
        except InvalidInput as unreadable:
            return _upload(visit, work, id_, form, form.word.why(unreadable)), 422
        return _preview(visit, work, id_, form, kept, plan)


@AREA.get("/questions/banks/<uuid:id_>/import/template")
def template(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """An empty spreadsheet for this bank, in the language asked for or else in the reader's."""
    language = choice_of(request.args, "language", TEMPLATE_LANGUAGES) or visit.language
    with visit.work() as work:
        code, content = bank_template(work, id_, language)
    headers = {"Content-Disposition": f'attachment; filename="kyzmat-{_safe(code)}-{language}.xlsx"'}
    return Response(content, mimetype=XLSX, headers=headers)


@AREA.post("/questions/banks/<uuid:id_>/import")
def look(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """Keeps the file and leads to what it would change; writes nothing."""
    with visit.work() as work:
        bank_for(work, id_)
        form = Form(wording(visit, work)).read(request.form, FIELDS)
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            form.refuse("file", "problem_file")
        if fault := name_fault(form["prefix"]):
            form.problems["prefix"] = about_name(form.word, fault)
        if not form.ok or sent is None:
            return _upload(visit, work, id_, form), form.status
        name = clean(sent.filename or "", 120)
        try:
            kept = importing.keep_upload(work, id_, sent.read(), name)
        except InvalidInput as unreadable:
            return _upload(visit, work, id_, form, form.word.why(unreadable)), 422
    form.put(sha256=kept.sha256, seal=kept.seal, file_name=kept.file_name)
    said: dict[str, Any] = dict(form.values)
    return redirect(url_for("questions.upload", id_=id_, **said), 303)


@AREA.post("/questions/banks/<uuid:id_>/import/confirm")
def confirm(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """Writes exactly what was shown; of something else it shows that first."""
    with visit.work() as work:
        bank = bank_for(work, id_)
        form = Form(wording(visit, work)).read(request.form, (*FIELDS, *CARRIED))
        content = importing.uploaded(work, id_, form["sha256"], form["seal"])
        only_sound = request.form.get("without") == "refused"
        done = importing.import_questions(
            work, bank, content, _defaults(form), plan_hash=form["plan"], only_sound=only_sound
        )
        code = bank.code
    written, left = len(done.added) + len(done.changed), len(done.left_out)
    seen: dict[str, Any] = {name: form[name] for name in (*FIELDS, *CARRIED[:-1])} | {"file_of": id_} if left else {}
    return redirect(
        url_for("questions.index", bank=code, state="draft", all="1", written=written, left=left, **seen), 303
    )


def reasons_at(asked: Mapping[str, str]) -> str:
    """The page that shows a written file once more, with what was refused of it; nothing where none is meant."""
    try:
        bank = UUID(asked.get("file_of", ""))
    except ValueError:
        return ""
    said: dict[str, Any] = {name: asked.get(name, "") for name in (*FIELDS, *CARRIED[:-1])}
    return url_for("questions.upload", id_=bank, **said)


def _safe(code: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "-", code).strip("-") or "bank"


def _defaults(form: Form) -> importing.Defaults:
    return importing.Defaults(form["language"][:5], form["topic"], form["citation"], form["prefix"] or "q")


def _upload(visit: Visit, work: Work, id_: UUID, form: Form | None = None, refused: Why | None = None) -> str:
    bank = bank_for(work, id_)
    frame = frame_of(work, bank)
    word = wording(visit, work)
    own = visit.language if visit.language in frame.languages else frame.languages[0]
    blank = Form(word, {"language": own, "topic": "", "citation": "", "prefix": f"{bank.code[:4]}-new"})
    return visit.page(
        "questions/upload.html",
        word=word,
        bank=bank,
        frame=frame,
        form=form or blank,
        refused=refused,
        template_languages=TEMPLATE_LANGUAGES,
        tongues=", ".join(str(word.text(language_titles(one))) for one in frame.languages),
    )


def _preview(
    visit: Visit, work: Work, id_: UUID, form: Form, kept: importing.Upload, plan: importing.ImportPlan
) -> str:
    word = form.word
    return visit.page(
        "questions/preview.html",
        word=word,
        bank=bank_for(work, id_),
        form=form,
        kept=kept,
        plan=plan,
        kinds=importing.KINDS,
        told=told(word),
        most=MOST_ROWS,
        is_kept=_is_kept,
    )


def _is_kept(row: importing.ImportRow, language: str) -> bool:
    """Whether the panel has this text of the question already, so that there is something to compare it with."""
    return any(piece.kind != "new" for line in row.compared[language] for piece in line.pieces)
