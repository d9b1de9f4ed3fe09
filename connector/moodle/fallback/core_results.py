"""Results through core functions: one call a person, one a attempt, the same records as through the plugin.

Core knows neither a cursor nor tombstones, so every pull starts from the beginning; what is known already is the same
and is recognised by its content. What core does not tell is left empty and named in `CoreResults.gaps`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from connector.moodle.client import errorcode_of
from connector.moodle.fallback import gaps
from connector.moodle.fallback.shown import Shown, read_shown
from connector.moodle.wire.flatten import Params, flatten
from connector.moodle.wire.shape import Part
from connector.transport import RestSession
from flask_app.domain.errors import RefusedOutside
from flask_app.ports.clock import Clock
from flask_app.ports.moodle import PulledAttempt, PulledResponse, ResultsPage

_LIST_QUIZZES: Final = "mod_quiz_get_quizzes_by_courses"
NEEDED_FUNCTIONS: Final = (
    "core_course_get_courses_by_field",
    "core_course_get_course_module",
    "core_enrol_get_enrolled_users",
    _LIST_QUIZZES,
    "mod_quiz_get_user_attempts",
    "mod_quiz_get_attempt_review",
)
"""What the account's service must have. On Moodle 5.0 `mod_quiz_get_user_quiz_attempts` stands beside the old name."""

ENDED: Final = frozenset({"finished", "abandoned"})
REVIEWS_PER_PAGE: Final = 50
_GRADED = {"gradedright": Decimal(1), "gradedwrong": Decimal(0)}


@dataclass(frozen=True, slots=True)
class Identity:
    """Which question of the panel it is. `version` 0 = only the one that Moodle shows counts."""

    idnumber: str
    version: int = 0


UNKNOWN: Final = Identity("")
Recognise = Callable[[str], Identity]
"""The question with this visible text (spaces joined); `UNKNOWN` when there is none or more than one."""


def recognise_nothing(text: str) -> Identity:  # noqa: ARG001  # a Recognise
    return UNKNOWN


def by_text(questions: Iterable[tuple[str, Identity]]) -> Recognise:
    """Recognises questions by their visible text; a text that two of them have tells nothing."""
    found: dict[str, Identity] = {}
    for text, identity in questions:
        name = " ".join(text.split())
        found[name] = UNKNOWN if name in found and found[name] != identity else identity
    return lambda text: found.get(" ".join(text.split()), UNKNOWN)


@dataclass(frozen=True, slots=True)
class _Quiz:
    id: int
    idnumber: str
    course: int


@dataclass(frozen=True, slots=True)
class _Entry:
    """An attempt as it is listed, before its review."""

    quiz: _Quiz
    person: str
    part: Part


