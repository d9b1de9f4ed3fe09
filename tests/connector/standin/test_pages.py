"""The pages: whole flows by plain HTML forms, valid documents, nobody else's things, no script."""

from __future__ import annotations

import http.client
import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import html5lib
import pytest

from connector.moodle.standin.pages.words import LANGUAGES, Words
from connector.moodle.standin.sitting import sit
from tests.connector.standin.bench import COURSE_PASSWORD, Bench, take_right
from tests.connector.standin.test_sitting import make_every_type


class Browser:
    """Cookies, forms and links, without scripts; every page is checked as it comes."""

    def __init__(self, url: str) -> None:
        self._host = urlsplit(url).netloc
        self._cookies: dict[str, str] = {}
        self.address = "/"
        self.status = 0
        self.html = ""

    def get(self, address: str) -> Browser:
        return self._send("GET", address, None)

    def post(self, address: str, fields: Mapping[str, str]) -> Browser:
        return self._send("POST", address, urlencode(fields))

    def _send(self, method: str, address: str, body: str | None) -> Browser:
        connection = http.client.HTTPConnection(self._host, timeout=30)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, address, body, headers)
            reply = connection.getresponse()
            text = reply.read().decode()
        finally:
            connection.close()
        for cookie in reply.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.split(";")[0].partition("=")
            self._cookies[name] = value
        if reply.status == 303:
            return self.get(reply.headers["Location"])
        self.address, self.status, self.html = address, reply.status, text
        check_page(reply, text)
        return self

    @property
    def root(self) -> Any:
        return html5lib.parse(self.html, namespaceHTMLElements=False)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.root.itertext()).split())

    def submit(self, action: str, button: str = "", **changed: str) -> Browser:
        """Send the form with this action as a browser does: what stands in it, `changed`, and the pressed button."""
        form = next(one for one in self.root.iter("form") if one.get("action") == action)
        fields: dict[str, str] = {}
        for element in form.iter("input"):
            kind, name = element.get("type", "text"), element.get("name")
            if name and (kind not in ("radio", "checkbox") or "checked" in element.attrib):
                fields[name] = element.get("value", "")
        for element in form.iter("button"):
            if button and element.get("value") == button:
                fields[element.get("name")] = button
                break
        return self.post(action, {**fields, **changed})

    def log_in(self, username: str, password: str = COURSE_PASSWORD) -> Browser:
        self.get("/")
        return self.submit("/login", username=username, password=password)

    def choose(self, label: str) -> dict[str, str]:
        """The field of the first radio button with this label."""
        texts = {one.get("for"): " ".join("".join(one.itertext()).split()) for one in self.root.iter("label")}
        for element in self.root.iter("input"):
            if element.get("type") == "radio" and texts[element.get("id")].startswith(label):
                return {element.get("name"): element.get("value")}
        raise AssertionError(label)


def check_page(reply: http.client.HTTPResponse, text: str) -> None:
    """What every page must keep: parses strictly, one h1, labels for all fields, no script, no inline style."""
    root = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    assert len(list(root.iter("h1"))) == 1
    assert root.get("lang") in LANGUAGES
    assert not list(root.iter("script"))
    assert not [one for one in root.iter() if isinstance(one.tag, str) and "style" in one.attrib]
    identities = [one.get("id") for one in root.iter() if one.get("id")]
    assert len(identities) == len(set(identities))
    labelled = {one.get("for") for one in root.iter("label")}
    for one in root.iter():
        if one.tag in ("input", "select", "textarea") and one.get("type") != "hidden":
            assert one.get("id") in labelled, one.attrib
    policy = reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


@pytest.fixture
def browser(bench: Bench) -> Browser:
    return Browser(bench.url)


def test_logging_in_and_out(bench: Bench, browser: Browser) -> None:
    bench.make_test(1)
    bench.enrol(1)
    assert browser.log_in(f"{bench.tag}.user1", "wrong").status == 401
    assert f'value="{bench.tag}.user1"' in browser.html
    browser.submit("/login", username=f"{bench.tag}.user1", password=COURSE_PASSWORD)
    assert (browser.status, f"Test {bench.tag}" in browser.words) == (200, True)
    assert 'lang="ky"' in browser.html  # the person's own language
    browser.submit("/logout")
    assert f"Test {bench.tag}" not in browser.words
    assert f"Test {bench.tag}" not in browser.get("/").words


