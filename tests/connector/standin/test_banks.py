"""Question banks over the wire: new versions instead of duplicates, conflicts, changes made by hand."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.connector.standin.bench import Bench, choice_gift


def outcomes(results: list[dict[str, Any]]) -> list[str]:
    return [result["outcome"] for result in results]


def imported(bench: Bench, *questions: dict[str, Any]) -> list[dict[str, Any]]:
    reply = bench.write("import_questions", bankidnumber=bench.bank, questions=list(questions))
    results: list[dict[str, Any]] = reply["results"]
    return results


def state(bench: Bench) -> dict[str, dict[str, Any]]:
    page = bench.read("get_bank_state", bankidnumber=bench.bank, cursor="", limit=200)
    return {question["idnumber"]: question for question in page["questions"]}


def test_save_bank(bench: Bench) -> None:
    named = {"courseidnumber": bench.course, "bankidnumber": bench.bank, "name": "Bank"}
    first = bench.write("save_bank", **named)
    assert (first["outcome"], first["replayed"]) == ("created", False)
    again = bench.write("save_bank", **named)
    assert again == {**first, "outcome": "unchanged"}
    assert bench.write("save_bank", **{**named, "name": "New"})["outcome"] == "updated"
    assert bench.write("save_bank", **{**named, "courseidnumber": "nowhere"})["errorcode"] == "unknowncourse"
    assert bench.write("save_bank", **{**named, "name": " "})["errorcode"] == "invalidparameter"


def test_a_bank_does_not_move_to_another_course(bench: Bench) -> None:
    bench.make_bank()
    bench.site.ensure_course(f"{bench.course}-2", "Second")
    refused = bench.write("save_bank", courseidnumber=f"{bench.course}-2", bankidnumber=bench.bank, name="Bank")
    assert refused["errorcode"] == "invalidparameter"


def test_a_question_is_created_changed_moved_and_left_alone(bench: Bench) -> None:
    (created,) = bench.make_bank([bench.question(1)])
    assert (created["outcome"], created["version"], created["message"]) == ("created", 1, "")
    assert created["entryid"] > 0
    (same,) = imported(bench, bench.question(1, expectedversion=1))
    assert same == {**created, "outcome": "unchanged"}
    changed = bench.question(1, expectedversion=1, contenthash="other", source=choice_gift(1, "right now"))
    (newer,) = imported(bench, changed)
    assert (newer["outcome"], newer["entryid"], newer["version"]) == ("newversion", created["entryid"], 2)
    assert newer["questionid"] != created["questionid"]
    (moved,) = imported(bench, {**changed, "expectedversion": 2, "categorypath": "top/other"})
    assert moved == {**newer, "outcome": "updated"}
    kept = state(bench)[f"{bench.tag}-1.ru"]
    assert (kept["version"], kept["contenthash"], kept["categorypath"]) == (2, "other", "top/other")
    assert (kept["foreign"], kept["status"]) == (False, "ready")


@pytest.mark.parametrize("expected", [0, 2, 7])
def test_another_version_than_expected_is_a_conflict(bench: Bench, expected: int) -> None:
    bench.make_bank([bench.question(1)])
    (result,) = imported(bench, bench.question(1, expectedversion=expected, contenthash="x"))
    assert (result["outcome"], result["version"]) == ("conflict", 1)
    assert result["message"] == f"expected version {expected}, found 1"
    assert state(bench)[f"{bench.tag}-1.ru"]["contenthash"] == "hash-1"


def test_a_version_expected_of_a_missing_question_is_a_conflict(bench: Bench) -> None:
    bench.make_bank()
    (result,) = imported(bench, bench.question(1, expectedversion=1))
    assert (result["outcome"], result["entryid"], result["version"]) == ("conflict", 0, 0)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"source": "::n::Q {~a}"}, "E_TOO_FEW_ANSWERS at 1:8"),
        ({"source": f"{choice_gift(1)}\n\n{choice_gift(2)}"}, "2 questions in the source"),
        ({"source": ""}, "E_NO_QUESTIONS"),
        ({"source": f"// [id:other]\n{choice_gift(1)}"}, "the source names idnumber other"),
        ({"format": "aiken"}, "unknown format aiken"),
        ({"format": "xml", "source": "<!DOCTYPE x><quiz/>"}, "a document type is not read"),
        ({"format": "xml", "source": "<quiz>"}, ""),
        ({"contenthash": ""}, "contenthash is not a hash"),
        ({"idnumber": "x" * 101}, "an idnumber has 1 to 100 characters"),
    ],
)
def test_a_bad_item_does_not_spoil_its_neighbours(bench: Bench, changed: dict[str, Any], why: str) -> None:
    results = bench.make_bank([bench.question(1), bench.question(2, **changed), bench.question(3)])
    assert outcomes(results) == ["created", "invalid", "created"]
    assert why in results[1]["message"]
    assert set(state(bench)) == {f"{bench.tag}-1.ru", f"{bench.tag}-3.ru"}


def test_an_idnumber_twice_in_one_call(bench: Bench) -> None:
    results = bench.make_bank([bench.question(1), bench.question(1, contenthash="other")])
    assert outcomes(results) == ["created", "invalid"]


def test_the_same_idnumber_may_stand_in_two_banks(bench: Bench) -> None:
    (first,) = bench.make_bank([bench.question(1)])
    other = f"{bench.bank}-2"
    bench.write("save_bank", courseidnumber=bench.course, bankidnumber=other, name="Second")
    reply = bench.write("import_questions", bankidnumber=other, questions=[bench.question(1)])
    assert reply["results"][0]["outcome"] == "created"
    assert reply["results"][0]["entryid"] != first["entryid"]


def test_a_bad_cursor_is_an_invalid_parameter(bench: Bench) -> None:
    bench.make_bank()
    reply = bench.read("get_bank_state", bankidnumber=bench.bank, cursor="x1", limit=10)
    assert reply["errorcode"] == "invalidparameter"
    assert bench.read("get_bank_state", bankidnumber="nowhere", cursor="", limit=1)["errorcode"] == "unknownbank"


def test_a_new_version_made_by_hand_is_foreign(bench: Bench) -> None:
    bench.make_bank([bench.question(1)])
    name = f"{bench.tag}-1.ru"
    made = bench.site.control("edit_question", bankidnumber=bench.bank, idnumber=name, text="<p>By hand</p>")
    kept = state(bench)[name]
    assert (kept["version"], kept["foreign"], kept["questionid"]) == (2, True, made["questionid"])
    assert kept["contenthash"] == "hash-1"  # what the panel wrote last
    (stale,) = imported(bench, bench.question(1, expectedversion=1, contenthash="new"))
    assert stale["outcome"] == "conflict"
    # The panel's own content again: not "unchanged", since something else stands there.
    (again,) = imported(bench, bench.question(1, expectedversion=2))
    assert (again["outcome"], again["version"]) == ("newversion", 3)
    assert state(bench)[name]["foreign"] is False


def test_an_edit_in_place_is_foreign_too(bench: Bench) -> None:
    bench.make_bank([bench.question(1)])
    name = f"{bench.tag}-1.ru"
    bench.site.control("edit_question", bankidnumber=bench.bank, idnumber=name, text="<p>Changed</p>", mode="inplace")
    kept = state(bench)[name]
    assert (kept["version"], kept["foreign"]) == (1, True)
    shown = bench.read("get_question", bankidnumber=bench.bank, idnumber=name, version=0)
    assert "Changed" in shown["xml"]


def test_get_question_gives_each_version_as_moodle_xml(bench: Bench) -> None:
    bench.make_bank([bench.question(1)])
    imported(bench, bench.question(1, expectedversion=1, contenthash="two", source=choice_gift(1, "right two")))
    name = f"{bench.tag}-1.ru"
    latest = bench.read("get_question", bankidnumber=bench.bank, idnumber=name, version=0)
    first = bench.read("get_question", bankidnumber=bench.bank, idnumber=name, version=1)
    assert (latest["version"], latest["contenthash"]) == (2, "two")
    assert (first["version"], first["contenthash"]) == (1, "hash-1")
    element = ET.fromstring(latest["xml"])
    assert element.get("type") == "multichoice"
    assert next(element.iter("answer")).findtext("text") == "<p>right two</p>"
    for missing in ({"idnumber": "none", "version": 0}, {"idnumber": name, "version": 9}):
        reply = bench.read("get_question", bankidnumber=bench.bank, **missing)
        assert reply["errorcode"] == "invalidrecordunknown"


def test_a_text_xml_cannot_hold_is_an_error_of_the_call(bench: Bench) -> None:
    bench.make_bank([bench.question(1)])
    name = f"{bench.tag}-1.ru"
    bench.site.control("edit_question", bankidnumber=bench.bank, idnumber=name, text="bell \x07")
    reply = bench.read("get_question", bankidnumber=bench.bank, idnumber=name, version=0)
    assert reply["errorcode"] == "invalidresponse"


GIFTS = [
    "::n::Q{\n~%50%a\n~%50%b\n~%-100%c\n}",
    "::n::Q{TRUE#no#yes}",
    "::n::Q{=a =%50%b#feedback}",
    "::n::Q{\n=a -> 1\n=b -> 2\n}",
    "::n::Q{#3.14:0.01 =%50%3:0.5}",
    "::n::Q{}",
]


@pytest.mark.parametrize("gift", GIFTS)
def test_moodle_xml_comes_in_as_it_went_out(bench: Bench, gift: str) -> None:
    bench.make_bank([bench.question(1, source=gift)])
    name = f"{bench.tag}-1.ru"
    xml = bench.read("get_question", bankidnumber=bench.bank, idnumber=name, version=0)["xml"]
    (result,) = imported(bench, bench.question(1, expectedversion=1, contenthash="x", format="xml", source=xml))
    assert result["outcome"] == "newversion", result
    again = bench.read("get_question", bankidnumber=bench.bank, idnumber=name, version=2)["xml"]
    assert again == xml


def test_hidden_and_ready(bench: Bench) -> None:
    bench.make_bank([bench.question(1)])
    name = f"{bench.tag}-1.ru"

    def set_status(*items: tuple[str, str]) -> list[str]:
        listed = [{"idnumber": idnumber, "status": status} for idnumber, status in items]
        return outcomes(bench.write("set_question_status", bankidnumber=bench.bank, items=listed)["results"])

    assert set_status((name, "hidden"), ("none", "hidden"), (name, "gone")) == ["updated", "missing", "invalid"]
    assert state(bench)[name]["status"] == "hidden"
    assert set_status((name, "hidden")) == ["unchanged"]
    assert outcomes(imported(bench, bench.question(1, expectedversion=1))) == ["unchanged"]
    assert set_status((name, "ready")) == ["updated"]
    assert state(bench)[name]["status"] == "ready"


def test_lists_have_limits_and_may_be_empty(bench: Bench) -> None:
    bench.make_bank()
    assert imported(bench) == []
    reply = bench.write(
        "import_questions", bankidnumber=bench.bank, questions=[bench.question(n, source="") for n in range(201)]
    )
    assert reply["errorcode"] == "chunktoolarge"
    assert state(bench) == {}


def test_pages_of_a_bank(bench: Bench) -> None:
    bench.make_bank(bench.question(number) for number in range(7))
    seen: list[str] = []
    cursor, more = "", True
    while more:
        page = bench.read("get_bank_state", bankidnumber=bench.bank, cursor=cursor, limit=3)
        assert (page["total"], len(page["questions"]) <= 3) == (7, True)
        seen += [question["idnumber"] for question in page["questions"]]
        cursor, more = page["cursor"], page["more"]
        if len(seen) == 3:  # a change behind the cursor comes once more, ahead of it
            imported(bench, bench.question(0, expectedversion=1, contenthash="later"))
    assert seen == [f"{bench.tag}-{number}.ru" for number in (*range(7), 0)]
