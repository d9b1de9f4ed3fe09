"""Records and the bank's hash: what changes it, what does not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_banks.bank import (
    Bank,
    BankError,
    Citation,
    citations_of,
    content_hash,
    split_idnumber,
    topics_of,
)
from question_banks.model import Answer, FormattedText, MatchPair, MatchQuestion, Question
from tests.question_banks.building import CITED, SOURCES, bank, question


def spoil(whole: Bank, twin: Question) -> Bank:
    """The bank with another Russian twin in its first group."""
    first = whole.items[0]
    return replace(whole, items=(replace(first, versions={**first.versions, "ru": twin}), *whole.items[1:]))


def test_the_hash_does_not_depend_on_order_head_or_place() -> None:
    whole = bank(5)
    twin = whole.items[0].versions["ru"]
    assert replace(whole, items=whole.items[::-1]).hash == whole.hash
    assert replace(whole, status="approved", titles={}, release="2").hash == whole.hash
    assert spoil(whole, twin._replace(lines=(70, 90), category="elsewhere")).hash == whole.hash


def test_the_hash_depends_on_everything_a_candidate_is_examined_by() -> None:
    whole = bank(5)
    twin = question("demo-0000", "ru")
    answers = twin.answers
    changed = [
        spoil(whole, twin._replace(text="башка")),
        spoil(whole, twin._replace(answers=(answers[1], answers[0], *answers[2:]))),
        spoil(whole, twin._replace(answers=(answers[0]._replace(text="он"), *answers[1:]))),
        spoil(whole, twin._replace(answers=(answers[0]._replace(fraction=0.5), *answers[1:]))),
        spoil(whole, twin._replace(format="html")),
        spoil(whole, twin._replace(single=False)),
        spoil(whole, twin._replace(idnumber="other.ru")),
        spoil(whole, twin._replace(tags=())),
        spoil(whole, twin._replace(generalfeedback=FormattedText("жооп"))),
        replace(whole, items=whole.items[1:]),
        replace(whole, id="other"),
        replace(whole, languages=("ky",)),
        replace(whole, items=(replace(whole.items[0], topic="other"), *whole.items[1:])),
        replace(whole, items=(replace(whole.items[0], citations=()), *whole.items[1:])),
    ]
    assert len({one.hash for one in (whole, *changed)}) == len(changed) + 1


def test_a_mark_is_a_number_however_it_was_spelled() -> None:
    plain = question()
    spelled = plain._replace(answers=tuple(Answer(answer.text, int(answer.fraction)) for answer in plain.answers))
    assert content_hash(spelled) == content_hash(plain)


def test_neighbouring_texts_are_not_run_together() -> None:
    one = MatchQuestion("q", "", (MatchPair("аб", "в"),))
    other = MatchQuestion("q", "", (MatchPair("а", "бв"),))
    assert content_hash(one) != content_hash(other)


@given(st.text(), st.text())
def test_texts_that_differ_have_hashes_that_differ(one: str, other: str) -> None:
    hashes = {content_hash(question(text=text)) for text in (one, other)}
    assert len(hashes) == len({one, other})


def test_a_group_speaks_the_languages_of_its_versions() -> None:
    item = bank(1).items[0]
    assert item.speaks(("ky", "ru"))
    assert item.speaks(())
    assert not item.speaks(("ky", "en"))


def test_a_group_is_found_by_its_id() -> None:
    whole = bank(3)
    assert whole.group("demo-0001") is whole.items[1]
    with pytest.raises(BankError) as refused:
        whole.group("demo-0009")
    assert (refused.value.code, str(refused.value)) == (
        "BANK_GROUP_UNKNOWN",
        "BANK_GROUP_UNKNOWN(bank='demo', group='demo-0009')",
    )


def test_a_citation_resolves_in_its_source_only() -> None:
    assert CITED.resolves(SOURCES)
    assert not Citation("act", "p2").resolves(SOURCES)
    assert not Citation("other", "p1").resolves(SOURCES)
    assert str(CITED) == "act#p1"


def test_topics_and_citations_are_read_from_tags() -> None:
    tagged = question(tags=("topic:law", "source:a#L1", "hard", "source:b", "source:c#p#2"))
    assert topics_of(tagged) == ("law",)
    assert citations_of(tagged) == (Citation("a", "L1"), Citation("b", ""), Citation("c", "p#2"))


@pytest.mark.parametrize(
    ("idnumber", "parts"), [("q-1.ky", ("q-1", "ky")), ("a.b.ru", ("a.b", "ru")), ("q-1", ("q-1", "")), ("", ("", ""))]
)
def test_idnumbers_are_split_at_the_last_dot(idnumber: str, parts: tuple[str, str]) -> None:
    assert split_idnumber(idnumber) == parts