def test_the_log_in_leads_on_to_the_page_that_was_asked_for(bench: Bench, browser: Browser) -> None:
    bench.make_test(1)
    bench.enrol(1)
    asked = urlsplit(bench.write("save_test", **bench.test([1]))["url"])
    browser.get(f"{asked.path}?{asked.query}").submit("/login", username=f"{bench.tag}.user1", password="wrong")
    browser.submit("/login", username=f"{bench.tag}.user1", password=COURSE_PASSWORD)
    assert browser.address == f"{asked.path}?{asked.query}"
    assert "startattempt" in browser.html


def test_a_session_ends_after_half_a_day(own_bench: Bench) -> None:
    own_bench.enrol(1)
    browser = Browser(own_bench.url).log_in(f"{own_bench.tag}.user1")
    assert "/logout" in browser.get("/").html
    own_bench.site.control("clock", advance=13 * 3600)
    assert "/logout" not in browser.get("/").html


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language(bench: Bench, browser: Browser, language: str) -> None:
    bench.enrol(1)
    browser.log_in(f"{bench.tag}.user1")
    browser.submit("/language", language)
    assert f'<html lang="{language}"' in browser.html
    assert Words(language)("no_tests") in browser.words


def test_a_language_never_leads_away(bench: Bench, browser: Browser) -> None:
    browser.get("/")
    for away in ("//evil.example/", "https://evil.example/", "/\\evil.example"):
        browser.post("/language", {"to": "en", "here": away})
        assert browser.address == "/"


def test_a_test_is_sat_by_forms_alone(bench: Bench, browser: Browser) -> None:
    bench.make_test(7)
    bench.enrol(1)
    browser.log_in(f"{bench.tag}.user1")
    link = next(one.get("href") for one in browser.root.iter("a") if one.get("href", "").startswith("/mod/quiz/view"))
    browser.get(link)
    assert Words("ky")("questions_count", count=7) in browser.words
    browser.submit("/mod/quiz/startattempt.php")
    assert Words("ky")("answered_of", answered=0, count=7) in browser.words
    assert re.search(r"\b60 мүн\.", browser.words) or re.search(r"\b59 мүн\.", browser.words)
    browser.submit("/mod/quiz/attempt.php", "1", **browser.choose("right 1"))
    assert Words("ky")("answered_of", answered=1, count=7) in browser.words
    browser.submit("/mod/quiz/attempt.php", "0", **browser.choose("right 7"))
    assert [one.get("id") for one in browser.root.iter("input") if "checked" in one.attrib] != []
    browser.submit("/mod/quiz/attempt.php", "summary")
    assert Words("ky")("unanswered_warning", count=5) in browser.words
    browser.submit("/mod/quiz/processattempt.php")
    assert Words("ky")("results_by_commission") in browser.words
    assert Words("ky")("answered_of", answered=2, count=7) in browser.words
    (attempt,) = bench.results()["attempts"]
    assert attempt["mark"] == 2
    shown = {one["idnumber"]: one["response"] for one in attempt["responses"]}
    assert (shown[f"{bench.tag}-1.ru"], shown[f"{bench.tag}-7.ru"]) == ("right 1", "right 7")
    browser.get(f"/mod/quiz/attempt.php?attempt={attempt['attemptid']}&page=0")
    assert "review.php" in browser.address
    browser.get(link)
    assert Words("ky").error("nomoreattempts") in browser.words


def test_an_answer_can_be_taken_back(bench: Bench, browser: Browser) -> None:
    bench.make_test(1)
    bench.enrol(1)
    browser.log_in(f"{bench.tag}.user1")
    browser.get(_only_test(browser)).submit("/mod/quiz/startattempt.php")
    address = browser.address
    browser.submit("/mod/quiz/attempt.php", "summary", **browser.choose("wrong a"))
    browser.get(address)
    browser.submit("/mod/quiz/attempt.php", "summary", **browser.choose(Words("ky")("no_answer")))
    browser.submit("/mod/quiz/processattempt.php")
    assert bench.results()["attempts"][0]["responses"][0]["state"] == "gaveup"


