"""Results through core functions against recorded answers of real sites: the same data as the plugin gave."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from connector.moodle.fallback import gaps
from connector.moodle.fallback.core_results import UNKNOWN, CoreResults, Identity, by_text
from connector.moodle.fallback.shown import read_shown
from flask_app.domain.errors import RefusedOutside
from flask_app.messages import LANGUAGES, explain
from flask_app.ports.moodle import PulledAttempt
from tests.connector_fallback.recorded_site import NOW, SITES, RecordedSite, StoppedClock

TEXTS = {
    "single.ky": "Мыйзам деген эмне?",
    "multi.ky": "Кайсылары?",
    "tf.ky": "Жер тоголок",
    "short.ky": "Борбор шаар?",
    "num.ky": "Канча облус?",
    "match.ky": "Дал келтиргиле",
    "essay.ky": "Өз оюңуз",
}
SEVERAL = {"multi.ky", "match.ky"}


@pytest.fixture(params=SITES)
def site(request: pytest.FixtureRequest) -> RecordedSite:
    return RecordedSite(request.param)


def reader(site: RecordedSite) -> CoreResults:
    known = by_text((text, Identity(name, 1)) for name, text in TEXTS.items())
    return CoreResults(site, [site.course], StoppedClock(), known)


def pull(site: RecordedSite) -> list[PulledAttempt]:
    return [attempt for page in reader(site).results([site.test]) for attempt in page.attempts]


def without_answers(attempt: PulledAttempt) -> PulledAttempt:
    mark = attempt.mark and format(Decimal(attempt.mark).normalize(), "f")
    return replace(attempt, responses=(), maxmark=str(Decimal(attempt.maxmark)), mark=mark)


def test_attempts_are_those_of_the_plugin(site: RecordedSite) -> None:
    by_core = {attempt.attemptid: without_answers(attempt) for attempt in pull(site)}
    assert by_core == {attempt.attemptid: without_answers(attempt) for attempt in site.by_plugin()}
    assert len(by_core) == 3


def test_answers_are_those_of_the_plugin(site: RecordedSite) -> None:
    by_plugin = {attempt.attemptid: attempt.responses for attempt in site.by_plugin()}
    for attempt in pull(site):
        answers = by_plugin[attempt.attemptid]
        assert len(attempt.responses) == len(TEXTS)
        for mine, theirs in zip(attempt.responses, answers, strict=True):
            assert (mine.slot, mine.idnumber, mine.version, mine.state, mine.response) == (
                theirs.slot,
                theirs.idnumber,
                theirs.version,
                theirs.state,
                theirs.response,
            )
            assert Decimal(mine.maxmark) == Decimal(theirs.maxmark)
            assert mine.mark is None if theirs.mark is None else mine.mark is not None
            if mine.mark is not None:
                assert abs(Decimal(mine.mark) - Decimal(theirs.mark or 0)) <= Decimal("0.005")
            if mine.idnumber not in SEVERAL:
                assert mine.rightanswer == theirs.rightanswer
            assert (mine.entryid, mine.questionid, mine.time) == (0, 0, None)


def test_the_control_total_counts_what_core_lists(site: RecordedSite) -> None:
    (page,) = reader(site).results([site.test])
    assert (page.total, len(page.attempts), page.cursor, page.servertime) == (3, 3, "", NOW)


def test_one_request_a_person_and_one_an_attempt(site: RecordedSite) -> None:
    found = reader(site)
    list(found.results([site.test]))
    assert found.calls == len(site.asked) == 4 + len(site.people()) + 3


def test_what_core_does_not_tell_is_named(site: RecordedSite) -> None:
    found = reader(site)
    list(found.results([site.test]))
    assert set(found.gaps) == {
        *gaps.ALWAYS,
        gaps.RIGHT_ANSWER_WORDING,
        gaps.RIGHT_ANSWER_HIDDEN,  # an essay has none
        gaps.MARK_ROUNDED,
    }
    for code in found.gaps:
        assert all(explain(code, language).text and explain(code, language).cure for language in LANGUAGES)


def test_a_question_that_is_not_known_stays_without_a_name(site: RecordedSite) -> None:
    found = CoreResults(site, [site.course], StoppedClock())
    (page,) = found.results([site.test])
    assert {answer.idnumber for attempt in page.attempts for answer in attempt.responses} == {""}
    assert gaps.QUESTION_UNKNOWN in found.gaps


def test_a_person_whose_idnumber_is_hidden_is_not_lost(site: RecordedSite) -> None:
    for person in site.people():
        del person["idnumber"]
    found = reader(site)
    (page,) = found.results([site.test])
    assert {attempt.person[:7] for attempt in page.attempts} == {"moodle:"}
    assert gaps.PERSON_UNKNOWN in found.gaps


def test_a_review_that_hides_the_state_is_refused_with_the_right_that_is_missing(site: RecordedSite) -> None:
    del site.reviews()[0]["questions"][0]["state"]
    with pytest.raises(RefusedOutside) as caught:
        pull(site)
    assert caught.value.code == "core.review_hidden"
    assert "moodle/grade:viewhidden" in explain(caught.value.code, "ru", dict(caught.value.params)).cure


def test_a_test_that_is_not_there(site: RecordedSite) -> None:
    with pytest.raises(RefusedOutside) as caught:
        list(reader(site).results(["no-such-test"]))
    assert caught.value.code == "moodle.unknowntest"


def test_no_attempts_is_one_empty_page(site: RecordedSite) -> None:
    site.people().clear()
    (page,) = reader(site).results([site.test])
    assert (page.attempts, page.total) == ((), 0)


def test_one_text_of_two_questions_tells_nothing() -> None:
    known = by_text([("А  б", Identity("a", 1)), ("А б", Identity("b", 1)), ("В", Identity("c"))])
    assert (known("А б"), known("В"), known("Г")) == (UNKNOWN, Identity("c"), UNKNOWN)


@pytest.mark.parametrize(
    ("shown", "right"),
    [
        ("The correct answer is: a: b", "a: b"),
        ("Правильный ответ: да", "да"),
        ("The correct answer is 'True'.", "True"),
        ("Правильный ответ «Верно».", "Верно"),
        ("", ""),
    ],
)
def test_the_right_answer_without_the_words_around_it(shown: str, right: str) -> None:
    assert read_shown(f'<div class="rightanswer">{shown}</div>').rightanswer == right


def test_the_history_and_the_letters_are_no_answer() -> None:
    html = (
        '<div class="qtext"><p>Суроо</p></div><div class="answer">'
        '<input type="radio" name="q1:1_answer" value="0" checked="checked" aria-labelledby="l0" />'
        '<div id="l0"><span class="answernumber">a. </span><p>жооп &amp; б</p></div></div>'
        '<div class="history"><input type="text" value="эски"/></div>'
    )
    assert read_shown(html).response == "жооп & б"