class CoreResults:
    """The tests of some courses, read with the functions every Moodle has.

    `courses` by idnumber: core lists quizzes by course only. Raises `Unreachable`, `RefusedOutside`, `NotUnderstood`.
    `calls` counts the requests.
    """

    def __init__(
        self, session: RestSession, courses: Sequence[str], clock: Clock, recognise: Recognise = recognise_nothing
    ) -> None:
        self.session = session
        self.courses = tuple(courses)
        self.clock = clock
        self.recognise = recognise
        self.calls = 0
        self._gaps = dict.fromkeys(gaps.ALWAYS)

    @classmethod
    def of_site(
        cls, url: str, token: str, courses: Sequence[str], clock: Clock, recognise: Recognise = recognise_nothing
    ) -> CoreResults:
        return cls(RestSession(url, token), courses, clock, recognise)

    @property
    def gaps(self) -> tuple[str, ...]:
        """Codes of what the records lack, complete once the pull has ended."""
        return tuple(self._gaps)

    def results(self, tests: Sequence[str], cursor: str = "") -> Iterator[ResultsPage]:  # noqa: ARG002  # core has none
        """Every ended attempt of `tests` (by the idnumber of the course module), with every answer.

        Raises `RefusedOutside("moodle.unknowntest")` when no quiz of the courses has the idnumber. `total` counts the
        finished attempts that core lists.
        """
        listed = [entry for quiz in self._quizzes(tests) for entry in self._listed(quiz)]
        total = sum(entry.part["state"].name() == "finished" for entry in listed)
        for start in range(0, max(len(listed), 1), REVIEWS_PER_PAGE):
            attempts = tuple(self._attempt(entry) for entry in listed[start : start + REVIEWS_PER_PAGE])
            yield ResultsPage(cursor="", total=total, attempts=attempts, servertime=self.clock.now())

    # ------------------------------------------------------------------------------------------------ what there is

    def _call(self, function: str, params: Params) -> Part:
        self.calls += 1
        return Part(self.session.call(function, flatten(params), repeatable=True), function)

    def _quizzes(self, tests: Sequence[str]) -> list[_Quiz]:
        found = {quiz.idnumber: quiz for course in self.courses for quiz in self._quizzes_of(course) if quiz.idnumber}
        for test in tests:
            if test not in found:
                raise RefusedOutside(
                    "moodle.unknowntest", errorcode="unknowntest", url=self.session.host, function=test
                )
        return [found[test] for test in tests]

    def _quizzes_of(self, course: str) -> Iterator[_Quiz]:
        answer = self._call("core_course_get_courses_by_field", {"field": "idnumber", "value": course})
        ids = [entry["id"].whole() for entry in answer["courses"].items()]
        listed = self._call(_LIST_QUIZZES, {"courseids": list(ids)}) if ids else None
        for entry in listed["quizzes"].items() if listed else ():
            module = self._call("core_course_get_course_module", {"cmid": entry["coursemodule"].whole()})["cm"]
            idnumber = module.optional("idnumber")
            yield _Quiz(entry["id"].whole(), idnumber.text() if idnumber else "", entry["course"].whole())

    def _listed(self, quiz: _Quiz) -> Iterator[_Entry]:
        for user, person in self._people(quiz.course).items():
            for part in self._attempts(quiz.id, user)["attempts"].items():
                if part["state"].name() in ENDED:
                    yield _Entry(quiz, person, part)

    def _people(self, course: int) -> Mapping[int, str]:
        """Who is enrolled; one whose idnumber is not shown is named as the plugin names those who have none."""
        people = {}
        for part in self._call("core_enrol_get_enrolled_users", {"courseid": course}).items():
            shown = part.optional("idnumber")
            user, idnumber = part["id"].whole(), shown.text() if shown else ""
            if not idnumber:
                self._gaps[gaps.PERSON_UNKNOWN] = None
            people[user] = idnumber or f"moodle:{user}"
        return people

    def _attempts(self, quiz: int, user: int) -> Part:
        params: Params = {"quizid": quiz, "userid": user, "status": "finished"}
        return self._call("mod_quiz_get_user_attempts", params)

    # ------------------------------------------------------------------------------------------------- one attempt

    def _attempt(self, entry: _Entry) -> PulledAttempt:
        identity = entry.part["id"].whole()
        review = self._call("mod_quiz_get_attempt_review", {"attemptid": identity})
        attempt = review["attempt"]
        responses = tuple(sorted((self._response(part) for part in review["questions"].items()), key=_slot))
        return PulledAttempt(
            attemptid=identity,
            test=entry.quiz.idnumber,
            person=entry.person,
            attempt=attempt["attempt"].whole(),
            state=attempt["state"].name(),
            deleted=False,
            timestart=attempt["timestart"].moment_or_none(),
            timefinish=attempt["timefinish"].moment_or_none(),
            timemodified=attempt["timemodified"].moment(),
            mark=attempt["sumgrades"].decimal_or_none(),
            maxmark=format(sum((Decimal(one.maxmark) for one in responses), Decimal(0)), "f"),
            responses=responses,
        )

    def _response(self, part: Part) -> PulledResponse:
        shown = read_shown(part["html"].text())
        told = part.optional("state")
        if told is None:
            raise RefusedOutside("core.review_hidden", errorcode="nopermissions", url=self.session.host)
        state, maxmark = told.name(), part["maxmark"].decimal()
        identity = self._identity(shown)
        if not shown.rightanswer or shown.several:
            self._gaps[gaps.RIGHT_ANSWER_WORDING if shown.rightanswer else gaps.RIGHT_ANSWER_HIDDEN] = None
        return PulledResponse(
            slot=part["slot"].whole(),
            idnumber=identity.idnumber,
            entryid=0,
            questionid=0,
            version=identity.version or shown.version,
            state=state,
            mark=self._mark(part, state, maxmark),
            maxmark=maxmark,
            response=shown.response,
            rightanswer=shown.rightanswer,
            time=None,
        )

    def _identity(self, shown: Shown) -> Identity:
        identity = self.recognise(shown.text)
        if not identity.idnumber:
            self._gaps[gaps.QUESTION_UNKNOWN] = None
        return identity

    def _mark(self, part: Part, state: str, maxmark: str) -> str | None:
        """Exact for right and wrong answers; otherwise as it is shown, with the decimal sign of its language."""
        exact = _GRADED.get(state)
        if exact is not None:
            return format(exact * Decimal(maxmark), "f")
        shown = part.optional("mark")
        if shown is None or not shown.text():
            return None
        try:
            mark = Decimal(shown.text().replace(",", ".").replace("\N{MINUS SIGN}", "-"))
        except InvalidOperation:
            return None
        if state == "gaveup":
            return None
        self._gaps[gaps.MARK_ROUNDED] = None
        return format(mark, "f")


def _slot(response: PulledResponse) -> int:
    return response.slot


def is_missing_function(error: RefusedOutside) -> bool:
    """Whether a call was refused because the function is not in the token's service, or not in this Moodle."""
    return errorcode_of(error) in ("accessexception", "invalidrecord")