def _only_test(browser: Browser) -> str:
    (link,) = {one.get("href") for one in browser.root.iter("a") if one.get("href", "").startswith("/mod/quiz/view")}
    return str(link)


def test_every_type_of_question_is_shown_and_taken(bench: Bench, browser: Browser) -> None:
    make_every_type(bench)
    browser.log_in(f"{bench.tag}.user1")
    browser.get(_only_test(browser)).submit("/mod/quiz/startattempt.php")
    prefix = f"q{dict(parse_qsl(urlsplit(browser.address).query))['attempt']}:"
    menus = {one.get("name"): one for one in browser.root.iter("select")}
    pairs = {
        name: next(option.get("value") for option in menus[name].iter("option") if option.text == text)
        for name, text in ((f"{prefix}5_sub0", "1"), (f"{prefix}5_sub1", "2"), (f"{prefix}5_sub2", "3"))
    }
    boxes = {element.get("name"): "1" for element in browser.root.iter("input") if element.get("type") == "checkbox"}
    typed = {f"{prefix}4_answer": "бишкек", **pairs, **boxes, **browser.choose(Words("ky")("true"))}
    browser.submit("/mod/quiz/attempt.php", "1", **typed)
    browser.submit("/mod/quiz/attempt.php", "summary", **{f"{prefix}6_answer": "3.14", f"{prefix}7_answer": "Essay"})
    browser.submit("/mod/quiz/processattempt.php")
    (attempt,) = bench.results()["attempts"]
    states = [one["state"] for one in attempt["responses"]]
    assert states == [
        "gaveup",
        "gradedwrong",
        "gradedright",
        "gradedwrong",
        "gradedright",
        "gradedright",
        "needsgrading",
    ]


def test_a_test_with_a_password(bench: Bench, browser: Browser) -> None:
    bench.make_test(1, password="open sesame")
    bench.enrol(1)
    browser.log_in(f"{bench.tag}.user1")
    link = _only_test(browser)
    browser.get(link).submit("/mod/quiz/startattempt.php", quizpassword="no")
    assert (browser.status, Words("ky").error("password") in browser.words) == (403, True)
    browser.get(link).submit("/mod/quiz/startattempt.php", quizpassword="open sesame")
    assert "attempt.php" in browser.address


def test_where_a_test_stands_in_time(bench: Bench, browser: Browser) -> None:
    bench.make_test(1, timeopen=4_000_000_000, timeclose=4_000_003_600)
    bench.enrol(1)
    browser.log_in(f"{bench.tag}.user1")
    assert Words("ky")("opens", time="02.10.2096 13:06") in browser.words
    browser.get(_only_test(browser))
    assert Words("ky").error("notavailable") in browser.words
    assert "startattempt" not in browser.html


def test_marks_after_the_test_where_they_may_be_shown(bench: Bench, browser: Browser) -> None:
    quizid = bench.make_test(2, review="immediate")
    bench.enrol(1)
    done = sit(bench.url, f"{bench.tag}.user1", COURSE_PASSWORD, quizid, take_right)
    browser.log_in(f"{bench.tag}.user1").get(f"/mod/quiz/review.php?attempt={done.attemptid}")
    assert Words("ky")("your_mark", mark=2, maxmark=2) in browser.words


def test_nobody_sees_another_ones_attempt_and_no_form_works_without_its_key(bench: Bench, browser: Browser) -> None:
    quizid = bench.make_test(1)
    bench.enrol(2)
    done = sit(bench.url, f"{bench.tag}.user1", COURSE_PASSWORD, quizid, take_right, finish=False)
    browser.log_in(f"{bench.tag}.user2")
    for page in ("attempt", "summary", "review"):
        assert browser.get(f"/mod/quiz/{page}.php?attempt={done.attemptid}&page=0").status == 404
    for address in ("/mod/quiz/attempt.php", "/mod/quiz/processattempt.php", "/mod/quiz/startattempt.php", "/logout"):
        assert browser.post(address, {"attempt": str(done.attemptid), "formkey": "guess"}).status == 403
    assert bench.read("get_progress", testidnumber=f"{bench.tag}-test")["counts"]["inprogress"] == 1
    assert browser.get("/mod/quiz/view.php?id=abc").status == 404
    assert browser.get("/mod/quiz/view.php?id=999999").status == 404


