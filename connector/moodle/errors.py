"""Which refusals of Moodle are about one thing, and what became of that thing then.

Every other refusal (token, rights, a broken contract) is about the call or the site and is raised as it came.
"""

from __future__ import annotations

from collections.abc import Mapping

from connector.moodle.client import errorcode_of
from flask_app.domain.errors import OutsideError, RefusedOutside
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


# What a site says, or does not say, when a call carried more than it bears.
_TOO_MUCH = frozenset(
    {
        "moodle.timeout",
        "moodle.half_reply",
        "moodle.php_limit",
        "moodle.request_too_large",
        "moodle.reply_too_large",
        "moodle.chunktoolarge",
    }
)
_GATEWAY_GAVE_UP = (502, 504)
_SCRIPT_DIED = 500


def too_much(error: OutsideError) -> bool:
    """Whether the same call with fewer items may succeed where this one failed."""
    status = error.params.get("status")
    if error.code == "moodle.busy":
        return status in _GATEWAY_GAVE_UP
    return error.code in _TOO_MUCH or (error.code == "moodle.http_status" and status == _SCRIPT_DIED)
