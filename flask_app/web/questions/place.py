"""The area where questions are made, and what its pages share."""

from __future__ import annotations

from collections.abc import Callable

from flask_app.domain.errors import KyzmatError
from flask_app.domain.workflow import Refusal
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.services.question_findings import Remark, script_titles
from flask_app.web.area import Area
from flask_app.web.visit import Visit
from flask_app.web.wording import Why, Wording

AREA = Area("questions")


def wording(visit: Visit, work: Work) -> Wording:
    return Wording(visit.language, local_time(work).today)


def told(word: Wording) -> Callable[[Remark], Why]:
    """The sentence of a finding, of the reader's or of the rules, with titles in the reader's language."""

    def sentence(remark: Remark) -> Why:
        titles = {name: "; ".join(str(word.text(one)) for one in some) for name, some in remark.titles.items()}
        return word.why(Refusal(remark.code, None, {**remark.params, **titles}))

    return sentence


def about_name(word: Wording, problem: KyzmatError) -> str:
    """What a name of a question is refused for, beside its field: the writing of a letter in the reader's language."""
    titles = script_titles(problem.params)
    return str(told(word)(Remark("error", problem.code, "", 0, 0, problem.params, titles=titles)).said)
