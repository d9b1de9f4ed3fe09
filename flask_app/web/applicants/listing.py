"""The table of candidates and its export."""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import UUID

from flask import Response, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from flask_app.domain.workflows import WORKFLOWS
from flask_app.services.candidate_list import (
    LIST_STEPS,
    NOT_CHOSEN,
    CandidateRow,
    Wanted,
    all_candidates,
    candidate_list,
)
from flask_app.services.competition_facts import pack_of
from flask_app.services.exports import note_export, workbook_of
from flask_app.services.login_slips import may_print_slips
from flask_app.web.announcing.forms import written
from flask_app.web.applicants.place import AREA, figure
from flask_app.web.fields import choice_of, page_of, text_of
from flask_app.web.visit import Visit
from flask_app.web.wording import Wording

STATES = tuple(WORKFLOWS["application"].states)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = (
    *("number", "name", "state", "education", "service", "specialty", "documents", "registered", "notified"),
    *("score", "maximum", "ground", "language"),
)
LANGUAGES = ("ky", "ru", "kk")
"""Of tests, as the rules of competitions name them."""


def wanted_of(sent: MultiDict[str, str]) -> Wanted:
    return Wanted(
        text=text_of(sent, "q"),
        state=choice_of(sent, "state", STATES),
        language=choice_of(sent, "language", (NOT_CHOSEN, *LANGUAGES)),
    )


@AREA.get("/procedures/competition/<uuid:id_>/applicants")
def index(visit: Visit, id_: UUID) -> ResponseReturnValue:
    wanted = wanted_of(request.args)
    with visit.work() as work:
        shown = candidate_list(work, id_, wanted, page_of(request.args))
        word = Wording(visit.language, shown.here.today)
        return visit.page(
            "applicants/list.html",
            word=word,
            shown=shown,
            wanted=wanted,
            states=STATES,
            slips=may_print_slips(shown.roles),
            done=_done(word, request.args),
        )


def _done(word: Wording, sent: MultiDict[str, str]) -> str:
    """What the page that led here has done, said once more; only words and a number of the panel's own."""
    step, count = choice_of(sent, "done", LIST_STEPS), sent.get("people", "")
    language = choice_of(sent, "chosen", LANGUAGES)
    if not (step or language) or not (count.isascii() and count.isdecimal() and len(count) < 7):
        return ""
    if language:
        return word.say("language_done", tongue=word.say(f"language_{language}"), n=int(count))
    return word.say("list_done", step=word.done("application", step), n=int(count))


@AREA.get("/procedures/competition/<uuid:id_>/applicants.xlsx")
def export(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """Exactly what is filtered; no personal number, no birth date, no phone."""
    wanted = wanted_of(request.args)
    with visit.work() as work:
        competition, here, rows = all_candidates(work, id_, wanted)
        word = Wording(visit.language, here.today)
        heads = [word.say(f"export_{column}") for column in COLUMNS]
        grounds = {
            ground.id: str(word.text(ground.title.model_dump())) for ground in pack_of(competition).admission_grounds
        }
        content = workbook_of(competition.code, heads, _cells(word, rows, grounds))
        note_export(work, id_, len(rows), " ".join(filter(None, (wanted.text, wanted.state, wanted.language))))
    safe = re.sub(r"[^A-Za-z0-9-]+", "-", competition.code).strip("-") or "competition"
    headers = {"Content-Disposition": f'attachment; filename="kyzmat-{safe}.xlsx"'}
    return Response(content, mimetype=XLSX, headers=headers)


def _length(word: Wording, months: int | None) -> str:
    return "" if months is None else word.length(months)


def _cells(word: Wording, rows: Iterable[CandidateRow], grounds: dict[str, str]) -> Iterable[list[str]]:
    for row in rows:
        yield [
            str(row.number),
            row.name,
            word.state("application", row.state),
            row.education,
            _length(word, row.service_months),
            _length(word, row.specialty_months),
            word.say("yes" if row.documents_complete else "no"),
            written(row.registered_on),
            written(row.notified_on) if row.notified_on else "",
            "" if row.mark is None else word.number(figure(row.mark)),
            "" if row.maximum is None else word.number(figure(row.maximum)),
            grounds.get(row.refusal_ground, "") if row.state == "rejected" else "",
            word.say(f"language_{row.language}" if row.language_chosen else "person_language_none"),
        ]
