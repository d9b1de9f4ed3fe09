"""A running stand-in and short ways to fill it: nested parameters instead of PHP's names, ready-made banks."""

from __future__ import annotations

import http.client
import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from connector.moodle.standin.process import StandinProcess

COURSE_PASSWORD = "pass-1"
_SERIAL = itertools.count(1)


def php(value: Any, name: str = "") -> dict[str, str]:
    """`{"a": [{"b": True}]}` -> `{"a[0][b]": "1"}`."""
    if isinstance(value, Mapping):
        parts = [(f"{name}[{key}]" if name else str(key), inner) for key, inner in value.items()]
    elif isinstance(value, list | tuple):
        parts = [(f"{name}[{place}]", inner) for place, inner in enumerate(value)]
    else:
        return {name: str(int(value)) if isinstance(value, bool) else str(value)}
    return {key: text for part_name, inner in parts for key, text in php(inner, part_name).items()}


def post(url: str, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> tuple[int, str, bytes]:
    """Status, content type and body of one POST."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", path, body, {**form, **(headers or {})})
        reply = connection.getresponse()
        return reply.status, reply.getheader("Content-Type", ""), reply.read()
    finally:
        connection.close()


def choice_gift(number: int, right: str = "") -> str:
    """A multiple-choice question whose labels say which one is right."""
    return (
        f"::q{number}::[html]<p>Question {number}</p>{{\n=[html]<p>{right or f'right {number}'}</p>\n"
        f"~[html]<p>wrong a {number}</p>\n~[html]<p>wrong b {number}</p>\n~[html]<p>wrong c {number}</p>\n}}"
    )


def take_right(_: str, labels: Sequence[str]) -> str:
    return next((label for label in labels if label.startswith("right")), "")


def take_wrong(_: str, labels: Sequence[str]) -> str:
    return next(label for label in labels if label.startswith("wrong"))


class Bench:
    """`new()` gives a fresh course on the shared site, so that tests do not meet each other."""

    def __init__(self, site: StandinProcess) -> None:
        self.site = site
        self.tag = f"t{next(_SERIAL)}"
        self.course = f"{self.tag}-course"
        self.bank = f"{self.tag}-bank"
        self._keys = itertools.count(1)
        site.ensure_course(self.course, f"Course {self.tag}")

    @property
    def url(self) -> str:
        return self.site.url

    def key(self) -> str:
        return f"{self.tag}.{next(self._keys)}"

    def read(self, function: str, **given: Any) -> Any:
        """A call of the plugin that changes nothing; `function` without its prefix."""
        return self.site.rest(f"local_kyzmat_{function}", php(given))

    def write(self, function: str, **given: Any) -> Any:
        """A writing call under a new key, unless `opkey` is given."""
        return self.site.rest(f"local_kyzmat_{function}", php({"opkey": given.pop("opkey", self.key()), **given}))

    def core(self, function: str, **given: Any) -> Any:
        return self.site.rest(function, php(given))

    # ------------------------------------------------------------------------------------------------ ready-made

    def question(self, number: int, **changed: Any) -> dict[str, Any]:
        made = {
            "idnumber": f"{self.tag}-{number}.ru",
            "contenthash": f"hash-{number}",
            "categorypath": "top/block",
            "format": "gift",
            "source": choice_gift(number),
            "expectedversion": 0,
        }
        return {**made, **changed}

    def make_bank(self, questions: Iterable[dict[str, Any]] = ()) -> list[dict[str, Any]]:
        """The bank with these questions; their import results."""
        self.write("save_bank", courseidnumber=self.course, bankidnumber=self.bank, name="Bank")
        listed = list(questions)
        if not listed:
            return []
        results: list[dict[str, Any]] = self.write("import_questions", bankidnumber=self.bank, questions=listed)[
            "results"
        ]
        return results

    def person(self, number: int, **changed: Any) -> dict[str, Any]:
        made = {
            "idnumber": f"{self.tag}-person-{number}",
            "username": f"{self.tag}.user{number}",
            "firstname": "Айгүл",
            "lastname": f"Токтогулова {number}",
            "email": "",
            "lang": "ky",
            "password": COURSE_PASSWORD,
            "suspended": False,
        }
        return {**made, **changed}

    def member(self, number: int, groups: Sequence[str] = (), **changed: Any) -> dict[str, Any]:
        made = {
            "useridnumber": f"{self.tag}-person-{number}",
            "role": "student",
            "groupidnumbers": list(groups),
            "timestart": 0,
            "timeend": 0,
            "remove": False,
        }
        return {**made, **changed}

    def enrol(self, count: int, groups: Sequence[str] = ()) -> list[str]:
        """People 1..count in the course; their user names."""
        people = [self.person(number) for number in range(1, count + 1)]
        self.write("save_people", people=people)
        members = [self.member(number, groups) for number in range(1, count + 1)]
        self.write("save_enrolments", courseidnumber=self.course, members=members)
        return [person["username"] for person in people]

    def test(self, numbers: Iterable[int] = (), **changed: Any) -> dict[str, Any]:
        """Parameters of save_test with these questions, by their numbers."""
        made = {
            "courseidnumber": self.course,
            "testidnumber": f"{self.tag}-test",
            "name": f"Test {self.tag}",
            "intro": "<p>Good luck</p>",
            "timeopen": 0,
            "timeclose": 0,
            "timelimit": 3600,
            "attempts": 1,
            "passpercent": "60",
            "review": "none",
            "password": "",
            "shuffleanswers": True,
            "groupidnumbers": [],
            "visible": True,
            "slots": [{"idnumber": f"{self.tag}-{number}.ru", "version": 1, "maxmark": "1"} for number in numbers],
            "sections": [],
        }
        return {**made, **changed}

    def make_test(self, questions: int = 3, **changed: Any) -> int:
        """A bank of so many questions and a test of all of them; its quiz id."""
        numbers = range(1, questions + 1)
        self.make_bank(self.question(number) for number in numbers)
        reply = self.write("save_test", **self.test(numbers, **changed))
        assert reply["outcome"] == "created", reply
        return int(reply["quizid"])

    def results(self, **changed: Any) -> dict[str, Any]:
        asked = {"testidnumbers": [f"{self.tag}-test"], "cursor": "", "limit": 500, "responses": True}
        reply: dict[str, Any] = self.read("get_results", **{**asked, **changed})
        return reply

    def form(self, fields: Mapping[str, str], query: str = "") -> tuple[int, str, bytes]:
        """A raw POST to the REST server."""
        return post(self.url, f"/webservice/rest/server.php{query}", urlencode(fields).encode())
