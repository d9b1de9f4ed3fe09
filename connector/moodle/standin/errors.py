"""Errors as Moodle's REST server answers them: HTTP 200, `{exception, errorcode, message}`, `debuginfo` when asked for.

The English sentences are Moodle's own, as recorded from real sites: part of the wire, not words for our readers.
"""

from __future__ import annotations

MOODLE = "core\\exception\\moodle_exception"

# Codes of the plugin (contract, Rules).
PLUGIN_STRINGS = {
    "opkeyconflict": "This operation key was used before with another request",
    "chunktoolarge": "The list is longer than one call may carry",
    "unknowncourse": "There is no course with this idnumber",
    "unknownbank": "There is no question bank with this idnumber",
    "unknowntest": "There is no test with this idnumber",
    "versionconflict": "The question has another version than expected",
    "testhasattempts": "The test has attempts already, its questions cannot be changed",
    "notenoughquestions": "The category holds fewer questions than the section asks for",
    "invalidquestion": "A place of the test names a question or version that is not in the bank",
}


class MoodleError(Exception):
    """What a web service function throws. `errorcode` may be a whole sentence, as in Moodle itself."""

    def __init__(self, errorcode: str, message: str, exception: str = MOODLE, debuginfo: str = "") -> None:
        super().__init__(errorcode, debuginfo)
        self.errorcode = errorcode
        self.message = message
        self.exception = exception
        self.debuginfo = debuginfo

    def as_reply(self, debug: bool) -> dict[str, str]:
        """The answer's body; `debug` is the site's developer mode."""
        body = {"exception": self.exception, "errorcode": self.errorcode, "message": self.message}
        if debug and self.debuginfo:
            body["debuginfo"] = self.debuginfo
        return body


class MissingRecord(MoodleError):
    """No such row. The code is another one in developer mode (recorded: invalidrecord / invalidrecordunknown)."""

    def __init__(self, table: str, condition: str) -> None:
        super().__init__(
            "invalidrecordunknown",
            "Can't find data record in database.",
            "dml_missing_record_exception",
            "SELECT * FROM {%s} WHERE %s" % (table, condition),  # noqa: S608, UP031 - shown, never run
        )
        self.table = table

    def as_reply(self, debug: bool) -> dict[str, str]:
        body = super().as_reply(debug)
        if debug:
            body["errorcode"] = "invalidrecord"
            body["message"] = f"Can't find data record in database table {self.table}."
        return body


def invalid_parameter(debuginfo: str) -> MoodleError:
    return MoodleError(
        "invalidparameter",
        "Invalid parameter value detected",
        "core\\exception\\invalid_parameter_exception",
        debuginfo,
    )


def invalid_token() -> MoodleError:
    return MoodleError("invalidtoken", "Invalid token - token not found")


def access_exception(debuginfo: str = "") -> MoodleError:
    """The function exists but is not in the token's service; or, told only in `debuginfo`, the token has expired."""
    return MoodleError("accessexception", "Access control exception", "webservice_access_exception", debuginfo)


def no_permission(capability: str) -> MoodleError:
    return MoodleError(
        "nopermissions",
        f"Sorry, but you do not currently have permissions to do that ({capability}).",
        "core\\exception\\required_capability_exception",
    )


def not_accessible(why: str) -> MoodleError:
    """Not enrolled, hidden, or outside the groups that may enter."""
    return MoodleError(
        "requireloginerror",
        f"Course or activity not accessible. ({why})",
        "core\\exception\\require_login_exception",
        why,
    )


def site_maintenance() -> MoodleError:
    return MoodleError("sitemaintenance", "The site is undergoing maintenance and is currently not available")


def plugin_error(code: str, detail: str) -> MoodleError:
    """An error of `local_kyzmat`; `detail` names the thing, in the message as well, since it is not secret."""
    return MoodleError(code, f"{PLUGIN_STRINGS[code]}: {detail}", debuginfo=detail)
