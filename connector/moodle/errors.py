"""Which refusals of Moodle are about one thing, and what became of that thing then.

Every other refusal (token, rights, a broken contract) is about the call or the site and is raised as it came.
"""

from __future__ import annotations

from collections.abc import Mapping

from connector.moodle.client import errorcode_of
from flask_app.domain.errors import RefusedOutside
from flask_app.ports.moodle import Outcome

_OF_A_LIST: Mapping[str, Outcome] = {"unknowncourse": "missing", "unknownbank": "missing", "unknowntest": "missing"}
_OF_ONE_THING: Mapping[str, Outcome] = {
    **_OF_A_LIST,
    "versionconflict": "conflict",
    "testhasattempts": "conflict",
    "notenoughquestions": "invalid",
    "invalidquestion": "invalid",
    "invalidparameter": "invalid",
}


def outcome_of(error: RefusedOutside, *, one_thing: bool) -> Outcome | None:
    """What a refused call means for what it was about; None = it says nothing about that. `one_thing`: not a list."""
    return (_OF_ONE_THING if one_thing else _OF_A_LIST).get(errorcode_of(error))
