"""When somebody was faster: who changed what, and what the reader had typed, so that nothing is lost."""

from __future__ import annotations

from uuid import UUID

from flask.typing import ResponseReturnValue

from flask_app.domain.errors import AlreadyThere, KyzmatError, Refused, VersionConflict
from flask_app.services.competition_acts import changes_since
from flask_app.web.announcing.draft_form import field_name, field_value
from flask_app.web.announcing.forms import Form
from flask_app.web.visit import Visit
from flask_app.web.wording import Why, Wording

LARGEST_VERSION = 1_000_000_000


def version_of(sent: str) -> int:
    """The version a form was made from; what is no number fits no object, and that is a conflict."""
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else LARGEST_VERSION


def whys(word: Wording, refused: KyzmatError) -> tuple[Why, ...]:
    """All reasons of one attempt, the first one first."""
    return tuple(word.why(reason) for reason in (refused, *refused.others))


def is_race(error: KyzmatError) -> bool:
    """Whether the act came to nothing because somebody else was faster."""
    return isinstance(error, VersionConflict | AlreadyThere) or (
        isinstance(error, Refused) and error.code == "workflow.wrong_state"
    )


def conflict(visit: Visit, id_: UUID, form: Form, action: str) -> ResponseReturnValue:
    """The page that tells of it, with 409."""
    with visit.work() as work:
        meanwhile = changes_since(work, id_, version_of(form["version"]))
        word = Wording(visit.language, meanwhile.here.today)
        typed = [
            (field_name(word, name), field_value(word, name, form[name]))
            for name in form.values
            if name != "version" and form[name]
        ]
        page = visit.page("announcing/conflict.html", word=word, meanwhile=meanwhile, action=action, typed=typed)
    return page, 409
