"""Log-in slips for the computer room: who has one, and on request the slips themselves, ready for the printer."""

from __future__ import annotations

from uuid import UUID

from flask.typing import ResponseReturnValue

from flask_app.messages import Language
from flask_app.services.login_slips import login_slips
from flask_app.web.applicants.place import AREA
from flask_app.web.visit import Visit
from flask_app.web.wording import Wording

PAPER_LANGUAGES: tuple[Language, ...] = ("ky", "ru")
"""In which a candidate may sit the test, and so be told of it."""


@AREA.get("/procedures/competition/<uuid:id_>/applicants/slips")
def slips(visit: Visit, id_: UUID) -> ResponseReturnValue:
    return _page(visit, id_, opened=False)


@AREA.post("/procedures/competition/<uuid:id_>/applicants/slips")
def print_slips(visit: Visit, id_: UUID) -> ResponseReturnValue:
    return _page(visit, id_, opened=True)


def _page(visit: Visit, id_: UUID, *, opened: bool) -> ResponseReturnValue:
    with visit.work() as work:
        shown = login_slips(work, id_, opened=opened)
        word = Wording(visit.language, shown.here.today)
        # Whoever chose no language gets the language of the page.
        own = {language: Wording(language, shown.here.today) for language in PAPER_LANGUAGES}
        return visit.page("applicants/slips.html", word=word, own=own, shown=shown, opened=opened)
