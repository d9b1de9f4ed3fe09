"""From Moodle's own error codes to the panel's error tree.

Moodle answers a refused call with HTTP 200 and `{"exception": …, "errorcode": …, "message": …, "debuginfo": …}`.
Only the code counts: the class changed its namespace in 4.5, the message is localised, and both message and debuginfo
may quote the values that were sent, so neither goes on.
"""

from __future__ import annotations

from collections.abc import Mapping

from connector.transport.redaction import readable
from connector.transport.retry import FailureKind
from flask_app.domain.errors import OutsideError, RefusedOutside, Unreachable

# Moodle answers an unknown function and an unknown record alike; of this one only the function can be unknown.
PLUGIN_GREETING = "local_kyzmat_get_site"

# Codes that have a sentence of their own (`moodle.<code>`); every other code is told by `moodle.refused`.
TOLD = frozenset(
    {
        "invalidtoken",
        "accessexception",
        "nopermissions",
        "requireloginerror",
        "invalidparameter",
        "invalidlogin",
        "opkeyconflict",
        "chunktoolarge",
        "unknowncourse",
        "unknownbank",
        "unknowntest",
        "versionconflict",
        "testhasattempts",
        "notenoughquestions",
        "invalidquestion",
    }
)
# What each function needs (the plugin's db/services.php and the checks of its functions): Moodle names a missing right
# in a localised sentence only.
_NEEDS: Mapping[str, str] = {
    "local_kyzmat_save_bank": "moodle/question:managecategory, moodle/course:manageactivities, mod/qbank:addinstance",
    "local_kyzmat_get_bank_state": "moodle/question:useall",
    "local_kyzmat_get_question": "moodle/question:useall",
    "local_kyzmat_import_questions": "moodle/question:add, moodle/question:managecategory",
    "local_kyzmat_set_question_status": "moodle/question:add",
    "local_kyzmat_save_people": "moodle/user:create, moodle/user:update",
    "local_kyzmat_save_enrolments": "enrol/manual:enrol, enrol/manual:unenrol, moodle/course:managegroups",
    "local_kyzmat_save_test": "mod/quiz:manage, mod/quiz:addinstance, moodle/course:manageactivities",
    "local_kyzmat_save_overrides": "mod/quiz:manageoverrides",
    "local_kyzmat_get_progress": "mod/quiz:viewreports",
    "local_kyzmat_get_results": "mod/quiz:viewreports",
    "local_kyzmat_get_completions": "report/completion:view",
    "local_kyzmat_save_cards": "local/kyzmat:manage",
    "local_kyzmat_save_push": "local/kyzmat:manage",
    "local_kyzmat_check_push": "local/kyzmat:manage",
    "core_course_create_courses": "moodle/course:create",
    "core_course_get_courses_by_field": "moodle/course:view",
}
_EVERY_CALL_NEEDS = "webservice/rest:use"
_SYNONYMS: Mapping[str, str] = {"required_capability_exception": "nopermissions", "nopermission": "nopermissions"}
_RECORD_UNKNOWN = frozenset({"invalidrecord", "invalidrecordunknown"})
_NO_DATABASE = frozenset({"dbconnectionfailed"})
_MAINTENANCE = frozenset({"sitemaintenance", "upgraderunning"})


def refusal(answer: Mapping[str, object], function: str, host: str) -> tuple[FailureKind, OutsideError]:
    """What a refusing answer means. A PHP error comes without a code; its class then stands in its place."""
    given = answer.get("errorcode") or answer.get("exception") or ""
    errorcode = readable(str(given), 80)
    errorcode = _SYNONYMS.get(errorcode, errorcode)
    params: dict[str, object] = {"url": host, "function": function, "errorcode": errorcode}
    if errorcode in _MAINTENANCE:
        return FailureKind.MAINTENANCE, Unreachable("moodle.maintenance", None, **params)
    if errorcode in _NO_DATABASE:
        return FailureKind.BUSY, Unreachable("moodle.busy", None, **params)
    if errorcode in _RECORD_UNKNOWN:
        code = "moodle.plugin_missing" if function == PLUGIN_GREETING else "moodle.unknown_record"
        return FailureKind.FINAL, RefusedOutside(code, None, **params)
    if errorcode == "nopermissions":
        params["capability"] = _NEEDS.get(function, _EVERY_CALL_NEEDS)
    if errorcode in TOLD:
        return FailureKind.FINAL, RefusedOutside(f"moodle.{errorcode}", None, **params)
    return FailureKind.FINAL, RefusedOutside("moodle.refused", None, **params)
