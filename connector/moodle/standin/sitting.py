"""A robot that sits a test as a trainee does, over HTTP, with Moodle's own functions only.

It knows nothing but a user name and a pass word, so it sits tests of a real Moodle as well.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import urlencode, urlsplit

from connector.moodle.standin.question_fields import QuestionFields, read_fields

Choose: TypeAlias = Callable[[str, Sequence[str]], "str | Sequence[str]"]
"""Strategy: (question text, label texts as shown) -> the chosen label, several labels, or "" for no answer.

Without labels the answer is typed in. A match question is asked once for each of its lines ("question / line").
"""

_SERVICE = "moodle_mobile_app"
_TIMEOUT = 60.0


class SittingError(Exception):
    """The site refused. `errorcode` is Moodle's; "notavailable" when an attempt was not begun and only warned of."""

    def __init__(self, errorcode: str, message: str) -> None:
        super().__init__(errorcode, message)
        self.errorcode = errorcode
        self.message = message


@dataclass(frozen=True, slots=True)
class Sitting:
    """What became of a sitting: Moodle's attempt id, the state, how many questions were seen and answered."""

    attemptid: int
    state: str
    questions: int
    answered: int


class Trainee:
    """A person at the site, on one kept connection; a context manager."""

    def __init__(self, url: str, username: str, password: str) -> None:
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.netloc, timeout=_TIMEOUT)
        self._path = parts.path.rstrip("/")
        try:
            self._token = self._log_in(username, password)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Trainee:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def _log_in(self, username: str, password: str) -> str:
        given = {"username": username, "password": password, "service": _SERVICE}
        reply = self._post("/login/token.php", given)
        if "token" not in reply:
            raise SittingError(reply["errorcode"], reply["error"])
        return str(reply["token"])

    def _post(self, path: str, fields: Mapping[str, object]) -> Any:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self._connection.request("POST", self._path + path, urlencode(fields), headers)
        return json.loads(self._connection.getresponse().read())

    def call(self, wsfunction: str, fields: Mapping[str, object]) -> Any:
        """One web service call as this person. Raises `SittingError`."""
        first = {"wstoken": self._token, "wsfunction": wsfunction, "moodlewsrestformat": "json"}
        reply = self._post("/webservice/rest/server.php", {**first, **fields})
        if isinstance(reply, dict) and "exception" in reply:
            raise SittingError(reply.get("errorcode", ""), reply["message"])
        return reply

    def quizzes(self) -> dict[str, int]:
        """The tests this person sees: name -> quiz id."""
        listed = self.call("mod_quiz_get_quizzes_by_courses", {})["quizzes"]
        return {quiz["name"]: quiz["id"] for quiz in listed}

    def start(self, quizid: int, quiz_password: str = "") -> dict[str, Any]:
        """Begin an attempt; the attempt as Moodle gives it."""
        asked: dict[str, object] = {"quizid": quizid}
        if quiz_password:
            asked |= {"preflightdata[0][name]": "quizpassword", "preflightdata[0][value]": quiz_password}
        reply = self.call("mod_quiz_start_attempt", asked)
        if not reply["attempt"]:
            raise SittingError("notavailable", "; ".join(warning["message"] for warning in reply["warnings"]))
        attempt: dict[str, Any] = reply["attempt"]
        return attempt

    def page(self, attemptid: int, page: int) -> dict[str, Any]:
        reply: dict[str, Any] = self.call("mod_quiz_get_attempt_data", {"attemptid": attemptid, "page": page})
        return reply

    def process(self, attemptid: int, data: Mapping[str, str], finish: bool) -> str:
        """Save answers, and finish if wanted; the state."""
        asked: dict[str, object] = {"attemptid": attemptid, "finishattempt": int(finish), **as_pairs(data)}
        return str(self.call("mod_quiz_process_attempt", asked)["state"])


def as_pairs(data: Mapping[str, str]) -> dict[str, object]:
    """Answers as the list of name and value that Moodle takes."""
    pairs: dict[str, object] = {}
    for place, (name, value) in enumerate(data.items()):
        pairs[f"data[{place}][name]"] = name
        pairs[f"data[{place}][value]"] = value
    return pairs


def answer(fields: QuestionFields, choose: Choose) -> dict[str, str]:
    """What to send for one question; without an answer only its sequencecheck."""
    sent = dict(fields.hidden)
    if fields.choices:
        wished = choose(fields.text, [choice.label for choice in fields.choices])
        labels = [wished] if isinstance(wished, str) else list(wished)
        sent |= {choice.name: choice.value for choice in fields.choices if choice.label in labels}
    for line, choices in fields.menus.values():
        wished = choose(f"{fields.text} / {line}", [choice.label for choice in choices])
        sent |= {choice.name: choice.value for choice in choices if choice.label == wished}
    for name in fields.texts:
        typed = choose(fields.text, [])
        sent |= {name: typed} if isinstance(typed, str) and typed else {}
    return sent


def sit(
    url: str, username: str, password: str, quizid: int, choose: Choose, *, quiz_password: str = "", finish: bool = True
) -> Sitting:
    """Log in, begin, answer page after page, hand in. Raises `SittingError` with Moodle's code."""
    with Trainee(url, username, password) as trainee:
        attempt = trainee.start(quizid, quiz_password)
        page, questions, answered = 0, 0, 0
        data: dict[str, str] = {}
        while page >= 0:
            shown = trainee.page(attempt["id"], page)
            for question in shown["questions"]:
                sent = answer(read_fields(question["html"]), choose)
                questions += 1
                answered += any("sequencecheck" not in name and not name.endswith("format") for name in sent)
                data |= sent
            page = shown["nextpage"]
        state = trainee.process(attempt["id"], data, finish)
    return Sitting(attempt["id"], state, questions, answered)
