"""save_bank, get_bank_state, get_question, import_questions, set_question_status."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connector.moodle.wire.records import QuestionUpload
from flask_app.ports.moodle import PresentQuestion, WantedBank
from tests.connector.contract.conftest import Bench, key, upload
from tests.connector.contract.refusals import refused


def state(bench: Bench) -> dict[str, PresentQuestion]:
    return {found.idnumber: found for found in bench.client.get_bank_state(bench.bank, "", 200).questions}


# --------------------------------------------------------------------------------------------------------- save_bank


def test_save_bank(bench: Bench) -> None:
    assert [bench.save_bank(), bench.save_bank(), bench.save_bank("Жаңы ат"), bench.save_bank("Жаңы ат")] == [
        "created",
        "unchanged",
        "updated",
        "unchanged",
    ]


def test_save_bank_in_no_course(bench: Bench) -> None:
    nowhere = WantedBank("no-such-course", bench.bank, "Банк", ())
    assert refused(lambda: bench.client.save_bank(key(), nowhere)) == "unknowncourse"
    assert refused(lambda: bench.client.get_bank_state(bench.bank, "", 10)) == "unknownbank"


def test_a_key_answers_with_what_it_did(bench: Bench) -> None:
    opkey, wanted = key(), WantedBank(bench.course, bench.bank, "Банк", ())
    first, second = bench.client.save_bank(opkey, wanted), bench.client.save_bank(opkey, wanted)
    assert (first.outcome, first.replayed) == ("created", False)
    assert (second.outcome, second.replayed) == ("created", True)


def test_a_key_is_for_one_request(bench: Bench) -> None:
    opkey = key()
    bench.client.save_bank(opkey, WantedBank(bench.course, bench.bank, "Банк", ()))
    other = WantedBank(bench.course, bench.bank, "Башка", ())
    assert refused(lambda: bench.client.save_bank(opkey, other)) == "opkeyconflict"
    assert bench.save_bank("Банк") == "unchanged"


def test_a_refused_call_leaves_its_key_free(bench: Bench) -> None:
    opkey = key()
    uploads = [upload("a.ky")]
    assert refused(lambda: bench.client.import_questions(opkey, bench.bank, uploads)) == "unknownbank"
    bench.save_bank()
    answer = bench.client.import_questions(opkey, bench.bank, uploads)
    assert (answer.replayed, answer.items[0].outcome) == (False, "created")


@pytest.mark.parametrize("opkey", ["", "x" * 65, "with space", "қаз", "a/b"])
def test_a_key_of_other_signs_is_refused(bench: Bench, opkey: str) -> None:
    wanted = WantedBank(bench.course, bench.bank, "Банк", ())
    assert refused(lambda: bench.client.save_bank(opkey, wanted)) == "invalidparameter"


# --------------------------------------------------------------------------------------------------- import_questions


def test_a_question_is_created_then_versioned(bench: Bench) -> None:
    bench.save_bank()
    (made,) = bench.put(upload("a.ky")).items
    assert (made.outcome, made.version) == ("created", 1)
    (same,) = bench.put(upload("a.ky", expected=1)).items
    assert (same.outcome, same.version, same.questionid) == ("unchanged", 1, made.questionid)
    (newer,) = bench.put(upload("a.ky", "2", expected=1)).items
    assert (newer.outcome, newer.version, newer.entryid) == ("newversion", 2, made.entryid)
    assert newer.questionid != made.questionid
    found = state(bench)["a.ky"]
    assert (found.version, found.status, found.content_hash, found.foreign) == (2, "ready", "hash-2", False)
    assert (found.entryid, found.questionid, found.category_path) == (newer.entryid, newer.questionid, "Top/A")


def test_a_question_moves_to_another_category_as_the_same_version(bench: Bench) -> None:
    bench.save_bank()
    bench.put(upload("a.ky"))
    (moved,) = bench.put(upload("a.ky", expected=1, path="Top/Б//1")).items
    assert (moved.outcome, moved.version) == ("updated", 1)
    assert state(bench)["a.ky"].category_path == "Top/Б//1"


def test_a_new_version_may_bring_its_category(bench: Bench) -> None:
    bench.save_bank()
    bench.put(upload("a.ky"))
    (newer,) = bench.put(upload("a.ky", "2", expected=1, path="Top/B")).items
    assert newer.outcome == "newversion"
    assert state(bench)["a.ky"].category_path == "Top/B"


@pytest.mark.parametrize("expected", [0, 2, 7])
def test_another_version_than_expected_is_a_conflict(bench: Bench, expected: int) -> None:
    bench.save_bank()
    bench.put(upload("a.ky"))
    answer = bench.put(upload("a.ky", "2", expected=expected), upload("b.ky"))
    assert [item.outcome for item in answer.items] == ["conflict", "created"]
    assert state(bench)["a.ky"].content_hash == "hash-1"


def test_a_version_of_a_question_that_is_not_there_is_a_conflict(bench: Bench) -> None:
    bench.save_bank()
    assert bench.put(upload("a.ky", expected=3)).items[0].outcome == "conflict"
    assert state(bench) == {}


@pytest.mark.parametrize(
    "source",
    ["", "::x::Нет ответа {", "// only a comment", "::x::Q {=a ~b}\n\n::y::Q {=a ~b}", "::x::Q {~%33.3%a ~b}"],
)
def test_a_bad_source_spoils_nothing_else(bench: Bench, source: str) -> None:
    bench.save_bank()
    answer = bench.put(upload("a.ky"), replace(upload("bad.ky"), source=source), upload("c.ky"))
    assert [item.outcome for item in answer.items] == ["created", "invalid", "created"]
    assert answer.items[1].message
    assert sorted(state(bench)) == ["a.ky", "c.ky"]


def test_an_unknown_format_is_invalid(bench: Bench) -> None:
    bench.save_bank()
    odd = replace(upload("a.ky"), form="aiken")  # type: ignore[arg-type]  # what the record does not allow
    assert bench.put(odd).items[0].outcome == "invalid"


def test_what_was_written_in_xml_reads_back(bench: Bench) -> None:
    bench.save_bank()
    bench.put(upload("a.ky"))
    xml = bench.client.get_question(bench.bank, "a.ky").xml
    (made,) = bench.put(replace(upload("b.ky"), form="xml", source=xml.replace("a.ky", "b.ky"))).items
    assert made.outcome == "created", made.message
    assert "туура 1" in bench.client.get_question(bench.bank, "b.ky").xml


def test_a_repeated_import_is_replayed(bench: Bench) -> None:
    bench.save_bank()
    opkey, uploads = key(), [upload("a.ky"), replace(upload("bad.ky"), source="{")]
    first = bench.client.import_questions(opkey, bench.bank, uploads)
    bench.put(upload("a.ky", "2", expected=1))
    second = bench.client.import_questions(opkey, bench.bank, uploads)
    assert (first.replayed, second.replayed) == (False, True)
    assert first.items == second.items
    assert state(bench)["a.ky"].version == 2
    other = [upload("a.ky", "3", expected=2)]
    assert refused(lambda: bench.client.import_questions(opkey, bench.bank, other)) == "opkeyconflict"


def test_import_limits(bench: Bench) -> None:
    bench.save_bank()
    many = [upload(f"q{number:03}.ky") for number in range(201)]
    assert refused(lambda: bench.client.import_questions(key(), bench.bank, many)) == "chunktoolarge"
    assert state(bench) == {}
    assert bench.put().items == ()
    answer = bench.put(*many[:200])
    assert {item.outcome for item in answer.items} == {"created"}


def test_import_into_no_bank(bench: Bench) -> None:
    assert refused(lambda: bench.put(upload("a.ky"))) == "unknownbank"


def test_the_same_idnumber_in_two_banks(bench: Bench) -> None:
    bench.save_bank()
    other = replace(bench, bank=bench.bank + "x")
    other.save_bank()
    assert bench.put(upload("a.ky")).items[0].entryid != other.put(upload("a.ky")).items[0].entryid


# ----------------------------------------------------------------------------------------------- set_question_status


def test_hide_and_show(bench: Bench) -> None:
    bench.save_bank()
    bench.put(upload("a.ky"))

    def put(status: str) -> str:
        answer = bench.client.set_question_status(key(), bench.bank, [("a.ky", status)])  # type: ignore[list-item]  # any word
        return answer.items[0].outcome

    assert [put("hidden"), state(bench)["a.ky"].status] == ["updated", "hidden"]
    assert put("hidden") == "unchanged"
    assert [put("ready"), state(bench)["a.ky"].status] == ["updated", "ready"]
    assert [put("draft"), state(bench)["a.ky"].status] == ["invalid", "ready"]
    assert state(bench)["a.ky"].version == 1


def test_a_new_version_of_a_hidden_question_is_ready(bench: Bench) -> None:
    bench.save_bank()
    bench.put(upload("a.ky"))
    bench.client.set_question_status(key(), bench.bank, [("a.ky", "hidden")])
    bench.put(upload("a.ky", "2", expected=1))
    assert state(bench)["a.ky"].status == "ready"


def test_status_of_nothing(bench: Bench) -> None:
    assert refused(lambda: bench.client.set_question_status(key(), bench.bank, [("a.ky", "hidden")])) == "unknownbank"
    bench.save_bank()
    bench.put(upload("a.ky"))
    answer = bench.client.set_question_status(key(), bench.bank, [("b.ky", "hidden"), ("a.ky", "hidden")])
    assert [item.outcome for item in answer.items] == ["missing", "updated"]


def test_status_replay_conflict_and_limit(bench: Bench) -> None:
    bench.save_bank()
    bench.put(upload("a.ky"))
    opkey = key()
    for replayed in (False, True):
        answer = bench.client.set_question_status(opkey, bench.bank, [("a.ky", "hidden")])
        assert (answer.replayed, answer.items[0].outcome) == (replayed, "updated")
    assert refused(lambda: bench.client.set_question_status(opkey, bench.bank, [("a.ky", "ready")])) == "opkeyconflict"
    many = [(f"q{number}.ky", "hidden") for number in range(201)]
    assert refused(lambda: bench.client.set_question_status(key(), bench.bank, many)) == "chunktoolarge"  # type: ignore[arg-type]  # a literal


# ------------------------------------------------------------------------------------------------------------ reading


def test_get_question_by_version(bench: Bench) -> None:
    bench.save_bank()
    bench.put(upload("a.ky"))
    bench.put(upload("a.ky", "2", expected=1))
    latest, first = bench.client.get_question(bench.bank, "a.ky"), bench.client.get_question(bench.bank, "a.ky", 1)
    assert (latest.state.version, first.state.version) == (2, 1)
    assert "туура 2" in latest.xml
    assert "туура 1" in first.xml
    assert '<question type="multichoice">' in latest.xml


def test_get_question_of_nothing(bench: Bench) -> None:
    assert refused(lambda: bench.client.get_question(bench.bank, "a.ky")) == "unknownbank"
    bench.save_bank()
    assert refused(lambda: bench.client.get_question(bench.bank, "a.ky")) in ("invalidrecordunknown", "invalidrecord")


def test_a_bank_is_read_in_pages(bench: Bench) -> None:
    bench.save_bank()
    bench.put(*[upload(f"q{number:02}.ky") for number in range(25)])
    read: list[str] = []
    cursor, more, pages = "", True, 0
    while more:
        page = bench.client.get_bank_state(bench.bank, cursor, 10)
        read += [found.idnumber for found in page.questions]
        cursor, more, pages = page.cursor, page.more, pages + 1
        assert page.total == 25
        assert len(page.questions) <= 10
    assert (sorted(read), len(set(read)), pages) == (sorted(set(read)), 25, 3)
    assert bench.client.get_bank_state(bench.bank, cursor, 10).questions == ()


def test_a_change_while_reading_is_not_skipped(bench: Bench) -> None:
    bench.save_bank()
    bench.put(*[upload(f"q{number}.ky") for number in range(6)])
    first = bench.client.get_bank_state(bench.bank, "", 3)
    changed = first.questions[0].idnumber
    bench.put(upload(changed, "2", expected=1))
    rest = bench.client.get_bank_state(bench.bank, first.cursor, 10)
    assert not rest.more
    assert {found.idnumber for found in (*first.questions, *rest.questions)} == {f"q{n}.ky" for n in range(6)}
    assert [found.version for found in rest.questions if found.idnumber == changed] == [2]


def test_a_cursor_of_elsewhere_is_refused(bench: Bench) -> None:
    bench.save_bank()
    assert refused(lambda: bench.client.get_bank_state(bench.bank, "elsewhere", 10)) == "invalidparameter"


def test_every_question_type_of_the_banks_arrives(bench: Bench) -> None:
    bench.save_bank()
    sources = {
        "multi.ky": "::m::Суроо {~%50%а ~%50%б ~%-100%в}",
        "tf.ky": "::t::Суроо {TRUE}",
        "short.ky": "::s::Суроо {=жооп =Жооп}",
        "num.ky": "::n::Суроо {#10:1}",
        "match.ky": "::p::Суроо {=а -> 1 =б -> 2 =в -> 3}",
        "essay.ky": "::e::Суроо {}",
        "html.ky": "::h::[html]<p>Ң &lt\\; Ө \\= \\{Ү\\}</p> {=туура ~ката}",
    }
    uploads = [QuestionUpload(name, f"hash-{name}", "Top/A", source, 0) for name, source in sources.items()]
    assert [(item.name, item.outcome, item.message) for item in bench.put(*uploads).items] == [
        (name, "created", "") for name in sources
    ]
