"""One method per web-service function that the panel uses. No rule lives here: parameters out, records in.

Reads are repeated by the transport when they fail on the way; writes carry an operation key and may be repeated as
well. `core_course_create_courses` has no key and is sent once.
"""

from __future__ import annotations

from collections.abc import Sequence

from connector.moodle.wire import answers, pulled, requests
from connector.moodle.wire.flatten import Params, flatten
from connector.moodle.wire.records import (
    BankPage,
    Card,
    Course,
    ListAnswer,
    NewCourse,
    OneAnswer,
    Override,
    Push,
    QuestionStatus,
    QuestionText,
    QuestionUpload,
    SiteInfo,
    TestAnswer,
)
from connector.moodle.wire.shape import Part
from connector.transport import RestSession
from flask_app.domain.errors import RefusedOutside
from flask_app.ports.moodle import (
    CompletionsPage,
    MoodleSite,
    ResultsPage,
    TestProgress,
    WantedBank,
    WantedEnrolment,
    WantedPerson,
    WantedTest,
)

PLUGIN = "local_kyzmat_"
WIRE = 1
"""Version of the contract that is spoken here."""

# The member that names an item in the answer of each list function.
ITEM_NAMES = {
    "import_questions": ("idnumber",),
    "set_question_status": ("idnumber",),
    "save_people": ("idnumber",),
    "save_enrolments": ("useridnumber",),
    "save_overrides": ("useridnumber", "groupidnumber"),
    "save_cards": ("cardid",),
}


class MoodleClient:
    """Raises `Unreachable`, `RefusedOutside`, `NotUnderstood` from every method."""

    def __init__(self, session: RestSession) -> None:
        self.session = session

    def __repr__(self) -> str:
        return f"MoodleClient({self.session.host})"

    # ---------------------------------------------------------------------------------------------------- the two ways

    def _read(self, function: str, params: Params) -> Part:
        return Part(self.session.call(function, flatten(params), repeatable=True), function)

    def _plugin(self, function: str, params: Params) -> Part:
        return self._read(PLUGIN + function, params)

    def write(self, function: str, opkey: str, params: Params) -> Part:
        """Call a writing function of the plugin; `function` without its prefix."""
        pairs = flatten({"opkey": opkey, **params})
        return Part(self.session.call(PLUGIN + function, pairs, repeatable=True), PLUGIN + function)

    def write_list(self, function: str, opkey: str, params: Params, asked: Sequence[str]) -> ListAnswer:
        """The same for a function that answers per item; `asked` names the items in their order."""
        answer = self.write(function, opkey, params)
        return answers.results(answer, ITEM_NAMES[function], asked, PLUGIN + function)

    # ------------------------------------------------------------------------------------------------------------ core

    def site_info(self) -> SiteInfo:
        return answers.site_info(self._read("core_webservice_get_site_info", {}))

    def courses_by_idnumber(self, idnumber: str) -> tuple[Course, ...]:
        params: Params = {"field": "idnumber", "value": idnumber}
        return answers.courses(self._read("core_course_get_courses_by_field", params))

    def create_courses(self, courses: Sequence[NewCourse]) -> tuple[int, ...]:
        """Moodle's ids of the new courses, in their order."""
        function = "core_course_create_courses"
        value = self.session.call(function, flatten(requests.create_courses(courses)), repeatable=False)
        return answers.created_courses(Part(value, function))

    # ------------------------------------------------------------------------------------------ site and question bank

    def get_site(self) -> MoodleSite:
        return answers.site(self._plugin("get_site", {}))

    def save_bank(self, opkey: str, bank: WantedBank) -> OneAnswer:
        return answers.one(self.write("save_bank", opkey, requests.save_bank(bank)))

    def get_bank_state(self, bank: str, cursor: str, limit: int) -> BankPage:
        params: Params = {"bankidnumber": bank, "cursor": cursor, "limit": limit}
        return answers.bank_page(self._plugin("get_bank_state", params))

    def get_question(self, bank: str, idnumber: str, version: int = 0) -> QuestionText:
        """`version` 0 = the latest."""
        params: Params = {"bankidnumber": bank, "idnumber": idnumber, "version": version}
        return answers.question_text(self._plugin("get_question", params))

    def import_questions(self, opkey: str, bank: str, questions: Sequence[QuestionUpload]) -> ListAnswer:
        asked = [question.idnumber for question in questions]
        return self.write_list("import_questions", opkey, requests.import_questions(bank, questions), asked)

    def set_question_status(self, opkey: str, bank: str, statuses: Sequence[tuple[str, QuestionStatus]]) -> ListAnswer:
        asked = [idnumber for idnumber, _ in statuses]
        return self.write_list("set_question_status", opkey, requests.set_question_status(bank, statuses), asked)

    # ------------------------------------------------------------------------------------------------ people and tests

    def save_people(self, opkey: str, people: Sequence[WantedPerson]) -> ListAnswer:
        asked = [person.idnumber for person in people]
        return self.write_list("save_people", opkey, requests.save_people(people), asked)

    def save_enrolments(self, opkey: str, course: str, enrolments: Sequence[WantedEnrolment]) -> ListAnswer:
        asked = [enrolment.person for enrolment in enrolments]
        return self.write_list("save_enrolments", opkey, requests.save_enrolments(course, enrolments), asked)

    def save_test(self, opkey: str, test: WantedTest) -> TestAnswer:
        return answers.test(self.write("save_test", opkey, requests.save_test(test)))

    def save_overrides(self, opkey: str, test: str, overrides: Sequence[Override]) -> ListAnswer:
        asked = [override.useridnumber or override.groupidnumber for override in overrides]
        return self.write_list("save_overrides", opkey, requests.save_overrides(test, overrides), asked)

    def save_cards(self, opkey: str, cards: Sequence[Card]) -> ListAnswer:
        return self.write_list("save_cards", opkey, requests.save_cards(cards), [card.cardid for card in cards])

    def save_push(self, opkey: str, push: Push) -> OneAnswer:
        return answers.one(self.write("save_push", opkey, requests.save_push(push)))

    # ------------------------------------------------------------------------------------------------- what comes back

    def get_progress(self, test: str) -> TestProgress:
        return pulled.progress(self._plugin("get_progress", {"testidnumber": test}))

    def get_results(
        self, tests: Sequence[str], cursor: str, limit: int, responses: bool = True
    ) -> tuple[ResultsPage, bool]:
        """A page and whether another follows."""
        params: Params = {"testidnumbers": list(tests), "cursor": cursor, "limit": limit, "responses": responses}
        answer = self._plugin("get_results", params)
        return pulled.results_page(answer), pulled.following(answer).more

    def get_completions(self, courses: Sequence[str], cursor: str, limit: int) -> tuple[CompletionsPage, bool]:
        """A page and whether another follows."""
        params: Params = {"courseidnumbers": list(courses), "cursor": cursor, "limit": limit}
        answer = self._plugin("get_completions", params)
        return pulled.completions_page(answer), pulled.following(answer).more


def errorcode_of(error: RefusedOutside) -> str:
    """Moodle's own code of a refusal; empty when the refusal came from the web server before it."""
    return str(error.params.get("errorcode", ""))
