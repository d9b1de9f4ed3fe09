"""The question banks: list, one bank's questions and problems, a question as Moodle shows it with its twins."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args
from uuid import UUID

from flask import Response, request
from flask.typing import ResponseReturnValue

from flask_app.domain.workflow import Refusal
from flask_app.services import bank_question_page, bank_shelf
from flask_app.services.bank_contents import BankFinding, Severity
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.web.area import Area
from flask_app.web.fields import choice_of, page_of, text_of
from flask_app.web.question_words import rich, site_word
from flask_app.web.visit import Visit
from flask_app.web.wording import Why, Wording

AREA = Area("banks")

FILTER = ("text", "topic", "difficulty", "language", "problem", "standing")
SEVERITIES: tuple[str, ...] = get_args(Severity)
GIFT = "text/plain; charset=utf-8"


@AREA.get("/banks")
def index(visit: Visit) -> ResponseReturnValue:
    with visit.work() as work:
        found = bank_shelf.banks(work)
        return visit.page("banks/list.html", word=_word(visit, work), banks=found)


@AREA.get("/banks/<uuid:id_>")
def show(visit: Visit, id_: UUID) -> ResponseReturnValue:
    asked = request.args
    wanted = bank_shelf.QuestionFilter(
        **{name: text_of(asked, name) for name in FILTER if name != "standing"},
        standing=choice_of(asked, "standing", bank_shelf.STANDINGS),
    )
    with visit.work() as work:
        found = bank_shelf.bank_page(work, id_, wanted, page_of(asked))
        arguments = {name: getattr(wanted, name) or None for name in FILTER}
        return visit.page(
            "banks/bank.html", word=_word(visit, work), shown=found, wanted=wanted, arguments=arguments, id_=id_
        )


@AREA.get("/banks/<uuid:id_>/problems")
def problems(visit: Visit, id_: UUID) -> ResponseReturnValue:
    severity = choice_of(request.args, "severity", SEVERITIES)
    with visit.work() as work:
        found = bank_shelf.problems_of(work, id_, severity, page_of(request.args))
        word = _word(visit, work)
        return visit.page(
            "banks/problems.html", word=word, told=told(word), shown=found, severity=severity, severities=SEVERITIES
        )


@AREA.post("/banks/<uuid:id_>/text/<string(maxlength=40):language>")
def export(visit: Visit, id_: UUID, language: str) -> ResponseReturnValue:
    """The bank's GIFT text. A form, not a link: it holds every right answer, and handing it out is noted."""
    with visit.work() as work:
        name, text = bank_shelf.text_of_bank(work, id_, language)
    return Response(text, content_type=GIFT, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@AREA.get("/banks/<uuid:id_>/questions/<uuid:question>")
def question(visit: Visit, id_: UUID, question: UUID) -> ResponseReturnValue:
    return _question_page(visit, id_, question, with_key=False)


@AREA.post("/banks/<uuid:id_>/questions/<uuid:question>")
def answers(visit: Visit, id_: UUID, question: UUID) -> ResponseReturnValue:
    """The same with right answers. A form, not a link: opening them is written into the audit log."""
    return _question_page(visit, id_, question, with_key=True)


def _question_page(visit: Visit, id_: UUID, question_id: UUID, *, with_key: bool) -> str:
    with visit.work() as work:
        found = bank_question_page.question_page(work, id_, question_id, with_key=with_key)
        word = _word(visit, work)
        return visit.page(
            "banks/question.html",
            word=word,
            told=told(word),
            shown=found,
            rich=rich(word),
            site_word=site_word(visit.language),
        )


def told(word: Wording) -> Callable[[BankFinding], Why]:
    """A finding in the reader's words."""
    return lambda finding: word.why(Refusal(finding.code, params=finding.params))


def _word(visit: Visit, work: Work) -> Wording:
    return Wording(visit.language, local_time(work).today)
