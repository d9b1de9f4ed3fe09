"""Whether the audit log is whole, for the auditor: the chain recomputed on request, its result explained."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from flask_app.services import chain_check
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.web.area import Area
from flask_app.web.visit import Visit
from flask_app.web.wording import Wording

AREA = Area("verification")


@AREA.get("/verification")
def ask(visit: Visit) -> ResponseReturnValue:
    """What the check does. Recomputing a long log takes a while, so it is a button, not a link."""
    with visit.work() as work:
        chain_check.require_auditor(work)
        return visit.page("verification/verification.html", word=_word(visit, work), found=None)


@AREA.post("/verification")
def check(visit: Visit) -> ResponseReturnValue:
    with visit.work() as work:
        code = chain_check.require_auditor(work)
    found = chain_check.check_chain(visit.panel.office, code)
    with visit.work() as work:
        chain_check.note_check(work, found)
        return visit.page("verification/verification.html", word=_word(visit, work), found=found)


def _word(visit: Visit, work: Work) -> Wording:
    return Wording(visit.language, local_time(work).today)