def test_a_test_of_another_group_is_closed(bench: Bench, browser: Browser) -> None:
    bench.make_test(1, groupidnumbers=["form-a"])
    bench.enrol(1)
    cmid = bench.write("save_test", **bench.test([1], groupidnumbers=["form-a"]))["cmid"]
    browser.log_in(f"{bench.tag}.user1")
    assert Words("ky")("no_tests") in browser.words
    assert browser.get(f"/mod/quiz/view.php?id={cmid}").status == 403
    assert Words("ky").error("requireloginerror") in browser.words


def test_a_training_course_is_marked_as_done(bench: Bench, browser: Browser) -> None:
    courseid = bench.site.ensure_course(bench.course, "Training", ("One", "Two", "Three"))
    bench.enrol(1)
    browser.log_in(f"{bench.tag}.user1")
    browser.get("/courses").get(f"/course/view.php?id={courseid}")
    first = next(one.get("value") for one in browser.root.iter("button") if (one.get("value") or "").isdecimal())
    browser.submit("/course/done", first)
    assert Words("ky")("activities_done", done=1, count=3) in browser.words
    browser.submit("/course/done", cmid="all")
    (row,) = bench.read("get_completions", courseidnumbers=[bench.course], cursor="", limit=10)["completions"]
    assert (row["state"], row["activitiesdone"]) == ("completed", 3)
    assert "all" not in [one.get("value") for one in browser.root.iter("button")]
    assert browser.get("/course/view.php?id=999999").status == 404


def test_cards_stand_on_the_own_page_in_the_own_language(bench: Bench, browser: Browser) -> None:
    bench.enrol(1)
    card = {"cardid": bench.tag, "useridnumber": f"{bench.tag}-person-1", "kind": "notice", "url": "", "due": 1}
    texts = [{"lang": "ru", "text": "Итог <b>готов</b>"}, {"lang": "ky", "text": "Жыйынтык <b>даяр</b>"}]
    bench.write("save_cards", cards=[{**card, "titles": texts, "bodies": [], "state": "", "remove": False}])
    browser.log_in(f"{bench.tag}.user1")
    assert "Жыйынтык <b>даяр</b>" in browser.words
    assert "Итог" not in browser.words


def test_texts_of_questions_cannot_act(bench: Bench, browser: Browser) -> None:
    """Also one that somebody edited by hand in Moodle, past the reader that refuses it on import."""
    bench.make_bank([bench.question(1)])
    evil = "<p onclick='x()'>Q-text<script>alert(1)</script><img src=x onerror=y><a href='javascript:z'>w</a></p>"
    bench.site.control("edit_question", bankidnumber=bench.bank, idnumber=f"{bench.tag}-1.ru", text=evil)
    slots = [{"idnumber": f"{bench.tag}-1.ru", "version": 2, "maxmark": "1"}]
    bench.write("save_test", **bench.test(slots=slots))
    bench.enrol(1)
    browser.log_in(f"{bench.tag}.user1")
    browser.get(_only_test(browser)).submit("/mod/quiz/startattempt.php")
    assert "Q-text" in browser.words
    for acting in ("alert", "onerror", "onclick", "<script", "javascript"):
        assert acting not in browser.html


def test_unknown_addresses(browser: Browser) -> None:
    browser.get("/")
    assert browser.post("/nowhere", {}).status == 404
    assert browser.get("/nowhere").status == 404
    browser.get("/courses")  # who is not logged in is asked to
    assert (browser.status, "/login" in browser.html) == (200, True)


def test_the_catalogue_is_whole() -> None:
    text = resources.files("connector.moodle.standin.pages").joinpath("words.toml").read_text("utf-8")
    entries = {key: entry for key, entry in tomllib.loads(text).items() if key != "review"}
    for key, entry in entries.items():
        assert sorted(entry) == ["en", "kk", "ky", "ru"], key
        holes = {language: sorted(re.findall(r"{(\w+)}", sentence)) for language, sentence in entry.items()}
        assert len({str(one) for one in holes.values()}) == 1, key
        assert all(sentence.strip() for sentence in entry.values()), key
